"""The growth benchmark, small: what it fills a ledger with is what the line writes, and the line goes on from there."""

from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from shared.db.notices import NoticeQuery
from tests.bench.growth.casts import Foundry
from tests.bench.growth.fill import fill
from tests.bench.growth.line import STEPS, GrowingLine
from tests.bench.growth.moulds import WEBHOOKS, Moulds, moulds, shape
from tests.bench.growth.pages import Press
from tests.bench.growth.questions import ask_all
from tests.integration.plans import allowed, read_whole, told
from worker.alarm import Alarm
from worker.due import Calendar
from worker.sweep import Sweeper, SweepRules

NUMBER = 60


@pytest.fixture(scope="module")
def made() -> Moulds:
    return moulds(4)


@pytest.fixture
def line(database_url: str, tmp_path: Path, made: Moulds) -> tuple[GrowingLine, Foundry]:
    line = GrowingLine(database_url, tmp_path)
    foundry = Foundry(made, [one.id for one in line.subscribe(WEBHOOKS)], NUMBER)
    fill(line.ledger, foundry)
    return line, foundry


def test_every_row_that_the_line_writes_for_a_notice_is_in_its_mould(made: Moulds) -> None:
    report, announcement = shape(made.notices[0]), shape(made.notices[1])
    assert report["revisions"] == 2  # it was revised
    assert report["problems"] == report["accounts"] == 5
    assert report["searchable"] == 6
    assert announcement["revisions"] == announcement["notices"] == announcement["targets"] == 1
    assert announcement["deliveries"] == announcement["attempts"] == WEBHOOKS
    assert shape(made.place)["columns"] == 1


def test_a_cast_has_the_rows_of_its_mould_and_none_of_its_words(made: Moulds) -> None:
    foundry = Foundry(made, made.subscriptions, NUMBER)
    shapes = [Counter(shape(one)) for one in made.notices]
    words = [phrase for one in made.notices if one.paper for phrase in one.paper.phrases]
    ids = {row["id"] for one in made.notices for row in [*one.rows["targets"], *one.rows["notices"]]}
    for cast in list(foundry.casts())[4:]:
        assert Counter({table: len(rows) for table, rows in cast.items()}) in shapes
        said = str(cast)
        assert not any(word in said for word in words)
        assert not any(one in said for one in ids)


def test_the_line_and_the_api_go_on_from_a_ledger_that_was_filled(line: tuple[GrowingLine, Foundry]) -> None:
    grown, foundry = line
    with closing(grown):
        assert _broken_references(grown) == []
        _bring(grown, foundry)
        with grown.ledger.reading() as uow:
            assert uow.notices.count() == NUMBER + 2
            assert uow.events.last_position() == foundry.runs["positions"] + 2


def test_nothing_that_is_asked_often_reads_a_big_table_from_end_to_end(line: tuple[GrowingLine, Foundry]) -> None:
    grown, foundry = line
    with closing(grown), told(grown.ledger.engine) as statements:
        _bring(grown, foundry)
        answers = ask_all(grown.wiring, foundry, lambda: 0.0, times=2)
        _look_for_duties(grown)
        asked = [one for one in dict.fromkeys(statements) if not allowed(one)]
        assert [one.text for one in asked if read_whole(grown.ledger.engine, one)] == []
    assert answers["notices"].items == NUMBER + 2
    assert answers["search: a frequent word of two characters"].items > 0


def _bring(grown: GrowingLine, foundry: Foundry) -> None:
    where, press = foundry.places[0], Press(5)
    papers = {f"https://{where.host}/gggs/202609/t20260930_{n}.html": press.rectification(3) for n in range(2)}
    grown.site.publish(f"https://{where.host}/gggs/index.html", papers)
    grown.make_due("kind = 'listing' AND host = :host", host=where.host)
    assert len(grown.run(lambda: 0)) == len(STEPS) + 1


def _look_for_duties(grown: GrowingLine) -> None:
    """Do what the relay does beside relaying: the sweep, dated events, and what health is judged by."""
    settings = grown.wiring.settings
    Sweeper(grown.ledger, grown.bell, SweepRules(settings.ring_again_seconds)).sweep()
    Calendar(grown.ledger, settings.comment_window_closing_days).tell()
    Alarm(grown.ledger).tell()
    with grown.ledger.reading() as uow:
        uow.fetches.quarantined()
        uow.fetches.owed_count()
        notice = uow.notices.page(NoticeQuery(), limit=1)[0]
        target = uow.frontier.by_id(notice.target_id)
        assert target is not None
        uow.frontier.listing_of(target.column_id)
        uow.frontier.namesakes(target)
        uow.notices.replaced_by(target)


def _broken_references(line: GrowingLine) -> list[str]:
    """Return the tables that name rows which are not there."""
    broken = []
    with line.ledger.engine.connect() as connection:
        look = inspect(connection)
        for table in look.get_table_names():
            for key in look.get_foreign_keys(table):
                pairs = list(zip(key["constrained_columns"], key["referred_columns"], strict=True))
                same = " AND ".join(f"p.{there} = c.{here}" for here, there in pairs)
                given = " AND ".join(f"c.{here} IS NOT NULL" for here, _ in pairs)
                parent = key["referred_table"]
                lost = f"SELECT 1 FROM {table} c WHERE {given} AND NOT EXISTS (SELECT 1 FROM {parent} p WHERE {same})"
                broken += [table] if connection.execute(text(f"{lost} LIMIT 1")).first() else []
    return broken
