"""Migrations: they make exactly the tables that the models describe, however often and from wherever they are run."""

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from shared.clock import SystemClock
from shared.db import Ledger, open_ledger
from shared.db.models import Appointment, Notice, Problem, Revision, Subscription, Table
from shared.errors import Invalid, Unavailable
from shared.migrations import SERVES, require_current, upgrade
from tests.integration.scene import fetch, rows, subscription, target, together
from tests.integration.telling import Teller, document, problem
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
    opts = {"compare_type": True, "compare_server_default": True, "render_as_batch": True}
    hidden = {"include_name": is_modelled, "include_object": is_reflected} if is_sqlite(ledger) else {}
    with ledger.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=opts | hidden)
        assert compare_metadata(context, Table.metadata) == []


def is_sqlite(ledger: Ledger) -> bool:
    return ledger.engine.dialect.name == "sqlite"


def is_modelled(name: str | None, kind: str, _parents: object) -> bool:
    """SQLite's full-text index is a virtual table with others behind it; the models know only what it indexes."""
    return not (kind == "table" and str(name).startswith("searchable_index"))


def is_reflected(item: Any, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
    """SQLAlchemy does not read the options of a foreign key that came with its column, and PostgreSQL's index is its
    own."""
    keys = ("follows_id", "parent_id", "republishes_id", "moved_to_id")
    came_later = kind == "foreign_key_constraint" and list(item.columns.keys()) in ([key] for key in keys)
    return not came_later and name != "ix_searchable_text"


@pytest.mark.parametrize(
    ("table", "column", "rule"),
    [
        ("notices", "follows_id", "SET NULL"),  # who follows a notice that is forgotten follows none
        ("notices", "republishes_id", "SET NULL"),  # a copy of what is forgotten stands alone
        ("targets", "parent_id", "CASCADE"),  # a notice's further pages are forgotten with the first
        ("targets", "moved_to_id", "SET NULL"),  # an address that led to a forgotten one leads nowhere
    ],
)
def test_references_that_came_later_know_what_to_do_when_a_row_is_forgotten(
    ledger: Ledger, table: str, column: str, rule: str
) -> None:
    (keys,) = [
        key["options"] if not is_sqlite(ledger) else pragma_of(ledger, table, column)
        for key in inspect(ledger.engine).get_foreign_keys(table)
        if key["constrained_columns"] == [column]
    ]
    assert keys == {"ondelete": rule}


def pragma_of(ledger: Ledger, table: str, column: str) -> dict[str, str]:
    with ledger.engine.connect() as connection:
        rows = connection.execute(text(f"SELECT \"from\", on_delete FROM pragma_foreign_key_list('{table}')"))
        (on_delete,) = [row.on_delete for row in rows if row[0] == column]
        return {"ondelete": on_delete}


def test_partial_indexes_cover_the_same_rows_in_the_models_and_the_tables(ledger: Ledger) -> None:
    """Alembic does not compare the conditions of partial indexes."""
    dialect = ledger.engine.dialect.name
    modelled = {
        str(index.name): bare(f" WHERE {where}")
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
    assert found


def bare(sql: str) -> str:
    where = sql.partition(" WHERE ")[2].lower().replace("::text", "").replace("(state)", "state")
    plain = "".join(where.translate(str.maketrans("", "", '()"')).split()).replace("::charactervarying", "")
    return re.sub(r"=anyarray\[(.*?)\]\[\]", r"in\1", plain)  # PostgreSQL's way to write IN


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
        connection.execute(text("UPDATE served SET since = '9998'"))
    with pytest.raises(Invalid, match="at migration 9999 and serves releases of 9998"):
        require_current(ledger)
    with pytest.raises(Invalid, match="9999"):
        upgrade(ledger)


def test_a_later_release_may_be_at_work_on_the_tables_that_still_serve_this_one(ledger: Ledger) -> None:
    with ledger.engine.connect() as connection, connection.begin():
        assert connection.scalar(text("SELECT since FROM served")) == SERVES
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.execute(text("ALTER TABLE served ADD COLUMN later VARCHAR(10)"))
    require_current(ledger)


DYING = """
import os, sys
from sqlalchemy import event
from shared.clock import SystemClock
from shared.db import open_ledger
from shared.migrations import upgrade
ledger, left = open_ledger(sys.argv[1], SystemClock()), [int(sys.argv[2])]
@event.listens_for(ledger.engine, "after_cursor_execute")
def count(*_):
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), 9)
upgrade(ledger)
"""


@pytest.mark.parametrize("statements", [20, 120])
def test_an_upgrade_that_is_killed_in_the_middle_leaves_nothing_and_is_done_again(
    empty_url: str, open_empty: Callable[[], Ledger], statements: int
) -> None:
    killed = subprocess.run([sys.executable, "-c", DYING, empty_url, str(statements)], check=False, timeout=120)
    assert killed.returncode == -9
    ledger = open_empty()
    assert inspect(ledger.engine).get_table_names() == []
    upgrade(ledger)
    require_current(ledger)


# What a step may not do, for the release before is still at work; rows it may change.
FORBIDDEN = {
    "drop_table": "a table goes",
    "drop_column": "a column goes",
    "rename_table": "a table has another name",
    "alter_column": "a column becomes another",
    "batch_alter_table": "a table is made anew",
    "create_unique_constraint": "what was allowed is not",
    "create_check_constraint": "what was allowed is not",
    "DROP TABLE": "a table goes",
    "DROP COLUMN": "a column goes",
    "RENAME": "something has another name",
    "SET NOT NULL": "what was allowed is not",
}
STEPS = sorted((Path(__file__).parents[2] / "shared" / "migrations" / "versions").glob("[0-9]*.py"))


def breaches(step: ast.FunctionDef) -> Iterator[str]:
    """Yield what a step does that the release before would stumble over."""
    for call in (node for node in ast.walk(step) if isinstance(node, ast.Call)):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if name in FORBIDDEN:
            yield f"{name}: {FORBIDDEN[name]}"
        if name == "execute":
            said = ast.unparse(call).upper()
            yield from (f"{words}: {why}" for words, why in FORBIDDEN.items() if words.isupper() and words in said)
        if name == "add_column" and "nullable=False" in ast.unparse(call) and "server_default" not in ast.unparse(call):
            yield "add_column: who does not know it cannot leave it out"


@pytest.mark.parametrize("path", STEPS, ids=[path.stem for path in STEPS])
def test_no_step_takes_anything_from_the_release_before(path: Path) -> None:
    (upgrading,) = (
        node
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and node.name == "upgrade"
    )
    found = list(breaches(upgrading))
    if path.name[:4] > SERVES:  # earlier ones were before there was a release to serve
        assert found == [], "drop it one release later, and raise shared.migrations.SERVES with that step"


def test_the_rules_of_steps_find_what_breaks_them() -> None:
    spoilt = """
def upgrade():
    op.drop_table("x")
    op.execute("ALTER TABLE x DROP COLUMN y")
    op.add_column("x", sa.Column("z", sa.Integer(), nullable=False))
    op.add_column("x", sa.Column("w", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("i", "x", ["z"])
"""
    (step,) = ast.parse(spoilt).body
    assert isinstance(step, ast.FunctionDef)
    assert [one.partition(":")[0] for one in breaches(step)] == ["drop_table", "DROP COLUMN", "add_column"]


def test_a_database_that_is_down_is_told_as_such() -> None:
    ledger = open_ledger("postgresql://nobody@127.0.0.1:1/none", SystemClock())
    with pytest.raises(Unavailable, match="the database does not answer"):
        require_current(ledger)
    ledger.close()


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "sqlite:///:memory:", "nonsense", ""])
def test_other_databases_are_refused_by_name(url: str) -> None:
    with pytest.raises(Invalid, match="NOTICEWIRE_DATABASE_URL"):
        open_ledger(url, SystemClock())


