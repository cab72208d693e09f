"""What the API answers: one model per noun, made from the ledger's rows. Secrets and hashes have no field here."""

from datetime import datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from shared.domain.states import Channel, Consent, ContentMode, Scheme

Item = TypeVar("Item")


class Shown(BaseModel):
    """A row, or part of one, as callers see it."""

    model_config = ConfigDict(from_attributes=True)


class Page(BaseModel, Generic[Item]):
    """Part of a list."""

    items: list[Item]
    next: str | None = Field(description="Give it as `after` to get the next page; null on the last one.")


class Wrong(BaseModel):
    """One thing that is wrong with a request."""

    where: str = Field(examples=["body.url"])
    detail: str


class Error(BaseModel):
    """Problem details of RFC 9457: the shape of every error."""

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str
    errors: list[Wrong] | None = Field(None, description="What a validation found.")


class CloudEvent(BaseModel):
    """An event in CloudEvents 1.0, structured JSON: the same bytes through every window."""

    specversion: str
    id: str
    source: str
    type: str
    subject: str
    time: datetime
    datacontenttype: str
    dataschema: str | None = Field(
        None, description="Names the schema of `data`; absent in events older than schemas are."
    )
    sequence: str = Field(description="The position, zero-padded to 20 digits.")
    partitionkey: str = Field(description="Order is kept among events that share it.")
    data: dict[str, Any]


class EventPage(BaseModel):
    """Events in order of position."""

    items: list[CloudEvent]
    next: int = Field(description="Give it as `after` to go on from here, now or later.")
    first_position: int | None = Field(description="The lowest position kept; what was before it is gone.")
    last_position: int = Field(description="The last position handed out.")
    missed_up_to: int | None = Field(
        description="Events after the position asked for, up to this one, are no longer kept; null if none is gone."
    )
    restored_after: int | None = Field(
        None,
        description="The wire was restored from a backup; what was told after this position is not known any more.",
    )


class ColumnItem(Shown):
    """A named section of a source, with its own listing."""

    id: str
    source_id: str
    url: str
    name: str | None
    family: str | None = Field(description="What read its listing last.")
    profile: dict[str, Any] | None = Field(description="How it is read: detected, or given with the column.")
    unverified: dict[str, Any] | None = Field(description="Why nobody knows yet that it answers; null once it did.")
    warning: str | None = Field(description="What was odd about its last listing.")
    looked_at: datetime | None
    listed_at: datetime | None
    created_at: datetime


class SourceItem(Shown):
    """A publishing body and its site."""

    id: str
    name: str
    host: str
    delay_seconds: float | None = Field(description="Pause between two requests; null is the setting's default.")
    verify_tls: bool
    allow: list[str] = Field(description="Private addresses that its fetches may reach.")
    hosts: list[str] | None = Field(description="Hosts beside its site that its links may lead to; `*` is any.")
    daily_requests: int | None = Field(description="Most requests in one day; null is the setting's default.")
    daily_bytes: int | None = Field(description="Most bytes of bodies in one day; null is the setting's default.")
    quiet_hours: str | None = Field(description="When its host is not asked; null is the setting's default.")
    time_zone: str | None = Field(description="Whose clock tells its days and hours; null is the setting's default.")
    paused_at: datetime | None
    created_at: datetime


class EpisodeItem(Shown):
    """Something was, or is, wrong with a column's listing."""

    number: int = Field(description="The n-th of its source.")
    column_id: str
    kind: str = Field(description="silent, drifted or blocked.")
    began_at: datetime
    ended_at: datetime | None = Field(description="Null while it lasts.")
    evidence: dict[str, Any] = Field(description="By what one could tell.")


class SourceDetail(SourceItem):
    """A source with its columns, and the last twenty episodes in which something was wrong with one."""

    columns: list[ColumnItem]
    episodes: list[EpisodeItem]


class Watched(BaseModel):
    """What became of a wish to watch a column."""

    source: SourceItem
    column: ColumnItem
    new: bool = Field(description="Whether the column was not watched before.")


class RecrawlItem(Shown):
    """A wish that something be crawled again now."""

    id: str
    subject: str
    targets: int = Field(description="How many addresses it made due.")
    requested_by: str
    reason: str | None
    created_at: datetime
    finished_at: datetime | None = Field(description="When the last of them had been visited.")


class RecrawlDetail(RecrawlItem):
    """A re-crawl request, with how far it is."""

    waiting: int = Field(description="Addresses that are still to be asked for.")
    unprocessed: int = Field(description="Answers that no worker has read yet.")
    outcomes: dict[str, int] = Field(
        description="What came of the others: `unchanged`, `revised`, `published`, `gone`, `withdrawn`, `blocked`, "
        "`failed` …, `captured` (a listing, or not read yet), `not_asked` (robots.txt forbids it, or a later request "
        "took it over).",
        examples=[{"unchanged": 11, "revised": 1}],
    )


class RecrawlFetch(BaseModel):
    """What came of one address of a re-crawl request."""

    id: str
    target_id: str
    url: str
    came_to: str = Field(description="One of the words of `outcomes`.")
    rule: str = Field(description="Which rule decided.")
    status: int | None
    error: str | None
    started_at: datetime
    processed_at: datetime | None


