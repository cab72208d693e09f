"""Drawer of sketches: which texts may be the same as a new one, at a cost that does not grow with what is stored."""

from collections import Counter
from collections.abc import Collection, Sequence
from functools import cache
from typing import NamedTuple

from sqlalchemy import BigInteger, CompoundSelect, Select, bindparam, delete, func, select, union_all, update
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session

from shared.db.locks import lock_key
from shared.db.models import Notice, Revision, Sketch, SketchBand
from shared.db.statements import insert

MOST_IN_A_BAND = 64
"""Texts of one band that are looked at, the oldest: a band that more share is of a template's words."""
MOST_OF_A_NOTICE = 8
"""Revisions of a notice that are recognised, the newest: one that changes by the hour shall not fill its bands."""
MOST_NEIGHBOURS = 64
"""Texts whose minima are compared: those with the most bands in common."""


class Neighbour(NamedTuple):
    """A stored text that shares bands with another."""

    notice_id: str
    number: int
    """Of its revision."""
    minima: bytes | None


class Sketches:
    """What texts are recognised by."""

    def __init__(self, session: Session) -> None:
        """Work within `session`'s transaction."""
        self._session = session

    def hold(self, bands: Collection[int]) -> None:
        """Let recorders of texts that share a band take turns until the transaction ends.

        To be called before bodies and notices are held: then nobody who waits for a band holds what another who has it
        needs. On SQLite the one writer has its turn already.
        """
        if bands and self._session.get_bind().dialect.name == "postgresql":
            keys = array(sorted(lock_key("band", str(band)) for band in bands), type_=BigInteger)
            self._session.execute(select(func.pg_advisory_xact_lock(func.unnest(keys))))

    def put(self, notice_id: str, number: int, minima: bytes | None, bands: Collection[int]) -> None:
        """Keep the sketch of a revision's text, in the place of the one before; without bands, none."""
        outdated = (Sketch.number == number) | (Sketch.number <= number - MOST_OF_A_NOTICE)
        self._session.execute(delete(Sketch).where(Sketch.notice_id == notice_id, outdated))
        if not bands:
            return
        values = {"notice_id": notice_id, "number": number, "minima": minima}
        serial = self._session.scalar(insert(self._session, Sketch).values(values).returning(Sketch.serial))
        rows = [{"sketch": serial, "band": band} for band in sorted(set(bands))]
        self._session.execute(insert(self._session, SketchBand), rows)

    def neighbours(self, bands: Sequence[int], *, besides: str) -> list[Neighbour]:
        """Return the texts of other notices than `besides` that share bands, those with the most of them first.

        Of as many, the oldest first. At most `MOST_IN_A_BAND` are looked at for each band.
        """
        asked = {f"band_{place}": band for place, band in enumerate(dict.fromkeys(bands))}
        shared = Counter(self._session.scalars(_sharing(len(asked)), asked))
        nearest = sorted(shared, key=lambda serial: (-shared[serial], serial))[:MOST_NEIGHBOURS]
        query = select(Sketch.serial, Sketch.notice_id, Sketch.number, Sketch.minima)
        found = {row[0]: Neighbour(*row[1:]) for row in self._session.execute(query.where(Sketch.serial.in_(nearest)))}
        return [found[serial] for serial in nearest if serial in found and found[serial].notice_id != besides]

    def text_of(self, neighbour: Neighbour) -> tuple[Notice, Revision] | None:
        """Return a neighbour's notice, and the revision that tells its text."""
        query = select(Notice, Revision).join(Revision, Revision.notice_id == Notice.id)
        query = query.where(Notice.id == neighbour.notice_id, Revision.number == neighbour.number)
        found = self._session.execute(query).first()
        return (found[0], found[1]) if found else None

    def repeat(self, original_id: str, earlier_id: str) -> None:
        """Let a notice that passed for the original, and what repeats it, be republications of an earlier one."""
        told = (Notice.id == original_id) | (Notice.republishes_id == original_id)
        self._session.execute(update(Notice).where(told, Notice.id != earlier_id).values(republishes_id=earlier_id))

    def republications(self, notice_id: str, limit: int = 100) -> Sequence[Notice]:
        """Return the notices that repeat this one's text, in order of first sight."""
        query = select(Notice).where(Notice.republishes_id == notice_id).order_by(Notice.id).limit(limit)
        return self._session.scalars(query).all()


@cache
def _sharing(count: int) -> CompoundSelect[int]:
    """Return the statement that finds the oldest texts of each of so many bands; it is made once, for it is long."""
    return union_all(*(_of_band(f"band_{place}") for place in range(count)))


def _of_band(name: str) -> Select[int]:
    oldest = select(SketchBand.sketch).where(SketchBand.band == bindparam(name, type_=BigInteger))
    return select(oldest.order_by(SketchBand.sketch).limit(MOST_IN_A_BAND).subquery().c.sketch)
