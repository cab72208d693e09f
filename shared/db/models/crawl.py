"""Tables of the crawler's half: sources, columns, hosts, the frontier and wishes to crawl again."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.models.table import Identifier, Table


class Source(Table):
    """A publishing body and its site; owns politeness and the operator's allow-list."""

    __tablename__ = "sources"

    id: Mapped[str] = mapped_column(Identifier, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    host: Mapped[str] = mapped_column(String(255), unique=True)
    delay_seconds: Mapped[float | None]
    """Seconds between two requests, counted from completion; None means the setting's default."""
    verify_tls: Mapped[bool] = mapped_column(default=True)
    allow: Mapped[list[str]] = mapped_column(default=list)
    """Private addresses that fetches of this source may reach; set by the operator alone."""
    hosts: Mapped[list[str] | None]
    """Hosts beside its own site that its links and redirects may lead to; `*` for every one."""
    daily_requests: Mapped[int | None]
    daily_bytes: Mapped[int | None] = mapped_column(BigInteger)
    """Budget of its host for one day; None means the setting's default, as in the two that follow."""
    quiet_hours: Mapped[str | None] = mapped_column(Text)
    """Spans such as `22:00-06:00` in which its host is not asked; `none` for none."""
    time_zone: Mapped[str | None] = mapped_column(String(64))
    """Whose clock tells its quiet hours and its days."""
    paused_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Column(Table):
    """A named section of a source with its own listing."""

    __tablename__ = "columns"

    id: Mapped[str] = mapped_column(Identifier, primary_key=True)
    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"), index=True)
    url: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str | None] = mapped_column(Text)
    family: Mapped[str | None] = mapped_column(String(60))
    """The named row of the listing families that read its first page last."""
    profile: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """How it is read (`crawler.discover.Profile`): detected once, and again only when it yields nothing."""
    unverified: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """Why nobody knows yet that it answers, and where its address was seen; until a listing of it was read."""
    warning: Mapped[str | None] = mapped_column(Text)
    """What was odd about the last listing (for example: no links), shown in health."""
    looked_at: Mapped[datetime | None]
    """When its first page was last looked at with success, changed or not."""
    listed_at: Mapped[datetime | None]
    """When its links were last recorded; a target with an older `listed_at` was not shown then."""
    covered_from: Mapped[str | None] = mapped_column(String(10))
    """That look showed all that is newer than this day (ISO 8601), as the listing dates it; None where not known."""
    covered_to_end: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether that look read pages until none named a next one."""
    covered_pages: Mapped[int] = mapped_column(default=0, server_default="0")
    """How many pages, one after the other, that look has read."""
    habit: Mapped[dict[str, Any] | None]
    """How often it publishes and at which hours, as learned from looks at its first page (`crawler/schedule`)."""
    shape: Mapped[dict[str, Any] | None]
    """How its first page usually reads (`crawler/health`)."""
    unread: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """Since when its list cannot be had, and how many visits found that; None while it can."""
    latest: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """Through which other list of its source it is read, or was, and by which rule (`crawler/latest.py`)."""
    created_at: Mapped[datetime]


class Host(Table):
    """A host's turn: when the next request may start, and how it has been answering."""

    __tablename__ = "hosts"

    name: Mapped[str] = mapped_column(String(255), primary_key=True)
    next_allowed_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    """Failures in a row; the exponent of the host's back-off."""
    last_error: Mapped[str | None] = mapped_column(Text)
    remark: Mapped[str | None] = mapped_column(Text)
    """What an operator should decide on, for example a very long Crawl-delay."""
    last_ok_at: Mapped[datetime | None]
    """When it last answered without trouble; of a host that always does, to within a minute."""


class HostDay(Table):
    """What a host was asked for in one day of its time zone; counted ahead, so that a kill never loses a request."""

    __tablename__ = "host_days"

    name: Mapped[str] = mapped_column(String(255), primary_key=True)
    """Of the turn: names that share a turn share a budget."""
    day: Mapped[date] = mapped_column(primary_key=True)
    requests: Mapped[int] = mapped_column(default=0)
    bytes: Mapped[int] = mapped_column(BigInteger, default=0)


