"""The shelf: snapshots, and the texts of those that are files, which are extracted once and kept by their digests."""

from collections.abc import Collection, Mapping

import structlog

from shared.blobs import Blobs
from shared.db import Ledger
from shared.db.files import Extracted
from shared.errors import NotFound
from worker.attachments import EXTRACTOR, extract

log = structlog.get_logger()

MISSING = Extracted("unknown", None, "missing")
"""What is told of a file whose bytes are gone from the store; nothing is kept of that."""


class Shelf:
    """Bytes by digest, and what files say."""

    def __init__(self, ledger: Ledger, blobs: Blobs) -> None:
        """Use what the ledger keeps of the files among `blobs`."""
        self._ledger = ledger
        self.blobs = blobs

    def extracted(self, digests: Collection[str]) -> Mapping[str, Extracted]:
        """Return what the files are and say, extracting what no extractor of today has; each is kept at once.

        Raises `Unavailable` where no process can be started to extract in.
        """
        with self._ledger.reading() as uow:
            kept = uow.files.extracted(digests, EXTRACTOR)
        return kept | {digest: self._extract(digest) for digest in sorted(set(digests) - kept.keys())}

    def _extract(self, digest: str) -> Extracted:
        try:
            content = self.blobs.get(digest)
        except NotFound as error:
            log.warning("file_missing", digest=digest, error=str(error))
            return MISSING
        told = extract(content)
        extracted = Extracted(told.kind[:20], told.text, told.reason)
        with self._ledger.begin() as uow:
            uow.files.keep(digest, extracted, EXTRACTOR, uow.now())
            uow.commit()
        log.info("file_extracted", digest=digest, kind=told.kind, reason=told.reason, characters=len(told.text or ""))
        return extracted
