"""Seeing what a fetch brought: alone, where it is of a further page or a file; then together with its notice's others.

Nothing is decided here, and nothing written but texts of files: what comes of it is a value, or the rule by which it
tells nothing yet.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from shared.db import Ledger
from shared.db.frontier import Link
from shared.db.models import Fetch, Target
from shared.db.notices import Text
from shared.domain.states import Outcome, TargetKind
from shared.errors import NotFound, Permanent
from worker.again import Again, read_again
from worker.files import (
    Opened,
    are_awaited,
    asked_of,
    known_files,
    like_with_like,
    opened,
    own_file,
    stored,
    to_store,
    unfollowed,
    without_taken,
)
from worker.fingerprint import fingerprint
from worker.kin import Former, Kin, certain, doubtful, kin_of
from worker.pages import (
    NO_NOTICE,
    Pages,
    Reader,
    Reading,
    is_awaited,
    is_lost,
    is_page,
    names_in,
    pages_of,
    read_fetch,
    read_together,
)
from worker.read import Document, File, Templates, Unreadable
from worker.record import Seen
from worker.shelf import Shelf
from worker.sketch import sketch
from worker.waiting import AWAITED, FILES_AWAITED, FORMER_AWAITED, FileRules
from worker.withhold import Passing, facts_of, is_unfollowed, is_withheld

log = structlog.get_logger()

FIRST_AWAITED = "first-page-awaited"
NOT_NAMED = "part-not-named"
FILE_NOT_NAMED = "attachment-not-named"
PART_LOST = "part-gone-page-1-asked-again"


@dataclass(frozen=True)
class Look:
    """What a fetch showed, and the pages by which it did."""

    pages: Pages
    seen: Seen | str
    """Or the rule by which there is nothing to decide on (yet)."""
    names: Sequence[Link] | None = None
    """The further pages and files that the notice names; None where it was not read."""
    notice_ids: Sequence[str] = ()
    """The notice of page 1's address; or else those of other addresses, one of which it may be."""
    homes: Sequence[str] = ()
    """The targets of those notices."""
    asks: str | None = None
    """The target that is to be visited before this one can be decided on."""


@dataclass(frozen=True)
class Sights:
    """What is needed to look: the ledger, the shelf, how long and for how many files a notice waits, and templates."""

    ledger: Ledger
    shelf: Shelf
    files: FileRules
    templates: Templates | None = None

    def taken(self, pages: Pages, links: Sequence[Link]) -> set[str]:
        """Return those of the URLs that are targets, but not of this notice: they stay what they are."""
        unknown = [link.url for link in links if link.url not in pages.parts]
        if not unknown:
            return set()
        with self.ledger.reading() as uow:
            return uow.frontier.known_urls(unknown)


@dataclass(frozen=True)
class _Sight:
    """A fetch that is looked at, with what is known before."""

    sights: Sights
    shelf: Shelf
    """The same, with bytes that are not kept but pass through this once."""
    reader: Reader
    fetch: Fetch
    target: Target
    pages: Pages
    known: Text | None
    kin: Sequence[Kin]
    """Notices of addresses that may be this one's, where it has none of its own."""
    learned: Collection[str]
    now: datetime


def see(sights: Sights, fetch: Fetch, target: Target) -> Look:
    """Return what `fetch` brought for `target`; raises `Permanent` where it cannot be read, or is no answer at all."""
    if fetch.outcome == Outcome.CAPTURED and fetch.digest is None:
        raise NotFound("a captured fetch names no snapshot")
    with sights.ledger.reading() as uow:
        pages = pages_of(uow, fetch, target)
        known = uow.notices.text_of(pages.first.id)
        kin = () if known else kin_of(uow, pages.first, fetch.started_at)
        besides = known or (kin[0].text if kin else None)
        learned = uow.learned.of_source(target.source_id, besides=besides.notice.id if besides else None)
        passing = uow.fetches.passing(fetch.id) if is_withheld(fetch) else None
        now = uow.now()
    shelf = sights.shelf if passing is None else Shelf(sights.ledger, Passing(sights.shelf.blobs, passing))
    # What is known is read whole, so that no template can make a revision of what only reads otherwise by it.
    reader = Reader(shelf.blobs, sights.templates if besides is None else None)
    sight = _Sight(sights, shelf, reader, fetch, target, pages, known, kin, learned, now)
    if target.parent_id is None and fetch.outcome == Outcome.GONE:
        return Look(pages, Seen(fetch, target, None, None, number=pages.number))
    if target.parent_id is not None and (rule := _without_text(sight)):
        return Look(pages, rule)
    brought = pages.newest[pages.first.id]
    if target.parent_id is not None and is_unfollowed(brought):
        return Look(pages, NOT_NAMED)
    first = read_fetch(reader, brought, pages.first, learned)
    if first.page.status != "notice":
        return _of_other_page(sight, first)
    named = [] if is_unfollowed(brought) else names_in(first, pages.first)
    taken = sights.taken(pages, named)
    look = _together(sight, first, [link for link in named if link.url not in taken])
    if owner := next((one for one in kin if one.part_urls & {link.url for link in named}), None):
        # A notice that has moved has its pages with it: without them this one would be half a text.
        look = _after(sight, owner, look)
    notices = [text.notice for text in ((known,) if known else (one.text for one in kin))]
    return replace(look, notice_ids=[one.id for one in notices], homes=[one.target_id for one in notices])