class RobotsFile(Table):
    """The robots.txt of one origin (scheme, host, port) as it was last fetched."""

    __tablename__ = "robots_files"

    origin: Mapped[str] = mapped_column(String(300), primary_key=True)
    status: Mapped[int | None]
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    fetched_at: Mapped[datetime | None]
    """When it was last answered conclusively; what `body` and `status` tell is from then."""
    failed_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(Text)
    hop_url: Mapped[str | None] = mapped_column(Text)
    """Where a redirect led, while its end is not yet known."""
    hops: Mapped[int] = mapped_column(default=0)


class Target(Table):
    """A URL that we promised to look at again, and when: one row of the frontier."""

    __tablename__ = "targets"

    id: Mapped[str] = mapped_column(Identifier, primary_key=True)
    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"), index=True)
    column_id: Mapped[str] = mapped_column(ForeignKey("columns.id", ondelete="CASCADE"))
    host: Mapped[str] = mapped_column(String(255))
    url: Mapped[str] = mapped_column(Text, unique=True)
    """What is asked for; of a POST with a fragment that tells its body (`shared.urls.call_key`)."""
    method: Mapped[str | None] = mapped_column(String(4))
    """Of a call, by which a page's list is asked for: GET or POST; None of a page, which is asked for by GET."""
    body: Mapped[str | None] = mapped_column(Text)
    """What a POST sends, form-encoded."""
    kind: Mapped[str] = mapped_column(String(10))
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("targets.id", ondelete="CASCADE"), index=True)
    """Of a part or an attachment: the target of its notice's first page; of a call: the page that names it."""
    page: Mapped[int] = mapped_column(default=1)
    """Which page of its column's listing, or (a part) of its notice this is, from 1; a detail is page 1.

    Of an attachment: its place among those of its notice that are fetched."""
    hint_title: Mapped[str | None] = mapped_column(Text)
    hint_date: Mapped[str | None] = mapped_column(String(10))
    listed_at: Mapped[datetime | None]
    """When a listing last showed this link."""

    due_at: Mapped[datetime | None]
    due_reason: Mapped[str] = mapped_column(String(60), default="new")
    lease: Mapped[str | None] = mapped_column(Identifier)
    leased_until: Mapped[datetime | None]
    leases: Mapped[int] = mapped_column(default=0)
    """Claims since its last visit was written down; a page that breaks the crawler shows here."""
    hop_url: Mapped[str | None] = mapped_column(Text)
    """Where a redirect on the way led: what the next request asks for. `host` is the host of the next request."""
    hops: Mapped[int] = mapped_column(default=0)
    hop_permanent: Mapped[bool | None]
    """Whether every redirect on the way said that the page has moved for good (301, 308)."""
    trail: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    """What was said at each redirect on the way; it goes with the fetch that ends it (`models.Spoken.hops`)."""
    moved_to_id: Mapped[str | None] = mapped_column(ForeignKey("targets.id", ondelete="SET NULL"), index=True)
    """Where its notice lives now; this address is visited rarely, and is the notice's no more."""
    hop_method: Mapped[str | None] = mapped_column(String(4))
    """POST where the redirect keeps the call as it is (307, 308); None is GET."""
    recrawl_id: Mapped[str | None] = mapped_column(Identifier)
    backfill_id: Mapped[str | None] = mapped_column(Identifier)
    """Of a walker, and of a notice that one found: which backfill."""

    fetch_count: Mapped[int] = mapped_column(default=0)
    quiet_visits: Mapped[int] = mapped_column(default=0)
    """Visits in a row that brought nothing new."""
    failures: Mapped[int] = mapped_column(default=0)
    etag: Mapped[str | None] = mapped_column(Text)
    last_modified: Mapped[str | None] = mapped_column(Text)
    digest: Mapped[str | None] = mapped_column(String(64))
    last_outcome: Mapped[str | None] = mapped_column(String(10))
    last_rule: Mapped[str | None] = mapped_column(String(60))
    last_fetch_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_targets_host_due_at", "host", "due_at"),
        Index("ix_targets_due_at", "due_at"),
        # A column may have a hundred thousand details: its listing, and those of one day, are found past them.
        Index("ix_targets_column_id_kind_hint_date", "column_id", "kind", "hint_date"),
        Index(
            "ix_targets_recrawl_id",
            "recrawl_id",
            postgresql_where=text("recrawl_id IS NOT NULL"),
            sqlite_where=text("recrawl_id IS NOT NULL"),
        ),
        Index(
            "ix_targets_backfill_id",
            "backfill_id",
            postgresql_where=text("backfill_id IS NOT NULL"),
            sqlite_where=text("backfill_id IS NOT NULL"),
        ),
    )


