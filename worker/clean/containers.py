"""Where the body of a notice stands: a table of named places, by family of content management system.

The first row that matches a visible element with text wins. Where a page holds the same place twice (once for wide
and once for narrow screens), the longest visible one is the body and the others are copies. Rows marked `vague` are
names that anybody might give to anything: they must hold a good part of the page's prose.
"""

import re
from dataclasses import dataclass

from lxml import etree

from worker.clean.markup import Element

_HIDDEN_STYLE = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_NUMBER = re.compile(r"_\d{1,4}$")
_STRING = etree.XPath("string()")
_HIDDEN_CLASSES = frozenset(["hide", "hidden", "ng-hide", "layui-hide", "d-none"])


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


@dataclass(frozen=True)
class Place:
    """The chosen place: where it starts and, for a pair of comments, where it ends; the copies; the row's name."""

    rule: str
    start: Element
    end: Element | None = None
    copies: tuple[Element, ...] = ()


def is_hidden(element: Element) -> bool:
    """Tell whether the element itself hides its content (inline style, attribute, or a class that means it)."""
    style = element.get("style")
    if style and _HIDDEN_STYLE.search(style):
        return True
    css = element.get("class")
    return element.get("hidden") is not None or bool(css and not _HIDDEN_CLASSES.isdisjoint(css.split()))


def text_length(element: Element) -> int:
    """Count the characters of the element's text, white space apart."""
    return len("".join(_STRING(element).split()))


class _Index:
    """The elements that some row may mean, collected in one pass over the tree."""

    def __init__(self, tree: Element) -> None:
        self.by_id: dict[str, list[Element]] = {row.id: [] for row in CONTAINERS if row.id}
        self.by_class: dict[str, list[Element]] = {row.css: [] for row in CONTAINERS if row.css}
        self.by_tag: dict[str, list[Element]] = {row.tag: [] for row in CONTAINERS if row.tag and not row.css}
        self.comments: list[Element] = []
        for element in tree.iter():
            if isinstance(element.tag, str):
                self._add(element)
            else:
                self.comments.append(element)

    def _add(self, element: Element) -> None:
        name = element.get("id")
        # Boda numbers its places: vsb_content_2, vsb_content_100.
        if name and (place := _NUMBER.sub("", name.lower())) in self.by_id:
            self.by_id[place].append(element)
        for token in (element.get("class") or "").lower().split():
            if token in self.by_class:
                self.by_class[token].append(element)
        if element.tag in self.by_tag:
            self.by_tag[element.tag].append(element)

    def matching(self, row: Container) -> list[Element]:
        if row.id:
            return self.by_id[row.id]
        if row.css:
            return [element for element in self.by_class[row.css] if row.tag in (None, element.tag)]
        return self.by_tag[row.tag or ""]


def known_place(tree: Element, prose: int) -> Place | None:
    """Find the body by the table; `prose` is the page's amount of running text, by which vague rows are judged."""
    index = _Index(tree)
    for row in CONTAINERS:
        if row.comment:
            pair = _between(index.comments, row.comment)
            if pair:
                return Place(row.name, *pair)
            continue
        found = index.matching(row)
        least = prose * 0.5 if row.vague else 1
        sized = [(size, element) for element in found if (size := text_length(element)) >= least]
        if sized:
            visible = [pair for pair in sized if not _inside_hidden(pair[1])] or sized
            best = max(visible, key=lambda pair: pair[0])[1]
            return Place(row.name, best, copies=tuple(e for e in found if not _related(e, best)))
    return None


def _between(comments: list[Element], name: str) -> tuple[Element, Element] | None:
    begin = next((c for c in comments if (c.text or "").strip() == f"{name}.begin"), None)
    end = next((c for c in comments if (c.text or "").strip() == f"{name}.end"), None)
    return (begin, end) if begin is not None and end is not None else None


def _inside_hidden(element: Element) -> bool:
    return any(is_hidden(ancestor) for ancestor in element.iterancestors())


def _related(one: Element, other: Element) -> bool:
    return one is other or any(a is other for a in one.iterancestors()) or any(a is one for a in other.iterancestors())
