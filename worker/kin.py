"""Which known notice an address may be another address of, and whether it is.

The same text proves it, or the same title under the same key (`shared/identity.py`). Where an address only took a
notice's line on the listing (one title, one day) with nearly its text, it may be the notice, edited and moved in one
go, or another one of the same template while the first rolled off. The former address knows: the page is gone from
there, or it leads to the new one (then its own visit tells of the move), or it stands. So it is asked, and the new one
waits for that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.db import UnitOfWork
from shared.db.models import Target
from shared.db.notices import Text
from shared.domain.states import Outcome
from shared.identity import address_key
from worker.clean.text import key
from worker.read import Document
from worker.sketch import shared_part

ALIKE = 0.7
"""Share of the shorter text that the other must have: an edit changes sentences, or adds a part and takes one away."""


class Former(StrEnum):
    """What is known of the address of a notice that may have moved."""

    LEFT = "left"
    STANDS = "stands"
    UNASKED = "unasked"
    """Not since the notice's line was taken."""


@dataclass(frozen=True)
class Kin:
    """A notice that may be at another address now."""

    text: Text
    by_key: bool
    """Whether both addresses have one key; else it is only its line that was taken."""
    former: Former
    part_urls: frozenset[str] = frozenset()
    """The further pages and files that it names, or once named."""

    @property
    def home(self) -> str:
        """The target of its own address."""
        return self.text.notice.target_id


def kin_of(uow: UnitOfWork, first: Target, asked_at: datetime) -> Sequence[Kin]:
    """Return the notices of the source whose addresses may be another one of `first`'s, asked for at `asked_at`.

    An address that its notice has left is its own again only once the page is gone from where it went.
    """
    now, own = uow.frontier.by_id(first.id) or first, address_key(first.url)
    found = list(uow.notices.with_key(first.source_id, own, besides=first.id))
    found += [notice for notice in uow.notices.replaced_by(now) if notice.id not in {one.id for one in found}]
    kin = []
    for text in filter(None, (uow.notices.text_of(notice.target_id) for notice in found)):
        home = uow.frontier.by_id(text.notice.target_id)
        if home is None or (now.moved_to_id is not None and home.last_outcome != Outcome.GONE):
            continue
        parts = frozenset(part.url for part in uow.frontier.parts(home.id))
        kin.append(Kin(text, text.notice.address_key == own, _former(home, asked_at), parts))
    return kin


def _former(home: Target, asked_at: datetime) -> Former:
    if home.last_fetch_at is None or home.listed_at is None:
        return Former.UNASKED
    if home.last_outcome == Outcome.GONE and home.last_fetch_at >= home.listed_at:
        return Former.LEFT
    return Former.STANDS if home.last_fetch_at >= asked_at else Former.UNASKED


def certain(kin: Sequence[Kin], document: Document, fingerprint: str) -> Kin | None:
    """Return the notice that `document` is, by its text or its key and title, or by its line and what was left."""
    title = key(document.title or "")
    for one in kin:
        same_title = bool(title) and title == key(one.text.notice.title or "")
        if one.text.revision.fingerprint == fingerprint or (one.by_key and same_title):
            return one
    return next((one for one in _alike(kin, document) if one.former is Former.LEFT), None)


def doubtful(kin: Sequence[Kin], document: Document) -> Kin | None:
    """Return the notice that `document` may be, if its former address says so; that was not asked yet."""
    return next((one for one in _alike(kin, document) if one.former is Former.UNASKED), None)


def _alike(kin: Sequence[Kin], document: Document) -> list[Kin]:
    """Return those whose line was taken by nearly their text, the most alike first."""
    weighed = [
        (shared_part(str(one.text.revision.document.get("body") or ""), document.body), one)
        for one in kin
        if not one.by_key
    ]
    return [one for share, one in sorted(weighed, key=lambda each: -each[0]) if share >= ALIKE]
