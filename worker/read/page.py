"""A page, taken apart but not yet understood: what the readers of single fields have in common."""

from dataclasses import dataclass, field

from shared.decoding import Decoded
from worker.clean.containers import known_place
from worker.clean.density import densest
from worker.clean.lines import Line, lines_of_text, lines_of_tree
from worker.clean.markup import flatten, is_markup, parse
from worker.read.meta import Labels, labels_of


@dataclass(frozen=True)
class Page:
    """Lines in the order of the page, the labels of its head, and the rule that found the body."""

    lines: list[Line]
    labels: Labels = field(default_factory=Labels)
    container: str | None = None

    @property
    def before(self) -> list[Line]:
        """The visible lines before the body."""
        return [line for line in self.lines if line.before_body]

    @property
    def body(self) -> list[Line]:
        """The visible lines in the body's place."""
        return [line for line in self.lines if line.in_body]

    @property
    def after(self) -> list[Line]:
        """The visible lines after the body."""
        return [line for line in self.lines if line.after_body]


def page_of(decoded: Decoded, content_type: str | None) -> Page:
    """Take the text apart: as plain text, by the table of containers, by density, or flat if it is too hostile."""
    if not is_markup(decoded.text, content_type):
        return Page(lines_of_text(decoded.text))
    tree = parse(decoded.text)
    if tree is None:
        return Page(lines_of_text(flatten(decoded.text)), container="flat")
    density = densest(tree)
    place = known_place(tree, density.prose) or density.place
    return Page(lines_of_tree(tree, place), labels_of(tree), place.rule)
