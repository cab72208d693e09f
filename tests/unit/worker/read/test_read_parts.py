"""Articles that go on over several pages: which pages those are, and what becomes of their bodies."""

import pytest

from worker.read import read

FOLDER = "http://a.example/gg/202405/"
URL = f"{FOLDER}t20240506_12.html"
TITLE = "云岭镇党委关于巡察整改进展情况的通报"
FIRST = "<p>一、强化责任，逐项研究反馈的问题。</p><p>二、限期整改，每月通报一次进展。</p>"
SECOND = "<p>三、健全制度，修订办事规程六项。</p><p>云岭镇党委</p><p>2024年5月6日</p>"
FURNITURE = "<p>上一页 <a href='t20240506_12.html'>1</a> <a href='t20240506_12_1.html'>2</a> 下一页</p>"


def _page(body: str, script: str = "") -> bytes:
    head = f"<title>{TITLE}</title><meta name='ArticleTitle' content='{TITLE}'>"
    above = f"<h1>{TITLE}</h1><p>发布时间：2024-05-06 来源：云岭镇</p>"
    page = f"{above}<div id='zoom'>{body}</div>{script}<p>版权所有：某局</p>"
    return f"<html><head>{head}</head><body>{page}</body></html>".encode()


@pytest.mark.parametrize(
    ("script", "names"),
    [
        ("createPageHTML(3, 0, \"t20240506_12\", \"html\");", ["t20240506_12_1.html", "t20240506_12_2.html"]),
        ("createPageHTML(1, 0, 't20240506_12', 'html');", []),
        ("createPageHTML('div',3, 1,'t20240506_12','shtml',200)", ["t20240506_12_2.shtml", "t20240506_12_3.shtml"]),
        ("createPageHTML(900, 0, 't20240506_12', 'html');", [f"t20240506_12_{n}.html" for n in range(1, 51)]),
    ],
)  # fmt: skip
def test_a_script_tells_the_further_pages(script: str, names: list[str]) -> None:
    document = read(_page(FIRST, f"<script>{script}</script>"), url=URL)
    assert document.parts == tuple(f"{FOLDER}{name}" for name in names)


@pytest.mark.parametrize(
    ("url", "hrefs", "found"),
    [
        (URL, ["t20240506_12_1.html", "t20240506_12_2.html"], ["t20240506_12_1.html", "t20240506_12_2.html"]),
        (f"{FOLDER}show?id=7", ["?id=7&page=2", "?id=7&page=3"], ["show?id=7&page=2", "show?id=7&page=3"]),
        (URL, ["t20240507_13.html", "t20240508_14.html"], []),
        (URL, ["#p2", "javascript:go(3)"], []),
    ],
)  # fmt: skip
def test_numbered_links_tell_the_further_pages(url: str, hrefs: list[str], found: list[str]) -> None:
    links = "".join(f"<a href='{href}'>[{number}]</a> " for number, href in enumerate(hrefs, start=2))
    document = read(_page(f"{FIRST}<p>{links}</p>"), url=url)
    assert document.parts == tuple(f"{FOLDER}{name}" for name in found)


def test_the_bodies_of_further_pages_follow_the_first_and_furniture_does_not() -> None:
    second = f"<p>{TITLE}</p>{SECOND}<p><a href='b.pdf'>附件2</a></p>{FURNITURE}"
    document = read(_page(f"{FIRST}<p><a href='a.pdf'>附件1</a></p>{FURNITURE}"), url=URL, parts=[_page(second)])
    assert document.body.split("\n") == [
        "一、强化责任，逐项研究反馈的问题。",
        "二、限期整改，每月通报一次进展。",
        "附件1",
        "三、健全制度，修订办事规程六项。",
        "云岭镇党委",
        "2024年5月6日",
        "附件2",
    ]
    assert [file.url.rsplit("/", 1)[-1] for file in document.attachments] == ["a.pdf", "b.pdf"]
    rules = [cut.rule for cut in document.removed]
    assert rules.count("pager") == 2
    assert "repeated" in rules


def test_a_server_that_answers_with_the_first_page_again_adds_nothing() -> None:
    assert read(_page(FIRST), parts=[_page(FIRST)]).body == read(_page(FIRST)).body


def test_a_marker_inside_a_sentence_parts_nothing() -> None:
    assert read("一、强化责任[NextPage][/NextPage]，逐项研究。".encode()).body == "一、强化责任，逐项研究。"


def test_a_marker_behind_a_sentence_parts_paragraphs() -> None:
    body = read("一、强化责任，逐项研究。[NextPage][/NextPage]二、限期整改，每月通报。\n三、健全制度。".encode()).body
    assert body.split("\n") == ["一、强化责任，逐项研究。", "二、限期整改，每月通报。", "三、健全制度。"]
