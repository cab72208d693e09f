"""A page, taken apart but not yet understood: what the readers of single fields have in common."""

from dataclasses import dataclass, field

from shared.decoding import Decoded
from worker.clean.containers import WANTED, known_place
from worker.clean.density import Density, densest
from worker.clean.lines import Line, lines_of_text
from worker.clean.markup import Element, flatten, is_markup, parse
from worker.clean.survey import Survey
from worker.clean.tables import Grid
from worker.clean.walk import lines_of_tree
from worker.read.meta import Labels, labels_of


@dataclass(frozen=True)
class Page:
    """Lines in the order of the page, parted by where they stand; the labels of its head; the rule that found the body.

    `before`, `body` and `after` hold the visible lines before, in and after the body's place; `text` is the source.
    """

    lines: list[Line]
    labels: Labels = field(default_factory=Labels)
    container: str | None = None
    text: str = ""
    before: list[Line] = field(init=False)
    body: list[Line] = field(init=False)
    after: list[Line] = field(init=False)

    def __post_init__(self) -> None:
        """Part the lines."""
        object.__setattr__(self, "before", [line for line in self.lines if line.before_body])
        object.__setattr__(self, "body", [line for line in self.lines if line.in_body])
        object.__setattr__(self, "after", [line for line in self.lines if line.after_body])

    @property
    def is_plain(self) -> bool:
        """Whether the snapshot is no markup, or none that could be parsed."""
        return self.container in (None, "flat")


def page_of(decoded: Decoded, content_type: str | None) -> Page:
    """Take the text apart: as plain text, by the table of containers, by density, or flat if it is too hostile."""
    if not is_markup(decoded.text, content_type):
        return Page(lines_of_text(decoded.text), text=decoded.text)
    tree = parse(decoded.text)
    if tree is None:
        return Page(lines_of_text(flatten(decoded.text)), container="flat", text=decoded.text)
    return _page_of_tree(tree, decoded.text)


def _page_of_tree(tree: Element, text: str) -> Page:
    survey = Survey(tree, WANTED)
    grid = Grid(survey.by_tag.get("tr", ()))
    # Weighing every element is dear, and a place of a sure name needs none of it.
    weighed: list[Density] = []

    def density() -> Density:
        if not weighed:
            weighed.append(densest(tree, survey, frozenset(grid.columns)))
        return weighed[0]

    place = known_place(survey, lambda: density().prose) or density().place
    return Page(lines_of_tree(tree, place, survey, grid), labels_of(survey), place.rule, text)
