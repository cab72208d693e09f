"""Where the body stands on a page of no known family: the smallest element that holds most of the running text.

Running text is what stands outside links, menus and footers, in pieces that are long or punctuated as sentences are.
"""

import re
from dataclasses import dataclass

from lxml import etree

from worker.clean.containers import Place, is_hidden
from worker.clean.markup import Element

_CHROME_TAGS = frozenset(["a", "nav", "footer", "header", "select", "button", "textarea", "noscript", "head", "option"])
_CHROME_NAME = re.compile(
    r"foot|nav(?!y)|menu|header|copyright|breadcrumb|share|related|comment|sidebar|toolbar|friend|(?<![a-z])links?(?![a-z])",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[。；，：！？、;]")
_SHORT_PIECE = 12
_MOST = 0.6


@dataclass(frozen=True)
class Density:
    """The amount of running text on the page, in characters, and the smallest element with most of it."""

    prose: int
    place: Place


def densest(tree: Element) -> Density:
    """Weigh the page, bottom up and in one pass; the whole page wins where nothing smaller dominates."""
    weights: list[tuple[int, Element]] = []
    sums = [0]
    walk = etree.iterwalk(tree, events=("start", "end", "comment"))
    for event, node in walk:
        if event == "comment":
            sums[-1] += _weight(node.tail)
        elif event == "start":
            chrome = _is_chrome(node)
            if chrome:
                walk.skip_subtree()
            sums.append(0 if chrome else _weight(node.text))
        else:
            own = sums.pop()
            # Elements close from the inside to the outside, so the first that is heavy enough is the smallest.
            weights.append((own, node))
            sums[-1] += own + _weight(node.tail)
    prose = sums[0]
    heavy = (node for own, node in weights if own >= prose * _MOST and own)
    return Density(prose, Place("density", next(heavy, tree)))


def _is_chrome(node: Element) -> bool:
    if node.tag in _CHROME_TAGS or is_hidden(node):
        return True
    if node.tag in ("body", "html", "p", "span", "td", "tr", "tbody", "table"):
        return False
    return _CHROME_NAME.search(f"{node.get('class') or ''} {node.get('id') or ''}") is not None


def _weight(text: str | None) -> int:
    piece = text.strip() if text else ""
    if not piece:
        return 0
    return len(piece) if len(piece) >= _SHORT_PIECE or _SENTENCE.search(piece) else len(piece) // 3
