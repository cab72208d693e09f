"""The benchmark of the schedule, small: how the policies stand to each other, never how long anything takes."""

import pytest

from crawler.schedule import Budget
from tests.bench.columns import END, Published, random_columns
from tests.bench.policies import bound, fixed, ours
from tests.bench.schedule import LONGEST_HOURS, Result, result_of, table, tuned

BUDGET = 6.0


@pytest.fixture(scope="module")
def columns() -> list[Published]:
    return random_columns(hosts=3, seed=7)


@pytest.fixture(scope="module")
def found(columns: list[Published]) -> dict[str, Result]:
    looks = {
        "fixed": fixed(columns, 24 / BUDGET),
        "entry-frequency": tuned(columns, BUDGET),
        "ours": ours(columns, Budget(BUDGET, LONGEST_HOURS)),
        "bound": bound(columns, Budget(BUDGET, LONGEST_HOURS)),
    }
    return {name: result_of(name, BUDGET, one) for name, one in looks.items()}


def test_the_same_seed_gives_the_same_columns(columns: list[Published]) -> None:
    assert random_columns(hosts=3, seed=7) == columns
    assert random_columns(hosts=3, seed=8) != columns


def test_every_policy_finds_every_notice_but_the_last(columns: list[Published]) -> None:
    published = sum(len([at for at in column.notices if at < END - 24]) for column in columns)
    assert len(fixed(columns, 4).waits) >= published


def test_fixed_polling_is_what_it_is_measured_by(found: dict[str, Result]) -> None:
    assert found["fixed"].fewer_for_median == pytest.approx(1, rel=0.1)
    assert found["fixed"].fewer_for_p95 == pytest.approx(1, rel=0.1)


def test_our_schedule_needs_far_fewer_requests_than_fixed_polling(found: dict[str, Result]) -> None:
    assert found["ours"].requests <= BUDGET * 1.05
    assert found["ours"].fewer_for_median > 4
    assert found["ours"].fewer_for_p95 > 1.5


def test_our_schedule_is_better_than_entry_frequency(found: dict[str, Result]) -> None:
    assert found["ours"].median < found["entry-frequency"].median
    assert found["ours"].p95 < found["entry-frequency"].p95


def test_learning_comes_near_to_knowing(found: dict[str, Result]) -> None:
    assert found["bound"].fewer_for_median < 1.35 * found["ours"].fewer_for_median


def test_no_column_goes_without_a_look_for_longer_than_the_limit(found: dict[str, Result]) -> None:
    assert found["ours"].longest_gap <= LONGEST_HOURS + 0.1


def test_the_table_names_every_policy(found: dict[str, Result]) -> None:
    assert table(list(found.values())).row_count == 4
