"""The fingerprint of a document: its meaning in 64 characters, so that a change of furniture is no change.

A digest is of bytes, a fingerprint of what a reader would call the notice: title, day of publication, body,
attachments by their bytes, or, where these are not known, by their addresses. White space and width do not count, nor
do the time of day (systems lend it anew), counters, encodings and whatever the rules removed. Two revisions may share
one: A → B → A.
"""

import hashlib
import json

from worker.clean.text import key
from worker.read.document import Attachment, Document


def fingerprint(document: Document) -> str:
    """Return the SHA-256 of the document's meaning, in hexadecimal."""
    meaning = [
        key(document.title or ""),
        (document.published_at or "")[:10],
        key(document.body),
        [_of_file(attachment) for attachment in document.attachments],
    ]
    return hashlib.sha256(json.dumps(meaning, ensure_ascii=True, separators=(",", ":")).encode("ascii")).hexdigest()


def _of_file(attachment: Attachment) -> list[str]:
    # The same bytes at another address are the same file: it moved with its notice, or its address is made anew.
    digest = attachment.file.digest if attachment.file else None
    return [digest or attachment.url, key(attachment.title)]
