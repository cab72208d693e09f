"""The head of a text: title and dateline above its first paragraph, where they stand among the body's lines."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from shared.sitenames import is_site_name
from worker.clean.boilerplate import Cut, matches
from worker.clean.lines import Line
from worker.clean.removed import Removed
from worker.clean.text import key, narrow
from worker.read.dateline import is_dateline, source_in
from worker.read.dates import PRINTED

# A title of two or three lines, a slogan, a breadcrumb, the site's name: more has not been seen above a dateline.
_DATELINE_WITHIN = 10
_HEAD_WITHIN = 40
_LONGEST_TITLE = 120
_BARE = re.compile(rf"[(\[]?{PRINTED.pattern}[)\]]?(?:[\s|][^。,;:]{{1,20}}){{0,2}}$")
_SIGNED = re.compile(r"(?:19|20)\d\d\s?年\s?\d{1,2}\s?月\s?\d{1,2}\s?日")
# fmt: off
_TITLE_ENDINGS = (
    "通报", "公告", "通知", "情况", "公示", "报告", "决定", "意见", "方案", "办法", "公报", "通告", "批复", "函",
    "启事", "声明", "规定",
)
# fmt: on


@dataclass(frozen=True)
class Head:
    """What was found above the body: title, site name, the title's and the dateline's lines; what was cut; the rest."""

    title: str | None
    site_name: str | None
    datelines: list[Line]
    removed: list[Removed]
    rest: list[Line]


def split_head(lines: Sequence[Line], *, plain: bool, title: str | None = None) -> Head:
    """Part the head from the body's lines; `title` is what the page calls it elsewhere, and `plain` text has none."""
    above_text = _upper(lines)
    # Where there are two, the title stands between them.
    at = next((i for i in range(len(above_text) - 1, -1, -1) if is_dateline(above_text[i].text)), None)
    if at is None:
        at = next((i for i in range(1, len(above_text)) if _is_bare(above_text[i], above_text[i - 1], title)), None)
    if at is None:
        return _without_dateline(lines, plain)
    above = list(lines[:at])
    # A dateline may be broken over several lines; buttons and counters go along with it.
    below = takewhile(_belongs_to_dateline, lines[at + 1 : at + _DATELINE_WITHIN])
    datelines = [lines[at], *below]
    named = _title_of(above, title)
    removed = [Removed("dateline" if is_dateline(line.text) else _rule(line, named), line.text) for line in above]
    site = next((cut.text for cut in removed if cut.rule == "site_name"), None)
    removed += [Removed("dateline", line.text) for line in datelines]
    rest = list(lines[at + len(datelines) :])
    datelines = [*(line for line in above if is_dateline(line.text)), *datelines]
    if named is None:
        second = _without_dateline(rest, plain)
        return replace(second, site_name=site, datelines=datelines, removed=[*removed, *second.removed])
    return Head(named.text, site, [named, *datelines], removed, rest)


def _upper(lines: Sequence[Line]) -> list[Line]:
    """Return the lines at the top that may be a head; furniture and links among them do not count."""
    upper: list[Line] = []
    own = 0
    for line in takewhile(_belongs_above, lines[:_HEAD_WITHIN]):
        is_link = bool(line.links) and key(line.text) == key("".join(link.text for link in line.links))
        own += not is_link and next(matches(line.text, *Cut), None) is None
        if own > _DATELINE_WITHIN:
            break
        upper.append(line)
    return upper


def _without_dateline(lines: Sequence[Line], plain: bool) -> Head:
    first = lines[0] if plain and len(lines) > 1 else None
    if first is None or len(first.text) > _LONGEST_TITLE or not key(first.text).endswith(_TITLE_ENDINGS):
        return Head(None, None, [], [], list(lines))
    repeated = list(takewhile(lambda line: key(line.text) == key(first.text), lines))
    return Head(first.text, None, [], [Removed("title", line.text) for line in repeated], list(lines[len(repeated) :]))


def _belongs_above(line: Line) -> bool:
    """Tell whether a line can stand above a dateline: no sentence, and nothing with which a text ends."""
    plain = narrow(line.text)
    is_text = len(plain) > _LONGEST_TITLE or plain.endswith(("。", ";", ":")) or _SIGNED.fullmatch(plain) is not None
    return not is_text or _belongs_to_dateline(line)


def _is_bare(line: Line, above: Line, title: str | None) -> bool:
    """Tell whether a line under the title is a date without a label, perhaps with a source."""
    return bool(title) and key(above.text) == key(title or "") and _BARE.match(narrow(line.text)) is not None


def _belongs_to_dateline(line: Line) -> bool:
    return is_dateline(line.text) or next(matches(line.text, Cut.LINE), None) is not None


def _title_of(above: Sequence[Line], known: str | None) -> Line | None:
    """Return the line that the page itself calls its title, else the nearest above the dateline that can be one."""
    can_be = [line for line in above if _can_be_title(line)]
    same = [line for line in can_be if known and key(line.text) == key(known)]
    return next(reversed(same or can_be), None)


def _can_be_title(line: Line) -> bool:
    found = next(matches(line.text, *Cut), None)
    return found is None and not (is_site_name(line.text) or is_dateline(line.text) or source_in(line.text))


def _rule(line: Line, title: Line | None) -> str:
    if line is title:
        return "title"
    if is_site_name(line.text):
        return "site_name"
    found = next(matches(line.text, *Cut), None)
    return found[0].name if found else "above_dateline"
