"""Reading again: the bytes of a stored revision, by today's reader.

A stored fingerprint is of the reader of its day, so two are compared only when both were made by one. In bulk, it
brings what is stored up to the reader: nothing was published by that, so it makes no revision and no event.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.blobs import Blobs
from shared.db import Ledger, UnitOfWork
from shared.db.models import Notice, Revision
from shared.db.notices import NoticeQuery, Text
from shared.errors import Permanent
from worker.enter import Entry, enter, held
from worker.files import opened, stored, to_store
from worker.fingerprint import fingerprint
from worker.pages import Reader, read_snapshots
from worker.read import File
from worker.republish import keep, link, unlink
from worker.shelf import Shelf
from worker.sketch import sketch

BATCH = 25
"""Notices looked up at once; their documents are in memory together."""
_ALL = NoticeQuery()


@dataclass(frozen=True)
class Again:
    """What today's reader makes of a stored revision."""

    revision_id: str
    document: dict[str, Any]
    fingerprint: str
    files: dict[str, Any] = field(default_factory=dict)
    """What was known of its attachments, as its row keeps it."""


@dataclass(frozen=True)
class Reread:
    """What came, or would come, of reading a notice again."""

    notice_id: str
    url: str
    changed: tuple[str, ...]
    """Names of the document's fields that read otherwise now, `fingerprint` among them."""
    titles: tuple[str | None, str | None]
    """Before and now."""
    problems: tuple[int, int]
    """How many, before and now."""
    trouble: str | None = None
    """Why nothing could be read: then everything stays as it is."""


def read_again(shelf: Shelf, text: Text, learned: Collection[str], files: Mapping[str, File]) -> Again:
    """Read a notice's latest revision again, with `files`; raises `Permanent` where it cannot be, or is no notice."""
    digests = [text.revision.digest, *(text.revision.part_digests or ())]
    document = read_snapshots(Reader(shelf.blobs), digests, text.fetch, text.target, learned)
    if document.page.status != "notice":
        raise NoNotice(f"the page now reads as {document.page.status}, by the rule {document.page.rule}")
    whole = opened(document, files, shelf)
    return Again(text.revision.id, dict(whole.document.as_json()), fingerprint(whole.document), to_store(whole.files))


class NoNotice(Permanent):
    """The bytes can be read, but are those of another kind of page."""


def refresh(uow: UnitOfWork, notice: Notice, revision: Revision, again: Again) -> None:
    """Put today's reading in the place of the one that is stored; the caller holds the notice and commits."""
    revision.document = again.document
    revision.fingerprint = again.fingerprint
    _find_elsewhere(uow, notice, revision)
    revision.files = again.files or None
    enter(uow, Entry(notice, revision.number, uow.now(), anew=True), again.document)


def _find_elsewhere(uow: UnitOfWork, notice: Notice, revision: Revision) -> None:
    """Hold the text, as it reads today, against those at other addresses: a link more or less, and no event."""
    sketched = sketch(revision.document)
    unlink(uow, notice, revision.document)
    if notice.republishes_id is None:
        link(uow, notice, revision.document, sketched)
    keep(uow, notice, revision.number, sketched)


def read_all_again(
    ledger: Ledger, blobs: Blobs, which: NoticeQuery = _ALL, *, apply: bool, after: str = ""
) -> Iterator[Reread]:
    """Read the latest revision of every notice again, in order of id from `after` on; tell what would change.

    With `apply` each notice's document, fingerprint and entries are refreshed in a transaction of its own: it may be
    killed at any point, taken up after the last notice told, or run twice. A run learns what is furniture as it goes,
    so that a second may still change something. Raises `Transient` where a server of ours is down.
    """
    while True:
        with ledger.reading() as uow:
            texts = uow.notices.texts(which, after=after, limit=BATCH)
        for text in texts:
            yield _reread(ledger, Shelf(ledger, blobs), text, apply=apply)
        if not texts:
            return
        after = texts[-1].notice.id


def _reread(ledger: Ledger, shelf: Shelf, text: Text, *, apply: bool) -> Reread:
    notice, revision = text.notice, text.revision
    with ledger.reading() as uow:
        learned = uow.learned.of_source(notice.source_id, besides=notice.id)
    try:
        again = read_again(shelf, text, learned, stored(revision.files))
        if apply:
            _apply(ledger, text, again)
    except Permanent as error:
        count = _problems_in(revision.document)
        trouble = f"{type(error).__name__}: {error}"
        return Reread(notice.id, notice.url, (), (notice.title, notice.title), (count, count), trouble)
    changed = _changed(revision.document, again.document)
    return Reread(
        notice_id=notice.id,
        url=notice.url,
        changed=(*changed, "fingerprint") if again.fingerprint != revision.fingerprint else changed,
        titles=(revision.document.get("title"), again.document.get("title")),
        problems=(_problems_in(revision.document), _problems_in(again.document)),
    )


def _apply(ledger: Ledger, text: Text, again: Again) -> None:
    with ledger.begin() as uow:
        sketched = sketch(again.document)
        uow.sketches.hold(sketched.bands if sketched else ())
        notice = held(uow, text.notice.target_id, again.document)
        latest = uow.notices.latest_revision(text.notice.id)
        if notice is None or latest is None or latest.id != again.revision_id:
            raise Overtaken("another revision was recorded meanwhile, by today's reader")
        refresh(uow, notice, latest, again)
        uow.commit()


class Overtaken(Permanent):
    """There is nothing to refresh any more."""


def _changed(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, ...]:
    # Of what stood around a body, a reading by its column's template tells a part only.
    names = sorted((before.keys() | after.keys()) - {"removed"})
    return tuple(name for name in names if before.get(name) != after.get(name))


def _problems_in(document: dict[str, Any]) -> int:
    return sum(len(aspect["problems"]) for aspect in document.get("aspects") or ())
