"""The column of a notice, as the line that tells the visitor where he is prints it."""

import re
from collections.abc import Sequence

from worker.clean.boilerplate import Cut, matches
from worker.clean.lines import Line
from worker.clean.text import key, narrow
from worker.read.sitenames import is_site_name

_STEP = re.compile(r"\s*(?:>+|»|›|→|/|\\|-{1,3}>?)\s*")


def column_in(before: Sequence[Line], title: str | None) -> str | None:
    """Return the last step of the breadcrumb that is neither the title nor a word such as 正文."""
    for line in before:
        if not any(rule.name == "location" for rule, _ in matches(line.text, Cut.LINE)):
            continue
        path = narrow(line.text).split(":", 1)[-1]
        steps = [step.strip() for step in _STEP.split(path) if step.strip()]
        columns = [step for step in steps if not is_site_name(step) and key(step) != key(title or "")]
        if columns:
            return columns[-1]
    return None
