"""Which of the lists on a page is its own: menus, hot topics, links of friends and footers are lists too."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from lxml.etree import _Element as Element

from crawler.discover.links import Link
from crawler.discover.tree import attribute, text_of

_ASIDE_TAGS = frozenset(["aside", "footer", "nav", "header"])
_ASIDE = re.compile(
    r"(?:^|[\s_-])(?:side\w*|aside\w*|foot\w*|header\w*|hot\w*|\w*rank\w*|recommend\w*|related\w*|tuijian\w*|paihang\w*|links?"
    r"|friend\w*|nav\w*|\w*nav|\w*menu\w*|banner\w*|slid\w*|swiper\w*|focus\w*|bread\w*)(?:$|[\s_-])",
    re.IGNORECASE,
)
_ASIDE_HEADING = re.compile(r"热点|热门|热搜|排行|推荐|相关|友情|点击|猜你|图片新闻|最近浏览")
_HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"]
_MORE = re.compile(r"更多\W*|more\W*|\+|>>", re.IGNORECASE)
_CLIMB = 6
_LONGEST_COUNTED, _MOST_LOOKED_AT = 40, 400
_UNDATED_WEIGHT, _ASIDE_WEIGHT = 0.5, 0.25
# Titles of notices are long, on the average: in a few rows that show dates, in rows that do not, in one of these.
_SHORTEST_DATED, _SHORTEST_UNDATED, _SHORTEST_ALONE = 5, 6, 8
_ENOUGH_ROWS = 3


@dataclass(eq=False)
class Block:
    """Links whose rows stand side by side in `container`."""

    container: Element
    links: list[Link] = field(default_factory=list)

    @property
    def dated(self) -> list[Link]:
        """The links in rows that show a date, or whose address does."""
        return [link for link in self.links if link.is_dated]


def main_block(links: Sequence[Link]) -> Block | None:
    """Return the list that the page is about: most dated rows, longest titles, not at the side; None without any."""
    best: tuple[float, Block | None] = (0.0, None)
    for block in _merged(_blocks(links)):
        score = _score(block)
        best = (score, block) if score > best[0] else best
    if best[1] is not None:
        best[1].links = _members(best[1])
    return best[1]


def _blocks(links: Iterable[Link]) -> list[Block]:
    blocks: dict[Element, Block] = {}
    for link in links:
        container = link.row.getparent()
        if link.is_likely and container is not None:
            blocks.setdefault(container, Block(container)).links.append(link)
    return list(blocks.values())


def _merged(blocks: list[Block]) -> list[Block]:
    """Put lists together that are one list, set in several elements of one kind (every five rows, say)."""
    headed: dict[Element | None, bool] = {None: True}
    for climb in range(3):
        merged: dict[tuple[object, ...], Block] = {}
        for block in blocks:
            above = next(islice(block.container.iterancestors(), climb, None), None)
            key: tuple[object, ...] = (block,)
            if above is not None and block.dated:
                if above not in headed:
                    headed[above] = _is_headed(above)
                key = key if headed[above] else (above, _kind(block, climb))
            if key in merged:
                merged[key].links += block.links
                merged[key].container = above if above is not None else block.container
            else:
                merged[key] = block
        blocks = list(merged.values())
    return blocks


def _kind(block: Block, climb: int) -> tuple[object, ...]:
    """Return what the lists of one kind have in common: the tags and classes of rows, list, and what is around it."""
    around = (block.container, *islice(block.container.iterancestors(), climb))
    return block.links[0].row.tag, *((element.tag, attribute(element, "class")) for element in around)


def _is_headed(above: Element) -> bool:
    """Say whether the lists in `above` have headings of their own, or links to more of each."""
    heads = (
        element
        for element in islice(above.iter(), _MOST_LOOKED_AT)
        if (element.tag == "a" and _MORE.fullmatch((element.text or "").strip() or "-"))
        or (element.tag in _HEADINGS and element.find(".//a") is None and not _inside_row(element))
    )
    return next(islice(heads, 1, None), None) is not None


def _inside_row(element: Element) -> bool:
    return any(parent.tag in ("li", "a", "tr") for parent in islice(element.iterancestors(), 3))


def _score(block: Block) -> float:
    counted = [link for link in block.links if link.is_dated or link.is_article]
    shown = any(link.dated is not None for link in counted)
    if shown:
        least = _SHORTEST_DATED if len(counted) < _ENOUGH_ROWS else 0
    else:
        least = _SHORTEST_UNDATED if len(counted) > 1 else _SHORTEST_ALONE
    if not counted or sum(len(link.title) for link in counted) < least * len(counted):
        return 0.0
    weights = ((1.0 if link.is_dated else _UNDATED_WEIGHT, len(link.title)) for link in counted)
    score = sum(weight * min(length, _LONGEST_COUNTED) for weight, length in weights)
    if not _is_aside(block.container if len(block.links) > 1 else block.links[0].element):
        return score
    # Of links that show no date, those at the side are the site's own furniture.
    return score * _ASIDE_WEIGHT if shown else 0.0


def _is_aside(container: Element) -> bool:
    for element in (container, *islice(container.iterancestors(), _CLIMB)):
        if element.tag in _ASIDE_TAGS or _ASIDE.search(f"{attribute(element, 'class')} {attribute(element, 'id')}"):
            return True
        if element.tag == "body":
            break
    return any(_ASIDE_HEADING.search(_heading_before(element)) for element in (container, container.getparent()))


def _heading_before(element: Element | None) -> str:
    before = element.getprevious() if element is not None else None
    if before is None or not isinstance(before.tag, str):
        return ""
    text = text_of(before)
    return text if len(text) <= 20 else ""


def _members(block: Block) -> list[Link]:
    """Return the links of the list: the dated ones, and undated ones that look like them; without dates, articles."""
    dated = block.dated
    if not dated:
        return [link for link in block.links if link.is_article]
    shapes = {_shape(link) for link in dated}
    return [link for link in block.links if link.is_dated or (link.is_article and _shape(link) in shapes)]


def _shape(link: Link) -> str:
    return re.sub(r"\d+", "0", re.split(r"[?#]", link.target[:300], maxsplit=1)[0])
