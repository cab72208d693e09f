"""What a link of a list is called: its whole title, without bullets, dates and marks."""

import re

from lxml.etree import _Element as Element

from crawler.discover import dates
from crawler.discover.tree import LONGEST_TEXT, attribute, text_of

SHORTEST_TITLE = 4
_PINNED = re.compile(r"置顶|[\[【(（]\s*顶\s*[\]】)）]")
_PINNED_CLASS = re.compile(r"zhiding|sticky|pinned|is-?top\b", re.IGNORECASE)
_BULLET = re.compile(
    r"^[\s·•●■◆▪▶►›»>\-–—*※|]+|^[\[【(（]?\s*(置顶|顶|热|新|new)\s*[\]】)）]\s*|^置顶\s*[:：]?\s*", re.IGNORECASE
)
_DIGIT_AT_EDGE = re.compile(r"\A[\s\[【(（]*\d|[\d日月年][\s\]】)）]*\Z")
_AFTER_DATE = re.compile(r"[\s\]】)）]*(\d\d?[:：]\d\d([:：]\d\d)?)?[\s\]】)）]*")
_CUT = re.compile(r"(\.{2,}|…+|。{2,})$")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_NAMED_TITLE = re.compile(r"(?:^|[\s_-])(?:\w*title|tit|bt)(?:$|[\s_-])", re.IGNORECASE)
_CONTROL = re.compile(
    r"[\s\d\[\]【】<>＜＞«»‹›.…|]*|首\s?页|上一?页|下一?页|末页|尾页|更多\W*|more\W*|查看(更多|详情|全文)?|详情|详细|返回.{0,6}|下载|附件",
    re.IGNORECASE,
)


def title_of_link(link: Element, text: str) -> str:
    """Return the title of a link whose whole text is `text`.

    `title=` counts where the text is cut, missing, or a title with more around it; else a heading within the link.
    """
    shown = clean(text)
    title = attribute(link, "title")
    told = "" if not title else shown if title == text else clean(title)
    stem = _CUT.sub("", shown)
    if told and (not shown or stem != shown or told in shown or (len(told) > len(shown) and told.startswith(shown))):
        return told
    if len(link):
        return _heading_in(link) or shown or _picture_text(link)
    return shown


def clean(text: str) -> str:
    """Take the date at either end of a title away, and bullets and marks at its start."""
    text = " ".join(text[: 2 * LONGEST_TEXT].split())
    found = date_at_edge(text)
    if found is not None:
        before, after = text[: found.start].rstrip(" [【(（"), text[found.end :].lstrip(" ]】)）")
        text = (before if len(before) > len(after) else after) or text
    for _ in range(3):
        shorter = _BULLET.sub("", text)
        if shorter == text:
            break
        text = shorter
    return text.strip()


def date_at_edge(text: str) -> dates.Found | None:
    """Return a date that stands apart at either end of a link's text; one inside it belongs to the title."""
    found = dates.find(text) if _DIGIT_AT_EDGE.search(text) else None
    if found is None:
        return None
    before, after = text[: found.start], text[found.end :]
    last = _AFTER_DATE.fullmatch(after) is not None and (not before or before[-1] in " [【(（")
    first = not before.strip(" [【(（") and (not after or after[0] in " ]】)）")
    return found if last or first else None


def fullness(title: str) -> int:
    """Return how much of a title is there: its length without the dots that stand for the rest."""
    return len(_CUT.sub("", title))


def is_control(title: str) -> bool:
    """Say whether a link's words name no notice: a page number, `more`, `back`."""
    return len(title) < SHORTEST_TITLE or _CONTROL.fullmatch(title) is not None


def is_pinned(row: Element, text: str) -> bool:
    """Say whether a row is held at the top by hand: by a word in its `text`, a picture's name, or a class."""
    if _PINNED.search(text) or _PINNED_CLASS.search(attribute(row, "class")):
        return True
    pictures = row.iterdescendants("img") if len(row) else ()
    return any(_PINNED.search(attribute(picture, "alt") + attribute(picture, "title")) for picture in pictures)


def _heading_in(link: Element) -> str:
    """Return the title that stands apart from a summary within the same link."""
    for inner in link.iterdescendants():
        if inner.tag in _HEADINGS or _NAMED_TITLE.search(attribute(inner, "class")):
            title = clean(text_of(inner))
            if len(title) >= SHORTEST_TITLE:
                return title
    return ""


def _picture_text(link: Element) -> str:
    return next((clean(attribute(image, "alt")) for image in link.iterdescendants("img") if image.get("alt")), "")
