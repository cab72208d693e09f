"""The memory of templates: what each column's pages look like, in this process, so that the next page is read faster.

    known column ─► cut its page at the marks ─► read the small page ─► in doubt? ─► read the whole page, learn anew

Start reading at `template`, which says what a template is; `reader.read` uses both. Whether a template is used changes
how fast a page is read, and never what a document says but for `removed`: what stood around the body is not taken
apart again, for every page of the column has it.
"""

from collections import OrderedDict
from dataclasses import dataclass, replace
from threading import Lock
from urllib.parse import urlsplit

from worker.read.document import Document
from worker.read.template import Template

MOST = 1000
"""Columns kept by default; the one not asked for longest goes first."""
_PATIENCE = 3
# A column without a template is asked for one with every so many pages.
_REST = 16
# A body a tenth as long as its column's shortest so far may be one that was cut in the wrong place.
_SHARE = 0.1


@dataclass(frozen=True)
class Look:
    """What a page of a column looks like, read: the evidence that siblings share, and the length of its body."""

    container: str | None
    rule: str  # of its status
    has_title: bool
    dated_by: str | None
    length: int


def look_of(document: Document) -> Look:
    """Take down what a document looks like."""
    return Look(
        document.container,
        document.page.rule,
        document.title is not None,
        document.published_at_from,
        len(document.body),
    )


@dataclass(frozen=True)
class Known:
    """A column: its template, or None; what its pages look like; how many in a row were read whole since the first."""

    template: Template | None
    look: Look
    whole: int = 0

    @property
    def may_teach(self) -> bool:
        """Whether the page just read whole may teach a template: not each does, for to try costs as much as to read."""
        return self.template is not None or self.whole % _REST == _REST - 1

    def doubts_look(self, look: Look) -> bool:
        """Tell whether a page that was cut by the template looks unlike its siblings."""
        return replace(look, length=0) != replace(self.look, length=0) or look.length < _SHARE * self.look.length


class Templates:
    """Templates by column, in memory and bounded; may be shared by threads."""

    def __init__(self, most: int = MOST) -> None:
        """Keep at most so many columns."""
        self._most = most
        self._columns: OrderedDict[str, Known] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        """Return how many columns are known."""
        return len(self._columns)

    def of(self, column: str) -> Known | None:
        """Return what is known of a column."""
        with self._lock:
            known = self._columns.get(column)
            if known:
                self._columns.move_to_end(column)
            return known

    def learn(self, column: str, template: Template | None, look: Look) -> None:
        """Remember what a page taught that was read whole; after too many in a row the template is forgotten."""
        with self._lock:
            known = self._columns.pop(column, None)
            whole = known.whole + 1 if known else 0
            shortest = min(look.length, known.look.length) if known else look.length
            kept = template if whole < _PATIENCE or whole % _REST == 0 else None
            self._columns[column] = Known(kept, replace(look, length=shortest), whole)
            while len(self._columns) > self._most:
                self._columns.popitem(last=False)

    def trust(self, column: str, known: Known) -> None:
        """Note that a page looked as its column does."""
        if known.whole:
            with self._lock:
                self._columns[column] = replace(known, whole=0)


def column_of(url: str | None) -> str | None:
    """Return the column that an address tells: its host and folder, without what only numbers pages by their day."""
    if url is None:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    folders = [folder for folder in parts.path.split("/")[:-1] if folder and not folder.isdecimal()]
    return "/".join([parts.netloc, *folders])
