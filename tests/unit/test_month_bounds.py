"""By when the crawler owes what happens in a column of the played month."""

from math import inf

from tests.month.bounds import LISTING, SLACK, Owed
from tests.month.story import DAY, Character, Spell, Story

KEY = "s1.example"


def owed(*spells: Spell, fate: str = "lives", fated_at: float = 0.0) -> Owed:
    one = Character(KEY, 0, 1.0, fate, fated_at)
    return Owed(Story(1, 30, [one], list(spells)), one)


def test_what_a_listing_shows_is_owed_after_the_longest_gap_and_later_where_robots_txt_forbids_the_column() -> None:
    assert owed().listed(5 * DAY) == 5 * DAY + LISTING + SLACK
    forbidden = Spell(KEY, "robots", 4 * DAY, 9 * DAY, column=0)
    assert owed(forbidden).listed(5 * DAY) > 9 * DAY


def test_nothing_is_owed_of_a_column_that_closed_before_it_could_be_asked_again() -> None:
    forbidden = Spell(KEY, "robots", 4 * DAY, 9 * DAY, column=0)
    assert owed(forbidden, fate="closes", fated_at=8 * DAY).listed(5 * DAY) == inf
    assert owed(fate="closes", fated_at=8 * DAY).listed(5 * DAY) < 8 * DAY
