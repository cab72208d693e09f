"""Which links are attachments, and what they are called."""

import pytest

from worker.read import Attachment, read

URL = "http://a.example/gg/t1.html"


def _attachments(inner: str, after: str = "", url: str | None = URL) -> tuple[Attachment, ...]:
    body = f"<div id='zoom'><p>请下载表格填写后寄回。</p>{inner}</div>"
    page = f"<html><body><a href='/top.pdf'>年报.pdf</a>{body}{after}</body></html>"
    return read(page.encode(), url=url).attachments


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("<a href='./f/a.pdf'>表一</a>", Attachment("http://a.example/gg/f/a.pdf", "表一")),
        ("<a href='/b.DOCX' title='表二'><img src='i.png'></a>", Attachment("http://a.example/b.DOCX", "表二")),
        ("<a href='/d?id=9&filename=c.xlsx'>表三</a>", Attachment("http://a.example/d?id=9&filename=c.xlsx", "表三")),
        ("<a href='/download/99'>表四.wps</a>", Attachment("http://a.example/download/99", "表四.wps")),
        ("<iframe src='/e%20f.pdf'></iframe>", Attachment("http://a.example/e%20f.pdf", "e f.pdf")),
    ],
)
def test_a_file_is_an_attachment(link: str, expected: Attachment) -> None:
    assert _attachments(f"<p>{link}</p>") == (expected,)


@pytest.mark.parametrize(
    "link",
    [
        "<a href='n.html'>说明</a>",
        "<a href='javascript:x(\"a.pdf\")'>表</a>",
        "<a href='#a.pdf'>表</a>",
        "<a>表.pdf</a>",
        "<a href='http://[bad/a.pdf'>表</a>",
        "<a href='data:application/pdf;base64,AA'>表</a>",
    ],
)
def test_any_other_link_is_none(link: str) -> None:
    assert _attachments(f"<p>{link}</p>") == ()


def test_files_after_the_body_count_until_the_footer_begins() -> None:
    after = "<p>相关附件</p><p><a href='/a.pdf'>表一</a></p><p>版权所有：某局</p><p><a href='/help.pdf'>帮助</a></p>"
    assert [file.title for file in _attachments("", after)] == ["表一"]


def test_an_address_is_listed_once_and_kept_as_printed_without_a_base() -> None:
    assert _attachments("<a href='a.pdf'>甲</a><a href='a.pdf'>乙</a>", url=None) == (Attachment("a.pdf", "甲"),)


def test_a_bare_file_name_at_the_end_is_no_paragraph_but_a_numbered_one_is() -> None:
    page = (
        "<div id='zoom'><p>请填表。</p><p>附件：<a href='a.doc'>甲.doc</a></p><p><a href='b.doc'>乙.doc</a></p></div>"
    )
    document = read(page.encode())
    assert document.body == "请填表。\n附件：甲.doc"
    assert [cut.rule for cut in document.removed] == ["attachment_link"]
    assert len(document.attachments) == 2


@pytest.mark.parametrize(
    ("link", "title"),
    [
        ("<a href='/x%00%1b%c2%9b.pdf'></a>", "x.pdf"),
        ("<a href='/a.pdf'>表&#x1b;[31m一&#8;</a>", "表[31m一"),
        ("<a href='/a.pdf' title='表&#x1b;二&#xFFFF;'></a>", "表二"),
        ("<a href='/b.pdf'>&#x200b;</a>", "b.pdf"),
    ],
)
def test_no_control_character_gets_into_a_files_title(link: str, title: str) -> None:
    (file,) = _attachments(f"<p>{link}</p>")
    assert file.title == title


def test_no_control_character_gets_into_a_files_address() -> None:
    (file,) = _attachments("<p><a href='/a&#x1b;&#8;b.pdf'>表</a></p>")
    assert file.url == "http://a.example/a%1B%08b.pdf"
