"""Tables of the wire: the outbox and its positions, subscriptions, what is owed to them, and tokens."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.models.table import Identifier, Serial, Table
from shared.domain.states import Channel, Consent, ContentMode, Scheme


class Event(Table):
    """An immutable fact, recorded in the transaction of the change; the relay stamps its position later."""

    __tablename__ = "events"

    serial: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    """Order of recording; may become visible out of order, so readers go by `position`."""
    id: Mapped[str] = mapped_column(String(36), unique=True)
    type: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(Identifier)
    cause: Mapped[str] = mapped_column(Text)
    partition_key: Mapped[str] = mapped_column(Identifier, index=True)
    source_id: Mapped[str] = mapped_column(Identifier)
    column_id: Mapped[str | None] = mapped_column(Identifier)
    occurred_at: Mapped[datetime]
    data: Mapped[str] = mapped_column(Text)
    """JSON text, kept as written: one id, one body, for ever."""
    dataschema: Mapped[str | None] = mapped_column(String(120))
    """The URI of its data's schema; None in events that were recorded before there were any, which go without."""
    republication: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether it tells of a text that was told from another address before: only who asked for those hears it."""
    position: Mapped[int | None] = mapped_column(Serial, unique=True)
    stamped_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("type", "subject", "cause"),
        Index(
            "ix_events_unstamped",
            "serial",
            postgresql_where=text("position IS NULL"),
            sqlite_where=text("position IS NULL"),
        ),
    )


class RelayState(Table):
    """The single row that hands out positions; locking it makes two leaders take turns."""

    __tablename__ = "relay_state"

    id: Mapped[int] = mapped_column(primary_key=True)
    last_position: Mapped[int] = mapped_column(Serial, default=0)
    wants_version: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """Grows with every change of what subscriptions want, in the transaction of the change."""
    swept_at: Mapped[datetime | None]
    beat_at: Mapped[datetime | None]
    lived_until: Mapped[datetime | None]
    """How far time has come, as retention sees it: never faster than the wire has run (`worker/keep.py`)."""


class Restore(Table):
    """The ledger was brought back from a backup: what was handed out since then is not known here."""

    __tablename__ = "restores"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """The n-th of this ledger; what is recorded after it has ids of its own (`shared.domain.events.id_after`)."""
    after_position: Mapped[int] = mapped_column(Serial)
    """The last position that the backup knew."""
    resumes_after: Mapped[int] = mapped_column(Serial)
    """Positions go on after this one; none in between will be handed out again."""
    at: Mapped[datetime]


class Subscription(Table):
    """A standing request for events."""

    __tablename__ = "subscriptions"

    id: Mapped[str] = mapped_column(Identifier, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(10), default=Channel.WEBHOOK, server_default=Channel.WEBHOOK)
    manner: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """What only its kind has: a webhook's content mode, a chat's digest, a WebSub subscription's feed."""
    url: Mapped[str] = mapped_column(Text)
    secret: Mapped[str] = mapped_column(Text)
    """The signing secret, encrypted at rest; of `v1a` the private key, which nobody is ever shown."""
    scheme: Mapped[str] = mapped_column(String(4), default=Scheme.HMAC, server_default=Scheme.HMAC)
    public_key: Mapped[str | None] = mapped_column(Text)
    """What a subscriber verifies `v1a` with."""
    old_keys: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """Secrets that sign beside the new one after a rotation, encrypted at rest, each with the time of its end."""
    old_keys_until: Mapped[datetime | None]
    """When the first of them is to be forgotten."""
    types: Mapped[list[str]] = mapped_column(default=list)
    republications: Mapped[bool] = mapped_column(default=False, server_default=false())
    """These two repeat the filter's, for releases that know no other conditions."""
    filter: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """Which events are wanted (`shared.domain.filters`); None of a subscription that such a release made."""
    old_filters: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    """What a stream wanted before, as it may be written again: each `filter` and the position `up_to` which it held."""
    allow: Mapped[list[str]] = mapped_column(default=list)
    """Private addresses its target may have; set by the operator alone."""
    state: Mapped[str] = mapped_column(String(10))
    state_reason: Mapped[str | None] = mapped_column(Text)
    starts_after: Mapped[int] = mapped_column(Serial)
    """The last position before this subscription began."""
    consent: Mapped[str] = mapped_column(String(10), default=Consent.UNASKED, server_default=Consent.UNASKED)
    consent_reason: Mapped[str | None] = mapped_column(Text)
    """How it was given, or why there is none."""
    consent_ask_at: Mapped[datetime | None]
    """When the endpoint is asked (again), by itself, whether it wants to be called."""
    allowed_rate: Mapped[int | None]
    """Requests a minute that the endpoint allows, by its consent."""
    rate_per_minute: Mapped[int | None]
    """Requests a minute that the subscriber wants at most."""
    concurrency: Mapped[int | None]
    """Requests at a time that the subscriber wants at most."""
    next_request_at: Mapped[datetime | None]
    """Written ahead where there is a limit a minute: no request begins before."""
    failing_since: Mapped[datetime | None]
    """The first failure since the last success."""
    expires_at: Mapped[datetime | None]
    """The end of a WebSub subscription's lease."""
    created_at: Mapped[datetime]

    @property
    def content_mode(self) -> ContentMode | None:
        """How events stand in the requests of a webhook; None of another kind."""
        if self.kind != Channel.WEBHOOK:
            return None
        return ContentMode((self.manner or {}).get("content_mode", ContentMode.STRUCTURED))


