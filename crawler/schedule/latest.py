"""Whether another list of its source shows everything that a column brings: its list of all that is new. Pure.

Then the column is read through that list: its own is looked at as rarely as any may be, and what is saved goes to the
others. It is believed only by what both have shown, and no longer than it holds. Because a link on the common list must
be told to be the column's, its notices' addresses must lie in the column's own folder, as most systems make them.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

NEWEST = 40
"""So many of a column's newest notices are looked at."""
NEEDED, NEEDED_HOURS = 10, 14 * 24.0
"""So many in a row, over so long a time, must have been on the other list, too."""
LATE_HOURS = 24.0
"""On the other list a notice must be found at most so much later than on the column's own."""
IN_FULL = "shown-in-full"


class Item(NamedTuple):
    """A notice that a column brought: when its own list showed it first, and when the other did (as by `hours_at`)."""

    url: str
    seen: float
    shown: float | None


class Word(NamedTuple):
    """What is to be said of a column and another list: by which rule, and by how many notices over how many days.

    `url` is the newest notice that speaks against it.
    """

    rule: str
    notices: int
    days: float
    url: str | None = None

    @property
    def in_full(self) -> bool:
        """Whether the column may be read through the other list."""
        return self.rule == IN_FULL


AGAINST: Sequence[tuple[str, Callable[[Item, str], bool]]] = (
    ("addressed-elsewhere", lambda item, folder: not item.url.startswith(folder)),
    ("missed", lambda item, _: item.shown is None),
    ("late", lambda item, _: item.shown is not None and item.shown > item.seen + LATE_HOURS),
)
"""What speaks against reading a column through another list, by the notice that it is seen on."""


def judge_latest(items: Sequence[Item], folder: str, looked_at: float) -> Word:
    """Return the word on a column whose newest `items` (the newest first) were held against another list.

    `looked_at` is when that was last read: what the column showed only since may yet stand there. `folder` is the
    column's, as by `folder_of`.
    """
    run: list[Item] = []
    against: tuple[str, str] | None = None
    for item in items:
        if item.shown is None and item.seen >= looked_at:
            continue
        against = next(((rule, item.url) for rule, speaks in AGAINST if speaks(item, folder)), None)
        if against:
            break
        run.append(item)
    hours = run[0].seen - run[-1].seen if run else 0.0
    rule, url = against or ("too-few", None)
    if len(run) >= NEEDED:
        rule = IN_FULL if hours >= NEEDED_HOURS else "too-soon"
    return Word(rule, len(run), round(hours / 24, 1), None if rule == IN_FULL else url)


def folder_of(url: str) -> str:
    """Return the folder of a column's address, which ends in a slash; "" for none but the host's own."""
    parts = urlsplit(url)
    folder = parts.path.rpartition("/")[0]
    return f"{parts.scheme}://{parts.netloc}{folder}/" if folder else ""


def owner_of(url: str, folders: Sequence[tuple[str, str]]) -> str | None:
    """Return whose a link on a common list is: of (folder, column) pairs the one with the longest folder it lies in."""
    mine = [(len(folder), column) for folder, column in folders if url.startswith(folder)]
    return max(mine)[1] if mine else None


def is_read_through(kept: dict[str, Any] | None) -> bool:
    """Tell by what is kept with a column whether it is read through another list."""
    return bool(kept) and kept is not None and kept["rule"] == IN_FULL
