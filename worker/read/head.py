"""The head of a text: title and dateline above its first paragraph, where they stand among the body's lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from worker.clean.boilerplate import Cut, matches
from worker.clean.lines import Line
from worker.clean.removed import Removed
from worker.clean.text import key
from worker.read.dateline import is_dateline
from worker.read.sitenames import is_site_name

# A title of two or three lines, a slogan, a breadcrumb, the site's name: more has not been seen above a dateline.
_DATELINE_WITHIN = 10
_LONGEST_TITLE = 120
# fmt: off
_TITLE_ENDINGS = (
    "通报", "公告", "通知", "情况", "公示", "报告", "决定", "意见", "方案", "办法", "公报", "通告", "批复", "函",
    "启事", "声明", "规定",
)
# fmt: on


@dataclass(frozen=True)
class Head:
    """What was found above the body: title, site name, the dateline's lines; what was cut; the lines that remain."""

    title: str | None
    site_name: str | None
    datelines: list[Line]
    removed: list[Removed]
    rest: list[Line]


def split_head(lines: Sequence[Line], *, plain: bool, title: str | None = None) -> Head:
    """Part the head from the body's lines; `title` is what the page calls it elsewhere, and `plain` text has none."""
    at = next((i for i, line in enumerate(lines[:_DATELINE_WITHIN]) if is_dateline(line.text)), None)
    if at is None or not all(_belongs_above(line) for line in lines[:at]):
        return _without_dateline(lines, plain)
    above = list(lines[:at])
    # A dateline may be broken over several lines; buttons and counters go along with it.
    datelines = list(takewhile(_belongs_to_dateline, lines[at : at + _DATELINE_WITHIN]))
    named = _title_of(above, title)
    removed = [Removed(_rule(line, named), line.text) for line in above]
    site = next((cut.text for cut in removed if cut.rule == "site_name"), None)
    removed += [Removed("dateline", line.text) for line in datelines]
    return Head(named.text if named else None, site, datelines, removed, list(lines[at + len(datelines) :]))


def _without_dateline(lines: Sequence[Line], plain: bool) -> Head:
    first = lines[0] if plain and len(lines) > 1 else None
    if first is None or len(first.text) > _LONGEST_TITLE or not key(first.text).endswith(_TITLE_ENDINGS):
        return Head(None, None, [], [], list(lines))
    return Head(first.text, None, [], [Removed("title", first.text)], list(lines[1:]))


def _belongs_above(line: Line) -> bool:
    return len(line.text) <= _LONGEST_TITLE and not line.text.endswith(("。", "；", "："))


def _belongs_to_dateline(line: Line) -> bool:
    return is_dateline(line.text) or next(matches(line.text, Cut.LINE), None) is not None


def _title_of(above: Sequence[Line], known: str | None) -> Line | None:
    """Return the line that the page itself calls its title, else the nearest above the dateline that can be one."""
    can_be = [line for line in above if next(matches(line.text, *Cut), None) is None and not is_site_name(line.text)]
    same = [line for line in can_be if known and key(line.text) == key(known)]
    return next(reversed(same or can_be), None)


def _rule(line: Line, title: Line | None) -> str:
    if line is title:
        return "title"
    if is_site_name(line.text):
        return "site_name"
    found = next(matches(line.text, *Cut), None)
    return found[0].name if found else "above_dateline"
