"""When a walk through older pages is over: by what a page shows, and never never."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.walk import END, LIMIT, NO_ITEMS, OLDER, SEEN, Walk, ended_by, mark_of

DAY = date(2026, 3, 31)


def days(*ago: int | None) -> list[tuple[date | None, bool]]:
    return [(None if one is None else DAY - timedelta(days=one), False) for one in ago]


def walk(pages_read: int = 0, pages: int = 100, since: int | None = None, seen: tuple[str, ...] = ()) -> Walk:
    return Walk(pages_read, pages, None if since is None else DAY - timedelta(days=since), seen)


@pytest.mark.parametrize(
    ("before", "shown", "goes_on", "rule"),
    [
        (walk(), days(1, 2, 3), True, None),
        (walk(), days(1, 2, 3), False, END),
        (walk(), days(), True, NO_ITEMS),
        (walk(seen=("x", "m")), days(1), True, SEEN),
        (walk(pages_read=98), days(1), True, None),
        (walk(pages_read=99), days(1), True, LIMIT),
        (walk(pages=1), days(1), True, LIMIT),
        (walk(since=10), days(8, 9, 10), True, None),
        (walk(since=10), days(9, 10, 11, 12, 13), True, OLDER),
        (walk(since=10), days(None, None), True, None),
    ],
)
def test_a_walk_is_over_where_a_rule_says_so(
    before: Walk, shown: list[tuple[date | None, bool]], goes_on: bool, rule: str | None
) -> None:
    assert ended_by(before, shown, "m", goes_on=goes_on) == rule


def test_pinned_items_neither_end_a_walk_nor_prolong_it() -> None:
    old_above = [(DAY - timedelta(days=900), True), *days(800, 700, 1, 2, 3)]
    assert ended_by(walk(since=10), old_above, "m", goes_on=True) is None
    new_above = days(0, 20, 21, 22)
    assert ended_by(walk(since=10), new_above, "m", goes_on=True) == OLDER


def test_one_odd_date_at_the_end_of_a_page_does_not_end_a_walk() -> None:
    assert ended_by(walk(since=10), days(1, 2, 3, 4000), "m", goes_on=True) is None


@given(st.lists(st.lists(st.integers(0, 5), max_size=4), min_size=1, max_size=6), st.integers(1, 30))
def test_a_walk_over_any_pager_that_goes_on_for_ever_ends(pages: list[list[int]], limit: int) -> None:
    seen: list[str] = []
    for number in range(limit):
        shown = pages[number % len(pages)]
        mark = mark_of([str(one) for one in shown])
        if ended_by(walk(number, limit, seen=tuple(seen)), days(*shown), mark, goes_on=True):
            return
        seen.append(mark)
    raise AssertionError("the walk went on")
