"""A tree to lines: one walk over the page, which notes in what state each piece of text is."""

from lxml import etree

from shared.legible import legible
from worker.clean.containers import Place
from worker.clean.lines import BODY, COPY, HEAD, HEADING, HEADLINE, HIDDEN, ROW, TAIL, Cell, Line, Link
from worker.clean.markup import Element
from worker.clean.survey import Survey
from worker.clean.tables import Grid
from worker.clean.text import squeeze

# What holds no text of the page: it is read neither as the body nor as something around it.
_UNREAD = frozenset(["head", "title", "iframe", "frame"])
_LINKS = frozenset(["a", "iframe", "embed", "frame"])
# fmt: off
_BLOCKS = frozenset([
    "address", "article", "aside", "blockquote", "body", "br", "center", "dd", "details", "dialog", "dir",
    "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5",
    "h6", "header", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "p", "pre", "section",
    "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "caption", "ucapcontent",
])
# fmt: on
_INLINE = frozenset(["br", "span", "font", "strong", "b"])


def lines_of_tree(tree: Element, place: Place, survey: Survey, grid: Grid) -> list[Line]:
    """Walk the tree once, without recursion, and write down its lines in the order of the page."""
    return _Walk(place, survey, grid).lines(tree)


class _Walk:
    """One pass over the tree: what state each piece of text is in.

    Few elements change the state. They are noted before the walk, so that the others cost next to nothing.
    """

    def __init__(self, place: Place, survey: Survey, grid: Grid) -> None:
        self._place = place
        self._columns = grid.columns
        self._widgets = survey.widgets
        self._noted: dict[Element, int] = dict.fromkeys([*survey.widgets, *grid.columns, place.end], 0)
        marked = ((survey.headings, HEADING), (survey.hidden, HIDDEN), (grid.rows, ROW), (place.copies, COPY))
        for elements, flag in marked:
            for element in elements:
                self._noted[element] = self._noted.get(element, 0) | flag
        self._noted |= dict.fromkeys(place.parts, BODY)
        self._states = [HEAD]
        self._pen = _Pen()

    def lines(self, tree: Element) -> list[Line]:
        pen = self._pen
        walk = etree.iterwalk(tree, events=("start", "end", "comment"))
        for event, node in walk:
            if event != "start":
                self._close(node, event == "end")
                text = node.tail
            elif self._open(node):
                text = node.text
            else:
                walk.skip_subtree()
                continue
            # White space where nothing is open is most of a page's pieces of text.
            if text and (pen.is_busy or not text.isspace()):
                pen.write(text, self._states[-1])
        pen.end_line()
        return pen.lines

    def _open(self, node: Element) -> bool:
        """Begin an element; tell whether what it holds is to be read."""
        tag, pen = node.tag, self._pen
        if node in self._noted:
            self._states.append(self._state(node))
        if tag in _BLOCKS:
            if pen.is_busy:
                pen.end_block(tag, self._states[-1])
            if node in self._columns:
                pen.open_cell(self._columns[node])
        elif tag in _LINKS:
            pen.open_link(node, tag)
        return tag not in _UNREAD and node not in self._widgets

    def _close(self, node: Element, is_element: bool) -> None:
        tag, pen, noted = node.tag, self._pen, node in self._noted
        if tag in _BLOCKS:
            if pen.is_busy:
                pen.end_block(tag, self._states[-1])
        elif tag == "a":
            pen.close_link(node)
        if noted:
            if is_element:
                self._states.pop()
            self._leave(node)

    def _state(self, node: Element) -> int:
        flags = self._noted[node]
        if flags & BODY:
            # Whatever hides or frames the place itself says nothing about the text in it.
            self._pen.end_line()
            return BODY
        state = self._states[-1]
        if state & BODY:
            return state | flags & ~HEADING
        if flags & HEADING and all(child.tag in _INLINE for child in node):
            flags |= HEADLINE
        return state | flags

    def _leave(self, node: Element) -> None:
        """Change the zone behind a part of the body, and at the comments that bound it."""
        if node is self._place.end or (node in self._place.parts and self._place.end is None):
            zone = TAIL
        elif node in self._place.parts:
            zone = BODY
        else:
            return
        self._pen.end_line()
        self._states[:] = [state & ~(BODY | TAIL) | zone for state in self._states]