def _without_text(sight: _Sight) -> str | None:
    """Return the rule by which a fetch of a further page or a file adds nothing, if it does not."""
    fetch, target = sight.fetch, sight.target
    if fetch.outcome != Outcome.CAPTURED:
        return f"{target.kind}-{fetch.outcome}"
    if target.kind == TargetKind.ATTACHMENT:
        # Each in its own turn: all at once would take longer than a fetch may be held.
        if not is_withheld(fetch):
            sight.sights.shelf.extracted([fetch.digest or ""])
    else:
        page = read_fetch(sight.reader, fetch, target, sight.learned).page
        if not is_page(page):
            if page.status not in NO_NOTICE:
                raise _unreadable(page.status, page.rule)
            return f"page-{page.status}"
    return None if sight.pages.first.id in sight.pages.newest else FIRST_AWAITED


def _of_other_page(sight: _Sight, first: Document) -> Look:
    page = first.page
    if sight.target.parent_id is not None:
        return Look(sight.pages, FIRST_AWAITED)
    if page.status not in NO_NOTICE:
        raise _unreadable(page.status, page.rule)
    return Look(sight.pages, _seen(sight, (), Opened(first, {}), None))


def _unreadable(status: str, rule: str) -> Unreadable:
    return Unreadable(f"the page is {status}, by the rule {rule}")


def _together(sight: _Sight, first: Document, names: Sequence[Link]) -> Look:
    """Look at all pages together; where they are not all there, the files that are known stay as they are."""
    pages, target = sight.pages, sight.target
    if target.kind == TargetKind.PART and target.url not in [link.url for link in names]:
        return Look(pages, NOT_NAMED, [*names, *_known_files(pages)])
    if any(is_awaited(pages, link) for link in names):
        return Look(pages, AWAITED, [*names, *_known_files(pages)])
    if any(is_lost(pages, link) for link in names):
        return Look(pages, PART_LOST, [*names, *_known_files(pages)], asks=pages.first.id)
    if names:
        reading = read_together(sight.reader, pages, names, sight.learned)
    else:
        reading = Reading(first, (pages.newest[pages.first.id].digest or "",))
    return _with_files(sight, reading, names)


def _known_files(pages: Pages) -> list[Link]:
    files = (part for part in pages.parts.values() if part.kind == TargetKind.ATTACHMENT and part.due_at is not None)
    return [Link(file.url, file.host, kind=TargetKind.ATTACHMENT) for file in files]


def _with_files(sight: _Sight, reading: Reading, pages_named: Sequence[Link]) -> Look:
    pages, target, rules = sight.pages, sight.target, sight.sights.files
    brought = pages.newest[pages.first.id]
    if (own := own_file(reading.document, brought)) is not None:
        return _opened(sight, reading, own, pages_named)
    asked = asked_of(reading.document, pages.first, rules)
    asked = unfollowed(asked) if is_unfollowed(brought) else asked
    others = {link.url for link in pages_named} | {pages.first.url}
    asked = without_taken(asked, sight.sights.taken(pages, asked.targets) | others)
    names = [*pages_named, *asked.targets]
    if target.kind == TargetKind.ATTACHMENT and target.url not in [link.url for link in asked.targets]:
        return Look(pages, FILE_NOT_NAMED, names)
    if are_awaited(asked, pages, sight.now, rules):
        return Look(pages, FILES_AWAITED, names)
    return _opened(sight, reading, known_files(asked, pages), names)


def _opened(sight: _Sight, reading: Reading, files: Mapping[str, File], names: Sequence[Link]) -> Look:
    """Look into the files as well, and at whom the notice may be that they make whole."""
    # Files are opened without what only passes through: no text is kept of what may not be.
    whole = opened(reading.document, files, sight.sights.shelf)
    kin = certain(sight.kin, whole.document, fingerprint(whole.document))
    look = Look(sight.pages, _seen(sight, reading.digests, whole, kin), names)
    perhaps = doubtful(sight.kin, whole.document) if kin is None else None
    return look if perhaps is None else _after(sight, perhaps, look)


def _after(sight: _Sight, perhaps: Kin, look: Look) -> Look:
    """Return that the address of the notice that this one may be is asked first; `look` once that took too long."""
    brought = sight.pages.newest[sight.pages.first.id]
    patience = timedelta(seconds=sight.sights.files.wait_seconds)
    if perhaps.former is Former.STANDS or sight.now - brought.started_at >= patience:
        return look
    return Look(sight.pages, FORMER_AWAITED, look.names, asks=perhaps.home)


def _seen(sight: _Sight, digests: tuple[str, ...], whole: Opened, kin: Kin | None) -> Seen:
    brought = fingerprint(whole.document)
    known = sight.known or (kin.text if kin else None)
    is_new = known is None or known.revision.fingerprint != brought
    document = dict(whole.document.as_json())
    first = sight.pages.newest.get(sight.pages.first.id)
    if first is not None and is_withheld(first):
        document = facts_of(document)
    return Seen(
        fetch=sight.fetch,
        target=sight.pages.first,
        document=document,
        fingerprint=brought,
        again=_again(sight, known, whole.files) if known and is_new else None,
        digests=digests,
        files=to_store(whole.files),
        number=sight.pages.number,
        # Of what is kept: a text that is withheld cannot be held against another one later.
        sketched=sketch(document) if is_new else None,
        kin_id=kin.text.notice.id if kin else None,
    )


def _again(sight: _Sight, known: Text, files: Mapping[str, File]) -> Again | None:
    """Read the latest revision again, by the reader and the lines that the new text was read by, like with like."""
    try:
        return read_again(sight.shelf, known, sight.learned, like_with_like(stored(known.revision.files), files))
    except Permanent as error:
        log.warning("revision_not_read_again", revision_id=known.revision.id, error=str(error))
        return None