class Intent(Table):
    """What somebody asked of the WebSub hub in the name of a callback, until the callback itself was asked."""

    __tablename__ = "intents"

    id: Mapped[str] = mapped_column(Identifier, primary_key=True)
    callback: Mapped[str] = mapped_column(Text)
    mode: Mapped[str] = mapped_column(String(12))
    manner: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Feed, form and language: with the callback, they name the subscription."""
    details: Mapped[str] = mapped_column(Text)
    """The topic's address and the secret, encrypted at rest."""
    lease_seconds: Mapped[int]
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime] = mapped_column(index=True)
    created_at: Mapped[datetime]


class SavedFilter(Table):
    """A filter under a name, for windows that have no subscription."""

    __tablename__ = "filters"

    id: Mapped[str] = mapped_column(Identifier, primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    filter: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class Delivery(Table):
    """The duty to bring one event to one subscription."""

    __tablename__ = "deliveries"

    id: Mapped[str] = mapped_column(Identifier, primary_key=True)
    subscription_id: Mapped[str] = mapped_column(ForeignKey("subscriptions.id", ondelete="CASCADE"))
    event_id: Mapped[str] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(Serial)
    partition_key: Mapped[str] = mapped_column(Identifier)
    state: Mapped[str] = mapped_column(String(10))
    out_of_order: Mapped[bool] = mapped_column(default=False)
    """Redriven or replayed: exempt from the order within its notice."""
    attempts: Mapped[int] = mapped_column(default=0)
    attempts_before: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """Attempts before it was redriven or replayed last, which the retry schedule counts no more."""
    next_attempt_at: Mapped[datetime | None]
    lease: Mapped[str | None] = mapped_column(Identifier)
    leased_until: Mapped[datetime | None]
    parked_reason: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("subscription_id", "event_id"),
        Index("ix_deliveries_event_id", "event_id"),
        Index(
            "ix_deliveries_due",
            "next_attempt_at",
            postgresql_where=text("state = 'due'"),
            sqlite_where=text("state = 'due'"),
        ),
        Index(
            "ix_deliveries_turn",
            "subscription_id",
            "next_attempt_at",
            "position",
            postgresql_where=text("state = 'due'"),
            sqlite_where=text("state = 'due'"),
        ),
        Index(
            "ix_deliveries_parked",
            "id",
            postgresql_where=text("state = 'parked'"),
            sqlite_where=text("state = 'parked'"),
        ),
        Index(
            "ix_deliveries_leased",
            "subscription_id",
            postgresql_where=text("lease IS NOT NULL"),
            sqlite_where=text("lease IS NOT NULL"),
        ),
        Index(
            "ix_deliveries_order",
            "subscription_id",
            "partition_key",
            "position",
            postgresql_where=text("state = 'due'"),
            sqlite_where=text("state = 'due'"),
        ),
    )


class Attempt(Table):
    """One POST of a delivery, and what came of it."""

    __tablename__ = "attempts"

    id: Mapped[str] = mapped_column(Identifier, primary_key=True)
    delivery_id: Mapped[str] = mapped_column(ForeignKey("deliveries.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    started_at: Mapped[datetime]
    duration_seconds: Mapped[float]
    status: Mapped[int | None]
    error: Mapped[str | None] = mapped_column(Text)
    answer: Mapped[str | None] = mapped_column(Text)
    """The first KiB of the answer's body."""


class Token(Table):
    """A key to the API; only its SHA-256 is stored."""

    __tablename__ = "tokens"

    id: Mapped[str] = mapped_column(Identifier, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    secret_sha256: Mapped[str] = mapped_column(String(64), index=True)
    previous_sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    """Of the secret before the last rotation, good until `previous_until`."""
    previous_until: Mapped[datetime | None]
    scopes: Mapped[list[str]] = mapped_column(default=list)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
