"""Properties that hold for any bytes."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from worker.clean.text import key, narrow
from worker.fingerprint import fingerprint
from worker.read import Document, Unreadable, read

# fmt: off
FRAGMENTS = st.sampled_from([
    "<p>", "</p>", "<div id='zoom'>", "</div>", "<table><tr><td>", "<br>", "<a href='a.pdf'>", "<!--", "-->", "</html>",
    "来源：", "发布时间：", "2024-05-06 10∶08", "版权所有", "京ICP备1号", "【打印】", "[NextPage]",
    "首页 ", "地址：", "\x00",
    "<meta name=PubDate content=20240101>", "<title>", "通知", "&#0;", "&#xD800;", "\n", "🙂",
])
# fmt: on
PAGES = st.lists(st.one_of(FRAGMENTS, st.text(max_size=8)), max_size=30).map("".join)
PARAGRAPHS = st.lists(st.text(alphabet="甲乙丙丁（）：，。abc123 ", min_size=3, max_size=30), min_size=1, max_size=5)


def _read(snapshot: bytes, content_type: str | None = None) -> Document | None:
    try:
        return read(snapshot, content_type=content_type)
    except Unreadable:
        return None


@given(st.binary(max_size=300), st.none() | st.text(max_size=20))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_read_or_refused(snapshot: bytes, content_type: str | None) -> None:
    document = _read(snapshot, content_type)
    assert document is None or document.body or document.title


@given(PAGES, st.sampled_from(["utf-8", "gb18030", "utf-16"]))
@settings(max_examples=150, deadline=None)
def test_reading_is_deterministic_and_fit_to_store(page: str, encoding: str) -> None:
    snapshot = page.encode(encoding, "ignore")
    document = _read(snapshot)
    assert document == _read(snapshot)
    if document:
        stored = json.loads(json.dumps(document.as_json(), ensure_ascii=False).encode("utf-8"))
        assert Document.from_json(stored) == document
        assert len(fingerprint(document)) == 64


@given(PARAGRAPHS)
@settings(max_examples=100, deadline=None)
def test_nothing_of_a_plain_text_is_lost(paragraphs: list[str]) -> None:
    text = "\n".join(paragraphs)
    document = _read(text.encode())
    if document:
        kept = key(document.body) + "".join(key(cut.text) for cut in document.removed)
        assert sorted(kept) == sorted(key(text))


@given(PARAGRAPHS)
@settings(max_examples=100, deadline=None)
def test_the_fingerprint_sees_neither_white_space_nor_width(paragraphs: list[str]) -> None:
    page = "<title>关于某事的通知书</title><div id='zoom'><p>开头一段文字。</p>{}</div>"
    one = _read(page.format("".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)).encode())
    other = _read(
        page.format("".join(f"<p>　{narrow(paragraph)}  </p>\n" for paragraph in paragraphs)).encode("gb18030")
    )
    assert one is not None
    assert other is not None
    assert fingerprint(one) == fingerprint(other)
