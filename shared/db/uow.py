"""The unit of work: one transaction over the ledger, with a named drawer for each noun.

with ledger.begin() as uow:          # a write transaction; nothing is kept without the commit
    target = uow.claims.claim_due(…)
    uow.commit()

with ledger.reading() as uow:        # a read transaction; it can never commit
    …
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

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
from shared.db.retention import Retention
from shared.db.sightings import Sightings
from shared.db.sketches import Sketches
from shared.db.sources import Sources
from shared.db.subscriptions import Subscriptions
from shared.db.tokens import Tokens
from shared.db.trouble import answering


class UnitOfWork:
    """One transaction; see the module's first lines."""

    def __init__(self, connection: Connection, session: Session, clock: Clock) -> None:
        """Wrap a session on `connection`; `clock` is asked only where the database is a file on this machine."""
        self._connection = connection
        self._session = session
        self._clock = clock
        self.sources = Sources(session)
        self.frontier = Frontier(session)
        self.claims = Claims(session)
        self.sightings = Sightings(session)
        self.absences = Absences(session)
        self.episodes = Episodes(session)
        self.calls = Calls(session)
        self.hosts = Hosts(session)
        self.fetches = Fetches(session)
        self.evidence = Evidence(session)
        self.files = Files(session)
        self.notices = Notices(session)
        self.problems = Problems(session)
        self.ledgers = Ledgers(session)
        self.agenda = Agenda(session)
        self.learned = Learned(session)
        self.sketches = Sketches(session)
        self.events = Events(session)
        self.facets = FacetsOf(session)
        self.filters = Filters(session)
        self.subscriptions = Subscriptions(session)
        self.intents = Intents(session)
        self.deliveries = Deliveries(session)
        self.digests = Digests(session)
        self.errands = Errands(session)
        self.recrawls = Recrawls(session)
        self.retention = Retention(session)
        self.backfills = Backfills(session)
        self.tokens = Tokens(session)
        self.audit = Audit(session)
        self.answers = Answers(session)
        self.ages = Ages(session)

    def now(self) -> datetime:
        """Return the ledger's time: the server's clock on PostgreSQL, which all processes share."""
        if self._connection.dialect.name == "postgresql":
            now: datetime = self._connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
            return now
        return self._clock.now()

    def commit(self) -> None:
        """Make everything since `begin` lasting, at once."""
        if self._session.in_transaction():
            self._session.commit()
        else:  # nothing was done by way of the mapper
            self._connection.commit()


class Ledger:
    """The database, by the transactions it offers."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        """Keep `engine`; connections are made when first used."""
        self.engine = engine
        self.clock = clock
        self._reader = engine.execution_options(**{READ_ONLY: True})

    @contextmanager
    def begin(self) -> Iterator[UnitOfWork]:
        """Open a write transaction; rolled back unless `commit` was called; `Unavailable` if the server is down."""
        with self._session(self.engine) as uow:
            yield uow

    @contextmanager
    def reading(self) -> Iterator[UnitOfWork]:
        """Open a read transaction: it holds nobody up, and is always rolled back."""
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
