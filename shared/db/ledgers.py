"""Drawer of notices' ledgers, for the one who records: what a latest revision says, as rows that can be asked."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, delete, func, insert, select, update
from sqlalchemy.orm import Session

from shared.db.locks import lock_key
from shared.db.models import (
    Account,
    Aspect,
    CommentWindow,
    Commitment,
    EdgeLine,
    Measure,
    Notice,
    Problem,
    Searchable,
    Status,
    Table,
)
from shared.domain.problems import Naming, Told

MOST_NOTICES = 100
"""Notices about one body that are held against each other: the newest. No body is inspected a hundred times, but a
misread name may seem to be."""
_CHUNK = 500

Rows = list[dict[str, Any]]


@dataclass
class Entries:
    """The rows of one notice's ledger, but for its problems; names as the tables'."""

    aspects: Rows = field(default_factory=list)
    accounts: Rows = field(default_factory=list)
    measures: Rows = field(default_factory=list)
    commitments: Rows = field(default_factory=list)
    comment_windows: Rows = field(default_factory=list)
    searchable: Rows = field(default_factory=list)
    edge_lines: Rows = field(default_factory=list)


class Ledgers:
    """The ledgers of notices, as they are entered."""

    def __init__(self, session: Session) -> None:
        """Work within `session`'s transaction."""
        self._session = session

    def hold(self, bodies: Collection[str]) -> None:
        """Let recorders of notices about the same bodies (by their keys) take turns until the transaction ends.

        To be called before a notice is held: then nobody who waits for a body holds what another who has it needs. On
        SQLite the one writer has its turn already.
        """
        if self._session.get_bind().dialect.name == "postgresql":
            for key in sorted(lock_key("body", body) for body in bodies):
                self._session.execute(select(func.pg_advisory_xact_lock(key)))

    def about(self, body: str) -> Sequence[Notice]:
        """Return the newest rectification notices about a body, by its key, in order of id."""
        query = select(Notice).where(Notice.inspected_key == body, Notice.kind == "rectification")
        newest = self._session.scalars(query.order_by(Notice.id.desc()).limit(MOST_NOTICES)).all()
        return newest[::-1]

    def namings(self, notice_ids: Collection[str]) -> dict[str, list[Naming]]:
        """Return how each notice's latest revision names its problems, in its order."""
        query = select(Account.notice_id, Account.number, Account.printed_number, Account.title, Account.problem_id)
        query = query.where(Account.notice_id.in_(notice_ids)).order_by(Account.notice_id, Account.number)
        found: dict[str, list[Naming]] = {notice_id: [] for notice_id in notice_ids}
        for notice_id, number, printed_number, title, problem_id in self._session.execute(query):
            found[notice_id].append(Naming(number, printed_number, title, problem_id))
        return found

    def add_problems(self, problems: Sequence[Problem]) -> None:
        """Record problems that are named for the first time."""
        self._session.add_all(problems)
        self._session.flush()

    def replace(self, notice_id: str, entries: Entries, *, first: bool) -> None:
        """Enter a notice's ledger in the place of the one before; `first` tells that there is none."""
        tables: Mapping[type[Table], Rows] = {
            Aspect: entries.aspects,
            Account: entries.accounts,
            Measure: entries.measures,
            Commitment: entries.commitments,
            CommentWindow: entries.comment_windows,
            Searchable: entries.searchable,
            EdgeLine: entries.edge_lines,
        }
        if not first:
            for old in (Account, Aspect, CommentWindow, Searchable, EdgeLine):  # the others go with the accounts
                self._session.execute(delete(old).where(old.notice_id == notice_id))
        for table, rows in tables.items():
            self._insert(table, rows)

    def rename(self, notice_id: str, problems: Mapping[int, str]) -> None:
        """Let a notice's accounts, by their numbers, be of other problems."""
        rows = [{"notice_id": notice_id, "number": number, "problem_id": one} for number, one in problems.items()]
        self._session.execute(update(Account), rows)

    def told(self, problem_ids: Collection[str]) -> Iterator[Told]:
        """Return all that notices say of problems, in no order."""
        promise = and_(Commitment.notice_id == Account.notice_id, Commitment.problem_number == Account.number)
        first = select(Commitment.due_by).where(promise).order_by(Commitment.due_by, Commitment.number).limit(1)
        precision = first.with_only_columns(Commitment.precision)
        said = (Account.title, Account.status, Account.status_text, Account.due)
        query = select(
            *(Account.problem_id, Account.notice_id, Notice.signed_on, Notice.published_at),
            *(*said, first.scalar_subquery(), precision.scalar_subquery()),
        ).join(Notice, Notice.id == Account.notice_id)
        for ids in _chunks(problem_ids):
            yield from (Told(*row) for row in self._session.execute(query.where(Account.problem_id.in_(ids))))

    def problems(self, problem_ids: Collection[str]) -> dict[str, Problem]:
        """Return problems by their ids."""
        found: dict[str, Problem] = {}
        for ids in _chunks(problem_ids):
            found |= {one.id: one for one in self._session.scalars(select(Problem).where(Problem.id.in_(ids)))}
        return found

    def stand(self, rows: Rows) -> None:
        """Write how problems stand, by `id`."""
        if rows:
            self._session.execute(update(Problem), rows)

    def recorded(self, notice_id: str, revision: int) -> dict[str, int]:
        """Return the serials, by problem, of the status changes that a revision of a notice brought."""
        query = select(Status.problem_id, Status.serial)
        query = query.where(Status.notice_id == notice_id, Status.revision == revision)
        return {row.problem_id: row.serial for row in self._session.execute(query)}

    def record_statuses(self, rows: Rows) -> None:
        """Record that problems' statuses changed."""
        self._insert(Status, rows)

    def correct_statuses(self, rows: Rows) -> None:
        """Correct what a revision brought, by `serial`: it was read anew."""
        if rows:
            self._session.execute(update(Status), rows)

    def _insert(self, table: type[Table], rows: Rows) -> None:
        if rows:
            # Left out, empty values would part the rows into many statements, by which of them are empty.
            self._session.execute(insert(table), rows, execution_options={"render_nulls": True})


def _chunks(ids: Collection[str]) -> Iterator[list[str]]:
    listed = sorted(ids)
    return (listed[at : at + _CHUNK] for at in range(0, len(listed), _CHUNK))
