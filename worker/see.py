"""Seeing what a fetch brought: alone, where it is of a further page; then read together with its notice's other pages.

Nothing is decided here, and nothing written: what comes of it is a value, or the rule by which it tells nothing yet.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import structlog

from shared.blobs import Blobs
from shared.db import Ledger, UnitOfWork
from shared.db.frontier import Link
from shared.db.models import Fetch, Target
from shared.db.notices import Text
from shared.domain.states import Outcome
from shared.errors import NotFound, Permanent
from shared.identity import address_key
from worker.again import Again, read_again
from worker.clean.text import key
from worker.fingerprint import fingerprint
from worker.pages import (
    NO_NOTICE,
    Pages,
    Reading,
    is_awaited,
    is_page,
    names_in,
    pages_of,
    read_fetch,
    read_together,
)
from worker.read import Document, Unreadable
from worker.record import Seen
from worker.sketch import sketch
from worker.withhold import Passing, facts_of, is_unfollowed, is_withheld

log = structlog.get_logger()

AWAITED = "parts-awaited"
FIRST_AWAITED = "first-page-awaited"
NOT_NAMED = "part-not-named"


@dataclass(frozen=True)
class Look:
    """What a fetch showed, and the pages by which it did."""

    pages: Pages
    seen: Seen | str
    """Or the rule by which there is nothing to decide on (yet)."""
    names: Sequence[Link] | None = None
    """The further pages that page 1 names; None where it was not read."""
    notice_ids: Sequence[str] = ()
    """The notice of page 1's address; or else those of other addresses, one of which it may be."""
    homes: Sequence[str] = ()
    """The targets of those notices."""


@dataclass(frozen=True)
class _Sight:
    """A fetch that is looked at, with what is known before."""

    blobs: Blobs
    fetch: Fetch
    target: Target
    pages: Pages
    known: Text | None
    kin: Sequence[Text]
    """Notices of addresses that may be this one's, where it has none of its own."""
    learned: Collection[str]


def see(ledger: Ledger, blobs: Blobs, fetch: Fetch, target: Target) -> Look:
    """Return what `fetch` brought for `target`; raises `Permanent` where it cannot be read, or is no answer at all."""
    if fetch.outcome == Outcome.CAPTURED and fetch.digest is None:
        raise NotFound("a captured fetch names no snapshot")
    with ledger.reading() as uow:
        pages = pages_of(uow, fetch, target)
        known = uow.notices.text_of(pages.first.id)
        kin = () if known else kin_of(uow, pages.first)
        besides = known or (kin[0] if kin else None)
        learned = uow.learned.of_source(target.source_id, besides=besides.notice.id if besides else None)
        passing = uow.fetches.passing(fetch.id) if is_withheld(fetch) else None
    blobs = blobs if passing is None else Passing(blobs, passing)
    sight = _Sight(blobs, fetch, target, pages, known, kin, learned)
    if target.parent_id is None and fetch.outcome == Outcome.GONE:
        return Look(pages, Seen(fetch, target, None, None, number=pages.number))
    if target.parent_id is not None and (rule := _without_text(sight)):
        return Look(pages, rule)
    brought = pages.newest[pages.first.id]
    if target.parent_id is not None and is_unfollowed(brought):
        return Look(pages, NOT_NAMED)
    first = read_fetch(blobs, brought, pages.first, learned)
    if first.page.status != "notice":
        return _of_other_page(sight, first)
    named = [] if is_unfollowed(brought) else names_in(first, pages.first)
    names = named
    if unknown := [link.url for link in named if link.url not in pages.parts]:
        with ledger.reading() as uow:
            taken = uow.frontier.known_urls(unknown)
        names = [link for link in named if link.url not in taken]  # a page that is something else already stays that
    notices = [text.notice for text in ((known,) if known else kin)]
    seen = _together(sight, first, names)
    return Look(pages, seen, names, [one.id for one in notices], [one.target_id for one in notices])


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
    """Return the rule by which a fetch of a further page adds nothing, if it does not."""
    if sight.fetch.outcome != Outcome.CAPTURED:
        return f"part-{sight.fetch.outcome}"
    page = read_fetch(sight.blobs, sight.fetch, sight.target, sight.learned).page
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
    return Look(sight.pages, _seen(sight, Reading(first, ())))


def _unreadable(status: str, rule: str) -> Unreadable:
    return Unreadable(f"the page is {status}, by the rule {rule}")


def _together(sight: _Sight, first: Document, names: Sequence[Link]) -> Seen | str:
    pages, target = sight.pages, sight.target
    if target.parent_id is not None and target.url not in [link.url for link in names]:
        return NOT_NAMED
    if any(is_awaited(pages, link) for link in names):
        return AWAITED
    if not names:
        return _seen(sight, Reading(first, (pages.newest[pages.first.id].digest or "",)))
    return _seen(sight, read_together(sight.blobs, pages, names, sight.learned))


def _seen(sight: _Sight, reading: Reading) -> Seen:
    brought = fingerprint(reading.document)
    kin = next((text for text in sight.kin if _is_same(sight, text, reading.document, brought)), None)
    known = sight.known or kin
    is_new = known is None or known.revision.fingerprint != brought
    document = dict(reading.document.as_json())
    first = sight.pages.newest.get(sight.pages.first.id)
    if first is not None and is_withheld(first):
        document = facts_of(document)
    return Seen(
        fetch=sight.fetch,
        target=sight.pages.first,
        document=document,
        fingerprint=brought,
        again=_again(sight, known) if known and is_new else None,
        digests=reading.digests,
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


def _again(sight: _Sight, known: Text) -> Again | None:
    """Read the latest revision again, by the reader and the lines that the new text was read by."""
    try:
        return read_again(sight.blobs, known, sight.learned)
    except Permanent as error:
        log.warning("revision_not_read_again", revision_id=known.revision.id, error=str(error))
        return None