FORWARD = "head"
BACK = "0001"


def moved(ledger: Ledger, step: Callable[[Config, str], None], revision: str) -> None:
    """Take a database to a migration by the very steps that it stores."""
    config = Config()
    config.set_main_option("script_location", "shared:migrations")
    config.set_main_option("path_separator", "os")
    with ledger.engine.connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        step(config, revision)


def tables(ledger: Ledger) -> dict[str, list[str]]:
    found = inspect(ledger.engine)
    return {name: [column["name"] for column in found.get_columns(name)] for name in found.get_table_names()}


def test_the_ledger_of_a_notice_can_be_taken_back_and_made_again_and_notices_survive(ledger: Ledger) -> None:
    with_it = tables(ledger)
    kept = notice_with_a_revision(ledger)
    moved(ledger, command.downgrade, BACK)
    assert "problems" not in tables(ledger)
    assert "kind" not in tables(ledger)["notices"]
    moved(ledger, command.upgrade, FORWARD)
    assert tables(ledger) == with_it
    assert [one.notice_id for one in rows(ledger, Revision)] == [kept]


def test_notices_of_the_release_before_survive_the_migration(open_empty: Callable[[], Ledger]) -> None:
    ledger = open_empty()
    moved(ledger, command.upgrade, BACK)
    earlier = {"id": "x", "source_id": "s", "column_id": "c", "target_id": "t", "url": "u", "state": "live"}
    with ledger.engine.connect() as connection, connection.begin():
        connection.execute(text("INSERT INTO sources VALUES ('s', 'S', 'h', NULL, true, '[]', NULL, '2026-01-01')"))
        connection.execute(text(f"INSERT INTO columns ({COLUMN}) VALUES ('c', 's', 'u', '2026-01-01')"))
        connection.execute(text(f"INSERT INTO targets ({TARGET}) VALUES ({TARGET_VALUES})"))
        columns = f"{', '.join(earlier)}, fetch_number, first_seen_at, changed_at"
        values = ", ".join(f":{name}" for name in earlier)
        connection.execute(
            text(f"INSERT INTO notices ({columns}) VALUES ({values}, 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00')"),
            earlier,
        )
    upgrade(ledger)
    (survivor,) = rows(ledger, Notice)
    assert (survivor.id, survivor.kind, survivor.follows_id) == ("x", None, None)


