"""Migrations by Alembic: the same steps on SQLite and PostgreSQL, each of which runs while the previous release works.

Rules, which a test holds the steps to: only add in the release that needs it, and what is added may be left out by who
does not know it; drop, rename or tighten one release later, and then raise `SERVES`.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from shared.db.locks import lock_key
from shared.db.trouble import answering
from shared.db.uow import Ledger
from shared.errors import Invalid

if TYPE_CHECKING:
    from alembic.config import Config

SERVES = "0022"
"""The migration of the oldest release that still works on this release's tables. It is written into the database, so
that such a release knows, whatever it does not know of later ones."""


def _config() -> "Config":
    from alembic.config import Config  # 0.1 s, which whoever only looks at where the tables are need not wait for

    config = Config()
    config.set_main_option("script_location", "shared:migrations")
    config.set_main_option("path_separator", "os")
    return config


def upgrade(ledger: Ledger) -> str:
    """Bring the ledger's tables to this release; return the revision. Several at once wait for one another.

    Raises `Invalid` where a later release has been at work, and `Unavailable` where the database is down.
    """
    with answering(), ledger.engine.connect() as connection, connection.begin():
        migrate(connection)
    return head()


def migrate(connection: Connection, revision: str = "head") -> None:
    """Take the tables of a connection to a migration, in its transaction: see `upgrade`."""
    from alembic import command
    from alembic.util.exc import CommandError

    connection.execute(text("SELECT 1"))  # on a connection that has not begun, Alembic would commit by itself
    if connection.dialect.name == "postgresql":
        # A migration may rightly take long, and wait for another one.
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": lock_key("migrate", "all")})
    config = _config()
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, revision)
    except CommandError as error:
        found = found_at(connection) if revision == "head" else revision
        raise Invalid(f"this release does not know the database's migration {found}; run a later one") from error
    if revision == "head":
        connection.execute(text("DELETE FROM served"))
        connection.execute(text("INSERT INTO served (id, since) VALUES (1, :since)"), {"since": SERVES})


def found_at(connection: Connection) -> str | None:
    """Return the migration that the tables are at; None where there are none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def require_current(ledger: Ledger) -> None:
    """Raise `Invalid` where the tables are neither those of this release nor later ones that serve it still."""
    with answering(), ledger.engine.connect() as connection:
        found = found_at(connection)
        later = found is not None and found > head()
        since = connection.scalar(text("SELECT since FROM served")) if later else None
    if later:
        if since is None or since > head():
            told = f"the database is at migration {found} and serves releases of {since} and later"
            raise Invalid(f"{told}, this one is of {head()}; run a later one")
    elif found != head():
        raise Invalid(f"the database is at migration {found}, this release needs {head()}; run: noticewire db upgrade")


def head() -> str:
    """Return this release's migration: the last of the files, which are numbered."""
    return max(path.name[:4] for path in (Path(__file__).parent / "versions").glob("[0-9]*.py"))
