"""Bytes to text: every kind of evidence, and what happens when it lies."""

import pytest

from worker.clean.decode import MAX_BYTES, decode
from worker.read import Unreadable, read

TEXT = "关于调整窗口时间的通知：请各单位知悉，并转告服务对象。"


def _page(declared: str) -> str:
    return f'<html><head><meta charset="{declared}"></head><body><p>{TEXT}</p></body></html>'


@pytest.mark.parametrize(
    ("snapshot", "content_type", "encoding"),
    [
        (TEXT.encode(), None, "utf-8"),
        (b"\xef\xbb\xbf" + TEXT.encode(), "text/html; charset=gbk", "utf-8"),
        (b"\xff\xfe" + TEXT.encode("utf-16-le"), None, "utf-16-le"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), None, "utf-16-be"),
        (TEXT.encode("gb18030"), "text/html; charset=GB2312", "gb18030"),
        (TEXT.encode("gb18030"), 'text/html; charset="gbk"', "gb18030"),
        (TEXT.encode("gb18030"), "text/html; charset=ISO-8859-1", "gb18030"),
        (_page("gb2312").encode("gb2312"), None, "gb18030"),
        (_page("gb2312").encode("utf-8"), None, "utf-8"),
        (_page("utf-8").encode("gb18030"), None, "gb18030"),
        (_page("utf-16").encode("utf-8"), None, "utf-8"),
        (_page("rot13").encode("gb18030"), None, "gb18030"),
        (_page("big5").replace(TEXT, "關於調整時間的通知").encode("big5"), None, "big5hkscs"),
        (f"<p>{TEXT}</p>".encode("utf-16-le"), None, "utf-16-le"),
        (_page("utf-16").encode("utf-16-be"), None, "utf-16-be"),
        (_page("utf-16").encode("utf-16-le"), "text/html; charset=utf-16", "utf-16-le"),
        (b"\xff\xfe\x00\x00" + TEXT.encode("utf-32-le"), None, "utf-32-le"),
        # The header is believed before the page, and neither against the bytes.
        (_page("utf-8").encode("gb18030"), "text/html; charset=gbk", "gb18030"),
        (_page("gbk").encode("utf-8"), "text/html; charset=gbk", "utf-8"),
        (_page("gb2312").encode("gb18030"), "text/html; charset=utf-8", "gb18030"),
        (_page("gb2312").encode("gb18030"), "text/html; charset=windows-1252", "gb18030"),
        (_page("iso-8859-1").encode("gb18030"), None, "gb18030"),
        (TEXT.replace("通知", "镕堃喆通知").encode("gbk"), "text/html; charset=gb2312", "gb18030"),
        (TEXT.replace("通知", "𠀀通知").encode("gb18030"), "text/html; charset=gbk", "gb18030"),
        (_page("x-gbk").encode("gbk"), None, "gb18030"),
        (f"<?xml version='1.0' encoding='GBK'?><p>{TEXT}</p>".encode("gbk"), None, "gb18030"),
        (b"<!--" + b" " * 3000 + b"-->" + _page("gb2312").encode("gbk"), None, "gb18030"),
    ],
)
def test_the_encoding_is_found(snapshot: bytes, content_type: str | None, encoding: str) -> None:
    found = decode(snapshot, content_type)
    assert (found.encoding, found.replacement_share) == (encoding, 0.0)
    assert "通知" in found.text


def test_one_broken_character_does_not_make_utf8_something_else() -> None:
    snapshot = (TEXT * 9).encode() + b"\xe4\xb8 " + TEXT.encode()
    found = decode(snapshot)
    assert found.encoding == "utf-8"
    assert 0 < found.replacement_share < 0.01


def test_the_share_of_replacement_characters_is_kept() -> None:
    document = read((TEXT * 9).encode() + b"\xe4\xb8 " + TEXT.encode())
    assert document.replacement_share == round(1 / (len(TEXT) * 10 + 2), 6)
    assert "\ufffd" in document.body


def test_a_mark_at_the_beginning_outranks_a_hazardous_declaration() -> None:
    assert read(b"\xef\xbb\xbf" + _page("utf-7").encode(), content_type="text/html; charset=utf-7").body == TEXT


@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "utf-16", "big5"])
def test_line_ends_of_every_kind_end_a_line(codec: str) -> None:
    text = "甲段文字。\r\n乙段文字。\r丙段文字。\n丁段文字。"
    assert read(text.encode(codec)).body.split("\n") == ["甲段文字。", "乙段文字。", "丙段文字。", "丁段文字。"]


def test_a_character_cut_by_truncation_is_left_out() -> None:
    assert decode(TEXT.encode()[:-1]).text == TEXT[:-1]


def test_nul_and_control_characters_are_dropped() -> None:
    assert decode((TEXT * 9 + "\x00\x08").encode()).text == TEXT * 9


@pytest.mark.parametrize(
    "label", ["utf-7", "hz-gb-2312", "iso-2022-cn", "ISO-2022-KR", "iso-2022-jp", "scsu", "bocu-1"]
)
def test_a_hazardous_encoding_is_refused_wherever_it_is_declared(label: str) -> None:
    with pytest.raises(Unreadable, match="hazardous"):
        read(b"+ADw-script+AD4-", content_type=f"text/html; charset={label}")
    with pytest.raises(Unreadable, match="hazardous"):
        read(_page(label).encode("ascii", "ignore"))


@pytest.mark.parametrize("magic", [b"%PDF-1.7 abc", b"PK\x03\x04abc", b"\x89PNG\r\n", b"\x1f\x8b\x08"])
def test_binary_formats_are_named(magic: bytes) -> None:
    with pytest.raises(Unreadable, match="not a page"):
        read(magic)


@pytest.mark.parametrize("snapshot", [bytes(range(256)) * 40, b"\x01\x02\x03\x04abc" * 9, b"\x80\x81\xff" * 500])
def test_garbage_is_refused(snapshot: bytes) -> None:
    with pytest.raises(Unreadable):
        read(snapshot)


@pytest.mark.parametrize("snapshot", [b"", b"  \n ", b"<html><body></body></html>", b"<!-- nothing -->"])
def test_nothing_to_read_is_refused(snapshot: bytes) -> None:
    with pytest.raises(Unreadable, match="no text"):
        read(snapshot)


def test_more_than_the_limit_is_refused() -> None:
    with pytest.raises(Unreadable, match="bytes"):
        decode(b"a" * (MAX_BYTES + 1))
