"""How often a column publishes, by the dates of its listing."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discover import Item
from crawler.walk import unpinned
from services.desk.rhythm import rhythm_of

DAY = date(2026, 3, 31)


def items(*ago: int | None) -> list[Item]:
    return [
        Item(f"http://gov.example/{n}", "公告", None if days is None else DAY - timedelta(days=days))
        for n, days in enumerate(ago)
    ]


@pytest.mark.parametrize(
    ("ago", "told"),
    [
        ((0, 4, 8, 11, 15, 19, 23, 27, 30, 34), "about 1.9 a week, by 10 dates over 34 days"),
        ((0, 0, 0, 1, 1, 1, 2), "about 3 a day, by 7 dates over 2 days"),
        ((0, 20, 40), "about 1.5 a month, by 3 dates over 40 days"),
        ((0, 200, 400), "about 1.8 a year, by 3 dates over 400 days"),
        ((0, 3), "unknown: 2 dates over 3 days tell too little"),
        ((5, 5, 5), "unknown: 3 dates over 0 days tell too little"),
        ((None, None), "unknown: 0 dates over 0 days tell too little"),
    ],
)
def test_a_rhythm_is_told_as_people_do(ago: tuple[int | None, ...], told: str) -> None:
    assert str(rhythm_of(items(*ago))) == told


def test_an_old_item_held_at_the_top_does_not_count() -> None:
    assert str(rhythm_of(items(2000, 0, 7, 14))) == "about 1 a week, by 3 dates over 14 days"


@given(st.lists(st.tuples(st.dates() | st.none(), st.booleans()), max_size=30))
def test_what_is_left_of_any_list_is_newest_first(shown: list[tuple[date | None, bool]]) -> None:
    kept = unpinned(shown)
    assert kept == sorted(kept, reverse=True)
    assert bool(kept) == any(day is not None and not pinned for day, pinned in shown)
