"""Filters at the desk: read by, tried on what is stored, saved under names."""

import pytest

from services.desk import filtering
from shared.db import Ledger
from shared.domain.filters import Filter
from shared.errors import Invalid, NotFound
from shared.ids import new_id
from tests.integration.scene import event
from tests.integration.telling import Teller, document, problem
from worker.relay import Relay

RIVER = Filter.parse({"keywords": ["河道"]})
ALL = Filter(republications=True)


@pytest.fixture
def told(ledger: Ledger) -> Ledger:
    """Three events of rivers and canteens in turn: 1, 3 and 5 are of rivers."""
    teller = Teller(ledger)
    for number, title in enumerate(["河道管护", "食堂采购", "河道采砂", "食堂卫生", "河道清淤"], 1):
        teller.tell(document(problem(1, title)), f"{number}.html")
    Relay(ledger).relay()
    return ledger


def read(ledger: Ledger, wanted: Filter, after: int, limit: int) -> tuple[list[int | None], int]:
    with ledger.reading() as uow:
        found = filtering.after(uow, wanted, after, limit)
    return [one.position for one in found.events], found.reached


def test_events_are_read_by_a_filter_page_after_page(told: Ledger) -> None:
    assert read(told, RIVER, 0, 2) == ([1, 3], 3)
    assert read(told, RIVER, 3, 2) == ([5], 5)
    assert read(told, RIVER, 5, 2) == ([], 5)
    assert read(told, ALL, 2, 2) == ([3, 4], 4)
    assert read(told, ALL, 9, 2) == ([], 5)


def test_where_few_match_the_cursor_moves_on_without_them(told: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filtering, "STEP", 1)
    monkeypatch.setattr(filtering, "SCANNED", 2)
    assert read(told, Filter.parse({"keywords": ["清淤"]}), 0, 10) == ([], 2)
    assert read(told, Filter.parse({"keywords": ["清淤"]}), 2, 10) == ([], 4)
    assert read(told, Filter.parse({"keywords": ["清淤"]}), 4, 10) == ([5], 5)


def test_what_has_no_position_yet_is_not_passed_over(told: Ledger) -> None:
    event(told, cause="revision/9")
    assert read(told, ALL, 5, 10) == ([], 5)
    Relay(told).relay()
    assert read(told, ALL, 5, 10) == ([6], 6)


def test_a_filter_is_tried_on_the_newest_events(told: Ledger) -> None:
    trial = filtering.try_out(told, RIVER)
    assert (trial.matched, trial.of) == (3, 5)
    assert [one.position for one in trial.events] == [5, 3, 1]
    few = filtering.try_out(told, RIVER, 2)
    assert (few.matched, few.of) == (1, 2)


def test_a_filter_of_sources_and_columns_that_are_not_there_is_refused(told: Ledger) -> None:
    for kind, name in (("sources", new_id("src")), ("columns", new_id("col"))):
        with pytest.raises(Invalid, match=rf"{kind}\[0\]: there is no"):
            filtering.try_out(told, Filter.parse({kind: [name]}))


def test_a_filter_is_saved_changed_and_forgotten_by_its_name(ledger: Ledger) -> None:
    saved = filtering.save(ledger, "rivers", RIVER)
    with ledger.reading() as uow:
        assert Filter.stored(filtering.named(uow, "rivers").filter) == RIVER
    changed = filtering.change(ledger, "rivers", ALL)
    assert changed.changed_at >= saved.created_at
    assert Filter.stored(changed.filter) == ALL
    filtering.remove(ledger, "rivers")
    for again in (lambda: filtering.remove(ledger, "rivers"), lambda: filtering.change(ledger, "rivers", ALL)):
        with pytest.raises(NotFound, match="no filter 'rivers'"):
            again()


@pytest.mark.parametrize("name", ["", "Rivers", "河道", "-x", "a" * 65, "all", "try", "a/b"])
def test_a_name_stands_in_addresses(ledger: Ledger, name: str) -> None:
    with pytest.raises(Invalid, match="no name for a filter"):
        filtering.save(ledger, name, ALL)


def test_a_name_is_given_once(ledger: Ledger) -> None:
    filtering.save(ledger, "rivers", RIVER)
    with pytest.raises(Invalid, match="there is a filter 'rivers' already"):
        filtering.save(ledger, "rivers", ALL)
