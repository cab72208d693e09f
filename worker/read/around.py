"""What stood around the body, by name: nothing of a page goes away without the rule that says why."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from worker.clean.boilerplate import rule_of
from worker.clean.lines import COPY, HIDDEN, Line
from worker.clean.removed import Removed
from worker.clean.text import SHORT, key
from worker.read.dateline import is_dateline, source_in


def removed_from(lines: Sequence[Line], title: str | None, cut: Sequence[Removed]) -> Iterator[Removed]:
    """Yield everything on the page that is not the body, in order; `cut` is what was cut out of the body's place."""
    around: list[str] = []
    named = key(title or "")
    for line in lines:
        if line.in_body:
            yield from _chrome(around)
            yield from cut
            cut, around = (), []
            continue
        rule = _rule_around(line, named)
        if rule is None:
            around.append(line.text)
            continue
        yield from _chrome(around)
        around = []
        yield Removed(rule, line.text)
    yield from _chrome(around)
    yield from cut


def _chrome(around: Sequence[str]) -> Iterator[Removed]:
    if around:
        yield Removed("around_body", "\n".join(around))


def _rule_around(line: Line, title: str) -> str | None:
    if line.state & HIDDEN:
        return "hidden"
    if line.state & COPY:
        return "copy_of_body"
    if title and key(line.text) == title:
        return "title"
    return _rule_of_text(line.text, line.before_body) if len(line.text) <= SHORT else rule_of(line.text)


@lru_cache(maxsize=4096)
def _rule_of_text(text: str, before: bool) -> str | None:
    """Name what a line is; remembered, because all pages of a site have the same lines around their bodies."""
    if is_dateline(text) or (before and source_in(text)):
        return "dateline"
    return rule_of(text)
