"""The closed sets of states that rows may be in; stored as their text values."""

from enum import StrEnum


class TargetKind(StrEnum):
    """What a target's page is expected to be."""

    LISTING = "listing"
    DETAIL = "detail"
    PART = "part"
    """A further page of a notice that goes on over several; page 1 is its detail."""
    ATTACHMENT = "attachment"
    """A file that a notice links to."""
    BACKFILL = "backfill"
    """The walker of a backfill, which asks for one page of a listing after the other."""


OF_NOTICE = (TargetKind.PART, TargetKind.ATTACHMENT)
"""The kinds that belong to a notice's first page, which names them."""


class Outcome(StrEnum):
    """The effective status of a fetch; the finer word is the judging rule's name."""

    CAPTURED = "captured"
    UNCHANGED = "unchanged"
    GONE = "gone"
    BLOCKED = "blocked"
    FAILED = "failed"


class NoticeState(StrEnum):
    """Whether a notice is up at its source."""

    LIVE = "live"
    WITHDRAWN = "withdrawn"


class Ailment(StrEnum):
    """What may be wrong with a column's listing, for the length of an episode."""

    SILENT = "silent"
    DRIFTED = "drifted"
    BLOCKED = "blocked"


class Channel(StrEnum):
    """By which window a subscription hears of events."""

    WEBHOOK = "webhook"
    WEBSUB = "websub"
    CHAT = "chat"
    STREAM = "stream"


POSTED = (Channel.WEBHOOK, Channel.WEBSUB)
"""The channels whose events are POSTed one by one, by the courier."""


class SubscriptionState(StrEnum):
    """Whether deliveries of a subscription are attempted."""

    ACTIVE = "active"
    PAUSED = "paused"
    DISABLED = "disabled"


class Scheme(StrEnum):
    """How deliveries of a subscription are signed (Standard Webhooks 1.0)."""

    HMAC = "v1"
    """HMAC-SHA256 with a secret that both sides know."""
    ED25519 = "v1a"
    """Ed25519: the subscriber knows the public key only."""


class ContentMode(StrEnum):
    """How an event stands in a request of a webhook (CloudEvents HTTP 1.0.2, 3)."""

    STRUCTURED = "structured"
    """Whole in the body, as every window shows it."""
    BINARY = "binary"
    """Its attributes in headers, its data in the body."""


class Consent(StrEnum):
    """Whether the endpoint of a subscription said that it wants to be called."""

    UNASKED = "unasked"
    GIVEN = "given"
    REFUSED = "refused"
    """It said no, said nothing of the kind, or did not answer."""


class DeliveryState(StrEnum):
    """Where the duty to bring one event to one subscription stands."""

    DUE = "due"
    DELIVERED = "delivered"
    PARKED = "parked"


class Scope(StrEnum):
    """What a token may do; `admin` may do everything."""

    READ = "read"
    RECRAWL = "recrawl"
    SUBSCRIPTIONS = "subscriptions"
    ADMIN = "admin"


class NoticeKind(StrEnum):
    """What a notice is about."""

    RECTIFICATION = "rectification"  # 整改进展通报, 公告, 情况
    INSPECTION = "inspection"  # 巡视/巡察 进驻公告, 反馈
    NOTICE = "notice"  # anything else


class ProblemStatus(StrEnum):
    """How far a problem's rectification has come, by the words of the notice."""

    COMPLETED = "completed"
    COMPLETED_SUSTAINED = "completed_sustained"  # 已完成…长期坚持
    STAGED = "staged"  # 阶段性完成, 阶段性成效
    IN_PROGRESS = "in_progress"
    NOT_STARTED = "not_started"
    CONDITIONS_LACKING = "conditions_lacking"  # 暂不具备整改条件


FINISHED = (ProblemStatus.COMPLETED, ProblemStatus.COMPLETED_SUSTAINED)
"""The statuses of a problem after which no promise is open."""

NO_STATUS = "none"
"""Asked for like a status: problems of which no notice tells how they stand."""
