"""Where the body of a notice stands: a table of named places, by family of content management system.

The first row that matches a visible element with text wins. Where a page holds the same place several times, the
longest is the body; those beside it that say something else are its further parts, and those that repeat it (once for
wide and once for narrow screens) are copies. Rows marked `vague` are names that anybody might give to anything: they
must hold a good part of the page's prose.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lxml import etree

from worker.clean.markup import Element
from worker.clean.survey import Survey, Wanted
from worker.clean.text import key

_STRING = etree.XPath("string()")
# Fewer characters than this, in a place of any name, may be a toolbar of the same name.
_FEW = 80
# More of one name have not been seen on a page that had a body in any.
_MOST_PLACES = 40
_MEDIA = ("img", "iframe", "embed", "object", "a", "table")


@dataclass(frozen=True)
class Container:
    """One row: an element with this id, class token or tag (narrowed to `tag` where both are given)."""

    name: str
    id: str | None = None
    css: str | None = None
    tag: str | None = None
    comment: str | None = None
    vague: bool = False


CONTAINERS: tuple[Container, ...] = (
    # Hanweb (JCMS, JPaaS)
    Container("hanweb_zoom", id="zoom"),
    Container("hanweb_comment", comment="ZJEG_RSS.content"),
    Container("hanweb_bt_content", css="bt_content"),
    # Guangdong and its relatives
    Container("guangdong_zoomcon", id="zoomcon"),
    Container("guangdong_content_article", css="content_article"),
    # UCAP
    Container("ucap_tag", tag="ucapcontent"),
    Container("ucap_content", id="ucap-content"),
    Container("ucap_cms_article", id="cmsarticlecontent"),
    # TRS
    Container("trs_pages_content", css="pages_content"),
    Container("trs_editor", css="trs_editor"),
    Container("trs_editor_view", css="trs_editor_view"),
    Container("trs_ueditor", css="trs_ueditor"),
    Container("trs_autoadd", css="trs_preappend"),
    # Boda VSB, WebPlus: universities and their discipline offices
    Container("vsb_content", id="vsb_content"),
    Container("vsb_news", css="v_news_content"),
    Container("webplus_article", css="wp_articlecontent"),
    # EasySite
    Container("easysite_text", id="easysitetext"),
    Container("easysite_wrap", id="articlewrap"),
    Container("easysite_cell", css="content", tag="td"),
    # single houses
    Container("info_content", id="info_content"),
    Container("wenzhang_content", id="wenzhang-content"),
    Container("ivs_content", id="ivs_content"),
    Container("netease_end_text", id="endtext"),
    Container("zoom_class", css="zoom"),
    Container("guangdong_xl_nr", css="xl-nr"),
    Container("guangdong_zw", css="zw", vague=True),
    # names that anybody might choose
    Container("article_body", css="article-body", vague=True),
    Container("article_content", css="article-content", vague=True),
    Container("article_content_underscore", css="article_content", vague=True),
    Container("news_content", css="news_content", vague=True),
    Container("detail_content", css="detail-content", vague=True),
    Container("article_con", css="article-con", vague=True),
    Container("article_id", id="article", vague=True),
    Container("content_id", id="content", vague=True),
    Container("article_tag", tag="article", vague=True),
)

WANTED = Wanted(
    ids=frozenset(row.id for row in CONTAINERS if row.id),
    classes=frozenset(row.css for row in CONTAINERS if row.css),
    tags=frozenset(row.tag for row in CONTAINERS if row.tag and not row.css),
)
"""What a survey must look for, for this table to be asked."""


@dataclass(frozen=True)
class Place:
    """The chosen place: its parts, in order, or the pair of comments that bound it; its copies; the row's name."""

    rule: str
    parts: tuple[Element, ...]
    end: Element | None = None
    copies: tuple[Element, ...] = ()


def text_length(element: Element) -> int:
    """Count the characters of the element's text, white space apart."""
    return len("".join(_STRING(element).split()))


def known_place(survey: Survey, prose: Callable[[], int]) -> Place | None:
    """Find the body by the table; `prose` counts the page's running text, by which vague rows are judged."""
    for row in CONTAINERS:
        if row.comment:
            pair = _between(survey.comments, row.comment)
            if pair:
                return Place(row.name, pair[:1], pair[1])
        elif (found := _matching(survey, row)) and (place := _place(row, found, survey, prose)):
            return place
    return None


def _matching(survey: Survey, row: Container) -> list[Element]:
    if row.id:
        return survey.by_id.get(row.id, [])
    if row.css:
        return [element for element in survey.by_class.get(row.css, ()) if row.tag in (None, element.tag)]
    return survey.by_tag.get(row.tag or "", [])


def _place(row: Container, found: Sequence[Element], survey: Survey, prose: Callable[[], int]) -> Place | None:
    found = found[:_MOST_PLACES]
    sized = {element: size for element in found if (size := text_length(element))}
    if not sized:
        return None
    visible = [element for element in sized if not _inside_hidden(element, survey)] or list(sized)
    best = max(visible, key=sized.__getitem__)
    others = [element for element in found if not _related(element, best)]
    copies = tuple(element for element in others if _repeats(element, best))
    beside = [e for e in others if e in visible and e not in copies and e.getparent() is best.getparent()]
    parts = tuple(element for element in found if element is best or element in beside)
    size = sum(sized[part] for part in parts)
    least = 0.5 if row.vague else 0.2 if size < _FEW and next(best.iter(*_MEDIA), None) is None else 0.0
    return Place(row.name, parts, copies=copies) if not least or size >= prose() * least else None


def _repeats(element: Element, best: Element) -> bool:
    """Tell whether most of the element's text, by samples, stands in the other, or it has none of its own."""
    text, known = key(_STRING(element)), key(_STRING(best))
    samples = [text[at : at + 8] for at in range(0, len(text), max(8, len(text) // 40))]
    return sum(sample in known for sample in samples) >= len(samples) * 0.5


def _between(comments: list[Element], name: str) -> tuple[Element, Element] | None:
    begin = next((c for c in comments if (c.text or "").strip() == f"{name}.begin"), None)
    end = next((c for c in comments if (c.text or "").strip() == f"{name}.end"), None)
    return (begin, end) if begin is not None and end is not None else None


def _inside_hidden(element: Element, survey: Survey) -> bool:
    return any(ancestor in survey.hidden for ancestor in element.iterancestors())


def _related(one: Element, other: Element) -> bool:
    return one is other or any(a is other for a in one.iterancestors()) or any(a is one for a in other.iterancestors())
