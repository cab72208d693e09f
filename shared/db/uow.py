"""The unit of work: one transaction over the ledger, with a named drawer for each noun.

with ledger.begin() as uow:          # a write transaction; nothing is kept without the commit
    target = uow.claims.claim_due(…)
    uow.commit()

with ledger.reading() as uow:        # reads alone: of what was committed before each statement, on PostgreSQL
    …
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shared.clock import Clock
from shared.db.absences import Absences
from shared.db.agenda import Agenda
from shared.db.answers import Answers
from shared.db.audit import Audit
from shared.db.backfills import Backfills
from shared.db.calls import Calls
from shared.db.claims import Claims
from shared.db.deliveries import Deliveries
from shared.db.digests import Digests
from shared.db.engine import READ_ONLY, make_engine
from shared.db.episodes import Episodes
from shared.db.errands import Errands
from shared.db.events import Events
from shared.db.evidence import Evidence
from shared.db.facets import FacetsOf
from shared.db.fetches import Fetches
from shared.db.files import Files
from shared.db.filters import Filters
from shared.db.frontier import Frontier
from shared.db.health import Ages
from shared.db.hosts import Hosts
from shared.db.intents import Intents
from shared.db.learned import Learned
from shared.db.ledgers import Ledgers
from shared.db.notices import Notices
from shared.db.problems import Problems
from shared.db.recrawls import Recrawls
from shared.db.restores import Restores
from shared.db.retention import Retention
from shared.db.sightings import Sightings
from shared.db.sketches import Sketches
from shared.db.sources import Sources
from shared.db.subscriptions import Subscriptions
from shared.db.tokens import Tokens
from shared.db.trouble import answering
from shared.errors import Unavailable
from shared.together import Together

T = TypeVar("T")


class _Drawer(Generic[T]):
    """An attribute of a unit of work: a drawer, opened when it is first asked for."""

    def __init__(self, kind: Callable[[Session], T]) -> None:
        self._kind = kind

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, uow: "UnitOfWork", owner: type) -> T:
        drawer = uow.__dict__[self._name] = self._kind(uow._session)  # found before this descriptor from now on
        return drawer


class UnitOfWork:
    """One transaction; see the module's first lines."""

    sources = _Drawer(Sources)
    frontier = _Drawer(Frontier)
    claims = _Drawer(Claims)
    sightings = _Drawer(Sightings)
    absences = _Drawer(Absences)
    episodes = _Drawer(Episodes)
    calls = _Drawer(Calls)
    hosts = _Drawer(Hosts)
    fetches = _Drawer(Fetches)
    evidence = _Drawer(Evidence)
    files = _Drawer(Files)
    notices = _Drawer(Notices)
    problems = _Drawer(Problems)
    ledgers = _Drawer(Ledgers)
    agenda = _Drawer(Agenda)
    learned = _Drawer(Learned)
    sketches = _Drawer(Sketches)
    events = _Drawer(Events)
    facets = _Drawer(FacetsOf)
    filters = _Drawer(Filters)
    subscriptions = _Drawer(Subscriptions)
    intents = _Drawer(Intents)
    deliveries = _Drawer(Deliveries)
    digests = _Drawer(Digests)
    errands = _Drawer(Errands)
    recrawls = _Drawer(Recrawls)
    restores = _Drawer(Restores)
    retention = _Drawer(Retention)
    backfills = _Drawer(Backfills)
    tokens = _Drawer(Tokens)
    audit = _Drawer(Audit)
    answers = _Drawer(Answers)
    ages = _Drawer(Ages)

    def __init__(self, connection: Connection, session: Session, clock: Clock) -> None:
        """Wrap a session on `connection`; `clock` is asked only where the database is a file on this machine."""
        self.connection = connection
        """For what no drawer offers: migrations, and reading in whole tables."""
        self._session = session
        self._clock = clock

    def now(self) -> datetime:
        """Return the ledger's time: the server's clock on PostgreSQL, which all processes share."""
        if self.connection.dialect.name == "postgresql":
            now: datetime = self.connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
            return now
        return self._clock.now()

    def conclude(self) -> None:
        """Send what is not sent yet, and remember nothing of what was read: what follows is another's work."""
        if self._session.in_transaction():
            self._session.flush()
            self._session.expunge_all()

    def commit(self) -> None:
        """Make everything since `begin` lasting, at once."""
        if self._session.in_transaction():
            self._session.commit()
        else:  # nothing was done by way of the mapper
            self.connection.commit()


