"""Drawer of the frontier: every URL that we promised to look at again, and when."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session

from shared.db.claims import claimable
from shared.db.models import Host, Source, Target
from shared.db.statements import insert_new
from shared.domain.states import OF_NOTICE, Outcome, TargetKind
from shared.ids import new_id
from shared.urls import call_key

_FORMER = timedelta(hours=3)
MOVED_AWAY = "its notice has moved"
"""Why an address that a notice has left is hardly visited."""
SEEKING = "a notice is gone: its line may be further back"
"""Why a listing is read, page after page, though it shows nothing new."""


_FORGOTTEN: dict[str, Any] = {"digest": None, "etag": None, "last_modified": None}
"""What is not remembered of a page that is to be brought in whole, changed or not."""


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


class Frontier:
    """Targets and their due times; who holds one under lease is `claims`' to know."""

    def __init__(self, session: Session) -> None:
        """Work within `session`'s transaction."""
        self._session = session

    def add_listing(
        self,
        *,
        source_id: str,
        column_id: str,
        link: Link,
        page: int,
        now: datetime,
        parent_id: str | None = None,
        reason: str = "next page",
    ) -> bool:
        """Promise to read a listing's page; return whether it was new. A page known already becomes due again.

        Of a call `parent_id` is the page that named the first of its list.
        """
        row = _new_target(source_id, column_id, link, now)
        row |= {"kind": TargetKind.LISTING, "page": page, "parent_id": parent_id, "due_reason": reason}
        if insert_new(self._session, Target, [row], ["url"]):
            return True
        # Only a later page that sleeps: a pager that leads back to the first must not set its pace.
        asleep = and_(Target.kind == TargetKind.LISTING, Target.page > 1, Target.due_at.is_(None))
        values: dict[str, Any] = {"due_at": now, "due_reason": reason}
        if reason == SEEKING:  # whatever it shows is to be read again
            values |= _FORGOTTEN
        self._session.execute(update(Target).where(Target.url == link.key, asleep).values(**values))
        return False

    def add_details(
        self,
        *,
        source_id: str,
        column_id: str,
        links: Sequence[Link],
        now: datetime,
        backfill_id: str | None = None,
        owners: Mapping[str, str] | None = None,
    ) -> set[str]:
        """Promise to read what a listing showed; return the URLs that were new. Known ones are marked as listed.

        `owners` tells of which other column a link is, by its URL.
        """
        # In order of URL, here and below: two listings that share links would otherwise wait for each other.
        links = sorted(links, key=lambda link: link.url)
        found = {"kind": TargetKind.DETAIL, "backfill_id": backfill_id}
        of = owners or {}
        rows = [_new_target(source_id, of.get(link.url, column_id), link, now) | found for link in links]
        new = {url for chunk in _chunks(rows, 200) for url in insert_new(self._session, Target, chunk, ["url"])}
        for chunk in _chunks([link.url for link in links], 500):
            self._hold(Target.url.in_(chunk))
            self._session.execute(update(Target).where(Target.url.in_(chunk)).values(listed_at=now))
        return new

    def listing_of(self, column_id: str) -> Target | None:
        """Return the first page of a column's listing."""
        mine = and_(Target.column_id == column_id, Target.kind == TargetKind.LISTING, Target.page == 1)
        return self._session.scalar(select(Target).where(mine).order_by(Target.created_at).limit(1))

    def look_by(self, column_id: str, at: datetime, reason: str) -> None:
        """Let a column's list, which may be behind a call, be looked at by then at the latest."""
        mine = and_(Target.column_id == column_id, Target.kind == TargetKind.LISTING, Target.page == 1)
        self._session.execute(update(Target).where(mine, Target.due_at > at).values(due_at=at, due_reason=reason))

    def ask_anew(self, target_id: str, *, not_before: datetime | None, reason: str) -> None:
        """Let the next visit bring the whole page, whatever is known of it by now, and no visit be `not_before`.

        A wish to crawl it again, and a visit that is under way, go first.
        """
        mine = update(Target).where(Target.id == target_id)
        self._session.execute(mine.values(**_FORGOTTEN))
        if not_before is not None:
            free = and_(Target.recrawl_id.is_(None), Target.lease.is_(None), Target.due_at < not_before)
            self._session.execute(mine.where(free).values(due_at=not_before, due_reason=reason))

    def ask_at_once(self, target_id: str, now: datetime, reason: str) -> None:
        """Let the next visit bring the whole page, whatever is known of it by now, and be due at once."""
        mine = and_(Target.id == target_id, Target.lease.is_(None))
        values = {"due_at": now, "due_reason": reason} | _FORGOTTEN
        self._session.execute(update(Target).where(mine, Target.due_at > now).values(**values))

    def seek(self, column_id: str, now: datetime) -> None:
        """Let a column's listing be read anew, page after page: a notice is gone from beyond what was read of it."""
        if (page := self.listing_of(column_id)) is not None:
            self.ask_at_once(page.id, now, SEEKING)

    def namesakes(self, target: Target) -> Sequence[str]:
        """Return the ids of the column's other details that the listing gives the same title and day as `target`."""
        if target.hint_title is None or target.hint_date is None:
            return ()
        same = and_(Target.hint_title == target.hint_title, Target.hint_date == target.hint_date)
        mine = and_(Target.column_id == target.column_id, Target.id != target.id, Target.kind == TargetKind.DETAIL)
        return self._session.scalars(select(Target.id).where(mine, same).order_by(Target.id).limit(10)).all()

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

    def ids_under(self, first_ids: Sequence[str]) -> Sequence[str]:
        """Return the ids of notices' targets, named by their first pages: those and the pages and files they name."""
        found: list[str] = []
        named = or_(Target.kind.not_in(OF_NOTICE), Target.due_at.is_not(None))
        for chunk in _chunks(list(first_ids), 500):
            scope = or_(Target.id.in_(chunk), Target.parent_id.in_(chunk))
            found += self._session.scalars(select(Target.id).where(scope, named).order_by(Target.id))
        return found

    def neglected(self, since: datetime, now: datetime) -> bool:
        """Tell whether a target has been due, and its host free to be asked, ever since `since`."""
        query = (
            select(Target.id)
            .join(Source, Source.id == Target.source_id)
            .outerjoin(Host, Host.name == Target.host)
            .where(claimable(now), Target.due_at <= since)
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
