"""Read: from a snapshot to a document, purely.

    bytes ─► worker.clean (text, lines) ─► page ─► body ─► title, published, status, … ─► Document
                                                      └─► ledger (problems, measures, commitments)

Start reading at `reader.read`, which tells the story; each field has its own module. The rules that decide stand in
tables (`worker.clean.furniture`, `worker.clean.containers`, `dateline`, `status`), and the document keeps the names
of those that did. An article that goes on over several pages is joined in `parts`; one that is only a file, in `files`.
"""

from worker.clean.unreadable import Unreadable
from worker.read.document import SCHEMA_VERSION, Attachment, Document, File, Hints, PageStatus, Removed
from worker.read.files import FILE_RULE, file_as_notice, read_text, with_files
from worker.read.reader import edges_of, read
from worker.read.templates import Templates

__all__ = [
    "FILE_RULE",
    "SCHEMA_VERSION",
    "Attachment",
    "Document",
    "File",
    "Hints",
    "PageStatus",
    "Removed",
    "Templates",
    "Unreadable",
    "edges_of",
    "file_as_notice",
    "read",
    "read_text",
    "with_files",
]