COLUMN = "id, source_id, url, created_at"
TARGET = (
    "id, source_id, column_id, host, url, kind, page, due_reason, leases, hops, fetch_count, quiet_visits, "
    "failures, created_at"
)
TARGET_VALUES = "'t', 's', 'c', 'h', 'u', 'detail', 1, 'new', 0, 0, 1, 0, 0, '2026-01-01'"


def notice_with_a_revision(ledger: Ledger) -> str:
    one = target(ledger)
    brought = fetch(ledger, one.id)
    with ledger.begin() as uow:
        now = uow.now()
        made = Notice(
            id="ntc_1",
            source_id=one.source_id,
            column_id=one.column_id,
            target_id=one.id,
            url=one.url,
            state="live",
            first_seen_at=now,
            changed_at=now,
        )
        uow.notices.add(made)
        facts = {"digest": "d", "fingerprint": "f", "document": {"body": "x"}, "created_at": now}
        uow.notices.append_revision(Revision(id="rev_1", notice_id=made.id, number=1, fetch_id=brought, **facts))
        uow.commit()
    return made.id


def test_what_subscriptions_wanted_by_types_becomes_a_filter(ledger: Ledger) -> None:
    subscription(ledger, types=["notice.published"], republications=True)
    subscription(ledger)
    moved(ledger, command.downgrade, "0017")
    upgrade(ledger)
    wanted = sorted(rows(ledger, Subscription), key=lambda one: one.id)
    both = {"types": ["notice.published", "notice.republished"], "republications": True}
    assert [one.filter for one in wanted] == [both, {}]


def test_a_role_that_may_not_add_what_the_search_needs_is_told_who_may(postgres: Postgres) -> None:
    url = postgres.empty()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS guest")
        connection.execute("CREATE ROLE guest LOGIN")
        connection.execute("GRANT ALL ON SCHEMA public TO guest")
    ledger = open_ledger(url.replace("postgres@", "guest@"), SystemClock())
    with pytest.raises(Invalid, match=r"pg_trgm.*permission denied.*owner or a superuser"):
        upgrade(ledger)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
    upgrade(ledger)
    require_current(ledger)
    ledger.close()


def test_days_to_come_that_are_known_are_entered_and_others_are_not(ledger: Ledger) -> None:
    teller = Teller(ledger)
    teller.at = datetime(2020, 1, 1, tzinfo=UTC)
    promises = (
        problem(1, "制度执行不到位", "staged", due="2099-06-30"),
        problem(2, "项目管理不规范", due="2021-01-01"),
    )
    teller.tell(document(*promises, comment_window={"opens_on": "2021-01-01", "closes_on": "2099-01-31"}))
    assert len(rows(ledger, Appointment)) == 7
    moved(ledger, command.downgrade, "0015")
    assert "agenda" not in tables(ledger)
    moved(ledger, command.upgrade, FORWARD)
    entered = rows(ledger, Appointment)
    named = {one.title: one.id for one in rows(ledger, Problem)}
    assert {(one.type, one.about, one.day) for one in entered} == {
        ("commitment.due", named["制度执行不到位"], "2099-06-30"),
        ("commitment.overdue", named["制度执行不到位"], "2099-06-30"),
        ("comment_window.closing", teller.notice().id, "2099-01-31"),
        ("comment_window.closed", teller.notice().id, "2099-01-31"),
    }
    assert {(one.judged_at, one.rule) for one in entered} == {(None, None)}
    assert all(one.made_at.tzinfo for one in entered)
