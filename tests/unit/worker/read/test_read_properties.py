"""Properties that hold for any bytes."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from worker.clean.text import key, narrow
from worker.fingerprint import fingerprint
from worker.read import Document, Unreadable, edges_of, read

# fmt: off
FRAGMENTS = st.sampled_from([
    "<p>", "</p>", "<div id='zoom'>", "</div>", "<table><tr><td>", "<td rowspan=2>", "</tr>", "<br>",
    "<a href='a.pdf'>", "<!--", "-->", "</html>", "<html>", "<textarea>", "<select>", "<embed src=x>", "<iframe>",
    "<div class='TRS_Editor'>",
    "来源：", "发布时间：", "2024-05-06 10∶08", "版权所有", "京ICP备1号", "【打印】", "[NextPage]",
    "当前位置：首页 > ", "首页 ", "地址：", "\x00", "404 Not Found", "createPageHTML(3,0,'t1','html')",
    "<meta name=PubDate content=20240101>", "<title>", "通知", "&#0;", "&#xD800;", "\n", "🙂",
])
# Lines of a text, of its head, and of the furniture around it.
LINES = st.sampled_from([
    "一、强化责任，逐项整改。", "镇党委研究了整改事项", "现将情况公布如下：", "联系电话：0599-5550144", "邮编：354999",
    "中共云岭镇委员会", "2024年5月6日", "附件：整改台账", "台账.pdf", "关于整改情况的通报", "来源：云岭镇",
    "来源：云岭镇 发布时间：2024-05-06 08:30 【字体：大 中 小】", "主办单位：清源区政府办", "网站地图 | 联系我们",
    "版权所有：清源区人民政府", "闽ICP备05000001号-1", "网站标识码：3507000001", "责任编辑：赵二",
    "上一篇：关于停水的通知", "打印本页 关闭窗口", "分享到：", "相关链接", "首页 > 通知公告", "浏览次数：12",
    "地址：清源区迎春路1号", "第1页 共3页", "2024年5月6日 版权所有：清源区人民政府", "特此公告。【打印】【关闭】",
    "清源廉政微课堂", "技术支持：某某公司 闽ICP备05000001号",
])
# fmt: on
PAGES = st.lists(st.one_of(FRAGMENTS, st.text(max_size=8)), max_size=30).map("".join)
PARAGRAPHS = st.lists(st.text(alphabet="甲乙丙丁（）：，。abc123 ", min_size=3, max_size=30), min_size=1, max_size=5)
# A text does not repeat itself, least of all its title.
TEXTS = st.lists(LINES, min_size=1, max_size=14, unique=True)


def _read(snapshot: bytes, content_type: str | None = None) -> Document | None:
    try:
        return read(snapshot, content_type=content_type)
    except Unreadable:
        return None


@given(st.binary(max_size=300), st.none() | st.text(max_size=20))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_read_or_refused(snapshot: bytes, content_type: str | None) -> None:
    document = _read(snapshot, content_type)
    assert document is None or document.body or document.title or document.page.status != "notice"


@given(PAGES, st.sampled_from(["utf-8", "gb18030", "utf-16"]))
@settings(max_examples=300, deadline=None)
def test_reading_is_deterministic_and_fit_to_store(page: str, encoding: str) -> None:
    snapshot = page.encode(encoding, "ignore")
    document = _read(snapshot)
    assert document == _read(snapshot)
    if document:
        json.dumps(document.as_json(), ensure_ascii=False).encode("utf-8")
        assert len(fingerprint(document)) == 64


@given(PAGES, st.lists(PAGES, max_size=2))
@settings(max_examples=100, deadline=None)
def test_any_further_pages_are_joined_or_refused(page: str, parts: list[str]) -> None:
    try:
        document = read(page.encode("utf-8", "ignore"), parts=[part.encode("utf-8", "ignore") for part in parts])
    except Unreadable:
        return
    assert len(document.parts) <= 50


@given(PARAGRAPHS)
@settings(max_examples=100, deadline=None)
def test_nothing_of_a_plain_text_is_lost(paragraphs: list[str]) -> None:
    text = "\n".join(paragraphs)
    document = _read(text.encode())
    if document:
        kept = key(document.body) + "".join(key(cut.text) for cut in document.removed)
        assert sorted(kept) == sorted(key(text))


@given(TEXTS)
@settings(max_examples=300, deadline=None)
def test_furniture_is_cut_and_kept_by_name(lines: list[str]) -> None:
    document = _read("\n".join(lines).encode())
    if document:
        kept = key(document.body) + "".join(key(cut.text) for cut in document.removed)
        assert sorted(kept) == sorted(key("\n".join(lines)))


@given(TEXTS)
@settings(max_examples=500, deadline=None, derandomize=True)
def test_cleaning_what_is_clean_changes_nothing(lines: list[str]) -> None:
    first = _read("\n".join(lines).encode())
    if first is None or not first.body:
        return
    again = _read(first.body.encode())
    assert again is not None
    # A text may begin with a line that, read by itself, is its title.
    assert "\n".join([*([again.title] if again.title else []), again.body]) == first.body


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_width_makes_no_difference_to_a_body(lines: list[str]) -> None:
    text = "\n".join(lines)
    wide, half = _read(text.encode()), _read(narrow(text).encode())
    assert (wide is None) == (half is None)
    if wide and half:
        assert key(wide.body) == key(half.body)
        assert [cut.rule for cut in wide.removed] == [cut.rule for cut in half.removed]
        assert [key(edge) for edge in edges_of(wide)] == [key(edge) for edge in edges_of(half)]


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