def _seen(pieces: list[str]) -> str:
    text = squeeze(pieces[0] if len(pieces) == 1 else "".join(pieces))
    # Entities may have brought back what was dropped from the source.
    return text if text.isprintable() else squeeze(legible(text))


class _Pen:
    """Collects pieces of text into lines, and the links and cells in them; busy while anything of these is open."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.is_busy = False
        self._pieces: list[str] = []
        self._hidden: list[str] = []
        self._state: int | None = None
        self._links: list[Link] = []
        self._anchors: list[tuple[Element, list[str]]] = []
        self._cells: list[tuple[int, list[str]]] = []  # of the row that is open: column, paragraphs

    def end_block(self, tag: str, state: int) -> None:
        """End what a block parts from what was before it: a line, or a paragraph in a row of a table."""
        if tag == "br" and state & HEADLINE:
            return
        if state & HIDDEN:
            self._hidden.append(" ")
        elif state & ROW and tag != "tr":
            self._end_paragraph()
        else:
            self.end_line()

    def open_cell(self, column: int) -> None:
        self._end_paragraph()
        self._cells.append((column, []))
        self.is_busy = True

    def open_link(self, node: Element, tag: str) -> None:
        if tag == "a":
            if node.get("href") or node.get("onclick"):
                self._anchors.append((node, []))
                self.is_busy = True
        elif src := node.get("src"):
            self._links.append(Link(src, "", node.get("title") or ""))
            self.is_busy = True

    def close_link(self, node: Element) -> None:
        if not self._anchors or self._anchors[-1][0] is not node:
            return
        anchor, pieces = self._anchors.pop()
        text = squeeze("".join(pieces))
        link = Link(anchor.get("href") or "", text, anchor.get("title") or "", anchor.get("onclick") or "")
        self._links.append(link)

    def write(self, text: str, state: int) -> None:
        self.is_busy = True
        if self._anchors:
            self._anchors[-1][1].append(text)
        if state & HIDDEN:
            self._hidden.append(text)
        elif self._state is not None:
            self._pieces.append(text)
        # White space before a line is nothing of it.
        elif not text.isspace():
            self._state = state
            self._pieces.append(text)

    def end_line(self) -> None:
        if self._cells:
            self._end_row()
        self.is_busy = bool(self._anchors)
        if not (self._pieces or self._links or self._hidden):
            self._state = None
            return
        if text := _seen(self._pieces):
            self._add(text)
        elif self._links and self.lines:
            last = self.lines[-1]
            self.lines[-1] = last._replace(links=last.links + tuple(self._links))
        if self._hidden and (unseen := _seen(self._hidden)):
            self.lines.append(Line(unseen, (self._state or HEAD) | HIDDEN))
        self._pieces, self._hidden, self._links, self._state = [], [], [], None

    def _add(self, text: str, cells: tuple[Cell, ...] = ()) -> None:
        self.lines.append(Line(text, self._state or HEAD, tuple(self._links), cells))
        self._links = []

    def _end_paragraph(self) -> None:
        if not self._pieces:
            return
        text = _seen(self._pieces)
        self._pieces = []
        if text:
            if not self._cells:
                self._cells.append((0, []))
            self._cells[-1][1].append(text)

    def _end_row(self) -> None:
        self._end_paragraph()
        cells = tuple(Cell(column, "\n".join(paragraphs)) for column, paragraphs in self._cells if paragraphs)
        self._cells = []
        if cells:
            self._add(" ".join(cell.text.replace("\n", " ") for cell in cells), cells)
