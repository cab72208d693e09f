"""`backfill`: older pages, wished for at the command line."""

import pytest

from shared.db.models import Target
from tests.integration.scene import rows
from tests.unit.cli.desk import COLUMN_URL, Desk


@pytest.fixture
def watched(desk: Desk) -> Desk:
    desk("source", "add", COLUMN_URL, "--delay", "6")
    return desk


def test_a_backfill_prints_its_id_and_how_long_it_takes_and_pressing_twice_does_no_harm(watched: Desk) -> None:
    first = watched("backfill", COLUMN_URL, "--pages", "40")
    assert first.out.strip().startswith("bfl_")
    assert "at most 40 pages × 6.5 s = 4 min" in first.err
    again = watched("backfill", COLUMN_URL, "--json").record
    assert (again["new"], again["id"], again["pages"]) == (False, first.out.strip(), 40)
    assert again["at_most"] == {"pages": 40, "pause_seconds": 6.5, "seconds": 260.0}
    assert len(rows(watched.ledger, Target, kind="backfill")) == 1


def test_bounds_are_kept_and_the_settings_are_the_last_one(watched: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTICEWIRE_BACKFILL_PAGES", "7")
    made = watched("backfill", COLUMN_URL, "--since", "2026-01-31", "--json").record
    assert (made["pages"], made["since"]) == (7, "2026-01-31")
    refused = watched("backfill", COLUMN_URL, "--pages", "8")
    assert refused.code == 1
    assert "NOTICEWIRE_BACKFILL_PAGES" in refused.err


def test_who_waits_longer_than_wished_is_told_how_far_it_is_and_that_it_goes_on(watched: Desk) -> None:
    waited = watched("backfill", COLUMN_URL, "--all", "--wait", "--timeout", "0")
    assert waited.code == 1
    assert "0 pages were read" in waited.err
    assert "goes on" in waited.err
    assert "0 pages read, 0 of 0 notices fetched" in waited.err.splitlines()


def test_who_waits_for_one_that_has_ended_is_told_how(watched: Desk) -> None:
    made = watched("backfill", COLUMN_URL).out.strip()
    with watched.ledger.begin() as uow:
        found = uow.backfills.by_id(made)
        assert found is not None
        uow.backfills.advance(found, "m", new=0, reached="2026-01-05")
        uow.commit()
    with watched.ledger.begin() as uow:
        uow.backfills.end(made, "the last page", uow.now())
        uow.commit()
    again = watched("backfill", COLUMN_URL, "--json").record
    assert again["id"] != made


def test_all_goes_without_another_bound(watched: Desk) -> None:
    assert watched("backfill", COLUMN_URL, "--all", "--pages", "3").code == 2


def test_an_unknown_column_is_an_error_that_says_where_to_look(watched: Desk) -> None:
    refused = watched("backfill", "http://gov.example/else/")
    assert refused.code == 1
    assert "noticewire source list" in refused.err


def test_where_a_backfill_stands_can_be_asked(watched: Desk) -> None:
    made = watched("backfill", COLUMN_URL).out.strip()
    (walker,) = rows(watched.ledger, Target, kind="backfill")
    assert f"where the backfill {made} stands" in watched("why", walker.id).out
