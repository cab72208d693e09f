"""Read: from a snapshot to a document, purely.

    bytes ─► worker.clean (text, lines) ─► page ─► head, title, published, … ─► Document

Start reading at `reader.read`, which tells the story; each field has its own module. The rules that decide stand in
tables (`worker.clean.boilerplate`, `worker.clean.containers`, `dateline`), and the document keeps the names of those
that did. The ledger of a notice (problems, measures, commitments) will be read from the body's lines, beside these.
"""

from worker.clean.unreadable import Unreadable
from worker.read.document import Attachment, Document, Hints, Removed
from worker.read.reader import read

__all__ = ["Attachment", "Document", "Hints", "Removed", "Unreadable", "read"]
