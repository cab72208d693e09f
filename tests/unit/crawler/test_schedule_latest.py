"""A column is read through another list only by what both have shown, and no longer than it holds."""

from datetime import UTC, datetime, timedelta

import pytest

from crawler.schedule import Budget, Habit, Timetable
from crawler.schedule.hours import OFFICE_HOURS
from crawler.schedule.latest import IN_FULL, NEEDED, Item, folder_of, judge_latest, owner_of

FOLDER = "https://gov.example/zwgk/tzgg/"
NOW = 10_000.0
BEGIN = datetime(2026, 3, 2, tzinfo=UTC)


def item(days_ago: float, later: float | None = 1.0, url: str = FOLDER + "1.html") -> Item:
    """A notice that the column showed so long ago, and the other list `later` hours after (None: never)."""
    seen = NOW - 24 * days_ago
    return Item(url, seen, None if later is None else seen + later)


def shown(count: int, days_apart: float = 2.0) -> list[Item]:
    return [item(1 + days_apart * number) for number in range(count)]


def test_a_column_whose_notices_all_stood_on_another_list_is_read_through_it() -> None:
    word = judge_latest(shown(NEEDED), FOLDER, NOW)
    assert (word.rule, word.notices, word.days, word.url) == (IN_FULL, NEEDED, 18.0, None)


@pytest.mark.parametrize(
    ("items", "rule"),
    [
        ([], "too-few"),
        (shown(NEEDED - 1), "too-few"),
        (shown(NEEDED + 5, 0.5), "too-soon"),
        ([item(1, None), *shown(NEEDED)], "missed"),
        ([item(1, 25.0), *shown(NEEDED)], "late"),
        ([item(1, 1.0, "https://gov.example/art/1.html"), *shown(NEEDED)], "addressed-elsewhere"),
        ([*shown(3), item(9, None), *shown(NEEDED)], "missed"),
    ],
)
def test_anything_less_than_that_leaves_it_to_its_own_list(items: list[Item], rule: str) -> None:
    assert judge_latest(items, FOLDER, NOW).rule == rule


def test_what_was_missed_long_ago_is_forgiven() -> None:
    assert judge_latest([*shown(NEEDED), item(40, None)], FOLDER, NOW).in_full


def test_what_the_other_list_may_yet_show_is_not_held_against_it() -> None:
    fresh = item(0.0, None)
    assert judge_latest([fresh, *shown(NEEDED)], FOLDER, looked_at=fresh.seen).in_full
    assert judge_latest([fresh, *shown(NEEDED)], FOLDER, looked_at=fresh.seen + 1).rule == "missed"


def test_a_link_is_of_the_column_in_whose_folder_it_lies() -> None:
    folders = [(folder_of("https://gov.example/zwgk/tzgg/index.html"), "col_1"), ("https://gov.example/zwgk/", "col_2")]
    assert folders[0][0] == FOLDER
    assert owner_of(FOLDER + "202603/t1.html", folders) == "col_1"
    assert owner_of("https://gov.example/zwgk/2.html", folders) == "col_2"
    assert owner_of("https://gov.example/3.html", folders) is None
    assert owner_of("https://gov.example/zwgk/tzggs/4.html", folders[:1]) is None


def test_what_is_saved_at_columns_read_through_a_list_is_spent_on_the_others() -> None:
    habit = Habit(notices=10.0, hours=240.0)
    alone = Timetable([habit] * 3, Budget(6.0), OFFICE_HOURS)
    richer = Timetable([habit] * 3, Budget(6.0), OFFICE_HOURS, seldom=9)
    assert looks_in_a_week(richer, habit) > 2 * looks_in_a_week(alone, habit)


def looks_in_a_week(timetable: Timetable, habit: Habit) -> int:
    at, looks = BEGIN, 0
    while at < BEGIN + timedelta(days=7):
        at += timedelta(seconds=timetable.next_look(habit, "col_1", at).seconds or 0)
        looks += 1
    return looks


def test_a_seldom_look_is_never_later_than_the_longest_pause() -> None:
    timetable = Timetable([], Budget(longest_hours=24), OFFICE_HOURS)
    pauses = {timetable.seldom_look(f"col_{number}", "so").seconds or 0 for number in range(50)}
    assert 0.9 * 86400 <= min(pauses) < max(pauses) <= 86400
