"""Migrations: they make exactly the tables that the models describe, however often and from wherever they are run."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from shared.clock import SystemClock
from shared.db import Ledger, open_ledger
from shared.db.models import Table
from shared.errors import Invalid, Unavailable
from shared.migrations import require_current, upgrade
from tests.integration.scene import together
from tests.servers.postgres import Postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without any table."""
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        return server.empty()
    return f"sqlite:///{tmp_path / 'empty.db'}"


@pytest.fixture
def open_empty(empty_url: str) -> Iterator[Callable[[], Ledger]]:
    opened: list[Ledger] = []

    def open_one() -> Ledger:
        opened.append(open_ledger(empty_url, SystemClock()))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


def test_the_migrated_tables_are_those_of_the_models(ledger: Ledger) -> None:
    with ledger.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True, "render_as_batch": True}
        )
        assert compare_metadata(context, Table.metadata) == []


def test_partial_indexes_cover_the_same_rows_in_the_models_and_the_tables(ledger: Ledger) -> None:
    """Alembic does not compare the conditions of partial indexes."""
    dialect = ledger.engine.dialect.name
    modelled = {
        str(index.name): "".join(str(where).lower().split())
        for table in Table.metadata.tables.values()
        for index in table.indexes
        if (where := index.dialect_options[dialect]["where"]) is not None
    }
    catalog = {
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'",
        "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE indexdef LIKE '% WHERE %'",
    }
    with ledger.engine.connect() as connection:
        found = {name: bare(sql) for name, sql in connection.execute(text(catalog[dialect]))}
    assert found == modelled
    assert len(found) == 6


def bare(sql: str) -> str:
    where = sql.partition(" WHERE ")[2].lower().replace("::text", "").replace("(state)", "state")
    return "".join(where.translate(str.maketrans("", "", '()"')).split())


def test_upgrading_twice_is_harmless(open_empty: Callable[[], Ledger]) -> None:
    ledger = open_empty()
    first = upgrade(ledger)
    before = inspect(ledger.engine).get_table_names()
    assert upgrade(ledger) == first
    assert inspect(ledger.engine).get_table_names() == before
    require_current(ledger)


def test_upgrades_at_the_same_moment_wait_for_each_other(open_empty: Callable[[], Ledger]) -> None:
    ledgers = [open_empty() for _ in range(4)]
    together(*(lambda one=one: upgrade(one) for one in ledgers))
    require_current(ledgers[0])
    with ledgers[0].engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM alembic_version")) == 1


def test_a_database_without_tables_is_refused_with_the_command_that_makes_them(
    open_empty: Callable[[], Ledger],
) -> None:
    with pytest.raises(Invalid, match="run: noticewire db upgrade"):
        require_current(open_empty())


def test_a_database_of_a_later_release_is_refused_and_left_alone(ledger: Ledger) -> None:
    with ledger.engine.connect() as connection, connection.begin():
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Invalid, match="9999"):
        require_current(ledger)
    with pytest.raises(Invalid, match="9999"):
        upgrade(ledger)


def test_a_database_that_is_down_is_told_as_such() -> None:
    ledger = open_ledger("postgresql://nobody@127.0.0.1:1/none", SystemClock())
    with pytest.raises(Unavailable, match="the database does not answer"):
        require_current(ledger)
    ledger.close()


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "sqlite:///:memory:", "nonsense", ""])
def test_other_databases_are_refused_by_name(url: str) -> None:
    with pytest.raises(Invalid, match="NOTICEWIRE_DATABASE_URL"):
        open_ledger(url, SystemClock())
