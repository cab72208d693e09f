"""Where the body stands on a page of no known family: the smallest element that holds most of the running text.

Running text is what stands outside links, menus and footers, in pieces that are long or punctuated as sentences are.
"""

import re
from dataclasses import dataclass

from lxml import etree

from worker.clean.containers import Place
from worker.clean.markup import Element
from worker.clean.survey import Survey

DENSITY = "density"
"""The name of the rule, among the names of containers."""

_CHROME_TAGS = frozenset(["a", "nav", "footer", "header", "head"])
_CHROME_NAME = re.compile(
    r"foot|nav(?!y)|menu|header|copyright|breadcrumb|share|related|comment|sidebar|toolbar|friend|(?<![a-z])links?(?![a-z])",
    re.IGNORECASE,
)
_NEVER_CHROME = frozenset(["body", "html", "p", "span", "td", "tr", "tbody", "table"])
_PAGE = frozenset(["body", "html"])
# What is but a piece of a body, however long.
# fmt: off
_PIECES = frozenset([
    "p", "span", "font", "strong", "b", "em", "i", "u", "section", "li", "ul", "ol", "dd", "dt", "dl", "blockquote",
    "tr", "tbody", "thead", "table", "center", "embed", "noscript", "select", "option", "button", "object", "textarea",
])
# fmt: on
_SENTENCE = re.compile(r"[。；，：！？、;,:!?]")
_SENTENCE_ENDS = ("。", "；", "！", "？", ";", "!", "?")
_SHORT_PIECE = 12
_MOST = 0.6
_FEW_SENTENCES = 30
_SHARE = 0.25
_GAIN = 0.08
_CLIMB = 4


@dataclass(frozen=True)
class Density:
    """The amount of running text on the page, in characters, and the smallest element with most of it."""

    prose: int
    place: Place


def densest(tree: Element, survey: Survey, data_cells: set[Element] | frozenset[Element] = frozenset()) -> Density:
    """Weigh the page, bottom up and in one pass; the whole page wins where nothing smaller dominates.

    `data_cells` are those of tables that carry data: a body is never one of them alone.
    """
    weights: list[tuple[int, int, Element]] = []
    prose, sentences = [0], [0]
    walk = etree.iterwalk(tree, events=("start", "end", "comment"))
    for event, node in walk:
        if event == "start":
            chrome = _is_chrome(node, survey)
            if chrome:
                walk.skip_subtree()
            weight, ended = (0, 0) if chrome else _weight(node.text)
            prose.append(weight)
            sentences.append(ended)
            continue
        weight, ended = _weight(node.tail)
        if event == "end":
            own = prose.pop()
            own_sentences = sentences.pop()
            weights.append((own, own_sentences, node))
            weight += own
            ended += own_sentences
        prose[-1] += weight
        sentences[-1] += ended
    # Titles and footers may outweigh a short notice, but they hold no sentences.
    by = 1 if sentences[0] >= max(_FEW_SENTENCES, _SHARE * prose[0]) else 0
    most = (prose[0], sentences[0])[by] * _MOST
    # Elements close from the inside to the outside, and two that hold most of the page hold one another.
    chain = [entry for entry in weights if entry[by] >= most and entry[by]]
    return Density(prose[0], Place(DENSITY, (_climbed(chain, data_cells) if chain else tree,)))


def _climbed(chain: list[tuple[int, int, Element]], data_cells: set[Element] | frozenset[Element]) -> Element:
    """Go up from a mere piece of a body, and to where a good part more of its sentences stands."""
    _, sentences, chosen = chain[0]
    for level, (_, more, node) in enumerate(chain[1:], start=1):
        if chosen.tag in _PIECES or chosen in data_cells:
            chosen, sentences = node, more
        elif node.tag in _PAGE:
            break
        elif level <= _CLIMB and more >= sentences * (1 + _GAIN):
            chosen, sentences = node, more
    return chosen


def _is_chrome(node: Element, survey: Survey) -> bool:
    if node.tag in _CHROME_TAGS or node in survey.hidden or node in survey.widgets:
        return True
    if node.tag in _NEVER_CHROME:
        return False
    css, name = node.get("class"), node.get("id")
    return bool(css or name) and _CHROME_NAME.search(f"{css or ''} {name or ''}"[:500]) is not None


def _weight(text: str | None) -> tuple[int, int]:
    piece = text.strip() if text else ""
    if not piece:
        return 0, 0
    size = len(piece)
    ended = size if piece.endswith(_SENTENCE_ENDS) or "。" in piece else 0
    return size if size >= _SHORT_PIECE or _SENTENCE.search(piece) else size // 3, ended
