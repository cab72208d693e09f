"""Drawer of the texts of attached files, by digest: what was extracted from bytes is kept, for it costs a process."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.db.models import FileText
from shared.db.statements import insert


class Extracted(NamedTuple):
    """What the bytes of a digest are, and their text or the reason why there is none."""

    kind: str
    text: str | None
    reason: str | None


class Files:
    """Texts of files."""

    def __init__(self, session: Session) -> None:
        """Work within `session`'s transaction."""
        self._session = session

    def extracted(self, digests: Collection[str], extractor: int | None = None) -> dict[str, Extracted]:
        """Return what is kept of those `digests`, by the `extractor` alone if one is named."""
        columns = (FileText.digest, FileText.kind, FileText.text, FileText.reason)
        query = select(*columns).where(FileText.digest.in_(digests))
        if extractor is not None:
            query = query.where(FileText.extractor == extractor)
        return {row[0]: Extracted(row[1], row[2], row[3]) for row in self._session.execute(query)}

    def keep(self, digest: str, extracted: Extracted, extractor: int, now: datetime) -> None:
        """Keep what an extractor made of bytes, in the place of what one before made of them."""
        values = {"extractor": extractor, "created_at": now} | extracted._asdict()
        statement = insert(self._session, FileText).values(digest=digest, **values)
        self._session.execute(statement.on_conflict_do_update(index_elements=["digest"], set_=values))
