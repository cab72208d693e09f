"""Drawer of problems: as they stand, how they came to it, and what each notice says of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from shared.db.models import Account, Commitment, Measure, Notice, Problem, Searchable, Status
from shared.db.search import holds, terms_of
from shared.domain.bodies import body_key
from shared.domain.states import FINISHED, NO_STATUS


@dataclass(frozen=True)
class ProblemQuery:
    """Which problems are asked for, among those that a notice names; every field that is None asks nothing."""

    status: str | None = None
    """One of the reader's statuses, or `NO_STATUS`."""
    due_before: str | None = None
    """An ISO date: only unfinished ones whose promised day is before it."""
    source_id: str | None = None
    notice_id: str | None = None
    inspected: str | None = None
    """An inspected body, by its name or by another of its party committee's (`shared.domain.bodies`)."""
    q: str | None = None
    """Terms between white space; all must occur in what one notice says of the problem."""


class Problems:
    """What was found wrong, and how far its rectification has come."""

    def __init__(self, session: Session) -> None:
        """Work within `session`'s transaction."""
        self._session = session

    def by_id(self, problem_id: str) -> Problem | None:
        """Return the problem, if there is one, also one that no notice names any more."""
        return self._session.get(Problem, problem_id)

    def page(self, query: ProblemQuery, *, after: str = "", limit: int = 100) -> Sequence[Problem]:
        """Return up to `limit` problems in order of id (of first sight), starting after `after`.

        Raises `Invalid` where too many terms are looked for.
        """
        asked = self._asked(query).where(Problem.id > after)
        return self._session.scalars(asked.order_by(Problem.id).limit(limit)).all()

    def history(
        self, problem_id: str, *, after: int = 0, limit: int = 100, newest_first: bool = False
    ) -> Sequence[Status]:
        """Return how a problem's status changed, the oldest first, starting after the serial `after`.

        With `newest_first` the order is turned round, and `limit` keeps the newest.
        """
        query = select(Status).where(Status.problem_id == problem_id, Status.serial > after)
        query = query.order_by(Status.serial.desc() if newest_first else Status.serial)
        return self._session.scalars(query.limit(limit)).all()

    def accounts(self, problem_id: str, limit: int = 100) -> Sequence[tuple[Account, Notice]]:
        """Return what each notice's latest revision says of a problem, and the notice, in order of the notices."""
        query = select(Account, Notice).join(Notice, Notice.id == Account.notice_id)
        query = query.where(Account.problem_id == problem_id).order_by(Account.notice_id).limit(limit)
        return [(row[0], row[1]) for row in self._session.execute(query)]

    def of_notice(self, notice_id: str, *, after: int = 0, limit: int = 100) -> Sequence[tuple[Account, Problem]]:
        """Return what a notice's latest revision says of its problems, with each problem as it stands, in its order.

        `after` is the running number of the last one seen.
        """
        query = select(Account, Problem).join(Problem, Problem.id == Account.problem_id)
        query = query.where(Account.notice_id == notice_id, Account.number > after)
        return [(row[0], row[1]) for row in self._session.execute(query.order_by(Account.number).limit(limit))]

    def measures(self, notice_id: str, number: int) -> Sequence[str]:
        """Return the measures that a notice tells of its `number`-th problem, in order."""
        query = select(Measure.text).where(Measure.notice_id == notice_id, Measure.problem_number == number)
        return self._session.scalars(query.order_by(Measure.number)).all()

    def commitments(self, problem_id: str, limit: int = 100) -> Sequence[Commitment]:
        """Return the dated promises that notices' latest revisions make of a problem, by their days."""
        made = and_(Account.notice_id == Commitment.notice_id, Account.number == Commitment.problem_number)
        query = select(Commitment).join(Account, made).where(Account.problem_id == problem_id)
        query = query.order_by(Commitment.due_by, Commitment.notice_id, Commitment.number)
        return self._session.scalars(query.limit(limit)).all()

    def _asked(self, query: ProblemQuery) -> Select[Problem]:
        asked = select(Problem).where(self._named(query))
        if query.status == NO_STATUS:
            asked = asked.where(Problem.status.is_(None))
        elif query.status:
            asked = asked.where(Problem.status == query.status)
        if query.due_before:
            unfinished = or_(Problem.status.is_(None), Problem.status.not_in(FINISHED))
            asked = asked.where(Problem.due_by < query.due_before, unfinished)
        return asked

    def _named(self, query: ProblemQuery) -> Any:
        """Return the condition that one and the same notice names the problem and is what was asked for."""
        named = exists().where(Account.problem_id == Problem.id)
        if query.notice_id:
            named = named.where(Account.notice_id == query.notice_id)
        body = body_key(query.inspected)
        if query.source_id or body:
            named = named.where(Notice.id == Account.notice_id)
        if query.source_id:
            named = named.where(Notice.source_id == query.source_id)
        if body:
            named = named.where(Notice.inspected_key == body)
        if terms := terms_of(query.q):
            same = and_(Searchable.notice_id == Account.notice_id, Searchable.number == Account.number)
            named = named.where(same, *holds(self._session, terms))
        return named
