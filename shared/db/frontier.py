"""Drawer of the frontier: every URL that we promised to look at again, and when."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import Integer, and_, bindparam, case, func, literal, not_, or_, select, update
from sqlalchemy.orm import Session

from shared.db.models import Host, Source, Target
from shared.db.statements import insert_new
from shared.domain.states import OF_NOTICE, Outcome, TargetKind
from shared.ids import new_id
from shared.urls import call_key, host_of

# Rows are read anew in each transaction; nothing in the session needs to follow an UPDATE.
_CORE = {"synchronize_session": False}

_FORMER = timedelta(hours=3)
MOVED_AWAY = "its notice has moved"
"""Why an address that a notice has left is hardly visited."""


def _claimable(now: Any) -> Any:
    return and_(
        Target.due_at <= now,
        or_(Target.leased_until.is_(None), Target.leased_until < now),
        Source.paused_at.is_(None),
    )


# What every round asks is written once: to build a statement takes longer than to run it.
_NOW = bindparam("now", type_=Target.due_at.type)
_ON_HOLD = select(Host.name).where(Host.next_allowed_at > _NOW)
"""Only a first sieve, so that hosts on hold do not crowd out others."""
_DUE_HOSTS = (
    select(Target.host)
    .join(Source, Source.id == Target.source_id)
    .where(_claimable(_NOW))
    .group_by(Target.host)
    .order_by(func.min(Target.due_at))
    .limit(bindparam("most", type_=Integer))
)
_UNHURRIED = and_(Target.backfill_id.is_not(None), or_(Target.kind == TargetKind.BACKFILL, Target.fetch_count == 0))
"""What a backfill asks for: first pages, and what they show, never wait for it."""


def _claim(scope: Any, *order: Any) -> Any:
    chosen = (
        select(Target.id)
        .join(Source, Source.id == Target.source_id)
        .where(Target.host == bindparam("host_asked"), _claimable(_NOW), scope)
        .order_by(*order)
        .limit(1)
        .with_for_update(skip_locked=True, of=Target)  # PostgreSQL only; the lease carries the promise on SQLite
    )
    mine = {"lease": bindparam("mine"), "leased_until": bindparam("ends"), "leases": Target.leases + 1}
    return update(Target).where(Target.id == chosen.scalar_subquery()).values(**mine).returning(Target)


_CLAIMS = (
    _claim(not_(_UNHURRIED), Target.due_at),
    # The walker before what it found, so that how far a backfill goes is known soon.
    _claim(_UNHURRIED, Target.kind, Target.due_at),
)


@dataclass(frozen=True)
class Link:
    """A link that a listing or a notice showed: what a new target starts from; with a method it is a call."""

    url: str
    host: str
    title: str | None = None
    date: str | None = None
    kind: TargetKind = TargetKind.DETAIL
    method: str | None = None
    body: str | None = None

    @property
    def key(self) -> str:
        """What the target is known by."""
        return self.url if self.method is None else call_key(self.url, self.method, self.body)


@dataclass(frozen=True)
class Hop:
    """Where a redirect led; `method` is POST where it keeps the call as it is."""

    url: str
    host: str
    permanent: bool = False
    """Whether it, and every one before it on the way, said that the page has moved for good."""
    method: str | None = None


class Frontier:
    """Targets, their leases and their due times."""

    def __init__(self, session: Session) -> None:
        """Work within `session`'s transaction."""
        self._session = session

    def add_listing(
        self, *, source_id: str, column_id: str, link: Link, page: int, now: datetime, parent_id: str | None = None
    ) -> bool:
        """Promise to read a listing's page; return whether it was new. A page known already becomes due again.

        Of a call `parent_id` is the page that named the first of its list.
        """
        row = _new_target(source_id, column_id, link, now)
        row |= {"kind": TargetKind.LISTING, "page": page, "parent_id": parent_id}
        if insert_new(self._session, Target, [row], ["url"]):
            return True
        # Only a later page that sleeps: a pager that leads back to the first must not set its pace.
        asleep = and_(Target.kind == TargetKind.LISTING, Target.page > 1, Target.due_at.is_(None))
        values = {"due_at": now, "due_reason": "next page"}
        self._session.execute(update(Target).where(Target.url == link.key, asleep).values(**values))
        return False

    def add_details(
        self, *, source_id: str, column_id: str, links: Sequence[Link], now: datetime, backfill_id: str | None = None
    ) -> set[str]:
        """Promise to read what a listing showed; return the URLs that were new. Known ones are marked as listed."""
        # In order of URL, here and below: two listings that share links would otherwise wait for each other.
        links = sorted(links, key=lambda link: link.url)
        found = {"kind": TargetKind.DETAIL, "backfill_id": backfill_id}
        rows = [_new_target(source_id, column_id, link, now) | found for link in links]
        new = {url for chunk in _chunks(rows, 200) for url in insert_new(self._session, Target, chunk, ["url"])}
        for chunk in _chunks([link.url for link in links], 500):
            self._hold(Target.url.in_(chunk))
            self._session.execute(update(Target).where(Target.url.in_(chunk)).values(listed_at=now))
        return new

    def listing_of(self, column_id: str) -> Target | None:
        """Return the first page of a column's listing."""
        mine = and_(Target.column_id == column_id, Target.kind == TargetKind.LISTING, Target.page == 1)
        return self._session.scalar(select(Target).where(mine).order_by(Target.created_at).limit(1))

    def ask_anew(self, target_id: str, *, not_before: datetime | None, reason: str) -> None:
        """Let the next visit bring the whole page, whatever is known of it by now, and no visit be `not_before`.

        A wish to crawl it again, and a visit that is under way, go first.
        """
        mine = update(Target).where(Target.id == target_id)
        self._session.execute(mine.values(digest=None, etag=None, last_modified=None))
        if not_before is not None:
            free = and_(Target.recrawl_id.is_(None), Target.lease.is_(None), Target.due_at < not_before)
            self._session.execute(mine.where(free).values(due_at=not_before, due_reason=reason))

    def others_unlisted(self, column_id: str, besides: str, since: datetime) -> bool:
        """Tell whether a detail of the column that is up was not shown `since`: its listing does not show all."""
        mine = and_(Target.column_id == column_id, Target.kind == TargetKind.DETAIL, Target.id != besides)
        rolled_off = and_(mine, Target.moved_to_id.is_(None), Target.listed_at < since)
        up = or_(Target.last_outcome.is_(None), Target.last_outcome != Outcome.GONE)
        return self._session.scalar(select(Target.id).where(rolled_off, up).limit(1)) is not None

    def shown_at(self, target_id: str) -> datetime | None:
        """Return when a listing last showed a notice's link: to its target, or to one that leads there."""
        mine = or_(Target.id == target_id, Target.moved_to_id == target_id)
        return self._session.scalar(select(func.max(Target.listed_at)).where(mine))

    def look_at_former(self, target_id: str, now: datetime) -> None:
        """Make the addresses due that a notice has left for `target_id`: it may be back there, now that it is gone."""
        asleep = and_(Target.moved_to_id == target_id, Target.due_at > now, Target.lease.is_(None))
        never = or_(Target.last_fetch_at.is_(None), Target.last_fetch_at < now - _FORMER)
        values = {"due_at": now, "due_reason": "its notice is gone from where it went"}
        self._session.execute(update(Target).where(asleep, never).values(**values))

    def destination(self, old: Target, link: Link, now: datetime) -> Target | None:
        """Return the detail target at the address that `old` leads to, made if there is none; None if it is no detail.

        It starts from what the listing said of `old`.
        """
        row = _new_target(old.source_id, old.column_id, link, now)
        row |= {"kind": TargetKind.DETAIL, "hint_title": old.hint_title, "hint_date": old.hint_date}
        insert_new(self._session, Target, [row | {"listed_at": old.listed_at}], ["url"])
        found = self.by_url(link.url)
        return found if found is not None and found.kind == TargetKind.DETAIL else None

    def move(self, old_id: str, new_id: str) -> None:
        """Let a notice's address be another: the old one leads there, as do those that led to it."""
        led = or_(Target.id == old_id, Target.moved_to_id == old_id)
        self._session.execute(update(Target).where(led, Target.id != new_id).values(moved_to_id=new_id))
        self._session.execute(update(Target).where(Target.id == new_id).values(moved_to_id=None))
        self._session.execute(update(Target).where(Target.parent_id == old_id).values(parent_id=new_id))

    def parts(self, first_id: str) -> Sequence[Target]:
        """Return the further pages and files, as they are now, that a notice names or once named by its page 1."""
        query = select(Target).where(Target.parent_id == first_id).order_by(Target.page, Target.id)
        return self._session.scalars(query, execution_options={"populate_existing": True}).all()

    def name_parts(self, first: Target, links: Sequence[Link], now: datetime, *, at_once: bool = False) -> bool:
        """Let the pages and files of a notice be `first` and what `links` lead to, in order; the caller has its turn.

        New ones are due now, and those that are named no longer never; with `at_once` all that are named are due now.
        False (and the caller must not commit) if one of the URLs has become another's target.
        """
        self._hold(Target.parent_id == first.id)
        known = {part.url: part for part in self.parts(first.id)}
        numbers = _numbered(links)
        new = [_new_part(first, link, numbers[link.url], now) for link in links if link.url not in known]
        new.sort(key=lambda row: str(row["url"]))  # notices that name the same pages would otherwise wait in a ring
        if len(insert_new(self._session, Target, new, ["url"])) < len(new):
            return False
        told = [_told_of_part(part, numbers.get(part.url), now, at_once) for part in known.values()]
        if changed := [values for values in told if values]:
            self._session.execute(update(Target), changed)
        return True

    def known_urls(self, urls: Collection[str]) -> set[str]:
        """Return those of `urls` that are targets, of whatever kind."""
        return set(self._session.scalars(select(Target.url).where(Target.url.in_(urls))))

    def by_id(self, target_id: str) -> Target | None:
        """Return the target, if there is one."""
        return self._session.get(Target, target_id)

    def by_url(self, url: str) -> Target | None:
        """Return the target at the canonical `url`."""
        return self._session.scalar(select(Target).where(Target.url == url))

    def due_hosts(self, now: datetime, limit: int) -> Sequence[str]:
        """Return hosts with work due, those that waited longest first; whether they may be asked is the turn's word."""
        # On SQLite no sieve: there the holds that count are on the monotonic clock, and the rows would mislead once the
        # wall clock is set.
        sieved = self._session.get_bind().dialect.name == "postgresql"
        query = _DUE_HOSTS.where(Target.host.not_in(_ON_HOLD)) if sieved else _DUE_HOSTS
        return self._session.scalars(query, {"now": now, "most": limit}).all()

    def claim_due(self, host: str, now: datetime, lease_seconds: float) -> Target | None:
        """Lease the target of `host` that is due longest, in one statement, so that two crawlers never share it.

        What a backfill asks for comes when nothing else is due.
        """
        values = {"host_asked": host, "now": now, "mine": new_id("lea"), "ends": now + timedelta(seconds=lease_seconds)}
        for claim in _CLAIMS:
            claimed: Target | None = self._session.scalar(claim, values, execution_options=_CORE)
            if claimed is not None:
                return claimed
        return None

    def settle(self, target: Target, values: dict[str, Any]) -> bool:
        """Write what a visit of the claimed `target` brought and end its lease.

        False (and nothing written) if the lease is somebody else's by now. A wish to crawl it again that was made
        after the claim stays open: the visit may have begun before it.
        """
        mine = and_(Target.id == target.id, Target.lease == target.lease)
        same_wish = Target.recrawl_id.is_not_distinct_from(target.recrawl_id)
        done = values | {
            "lease": None,
            "leased_until": None,
            "leases": 0,
            "hop_url": None,
            "hop_method": None,
            "hops": 0,
            "hop_permanent": None,
            "host": host_of(target.url),
            "recrawl_id": case((same_wish, None), else_=Target.recrawl_id),
            "due_at": case((same_wish, literal(values.get("due_at"), Target.due_at.type)), else_=Target.due_at),
        }
        statement = update(Target).where(mine).values(**done).returning(Target.id)
        return self._session.execute(statement, execution_options=_CORE).first() is not None

    def release(self, target: Target, due_at: datetime, reason: str, hop: Hop | None = None) -> bool:
        """Give the claimed `target`'s lease back: it is due again at `due_at`, and its wish stays open.

        With `hop`, the next request asks for what a redirect led to. False if the lease is somebody else's by now.
        """
        mine = and_(Target.id == target.id, Target.lease == target.lease)
        done: dict[str, Any] = {"lease": None, "leased_until": None, "leases": 0}
        done |= {"due_at": due_at, "due_reason": reason}
        if hop is not None:
            done |= {"hop_url": hop.url, "hops": target.hops + 1, "host": hop.host, "hop_permanent": hop.permanent}
            done |= {"hop_method": hop.method}
        statement = update(Target).where(mine).values(**done).returning(Target.id)
        return self._session.execute(statement, execution_options=_CORE).first() is not None

    def make_due(self, targets: Iterable[str], now: datetime, recrawl_id: str) -> None:
        """Make `targets` due now because somebody wishes so; politeness still applies when they are claimed."""
        for chunk in _chunks(list(targets), 500):
            self._hold(Target.id.in_(chunk))
            values = {"due_at": now, "due_reason": "recrawl", "recrawl_id": recrawl_id}
            self._session.execute(update(Target).where(Target.id.in_(chunk)).values(**values))

    def _hold(self, scope: Any) -> None:
        """Lock the rows of `scope` in one order (PostgreSQL; SQLite has one writer), so that nobody waits in a ring."""
        self._session.execute(select(Target.id).where(scope).order_by(Target.url).with_for_update())

    def ids_of(
        self, *, source_id: str | None = None, column_id: str | None = None, first_id: str | None = None
    ) -> Sequence[str]:
        """Return the ids of a source's, a column's or (by its first page) a notice's targets.

        Not those of further pages and files that are named no longer, nor the walkers of backfills.
        """
        if first_id:
            scope = or_(Target.id == first_id, Target.parent_id == first_id)
        else:
            scope = Target.source_id == source_id if source_id else Target.column_id == column_id
        named = or_(Target.kind.not_in(OF_NOTICE), Target.due_at.is_not(None))
        named = and_(named, Target.kind != TargetKind.BACKFILL)
        return self._session.scalars(select(Target.id).where(scope, named).order_by(Target.id)).all()

    def neglected(self, since: datetime, now: datetime) -> bool:
        """Tell whether a target has been due, and its host free to be asked, ever since `since`."""
        query = (
            select(Target.id)
            .join(Source, Source.id == Target.source_id)
            .outerjoin(Host, Host.name == Target.host)
            .where(_claimable(now), Target.due_at <= since)
            .where(or_(Host.next_allowed_at.is_(None), Host.next_allowed_at <= since))
        )
        return self._session.scalar(query.limit(1)) is not None


