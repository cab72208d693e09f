"""Lines: what a reader sees, one paragraph or table row per line, each with its place on the page, links and cells."""

import re
from typing import Final, NamedTuple

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
    """A link as printed: its address, its text, its title attribute, the script that runs when it is clicked."""

    href: str
    text: str
    title: str
    script: str = ""


class Cell(NamedTuple):
    """One filled cell of a table row: its column (from 0, spans counted), and its paragraphs, one per line."""

    column: int
    text: str


class Line(NamedTuple):
    """One line: its text, where and how it stands (the flags above), and the links that end in it."""

    text: str
    state: int = BODY
    links: tuple[Link, ...] = ()
    cells: tuple[Cell, ...] = ()  # of a table row that carries data; `text` joins them

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


_SPACE = re.compile(r"\s")


def lines_of_text(text: str) -> list[Line]:
    """Cut plain text into lines; white space inside a line stays, as plain spaces, for it parts a glued footer."""
    return [Line(_SPACE.sub(" ", line.strip())) for line in text.split("\n") if line.strip()]
