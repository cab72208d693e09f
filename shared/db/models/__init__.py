"""The ledger's tables, by the part of the line that writes them; importing this package registers them all."""

from shared.db.models.crawl import (
    Backfill,
    Column,
    Episode,
    Host,
    HostDay,
    RecrawlRequest,
    RobotsFile,
    Sighting,
    Source,
    Target,
)
from shared.db.models.desk import AuditEntry, KeptAnswer
from shared.db.models.evidence import LetGo, Spoken
from shared.db.models.fetches import Fetch, PassingSnapshot
from shared.db.models.ledger import (
    Account,
    Appointment,
    Aspect,
    CommentWindow,
    Commitment,
    EdgeLine,
    Measure,
    Problem,
    Searchable,
    Status,
)
from shared.db.models.notices import FileText, Notice, Revision
from shared.db.models.sketches import Sketch, SketchBand
from shared.db.models.table import Served, Table
from shared.db.models.wire import (
    Attempt,
    Delivery,
    Event,
    Intent,
    RelayState,
    Restore,
    SavedFilter,
    Subscription,
    Token,
)

__all__ = [
    "Account",
    "Appointment",
    "Aspect",
    "Attempt",
    "AuditEntry",
    "Backfill",
    "Column",
    "CommentWindow",
    "Commitment",
    "Delivery",
    "EdgeLine",
    "Episode",
    "Event",
    "Fetch",
    "FileText",
    "Host",
    "HostDay",
    "Intent",
    "KeptAnswer",
    "LetGo",
    "Measure",
    "Notice",
    "PassingSnapshot",
    "Problem",
    "RecrawlRequest",
    "RelayState",
    "Restore",
    "Revision",
    "RobotsFile",
    "SavedFilter",
    "Searchable",
    "Served",
    "Sighting",
    "Sketch",
    "SketchBand",
    "Source",
    "Spoken",
    "Status",
    "Subscription",
    "Table",
    "Target",
    "Token",
]
