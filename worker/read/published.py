"""When a notice was published: every piece of evidence, the best first.

`PubDate` is often the time at which the page was generated anew (measured: 2023-11-10 over a notice of 2021-09-06), so
it comes after what a reader sees and after the address; where it tells the same day, it lends its time of day.
"""

import re
from collections.abc import Iterator, Sequence

from worker.clean.lines import Line
from worker.clean.text import key, narrow
from worker.read.dateline import published_in
from worker.read.dates import PRINTED, When, date_in_address, first_date, stamped
from worker.read.meta import Labels

_AFTER_LINES = 20
_LONGEST_BARE = 80
# Days that are other facts of a notice: signed, in force, expired, due.
_OTHER_DAY = re.compile(r"成文|签发|印发|生效|实施|施行|有效|失效|废止|截止|报名")
_OTHER_LABELS = (
    "article:published_time",
    "published",
    "publishdate",
    "publish_time",
    "datepublished",
    "og:release_date",
)


def published(
    before: Sequence[Line], after: Sequence[Line], labels: Labels, addresses: Sequence[str | None], listed: str | None
) -> tuple[str | None, str | None]:
    """Return the date of publication and the name of the evidence that gave it, or None twice."""
    pub_date = stamped(labels.get("pubdate") or "")
    for evidence, when in _evidence(before, after, labels, addresses, listed):
        if when.clock is None and pub_date and pub_date.day == when.day and _tells_time(pub_date):
            when = pub_date
        return when.iso(), evidence
    return None, None


def _evidence(
    before: Sequence[Line], after: Sequence[Line], labels: Labels, addresses: Sequence[str | None], listed: str | None
) -> Iterator[tuple[str, When]]:
    visible = _labelled(before) or _labelled(after[:_AFTER_LINES]) or _bare(before, labels)
    if visible:
        yield "visible_line", visible
    yield from (("url", when) for address in addresses if address and (when := date_in_address(address)))
    for name, value in (
        ("meta_pub_date", labels.get("pubdate")),
        ("meta_other", labels.get(*_OTHER_LABELS)),
        ("listing", listed),
    ):
        if value and (when := stamped(value)):
            yield name, when


def _tells_time(when: When) -> bool:
    # Midnight sharp is how a database prints a day.
    return when.clock is not None and (when.clock.hour, when.clock.minute, when.clock.second) != (0, 0, 0)


def _labelled(lines: Sequence[Line]) -> When | None:
    """Return the best labelled date; of equals the last, which is the nearest to the body."""
    found = [dated for line in lines if (dated := published_in(line.text))]
    return max(reversed(found), key=lambda dated: dated.rank).when if found else None


def _bare(before: Sequence[Line], labels: Labels) -> When | None:
    """Return a date without a label from between the title and the body, or next to a source."""
    title = key(labels.get("articletitle") or labels.title or "")
    last = max((i for i, line in enumerate(before) if len(line.text) > 3 and key(line.text) in title), default=None)
    near = before[last + 1 :] if last is not None else []
    for line in reversed(near):
        if len(line.text) <= _LONGEST_BARE and not _OTHER_DAY.search(line.text) and (when := first_date(line.text)):
            return when
    for line in reversed(before):
        plain = narrow(line.text)
        if len(plain) <= _LONGEST_BARE and "来源" in plain and PRINTED.search(plain):
            return first_date(plain)
    return None
