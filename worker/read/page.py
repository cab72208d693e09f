"""A page, taken apart but not yet understood: what the readers of single fields have in common."""

from dataclasses import dataclass, field

from shared.decoding import Decoded
from worker.clean.containers import WANTED, Place, known_place
from worker.clean.density import DENSITY, Density, densest
from worker.clean.lines import Line, lines_of_text
from worker.clean.markup import Element, flatten, is_markup, parse
from worker.clean.survey import Survey
from worker.clean.tables import Grid
from worker.clean.unreadable import Unreadable
from worker.clean.walk import lines_of_tree
from worker.read.meta import Labels, labels_of
from worker.read.template import Mark

MOST_LINES = 500_000
"""The longest real page seen has 9,000 tags; a line costs up to 20 microseconds, and a task has two minutes."""


@dataclass(frozen=True)
class Page:
    """Lines in the order of the page, parted by where they stand; the labels of its head; the rule that found the body.

    `before`, `body` and `after` hold the visible lines before, in and after the body's place; `text` is the source.
    """

    lines: list[Line]
    labels: Labels = field(default_factory=Labels)
    container: str | None = None
    text: str = ""
    place: Place | None = None
    before: list[Line] = field(init=False)
    body: list[Line] = field(init=False)
    after: list[Line] = field(init=False)

    def __post_init__(self) -> None:
        """Part the lines."""
        parted: dict[str, list[Line]] = {"before": [], "body": [], "after": []}
        for line in self.lines:
            if line.in_body:
                parted["body"].append(line)
            elif line.before_body:
                parted["before"].append(line)
            elif line.after_body:
                parted["after"].append(line)
        for name, lines in parted.items():
            object.__setattr__(self, name, lines)

    @property
    def is_plain(self) -> bool:
        """Whether the snapshot is no markup, or none that could be parsed."""
        return self.container in (None, "flat")


def page_of(decoded: Decoded, content_type: str | None) -> Page:
    """Take the text apart: as plain text, by the table of containers, by density, or flat if it is too hostile.

    Raises `Unreadable` for more than `MOST_LINES`.
    """
    if not is_markup(decoded.text, content_type):
        return Page(_lines(decoded.text), text=decoded.text)
    tree = parse(decoded.text)
    if tree is None:
        return Page(_lines(flatten(decoded.text)), container="flat", text=decoded.text)
    return _page_of_tree(tree, decoded.text)


def _lines(text: str) -> list[Line]:
    if (count := text.count("\n")) > MOST_LINES:
        raise Unreadable(f"the snapshot has {count} lines; a page of more than {MOST_LINES} is not read")
    return lines_of_text(text)


def page_of_cut(cut: str, mark: Mark, container: str, source: str) -> Page | None:
    """Take apart what was cut out of a source, where the marked element holds the body; None where it is not there.

    Density compares all of a page, so what it once found is not weighed anew.
    """
    tree = parse(cut)
    if tree is None:
        return None
    if container != DENSITY:
        return _page_of_tree(tree, source)
    found = mark.element_in(tree)
    return None if found is None else _page_of_tree(tree, source, Place(DENSITY, (found,)))


def _page_of_tree(tree: Element, text: str, place: Place | None = None) -> Page:
    survey = Survey(tree, WANTED)
    grid = Grid(survey.by_tag.get("tr", ()))
    # Weighing every element is dear, and a place of a sure name needs none of it.
    weighed: list[Density] = []

    def density() -> Density:
        if not weighed:
            weighed.append(densest(tree, survey, frozenset(grid.columns)))
        return weighed[0]

    place = place or known_place(survey, lambda: density().prose) or density().place
    return Page(lines_of_tree(tree, place, survey, grid), labels_of(survey), place.rule, text, place)
