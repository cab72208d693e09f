"""The column of a notice, as the line that tells the visitor where he is prints it."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from shared.sitenames import is_site_name
from worker.clean.boilerplate import Cut, matches
from worker.clean.lines import Line
from worker.clean.text import key, narrow

_LABEL = re.compile(r"^[^:>]{0,20}:")
_PAPER = re.compile(r"(?:公报|政报|[报刊])$")
_ISSUE = re.compile(r"(?:19|20)\d\d年第?\d{1,3}[号期]")
_STEP = re.compile(r"(?:>+|»|›|→|/|\\|-{1,3}>?)")


def column_in(before: Sequence[Line], title: str | None) -> str | None:
    """Return the last step of the breadcrumb that is neither the title, an issue, nor a word such as 正文."""
    for steps in _breadcrumbs(before):
        named = [step for step in steps if not is_site_name(step) and not _ISSUE.fullmatch(key(step))]
        columns = [step for step in named if key(step) != key(title or "")]
        if columns:
            return columns[-1]
    return None


def issue_in(before: Sequence[Line]) -> str | None:
    """Return the issue of the gazette that the breadcrumb leads through: `某公报 > 2007年第23号`."""
    for steps in _breadcrumbs(before):
        for paper, issue in pairwise(steps):
            if _PAPER.search(paper) and _ISSUE.fullmatch(key(issue)):
                return f"{paper}{issue}"
    return None


def _breadcrumbs(before: Sequence[Line]) -> Iterator[list[str]]:
    for line in before:
        if any(rule.name == "location" for rule, _ in matches(line.text, Cut.LINE)):
            path = _LABEL.sub("", narrow(line.text), count=1)
            yield [step.strip() for step in _STEP.split(path) if step.strip()]
