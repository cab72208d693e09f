"""The same text at another address: who told it first, and what is linked to it, within the caller's transaction.

sketch → neighbours by bands → alike by their minima → the same by their documents → linked to the earliest.
The caller holds the text's bands, so that of two workers with the same text one finds the other's.
"""

from typing import Any, NamedTuple

from shared.db import UnitOfWork
from shared.db.models import Notice
from worker.difference import shortened
from worker.same import Document, difference_between, is_earlier
from worker.sketch import Sketched, resemblance

ALIKE = 0.7
"""Resemblance of two sketches from which the texts themselves are compared: less than any copy's, by far."""
MOST_COMPARED = 8
"""Documents that are compared with a new one: of a template's texts, many may be as alike as a copy."""


class Twin(NamedTuple):
    """A notice that tells the same text as another one, which came later."""

    original: Notice
    """The earliest published of all that tell it, or else the first seen."""
    republication: Notice
    similarity: float
    """From 0 to 1; 1 where the text is the very same."""

    def telling(self) -> dict[str, Any]:
        """Return what an event says of it."""
        return {
            "original": _place(self.original),
            "republication": _place(self.republication),
            "similarity": round(self.similarity, 3),
        }


def link(uow: UnitOfWork, notice: Notice, document: Document, sketched: Sketched | None) -> Twin | None:
    """Link a notice with what tells its text already, if there is any, and return how.

    Where the new one was published earlier, it is the original, and what passed for it repeats it.
    """
    found = _found(uow, notice, document, sketched)
    if found is None:
        return None
    known, similarity = found
    original = uow.notices.by_id(known.republishes_id) if known.republishes_id else known
    if original is None or original.id == notice.id:
        return None
    if is_earlier(notice.published_at, original.published_at):
        notice.republishes_id = None
        uow.sketches.repeat(original.id, notice.id)
        return Twin(notice, original, similarity)
    notice.republishes_id = original.id
    uow.sketches.repeat(notice.id, original.id)
    return Twin(original, notice, similarity)


def unlink(uow: UnitOfWork, notice: Notice, document: Document) -> None:
    """Let a republication stand alone, if what it tells now is not what its original tells."""
    if notice.republishes_id is None:
        return
    latest = uow.notices.latest_revision(notice.republishes_id)
    if latest is None or difference_between(document, latest.document) is not None:
        notice.republishes_id = None


def keep(uow: UnitOfWork, notice: Notice, number: int, sketched: Sketched | None) -> None:
    """Keep the sketch of a revision, so that later texts are held against it."""
    minima, bands = sketched or (None, ())
    uow.sketches.put(notice.id, number, minima, bands)


def _found(
    uow: UnitOfWork, notice: Notice, document: Document, sketched: Sketched | None
) -> tuple[Notice, float] | None:
    """Return a notice that tells the text, and how alike they are."""
    if sketched is None:
        return None
    neighbours = uow.sketches.neighbours(sketched.bands, besides=notice.id)
    weighed = [(_similarity(sketched.minima, one.minima), one) for one in neighbours]
    alike = sorted((one for one in weighed if one[0] >= ALIKE), key=lambda one: -one[0])
    for similarity, one in alike[:MOST_COMPARED]:
        text = uow.sketches.text_of(one)
        if text is not None and difference_between(document, text[1].document) is None:
            return text[0], similarity
    return None


def _similarity(one: bytes | None, other: bytes | None) -> float:
    # Short texts meet in one band alone: that of the very same text.
    return resemblance(one, other) if one and other else float(one == other)


def _place(notice: Notice) -> dict[str, Any]:
    return {
        "id": notice.id,
        "source_id": notice.source_id,
        "url": notice.url,
        "title": shortened(notice.title),
        "published_at": shortened(notice.published_at),
        "href": f"/v1/notices/{notice.id}",
    }
