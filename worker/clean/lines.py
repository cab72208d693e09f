"""A tree to lines: what a reader sees, one paragraph or table row per line, each with its place on the page."""

import re
from typing import Final, NamedTuple

from lxml import etree

from shared.legible import legible
from worker.clean.containers import Place, is_hidden
from worker.clean.markup import Element
from worker.clean.tables import data_rows
from worker.clean.text import squeeze

# What is true of a piece of text because of the elements around it. Plain integers: enum flags cost half the walk.
HEAD: Final = 0
BODY: Final = 1
TAIL: Final = 2
COPY: Final = 4
HIDDEN: Final = 8
HEADING: Final = 16
ROW: Final = 32
HEADLINE: Final = 64  # a heading of text alone: its line breaks are typography


class Link(NamedTuple):
    """A link as printed: its address, its text, its title attribute."""

    href: str
    text: str
    title: str


class Line(NamedTuple):
    """One line: its text, where and how it stands (the flags above), and the links that end in it."""

    text: str
    state: int = BODY
    links: tuple[Link, ...] = ()

    @property
    def in_body(self) -> bool:
        """Tell whether the line stands, visibly, in the body's place."""
        return bool(self.state & BODY) and not self.state & HIDDEN

    @property
    def before_body(self) -> bool:
        """Tell whether the line stands, visibly, before the body."""
        return not self.state & (BODY | TAIL | COPY | HIDDEN)

    @property
    def after_body(self) -> bool:
        """Tell whether the line stands, visibly, after the body."""
        return bool(self.state & TAIL) and not self.state & (COPY | HIDDEN)


# fmt: off
_SKIPPED = frozenset([
    "head", "title", "noscript", "select", "option", "textarea", "button", "object", "svg", "audio", "video",
    "canvas", "iframe", "embed", "frame",
])
# fmt: on
_FRAMES = frozenset(["iframe", "embed", "frame"])
# fmt: off
_BLOCKS = frozenset([
    "address", "article", "aside", "blockquote", "body", "br", "center", "dd", "details", "dialog", "dir",
    "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5",
    "h6", "header", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "p", "pre", "section",
    "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "caption", "ucapcontent",
])
# fmt: on
_SPACE = re.compile(r"\s")
_HEADING_TAGS = frozenset(["h1", "h2", "h3"])
_INLINE = frozenset(["br", "span", "font", "strong", "b"])
_HEADING_NAME = re.compile(r"title|headline|biaoti|theme|(?<![a-z])(?:tit|bt|h1)(?![a-z])", re.IGNORECASE)


def lines_of_text(text: str) -> list[Line]:
    """Cut plain text into lines; white space inside a line stays, as plain spaces, for it parts a glued footer."""
    return [Line(_SPACE.sub(" ", line.strip())) for line in text.split("\n") if line.strip()]


def lines_of_tree(tree: Element, place: Place) -> list[Line]:
    """Walk the tree once, without recursion, and write down its lines in the order of the page."""
    return _Walk(tree, place).lines()


class _Walk:
    """One pass over the tree: what state each piece of text is in."""

    def __init__(self, tree: Element, place: Place) -> None:
        self._tree = tree
        self._place = place
        self._rows = data_rows(tree)
        self._copies = set(place.copies)
        self._states = [HEAD]
        self._pen = _Pen()

    def lines(self) -> list[Line]:
        walk = etree.iterwalk(self._tree, events=("start", "end", "comment"))
        for event, node in walk:
            if event == "start":
                self._start(node)
                if node.tag in _SKIPPED:
                    walk.skip_subtree()
            elif event == "end":
                self._pen.close(node, self._states.pop())
                self._leave(node)
                self._pen.write(node.tail, self._states[-1])
            else:
                self._leave(node)
                self._pen.write(node.tail, self._states[-1])
        self._pen.end_line()
        return self._pen.lines

    def _start(self, node: Element) -> None:
        if node is self._place.start:
            self._pen.end_line()
            # Whatever hides or frames the place itself says nothing about the text in it.
            state = BODY
        else:
            state = self._state(node)
        self._states.append(state)
        self._pen.open(node, state)
        if node.tag not in _SKIPPED:
            self._pen.write(node.text, state)

    def _state(self, node: Element) -> int:
        state = self._states[-1]
        if is_hidden(node):
            state |= HIDDEN
        if node in self._rows:
            state |= ROW
        if node in self._copies:
            state |= COPY
        if not state & BODY and (node.tag in _HEADING_TAGS or _HEADING_NAME.search(node.get("class") or "")):
            state |= HEADING
            if all(child.tag in _INLINE for child in node):
                state |= HEADLINE
        return state

    def _leave(self, node: Element) -> None:
        """Change the zone behind the body's place, and at the comments that bound it."""
        if node is self._place.start:
            zone = TAIL if self._place.end is None else BODY
        elif self._place.end is not None and node is self._place.end:
            zone = TAIL
        else:
            return
        self._pen.end_line()
        self._states = [state & ~(BODY | TAIL) | zone for state in self._states]


def _seen(pieces: list[str]) -> str:
    text = squeeze("".join(pieces))
    # Entities may have brought back what was dropped from the source.
    return text if text.isprintable() else squeeze(legible(text))


class _Pen:
    """Collects pieces of text into lines, and the links in them."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._pieces: list[str] = []
        self._hidden: list[str] = []
        self._state: int | None = None
        self._links: list[Link] = []
        self._anchors: list[tuple[Element, list[str]]] = []

    def open(self, node: Element, state: int) -> None:
        tag = node.tag
        if tag in _BLOCKS:
            self._break(tag, state)
        if tag == "a" and node.get("href"):
            self._anchors.append((node, []))
        elif tag in _FRAMES and node.get("src"):
            self._links.append(Link(node.get("src"), "", node.get("title") or ""))

    def close(self, node: Element, state: int) -> None:
        if self._anchors and self._anchors[-1][0] is node:
            anchor, pieces = self._anchors.pop()
            self._links.append(Link(anchor.get("href"), squeeze("".join(pieces)), anchor.get("title") or ""))
        if node.tag in _BLOCKS:
            self._break(node.tag, state)

    def write(self, text: str | None, state: int) -> None:
        if not text:
            return
        if self._anchors:
            self._anchors[-1][1].append(text)
        if state & HIDDEN:
            self._hidden.append(text)
            return
        if self._state is None and not text.isspace():
            self._state = state
        self._pieces.append(text)

    def end_line(self) -> None:
        text = _seen(self._pieces)
        state = self._state or HEAD
        if text:
            self.lines.append(Line(text, state, tuple(self._links)))
        elif self._links and self.lines:
            last = self.lines[-1]
            self.lines[-1] = last._replace(links=last.links + tuple(self._links))
        if self._hidden and (unseen := _seen(self._hidden)):
            self.lines.append(Line(unseen, state | HIDDEN))
        self._pieces, self._hidden, self._links, self._state = [], [], [], None

    def _break(self, tag: str, state: int) -> None:
        if tag == "br" and state & HEADLINE:
            return
        if state & ROW and tag != "tr":
            self._pieces.append(" ")
        elif state & HIDDEN:
            self._hidden.append(" ")
        else:
            self.end_line()
