"""The memory of templates: a page of a known column is read as without it, and whatever looks odd is read whole."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.read import Document, Templates, read
from worker.read.templates import column_of

PAGES = Path(__file__).parents[3] / "pages"
URL = "https://www.qingyuan.example/xwzx/tzgg/t20240506_{}.html"
COLUMN = column_of(URL)
MENU = "".join(f'<li><a href="/c{n}/">栏目{n}</a></li>' for n in range(40))
NEWS = "".join(f'<li><a href="/n{n}.html">要闻第{n}条</a></li>' for n in range(50))
TITLE = "关于调整云岭镇公交线路的通知"
TEXT = ("为方便群众出行，自五月十日起调整三条公交线路。", "沿线各村请相互转告。", "特此通知。")


def _page(title: str = TITLE, date: str = "2024-05-06 10:20", text: tuple[str, ...] = TEXT, files: str = "") -> str:
    paragraphs = "".join(f"<p>{line}</p>" for line in text)
    return (
        f'<html><head><title>{title}_清源区政府网</title><meta name="ArticleTitle" content="{title}"></head><body>'
        f'<div class="top"><ul>{MENU}</ul></div><div class="place">当前位置：首页 &gt; 通知公告</div>'
        f'<h1 id="biaoti">{title}</h1><div class="date">发布时间：{date}　来源：清源区交通局</div>'
        f'<div id="zoom"><div>{paragraphs}</div></div><div class="files">{files}</div>'
        f'<div class="more"><ul>{NEWS}</ul></div>'
        f'<div id="foot">版权所有：清源区政府 清ICP备05550123号</div></body></html>'
    )


def _read(page: str, templates: Templates | None = None, number: int = 1) -> Document:
    return read(page.encode(), url=URL.format(number), templates=templates)


def _taught(page: str) -> Templates:
    templates = Templates()
    _read(page, templates)
    return templates


def _is_trusted(templates: Templates, column: str | None = COLUMN) -> bool:
    """Tell whether the last page of the column was read by its template."""
    known = templates.of(column or "")
    return known is not None and known.template is not None and known.whole == 0


def _same(one: Document, other: Document) -> bool:
    return replace(one, removed=()) == replace(other, removed=())


OTHERS = [
    _page("关于云岭镇停水的公告", "2024-06-11 09:00", ("六月十二日停水一天。",) * 9),
    _page(files='<a href="/files/a.docx">附件1：线路表</a><a href="/files/b.pdf">附件2：时刻表</a>'),
    _page(text=("<table><tr><td>线路</td><td>首班</td></tr><tr><td>一路</td><td>6:30</td></tr></table>", *TEXT)),
    _page(text=("<div>甲</div><!-- </div> --><script>'</div>'</script><div>乙<div>丙</div></div>", *TEXT)),
    _page(title="清源区人民政府关于印发《清源区河湖管理办法》的通知", text=("清政发〔2024〕5号", *TEXT * 20)),
]


@pytest.mark.parametrize("page", [_page(), *OTHERS])
def test_a_page_of_a_known_column_is_read_as_without_its_template(page: str) -> None:
    templates = _taught(_page())
    document = _read(page, templates, 2)
    assert _same(document, _read(page, None, 2))
    assert _is_trusted(templates)


@given(st.lists(st.text("清源区云岭镇一二三（）、：。；19 \n<>&", min_size=1, max_size=60), min_size=1, max_size=8))
def test_whatever_the_paragraphs_the_document_is_the_same(paragraphs: list[str]) -> None:
    templates = _taught(_page())
    page = _page(text=tuple(line.replace("&", "&amp;").replace("<", "&lt;") for line in paragraphs))
    assert _same(_read(page, templates, 2), _read(page, None, 2))


NUMBER = re.compile(r"(?<=20)\d\d(?=[-年./])")


def _sibling(page: bytes, document: Document) -> bytes:
    """Write another notice into the frame of a page: another title, other years and paragraphs."""
    text = page.decode(document.encoding, "replace").removeprefix("\ufeff")
    for line in [document.title or "", *document.body.split("\n")]:
        if len(line) > 6 and line in text:
            text = text.replace(line, f"{line[2:-1]}补充说明{line[-1]}")
    return NUMBER.sub(lambda found: f"{int(found[0]) - 1:02}", text).encode(document.encoding, "replace")


def _check_frame(page: bytes, url: str) -> bool:
    """Check that a page teaches nothing wrong; tell whether it taught a template that was used."""
    templates = Templates()
    document = read(page, url=url, templates=templates)
    assert document == read(page, url=url)
    assert _same(read(page, url=url, templates=templates), document)
    used = _is_trusted(templates, column_of(url))
    other = _sibling(page, document)
    assert _same(read(other, url=url, templates=templates), read(other, url=url))
    return used


@pytest.mark.parametrize("path", sorted(PAGES.glob("*.html")), ids=lambda path: path.name)
def test_a_golden_page_and_another_in_its_frame_are_read_alike(path: Path) -> None:
    _check_frame(path.read_bytes(), URL.format(1))


def test_most_real_pages_have_a_template_and_none_is_misread_by_it(real_texts: Path) -> None:
    pages = sorted((real_texts / "pages" / "html").glob("*_detail.html"))
    used = [path.name for path in pages if _check_frame(path.read_bytes(), URL.format(1))]
    assert len(used) >= 0.7 * len(pages)


@pytest.mark.parametrize(
    "odd",
    [
        _page().replace('id="zoom"', 'id="content"'),
        _page().replace('id="zoom"', 'id="zoom" class="x"').replace('class="files"', 'id="zoom"'),
        _page().replace("</head>", ""),
        _page().replace("</div>", ""),
        _page(text=()),
        _page(date=""),
        _page().replace("<h1", "<b").replace("</h1>", "</b>").replace(TITLE, ""),
        _page().replace('id="foot">', 'id="foot"><a href="/files/late.pdf">附件</a>'),
    ],
    ids=["no mark", "two marks", "no head", "unclosed", "no body", "no date", "no title", "file in the rest"],
)
def test_what_looks_unlike_its_siblings_is_read_whole(odd: str) -> None:
    templates = _taught(_page())
    assert _read(odd, templates, 2) == _read(odd, None, 2)


@pytest.mark.parametrize("link", ["https://www.gz.qingyuan.example/", "https://www.fujian.gov.example/"])
def test_a_host_that_is_named_like_a_file_is_none(link: str) -> None:
    page = _page().replace('id="foot">', f'id="foot"><a href="{link}">邻区</a>')
    known = _taught(page).of(COLUMN or "")
    assert known is not None
    assert known.template is not None
    assert known.template.below is not None


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "odd", ["<!--", "<a href=", "<meta content='", "<link ", "<div id='zoom'", "<script>", "<title>"]
)
def test_a_page_of_repeated_beginnings_is_cut_in_no_time(odd: str) -> None:
    page = _page().replace("</head>", f"{odd * 20_000}</head>").replace("</body>", f"{odd * 20_000}</body>")
    assert _read(page, _taught(_page()), 2).title == TITLE


def test_a_redesigned_column_is_learned_anew() -> None:
    templates = _taught(_page())
    new = _page().replace('id="zoom"', 'class="content_article"')
    _read(new, templates, 2)
    assert _same(_read(new, templates, 3), _read(new, None, 3))
    assert _is_trusted(templates)


def test_a_column_that_is_doubted_again_and_again_is_left_alone_for_a_while() -> None:
    templates = _taught(_page())
    for number in range(4):
        _read(
            _page().replace('id="zoom"', f'id="zoom{number}" class="{"zoom content_article"[5 * (number % 2) :]}"'),
            templates,
            number,
        )
    known = templates.of(COLUMN or "")
    assert known is not None
    assert known.template is None


def test_a_listing_among_its_pages_does_not_disturb_a_column() -> None:
    templates = _taught(_page())
    listing = (
        "<html><head><title>通知公告</title></head><body><ul>"
        + NEWS.replace("</a>", "</a>2024-05-06")
        + "</ul></body></html>"
    )
    assert _read(listing, templates, 2).page.status == "listing"
    _read(_page(), templates, 3)
    assert _is_trusted(templates)


def test_structure_is_remembered_and_no_line() -> None:
    templates = _taught(_page())
    assert re.search("[\u4e00-\u9fff]", repr(templates.of(COLUMN or ""))) is None


def test_the_columns_asked_for_longest_ago_are_forgotten() -> None:
    templates = Templates(most=2)
    for column in ("a", "b", "a", "c"):
        read(_page().encode(), templates=templates, column=column)
    assert len(templates) == 2
    assert templates.of("b") is None


def test_a_page_without_an_address_or_a_column_is_read_whole() -> None:
    templates = Templates()
    read(_page().encode(), templates=templates)
    assert len(templates) == 0


@pytest.mark.timeout(60)
def test_threads_may_share_the_memory() -> None:
    templates = Templates(most=3)
    expected = [_read(page) for page in OTHERS]

    def work(number: int) -> bool:
        page = OTHERS[number % len(OTHERS)]
        column = str(number % 5)
        document = read(page.encode(), url=URL.format(1), templates=templates, column=column)
        return _same(document, expected[number % len(OTHERS)])

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(200)))


@pytest.mark.parametrize(
    ("url", "column"),
    [
        ("https://a.example/xw/gg/t20240506_1.html", "a.example/xw/gg"),
        ("https://a.example/art/2024/5/6/art_33_1.html", "a.example/art"),
        ("https://a.example/1.html", "a.example"),
        ("https://[a/1.html", None),
        (None, None),
    ],
)
def test_the_address_tells_the_column(url: str | None, column: str | None) -> None:
    assert column_of(url) == column