class RecrawlCount(BaseModel):
    """What a wish to crawl again comes to."""

    subject: str
    targets: int = Field(description="How many addresses would be due.")


class BackfillItem(Shown):
    """A wish that the older pages of a column be read, and how far that is."""

    id: str
    column_id: str
    pages: int = Field(description="Most pages of its listing to read.")
    since: str | None = Field(description="The oldest day that is wished for.")
    pages_read: int
    notices_new: int = Field(description="Notices that no listing had shown before.")
    reached: str | None = Field(description="The oldest day that a page has shown so far.")
    ended_by: str | None = Field(description="Why no more pages are read.")
    requested_by: str
    created_at: datetime
    finished_at: datetime | None = Field(description="When the last page had been read.")


class BackfillDetail(BackfillItem):
    """A backfill, with what is still to be done about the notices it found."""

    waiting: int = Field(description="Notices that are still to be asked for.")
    unprocessed: int = Field(description="Answers that no worker has read yet.")


class SubscriptionItem(Shown):
    """A standing request for events."""

    id: str
    kind: Channel = Field(description="By which window it hears.")
    name: str
    url: str
    types: list[str] = Field(description="Event types wanted; empty means all.")
    republications: bool = Field(description="Whether it hears of a text again at further addresses.")
    filter: dict[str, Any] | None = Field(
        description="Everything that is wanted; null of one that a release before filters made."
    )
    allow: list[str] = Field(description="Private addresses that its target may have.")
    state: str = Field(description="`active`, `paused` or `disabled`.")
    state_reason: str | None
    starts_after: int = Field(description="The last position before it began.")
    scheme: Scheme = Field(description="How deliveries are signed: `v1` (HMAC-SHA256) or `v1a` (Ed25519).")
    public_key: str | None = Field(description="What verifies `v1a`.", examples=["whpk_…"])
    content_mode: ContentMode | None = Field(
        description="How events stand in its requests: `structured` (whole in the body) or `binary` (attributes in "
        "headers, data in the body); null of what is no webhook."
    )
    consent: Consent = Field(
        description="Whether its endpoint said that it wants to be called; else it is called once a minute at most."
    )
    consent_reason: str | None = Field(description="How it was given, or why there is none.")
    consent_ask_at: datetime | None = Field(description="When the endpoint is asked again by itself.")
    allowed_rate: int | None = Field(description="Requests a minute that the endpoint allows, by its consent.")
    rate_per_minute: int | None = Field(description="Requests a minute, at most.")
    concurrency: int | None = Field(description="Requests at a time, at most.")
    failing_since: datetime | None = Field(description="The first failure since the last success.")
    old_keys_until: datetime | None = Field(description="Until when an old secret, too, signs after a rotation.")
    created_at: datetime


class SubscriptionMade(SubscriptionItem):
    """A subscription with the new secret that signs its deliveries; shown only now."""

    secret: str | None = Field(description="Null for `v1a`: its private key stays here.", examples=["whsec_…"])


class DeliveryItem(Shown):
    """The duty to bring one event to one subscription."""

    id: str
    subscription_id: str
    event_id: str
    position: int
    partition_key: str
    state: str = Field(description="`due`, `delivered` or `parked`.")
    out_of_order: bool = Field(description="Redriven, and so exempt from the order within its notice.")
    attempts: int
    next_attempt_at: datetime | None
    parked_reason: str | None
    created_at: datetime
    ended_at: datetime | None


class AttemptItem(Shown):
    """One POST, and what came of it."""

    number: int
    started_at: datetime
    duration_seconds: float
    status: int | None
    error: str | None
    answer: str | None = Field(description="The first KiB of the answer's body.")


class DeliveryDetail(DeliveryItem):
    """A delivery with its attempts."""

    history: list[AttemptItem]


class SubscriptionResumed(SubscriptionItem):
    """A subscription that is called again, and what waits for a redrive."""

    parked: int = Field(description="Deliveries that stay parked until they are redriven.")
    redriven: int = Field(description="Parked deliveries that are due again, if that was asked for.")


class ReplayDone(BaseModel):
    """What a replay did."""

    replayed: int = Field(description="Events that are brought because of it.")
    new: int = Field(description="Those of them that were never owed before.")
    again: int = Field(description="Those that had been delivered or parked.")
    already_owed: int = Field(description="Events that match and were due anyway.")


class Redriven(BaseModel):
    """What a redrive did."""

    redriven: int = Field(description="How many parked deliveries are due again.")


class TokenItem(Shown):
    """A key to the API, without the key."""

    id: str
    name: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    previous_until: datetime | None = Field(description="Until when the secret before the last rotation is good.")
    revoked_at: datetime | None


class AuditItem(Shown):
    """Somebody changed something."""

    id: str
    at: datetime
    actor: str = Field(description="A token's id, or `cli:` and a user of the machine.", examples=["cli:root"])
    origin: str | None = Field(description="The address of the peer, or the name of the machine.")
    action: str = Field(examples=["source.paused"])
    subject: str = Field(description="The id of what was changed.")
    details: dict[str, Any]
    reason: str | None


class TokenMade(TokenItem):
    """A new token, with its text; shown only now."""

    token: str = Field(examples=["nw_…"])
