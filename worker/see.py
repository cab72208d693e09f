"""Seeing what a fetch brought: alone, where it is of a further page or a file; then together with its notice's others.

Nothing is decided here, and nothing written but texts of files: what comes of it is a value, or the rule by which it
tells nothing yet.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from shared.db import Ledger, UnitOfWork
from shared.db.frontier import Link
from shared.db.models import Fetch, Target
from shared.db.notices import Text
from shared.domain.states import Outcome, TargetKind
from shared.errors import NotFound, Permanent
from shared.identity import address_key
from worker.again import Again, read_again
from worker.clean.text import key
from worker.files import (
    Asked,
    FileRules,
    are_awaited,
    asked_of,
    known_files,
    like_with_like,
    opened,
    stored,
    to_store,
    unfollowed,
    without_taken,
)
from worker.fingerprint import fingerprint
from worker.pages import (
    NO_NOTICE,
    Pages,
    Reader,
    Reading,
    is_awaited,
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
from worker.withhold import Passing, facts_of, is_unfollowed, is_withheld

log = structlog.get_logger()

AWAITED = "parts-awaited"
FIRST_AWAITED = "first-page-awaited"
NOT_NAMED = "part-not-named"
FILES_AWAITED = "attachments-awaited"
FILE_NOT_NAMED = "attachment-not-named"
WAITING = (AWAITED, FILES_AWAITED)
"""The rules by which a page waits for others of its notice."""


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
    kin: Sequence[Text]
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
        kin = () if known else kin_of(uow, pages.first)
        besides = known or (kin[0] if kin else None)
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
    notices = [text.notice for text in ((known,) if known else kin)]
    return replace(look, notice_ids=[one.id for one in notices], homes=[one.target_id for one in notices])


def kin_of(uow: UnitOfWork, first: Target) -> Sequence[Text]:
    """Return what the notices of the source say whose addresses may be another one of `first`'s.

    An address that its notice has left is its own again only once the page is gone from where it went.
    """
    now = uow.frontier.by_id(first.id) or first
    found = list(uow.notices.with_key(first.source_id, address_key(first.url), besides=first.id))
    found += [notice for notice in uow.notices.replaced_by(now) if notice.id not in {one.id for one in found}]
    texts = [text for notice in found if (text := uow.notices.text_of(notice.target_id))]
    if now.moved_to_id is None:
        return texts
    homes = [(text, uow.frontier.by_id(text.notice.target_id)) for text in texts]
    return [text for text, home in homes if home is not None and home.last_outcome == Outcome.GONE]


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
    return Look(sight.pages, _seen(sight, Reading(first, ()), Asked({}, {})))


def _unreadable(status: str, rule: str) -> Unreadable:
    return Unreadable(f"the page is {status}, by the rule {rule}")


def _together(sight: _Sight, first: Document, names: Sequence[Link]) -> Look:
    """Look at all pages together; where they are not all there, the files that are known stay as they are."""
    pages, target = sight.pages, sight.target
    if target.kind == TargetKind.PART and target.url not in [link.url for link in names]:
        return Look(pages, NOT_NAMED, [*names, *_known_files(pages)])
    if any(is_awaited(pages, link) for link in names):
        return Look(pages, AWAITED, [*names, *_known_files(pages)])
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
    asked = asked_of(reading.document, pages.first, rules)
    asked = unfollowed(asked) if is_unfollowed(brought) else asked
    others = {link.url for link in pages_named} | {pages.first.url}
    asked = without_taken(asked, sight.sights.taken(pages, asked.targets) | others)
    names = [*pages_named, *asked.targets]
    if target.kind == TargetKind.ATTACHMENT and target.url not in [link.url for link in asked.targets]:
        return Look(pages, FILE_NOT_NAMED, names)
    if are_awaited(asked, pages, sight.now, rules):
        return Look(pages, FILES_AWAITED, names)
    return Look(pages, _seen(sight, reading, asked), names)


def _seen(sight: _Sight, reading: Reading, asked: Asked) -> Seen:
    # Files are opened without what only passes through: no text is kept of what may not be.
    whole = opened(reading.document, known_files(asked, sight.pages), sight.sights.shelf)
    brought = fingerprint(whole.document)
    kin = next((text for text in sight.kin if _is_same(sight, text, whole.document, brought)), None)
    known = sight.known or kin
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
        digests=reading.digests,
        files=to_store(whole.files),
        number=sight.pages.number,
        # Of what is kept: a text that is withheld cannot be held against another one later.
        sketched=sketch(document) if is_new else None,
        kin_id=kin.notice.id if kin else None,
    )


def _is_same(sight: _Sight, text: Text, document: Document, brought: str) -> bool:
    """Tell whether a notice of another address is what `document`, with the fingerprint `brought`, is.

    Beside the same text, only an address with the same key and title proves it.
    """
    if document.page.status != "notice":
        return False
    title, same_key = key(document.title or ""), text.notice.address_key == address_key(sight.pages.first.url)
    same_title = bool(title) and title == key(text.notice.title or "")
    return text.revision.fingerprint == brought or (same_key and same_title)


def _again(sight: _Sight, known: Text, files: Mapping[str, File]) -> Again | None:
    """Read the latest revision again, by the reader and the lines that the new text was read by, like with like."""
    try:
        return read_again(sight.shelf, known, sight.learned, like_with_like(stored(known.revision.files), files))
    except Permanent as error:
        log.warning("revision_not_read_again", revision_id=known.revision.id, error=str(error))
        return None
