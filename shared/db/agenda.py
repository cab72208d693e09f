"""Drawer of the agenda: days that are to be told of, and what is known of their promises and windows by then."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session, defer

from shared.db.models import Account, Appointment, CommentWindow, Commitment, Notice, Problem, Revision
from shared.db.statements import insert_new


class Said(NamedTuple):
    """That a notice's latest revision promises a problem for a day."""

    notice: Notice
    account: Account
    commitment: Commitment | None
    """None where the day is but its time limit."""


class Agenda:
    """What is to be told of days."""

    def __init__(self, session: Session) -> None:
        """Work within `session`'s transaction."""
        self._session = session

    def enter(self, rows: Sequence[dict[str, Any]]) -> None:
        """Enter days (`type`, `about`, `day`, `made_at`); what is there already, judged or not, is left as it is."""
        insert_new(self._session, Appointment, rows, ["type", "about", "day"])

    def first_days(self, kinds: Collection[str]) -> dict[str, str]:
        """Return the earliest day of each type that waits; types of which none waits are left out."""
        days = [
            select(func.min(Appointment.day))
            .where(Appointment.type == kind, Appointment.judged_at.is_(None))
            .scalar_subquery()
            .label(f"day_{number}")
            for number, kind in enumerate(kinds)
        ]
        found = self._session.execute(select(*days)).one()
        return {kind: day for kind, day in zip(kinds, found, strict=True) if day is not None}

    def waiting(self, kind: str, day: str, limit: int) -> Sequence[Appointment]:
        """Return what waits of a type and day, in order of entry, held until the transaction ends."""
        query = select(Appointment).where(Appointment.type == kind, Appointment.day == day)
        query = query.where(Appointment.judged_at.is_(None)).order_by(Appointment.serial).limit(limit)
        return self._session.scalars(query.with_for_update()).all()

    def of_notice(self, notice_id: str, limit: int) -> Sequence[Appointment]:
        """Return the days of a notice's window and of the problems that it names, the latest first."""
        problems = select(Account.problem_id).where(Account.notice_id == notice_id)
        query = select(Appointment).where((Appointment.about == notice_id) | Appointment.about.in_(problems))
        return self._session.scalars(
            query.order_by(Appointment.day.desc(), Appointment.serial.desc()).limit(limit)
        ).all()

    def waiting_until(self, days: Mapping[str, str]) -> int:
        """Return how many days wait of each type up to the day that `days` gives for it."""
        until = (and_(Appointment.type == kind, Appointment.day <= day) for kind, day in days.items())
        query = select(func.count()).select_from(Appointment).where(Appointment.judged_at.is_(None), or_(*until))
        return self._session.scalar(query) or 0

    def judged(self, rows: Sequence[dict[str, Any]]) -> None:
        """Note what became of each, by `serial`."""
        if rows:
            self._session.execute(update(Appointment), rows)

    def problems(self, ids: Collection[str]) -> Mapping[str, Problem]:
        """Return problems by their ids."""
        return {one.id: one for one in self._session.scalars(select(Problem).where(Problem.id.in_(ids)))}

    def promises(self, problem_ids: Collection[str], day: str) -> Sequence[tuple[str, Said]]:
        """Return which notices promise which problem for a day, in order of the notices."""
        made = and_(
            Commitment.notice_id == Account.notice_id,
            Commitment.problem_number == Account.number,
            Commitment.due_by == day,
        )
        query = select(Account, Notice, Commitment).join(Notice, Notice.id == Account.notice_id)
        query = query.outerjoin(Commitment, made).where(Account.problem_id.in_(problem_ids))
        query = query.where((Commitment.due_by == day) | (Account.due == day)).order_by(Account.notice_id)
        return [(row[0].problem_id, Said(row[1], row[0], row[2])) for row in self._session.execute(query)]

    def windows(self, notice_ids: Collection[str]) -> Mapping[str, tuple[Notice, CommentWindow | None]]:
        """Return notices by their ids, each with its window, if it has one."""
        query = select(Notice, CommentWindow).outerjoin(CommentWindow, CommentWindow.notice_id == Notice.id)
        found = self._session.execute(query.where(Notice.id.in_(notice_ids)))
        return {row[0].id: (row[0], row[1]) for row in found}

    def revisions(self, notice_ids: Collection[str]) -> Mapping[str, Revision]:
        """Return the latest revision of each notice, by its id, without the document."""
        newest = select(Revision.notice_id, func.max(Revision.number).label("number"))
        latest = newest.where(Revision.notice_id.in_(notice_ids)).group_by(Revision.notice_id).subquery()
        is_it = and_(Revision.notice_id == latest.c.notice_id, Revision.number == latest.c.number)
        query = select(Revision).join(latest, is_it).options(defer(Revision.document))
        return {one.notice_id: one for one in self._session.scalars(query)}