class Sighting(Table):
    """A column's listing showed a link, and when it first did."""

    __tablename__ = "sightings"

    column_id: Mapped[str] = mapped_column(ForeignKey("columns.id", ondelete="CASCADE"), primary_key=True)
    target_id: Mapped[str] = mapped_column(ForeignKey("targets.id", ondelete="CASCADE"), primary_key=True, index=True)
    seen_at: Mapped[datetime]

    __table_args__ = (Index("ix_sightings_column_id_seen_at", "column_id", "seen_at"),)


class Episode(Table):
    """Something was, or is, wrong with a column's listing: from when, until when, and by what one could tell."""

    __tablename__ = "episodes"

    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """The n-th of its source."""
    column_id: Mapped[str] = mapped_column(ForeignKey("columns.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(10))
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    evidence: Mapped[dict[str, Any]]
    told_at: Mapped[datetime | None]
    """When its beginning was recorded as an event."""
    end_told_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "uq_episodes_open",
            "column_id",
            "kind",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
        Index(
            "ix_episodes_untold",
            "began_at",
            postgresql_where=text("end_told_at IS NULL"),
            sqlite_where=text("end_told_at IS NULL"),
        ),
    )


class RecrawlRequest(Table):
    """A wish, made by a person, that a notice, a column or a source be due now."""

    __tablename__ = "recrawl_requests"

    id: Mapped[str] = mapped_column(Identifier, primary_key=True)
    subject: Mapped[str] = mapped_column(Text)
    """The id of what is to be crawled again."""
    targets: Mapped[int] = mapped_column(default=0)
    requested_by: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "uq_recrawl_requests_open_subject",
            "subject",
            unique=True,
            postgresql_where=text("finished_at IS NULL"),
            sqlite_where=text("finished_at IS NULL"),
        ),
    )


class Backfill(Table):
    """A wish, made by a person, that the older pages of a column be read, and how far that is."""

    __tablename__ = "backfills"

    id: Mapped[str] = mapped_column(Identifier, primary_key=True)
    column_id: Mapped[str] = mapped_column(ForeignKey("columns.id", ondelete="CASCADE"), index=True)
    pages: Mapped[int]
    """Most pages of the listing to read, its first one counted."""
    since: Mapped[str | None] = mapped_column(String(10))
    """The oldest day that is wished for."""
    pages_read: Mapped[int] = mapped_column(default=0)
    notices_new: Mapped[int] = mapped_column(default=0)
    """Notices that no listing had shown before."""
    reached: Mapped[str | None] = mapped_column(String(10))
    """The oldest day that was shown so far."""
    seen: Mapped[list[str]] = mapped_column(default=list)
    """A mark of each page so far (`crawler.walk.mark_of`)."""
    ended_by: Mapped[str | None] = mapped_column(String(60))
    """Why the walk is over: a rule of `crawler.walk`."""
    requested_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "uq_backfills_open_column",
            "column_id",
            unique=True,
            postgresql_where=text("finished_at IS NULL"),
            sqlite_where=text("finished_at IS NULL"),
        ),
    )