@dataclass(frozen=True)
class _Failed:
    """What became of work that raised."""

    error: Exception


class Ledger:
    """The database, by the transactions it offers."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        """Keep `engine`; connections are made when first used."""
        self.engine = engine
        self.clock = clock
        options: dict[str, Any] = {READ_ONLY: True}
        if engine.dialect.name == "postgresql":
            # A statement sees what was committed before it, within a transaction or without one (READ COMMITTED): none
            # is begun, and none ended, which are two round trips of three.
            options["isolation_level"] = "AUTOCOMMIT"
        self._reader = engine.execution_options(**options)
        self._together: Together[Callable[[UnitOfWork], Any], Any] = Together(self._committed)

    @contextmanager
    def begin(self) -> Iterator[UnitOfWork]:
        """Open a write transaction; rolled back unless `commit` was called; `Unavailable` if the server is down."""
        with self._session(self.engine) as uow:
            yield uow

    def together(self, work: Callable[[UnitOfWork], T]) -> T:
        """Do `work` in a write transaction and return what it returned, once that is committed.

        The transaction may be shared with the work of other threads that came at the same moment. What raises writes
        nothing, and troubles nobody else's. It may be called a second time, after a rollback: so `work` does nothing
        but by its unit of work, which it does not commit.
        """
        made = self._together.ask(work)
        if isinstance(made, _Failed):
            raise made.error
        done: T = made
        return done

    def _committed(self, works: Sequence[Callable[[UnitOfWork], Any]]) -> Sequence[Any]:
        """Return what each of `works` returned, committed in one transaction; after trouble, each in one of its own."""
        made: list[Any] = []
        try:
            with self.begin() as uow:
                for work in works:
                    made.append(work(uow))
                    uow.conclude()
                uow.commit()
            return made
        except Exception as error:
            if len(works) == 1:
                return [_Failed(error)]
        made = []
        for work in works:
            down = made and isinstance(made[-1], _Failed) and isinstance(made[-1].error, Unavailable)
            # A server that does not answer is not asked again for each of them.
            made += [made[-1]] if down else self._committed([work])
        return made

    @contextmanager
    def reading(self) -> Iterator[UnitOfWork]:
        """Read: that holds nobody up. Nothing may be written here; on SQLite it would be rolled back."""
        with self._session(self._reader) as uow:
            yield uow

    @contextmanager
    def _session(self, bind: Engine) -> Iterator[UnitOfWork]:
        with answering(), bind.connect() as connection:
            # The session joins the connection's own transaction: what is prepared does not trouble a session at all.
            session = Session(connection, expire_on_commit=False, join_transaction_mode="control_fully")
            try:
                yield UnitOfWork(connection, session, self.clock)
            finally:
                _close(session)

    def dispose(self) -> None:
        """Drop every pooled connection: after a fork the child must not share its parent's."""
        self.engine.dispose(close=False)

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def _close(session: Session) -> None:
    try:
        session.close()
    except DBAPIError:
        session.invalidate()


def open_ledger(url: str, clock: Clock, *, pool_size: int = 10) -> Ledger:
    """Return the ledger at `url`; raises `Invalid` where the URL is no SQLite file or PostgreSQL."""
    return Ledger(make_engine(url, pool_size=pool_size), clock)
