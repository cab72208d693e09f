"""The pages of a notice: by which fetch each is read, which are still awaited, and what they say together.

Most notices have one page. Where page 1 names others, each is a target of its own (a part), and a fetch of it is
processed like any: it takes the place of the one before, and the pages are read together anew. So a notice moves on by
one page at a time, in whatever order they are fetched, and no text is passed over. That nobody else moved it on in
between is seen by `Pages.mark` when the decision is recorded.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from shared.blobs import Blobs
from shared.db import UnitOfWork
from shared.db.frontier import Link
from shared.db.models import Fetch, Target
from shared.domain.states import Outcome, TargetKind
from shared.errors import Invalid
from shared.urls import canonical, host_of
from worker.attachments.kinds import container_of
from worker.decide import ABSENT
from worker.read import Document, Hints, PageStatus, Templates, file_as_notice, read
from worker.withhold import is_withheld

NO_NOTICE = ("listing", "gone", "soft_404")
"""What a page may be that never becomes a revision. One that is none of these, and no notice, is no answer at all."""
FILES = ("pdf", "ole", "zip")
"""What a listing may link to in a page's place: PDF, and the containers of old and of new office files."""
MOST_PARTS = 50
MOST_BYTES = 10 * 1024 * 1024
"""Of all further pages together: what is beyond is not read. A single page may have as much."""
_PAGER = "list_by_script"
"""The rule that takes a short page with a pager for a listing; the last page of a notice may be just that."""


@dataclass(frozen=True)
class Pages:
    """What is known of a notice's pages at one moment, the fetch in hand included."""

    first: Target
    parts: Mapping[str, Target]
    """The further pages and files that the notice names or once named, by URL."""
    newest: Mapping[str, Fetch]
    """By target, the newest fetch that brought a page or file of the notice."""
    numbers: Mapping[str, int]
    """By target, the number of the newest fetch that was decided on; 0 where the only ones were set aside."""

    @property
    def number(self) -> int:
        """How far the notice was looked at: greater with every further fetch of any of its pages."""
        return sum(self.numbers.values())

    @property
    def mark(self) -> object:
        """What is the same as long as nobody else decided on any of the pages."""
        return set(self.parts), {target: fetch.id for target, fetch in self.newest.items()}, self.numbers


@dataclass(frozen=True)
class Reader:
    """Who reads stored snapshots: whole, or sooner by the templates of their columns where it remembers any."""

    blobs: Blobs
    templates: Templates | None = None


@dataclass(frozen=True)
class Reading:
    """What the pages say together."""

    document: Document
    digests: tuple[str, ...]
    """Of the snapshots that were read, page 1's first."""


def pages_of(uow: UnitOfWork, fetch: Fetch, target: Target) -> Pages:
    """Return the pages of the notice that `target` is a page of, as they stand when `fetch` is decided on."""
    first = target
    if target.parent_id is not None:
        found = uow.frontier.by_id(target.parent_id)
        assert found is not None  # it would have taken its parts with it
        first = found
    parts = {part.url: part for part in uow.frontier.parts(first.id)}
    brought = {target.id: fetch} if fetch.outcome == Outcome.CAPTURED else {}
    if not parts:
        return Pages(first, parts, brought, {first.id: fetch.number})
    everyone = [first.id, *(part.id for part in parts.values())]
    newest = uow.fetches.newest_pages(everyone, [*(f"page-{status}" for status in NO_NOTICE), *ABSENT])
    numbers = uow.fetches.looked_at(everyone)
    if target.id in newest and newest[target.id].number > fetch.number:
        brought = {}
    number = max(fetch.number, numbers.get(target.id, 0))
    return Pages(first, parts, newest | brought, numbers | {target.id: number})


def names_in(document: Document, first: Target) -> list[Link]:
    """Return the further pages that page 1 names, in order: on its own host, at most fifty, whatever it says."""
    own = host_of(first.url)
    names: dict[str, Link] = {}
    for address in document.parts[:MOST_PARTS]:
        try:
            url = canonical(address)
            if url != first.url and host_of(url) == own:
                names.setdefault(url, Link(url, own, kind=TargetKind.PART))
        except Invalid:
            continue
    return list(names.values())


def is_awaited(pages: Pages, link: Link) -> bool:
    """Tell whether a further page was not yet looked at; then the notice is not read: half a text is none."""
    part = pages.parts.get(link.url)
    return part is None or part.id not in pages.numbers


def is_lost(pages: Pages, link: Link) -> bool:
    """Tell whether a further page was found gone since page 1 named it: so page 1 may be gone by now, or name others.

    Not where page 1, asked again, names it still.
    """
    part, brought = pages.parts[link.url], pages.newest.get(pages.first.id)
    never = part.id not in pages.newest and part.last_outcome == Outcome.GONE
    if brought is None or part.last_fetch_at is None:
        return False
    return never and part.last_fetch_at > brought.started_at


def read_fetch(reader: Reader, fetch: Fetch, target: Target, learned: Collection[str]) -> Document:
    """Read what a fetch brought, by itself; raises `Permanent` where its bytes are missing or cannot be read."""
    return read_snapshots(reader, [fetch.digest or ""], fetch, target, learned)


def read_snapshots(
    reader: Reader, digests: Sequence[str], fetch: Fetch, target: Target, learned: Collection[str]
) -> Document:
    """Read snapshots, page 1's first, that `fetch` brought for `target`; raises as `read_fetch` does."""
    first, *parts = (reader.blobs.get(digest) for digest in digests)
    hints = Hints(title=target.hint_title, date=target.hint_date)
    if target.parent_id is None and container_of(first) in FILES:
        return file_as_notice(target.url, hints)
    return read(
        first,
        url=target.url,
        content_type=fetch.content_type,
        hints=hints,
        parts=parts,
        learned=learned,
        # Further pages of a notice may look otherwise than its first.
        templates=reader.templates if target.parent_id is None else None,
        column=target.column_id,
    )


def read_together(reader: Reader, pages: Pages, names: Sequence[Link], learned: Collection[str]) -> Reading:
    """Read the newest snapshots of page 1 and, in order, of those of `names` that have any; raises as `read_fetch`."""
    brought = pages.newest[pages.first.id]
    digests, left = [brought.digest or ""], MOST_BYTES
    for link in names:
        part = pages.newest.get(pages.parts[link.url].id)
        if part is None or is_withheld(part):
            continue
        left -= part.size or 0
        if left < 0:
            break
        digests.append(part.digest or "")
    return Reading(read_snapshots(reader, digests, brought, pages.first, learned), tuple(digests))


def is_page(status: PageStatus) -> bool:
    """Tell whether what a further page reads as by itself can be a page of a notice."""
    return status.status == "notice" or status.rule == _PAGER
