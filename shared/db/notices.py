"""Drawer of notices and their revisions."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from shared.db.locks import lock_key
from shared.db.models import Column, Fetch, Notice, Revision, Searchable, Target
from shared.db.search import holds, terms_of
from shared.domain.bodies import body_key
from shared.domain.states import TargetKind


@dataclass(frozen=True)
class NoticeQuery:
    """Which notices are asked for; every field that is None asks nothing."""

    source_id: str | None = None
    column_id: str | None = None
    state: str | None = None
    changed_since: datetime | None = None
    kind: str | None = None
    inspected: str | None = None
    """An inspected body, by its name or by another of its party committee's (`shared.domain.bodies`)."""
    q: str | None = None
    """Terms between white space; all must occur in the title or the body."""
    notice_id: str | None = None


_ALL = NoticeQuery()


class Text(NamedTuple):
    """A notice's latest revision, with the newest fetch that brought its first page's bytes, and the target asked."""

    notice: Notice
    revision: Revision
    fetch: Fetch
    target: Target


class Notices:
    """What was published, and how it changed."""

    def __init__(self, session: Session) -> None:
        """Work within `session`'s transaction."""
        self._session = session

    def by_id(self, notice_id: str) -> Notice | None:
        """Return the notice, if there is one."""
        return self._session.get(Notice, notice_id)

    def by_ids(self, notice_ids: Collection[str]) -> dict[str, Notice]:
        """Return the notices of those ids (some hundreds at most), by id."""
        found = self._session.scalars(select(Notice).where(Notice.id.in_(set(notice_ids))))
        return {notice.id: notice for notice in found}

    def by_url(self, url: str) -> Notice | None:
        """Return the notice at the canonical `url`, or that has moved on from there."""
        found = self._session.scalar(select(Notice).where(Notice.url == url))
        if found is not None:
            return found
        old = select(Target.moved_to_id).where(Target.url == url).scalar_subquery()
        return self._session.scalar(select(Notice).where(Notice.target_id == old))

    def with_key(self, source_id: str, address_key: str, *, besides: str) -> Sequence[Notice]:
        """Return the source's notices whose addresses have `address_key`, but for that of the target `besides`."""
        query = select(Notice).where(Notice.source_id == source_id, Notice.address_key == address_key)
        return self._session.scalars(query.where(Notice.target_id != besides).order_by(Notice.id).limit(10)).all()

    def id_at(self, target_id: str) -> str | None:
        """Return the id of a target's notice, without holding it."""
        return self._session.scalar(select(Notice.id).where(Notice.target_id == target_id))

    def of_target(self, target_id: str) -> Notice | None:
        """Return a target's notice, held until the end of the transaction, so that decisions on it take turns."""
        # Other rows may still point to it meanwhile: a follow-up is recorded without waiting for what it follows.
        query = select(Notice).where(Notice.target_id == target_id).with_for_update(key_share=True)
        return self._session.scalar(query)

    def replaced_by(self, target: Target) -> Sequence[Notice]:
        """Return the notices whose line on their column's listing `target` has taken.

        The listing gives both one title and one day, showed the other before, and shows this one now without it.
        """
        if target.hint_title is None or target.hint_date is None:
            return ()  # where the listing says neither, all of its lines would be alike
        same = (Target.hint_title == target.hint_title, Target.hint_date == target.hint_date)
        now = select(Column.listed_at).where(Column.id == target.column_id).scalar_subquery()
        before = (Target.listed_at < now, now <= target.listed_at, Target.id != target.id)
        mine = and_(Target.column_id == target.column_id, Target.kind == TargetKind.DETAIL)  # no other has a notice
        query = select(Notice).join(Target, Target.id == Notice.target_id).where(mine)
        return self._session.scalars(query.where(*same, *before).order_by(Notice.id).limit(10)).all()

    def take_turns(self, *names: str) -> None:
        """Let those who decide on the same notice, published or not, take turns until the transaction ends.

        `names`: its first page's target, and the keys of the addresses that it may have. To be called once, before
        anything else is held. On SQLite the one writer has its turn already.
        """
        if self._session.get_bind().dialect.name == "postgresql":
            # In one order, or two that name the same would wait for each other.
            for key in sorted({lock_key("notice", name) for name in names}):
                self._session.execute(select(func.pg_advisory_xact_lock(key)))

    def body_of(self, target_id: str) -> str | None:
        """Return the key of the body that a target's notice is about, without holding the notice."""
        return self._session.scalar(select(Notice.inspected_key).where(Notice.target_id == target_id))

    def add(self, notice: Notice) -> None:
        """Record a new notice."""
        self._session.add(notice)
        self._session.flush()

    def latest_revision(self, notice_id: str) -> Revision | None:
        """Return the newest revision of a notice."""
        query = select(Revision).where(Revision.notice_id == notice_id).order_by(Revision.number.desc()).limit(1)
        return self._session.scalar(query)

    def append_revision(self, revision: Revision) -> None:
        """Record the next distinct content of a notice."""
        self._session.add(revision)
        self._session.flush()

    def revisions(self, notice_id: str, *, after: int = 0, limit: int = 100) -> Sequence[Revision]:
        """Return a notice's revisions in order of number, starting after `after`."""
        query = select(Revision).where(Revision.notice_id == notice_id, Revision.number > after)
        return self._session.scalars(query.order_by(Revision.number).limit(limit)).all()

    def revision(self, notice_id: str, number: int) -> Revision | None:
        """Return the `number`-th revision (from 1) of a notice, if there is one."""
        query = select(Revision).where(Revision.notice_id == notice_id, Revision.number == number)
        return self._session.scalar(query)

    def text_of(self, target_id: str) -> Text | None:
        """Return what a target's notice says, by its latest revision; None before the first."""
        found = self._session.execute(_texts().where(Notice.target_id == target_id)).first()
        return Text(*found) if found else None

    def texts(self, query: NoticeQuery = _ALL, *, after: str = "", limit: int = 100) -> Sequence[Text]:
        """Return up to `limit` notices with their latest revisions in order of id, starting after `after`."""
        texts = _texts().where(Notice.id > after).order_by(Notice.id).limit(limit)
        if query != _ALL:
            texts = texts.where(Notice.id.in_(self._asked(query).with_only_columns(Notice.id)))
        return [Text(*found) for found in self._session.execute(texts)]

    def count(self, query: NoticeQuery = _ALL, *, after: str = "") -> int:
        """Return how many notices are asked for, counted after the id `after`."""
        found = self._asked(query).where(Notice.id > after).with_only_columns(Notice.id).subquery()
        return self._session.scalar(select(func.count()).select_from(found)) or 0

    def first_pages(self, query: NoticeQuery) -> Sequence[str]:
        """Return the targets of the notices that are asked for, in order of the notices."""
        asked = self._asked(query).order_by(Notice.id).with_only_columns(Notice.target_id)
        return self._session.scalars(asked).all()

    def followers(self, notice_id: str, limit: int = 100) -> Sequence[Notice]:
        """Return the notices that follow this one, in order of id."""
        query = select(Notice).where(Notice.follows_id == notice_id).order_by(Notice.id).limit(limit)
        return self._session.scalars(query).all()

    def page(
        self, query: NoticeQuery, *, after: str = "", limit: int = 100, newest_first: bool = False
    ) -> Sequence[Notice]:
        """Return up to `limit` notices in order of id (which is the order of first sight), starting after `after`.

        With `newest_first` the order is turned round. Raises `Invalid` where too many terms are looked for.
        """
        asked = self._asked(query)
        if newest_first:
            asked = asked.where(Notice.id < after) if after else asked
            return self._session.scalars(asked.order_by(Notice.id.desc()).limit(limit)).all()
        return self._session.scalars(asked.where(Notice.id > after).order_by(Notice.id).limit(limit)).all()

    def _asked(self, query: NoticeQuery) -> Select[Notice]:
        asked = select(Notice)
        equal = {
            Notice.id: query.notice_id,
            Notice.source_id: query.source_id,
            Notice.column_id: query.column_id,
            Notice.state: query.state,
            Notice.kind: query.kind,
            Notice.inspected_key: body_key(query.inspected),
        }
        for column, wanted in equal.items():
            if wanted:
                asked = asked.where(column == wanted)
        if query.changed_since:
            asked = asked.where(Notice.changed_at >= query.changed_since)
        if terms := terms_of(query.q):
            found = select(Searchable.notice_id).where(Searchable.number == 0, *holds(self._session, terms))
            asked = asked.where(Notice.id.in_(found))
        return asked


def _texts() -> Select[Notice, Revision, Fetch, Target]:
    other = aliased(Revision)
    latest = select(func.max(other.number)).where(other.notice_id == Notice.id).scalar_subquery()
    brought, address = aliased(Fetch), aliased(Target)
    # At its own address, or at one that it has moved away from since; ids sort by time.
    own = or_(address.id == Notice.target_id, address.moved_to_id == Notice.target_id)
    newest = (
        select(func.max(brought.id))
        .join(address, address.id == brought.target_id)
        .where(own, brought.digest == Revision.digest)
        .scalar_subquery()
    )
    return (
        select(Notice, Revision, Fetch, Target)
        .join(Revision, Revision.notice_id == Notice.id)
        .join(Fetch, Fetch.id == newest)
        .join(Target, Target.id == Fetch.target_id)
        .where(Revision.number == latest)
    )