def _new_target(source_id: str, column_id: str, link: Link, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id("tgt"),
        "source_id": source_id,
        "column_id": column_id,
        "host": link.host,
        "url": link.key,
        "method": link.method,
        "body": link.body,
        "hint_title": link.title,
        "hint_date": link.date,
        "listed_at": now,
        "due_at": now,
        "created_at": now,
    }


def _new_part(first: Target, link: Link, page: int, now: datetime) -> dict[str, Any]:
    row = _new_target(first.source_id, first.column_id, link, now)
    return row | {"kind": link.kind, "parent_id": first.id, "page": page, "listed_at": None}


def _numbered(links: Sequence[Link]) -> dict[str, int]:
    """Return the place of each page (the first is another's) and of each file of a notice."""
    pages, files = count(2), count(1)
    return {link.url: next(files if link.kind is TargetKind.ATTACHMENT else pages) for link in links}


def _told_of_part(part: Target, page: int | None, now: datetime, at_once: bool) -> dict[str, Any] | None:
    """Return the columns of a known part that is `page` now, or (None) named no longer; None if nothing changes."""
    told: dict[str, Any]
    if page is None:
        told = {"due_at": None, "due_reason": "page 1 names it no longer"} if part.due_at else {}
    elif part.due_at is None or (at_once and part.due_at > now):
        told = {"page": page, "due_at": now, "due_reason": "page 1 has changed"}
    else:
        told = {"page": page} if page != part.page else {}
    return {"id": part.id} | told if told else None


def _chunks(rows: list[Any], size: int) -> list[list[Any]]:
    # SQLite takes 32,766 variables a statement; chunks keep well below whatever the row's width.
    return [rows[start : start + size] for start in range(0, len(rows), size)]
