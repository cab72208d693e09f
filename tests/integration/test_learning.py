"""What looks at a listing teach of its column is written with them: once, whatever happens, and by what it showed."""

from datetime import timedelta
from pathlib import Path

import pytest

from crawler.schedule import Habit, restored
from shared.db import Ledger
from shared.db.models import Column, Sighting, Target
from shared.domain.states import Outcome, TargetKind
from tests.integration.scene import HOST, column, now, rows
from tests.integration.test_capture import Hand, listing, one


@pytest.fixture
def hand(ledger: Ledger, tmp_path: Path) -> Hand:
    column(ledger)
    return Hand(ledger, tmp_path / "blobs", planned=True)


def look(hand: Hand, paths: list[str] | None, name: str = "a") -> Target:
    """Look at a column's listing: what it shows, or (None) that it has not changed."""
    url = f"https://{HOST}/{name}/"
    with hand.ledger.begin() as uow:
        target = uow.frontier.by_url(url)
        assert target is not None
        target.due_at = uow.now() - timedelta(days=300)
        uow.commit()
    if paths is None:
        return hand.see(Outcome.UNCHANGED)
    return hand.see(Outcome.CAPTURED, listing(paths))


def habit_of(hand: Hand, name: str = "a") -> Habit:
    return restored(one(hand.ledger, Column, url=f"https://{HOST}/{name}/").habit)


def test_a_first_look_teaches_and_the_timetable_says_when_to_look_next(hand: Hand) -> None:
    after = look(hand, [f"{n}.html" for n in range(20)])
    assert habit_of(hand).looked_at is not None
    assert after.due_reason.startswith("plan: ")
    assert after.due_at is not None
    assert timedelta(0) < after.due_at - now(hand.ledger) <= timedelta(hours=24)


def test_new_links_are_news_and_known_ones_are_not(hand: Hand) -> None:
    look(hand, ["1.html", "2.html"])
    by_dates = habit_of(hand).news_at
    look(hand, ["1.html", "2.html"])
    assert habit_of(hand).news_at == by_dates
    look(hand, ["1.html", "2.html", "3.html"])
    assert habit_of(hand).news_at == habit_of(hand).looked_at
    assert len(rows(hand.ledger, Sighting)) == 3


def test_a_link_that_a_sibling_showed_first_is_news_of_this_column_too(hand: Hand) -> None:
    column(hand.ledger, name="b")
    look(hand, ["/n/1.html"], "a")
    look(hand, ["/n/1.html"], "b")
    look(hand, ["/n/1.html", "/n/2.html"], "a")
    look(hand, ["/n/1.html", "/n/2.html"], "b")
    assert habit_of(hand, "b").news_at == habit_of(hand, "b").looked_at
    assert len(rows(hand.ledger, Target, kind=TargetKind.DETAIL)) == 2
    assert len(rows(hand.ledger, Sighting)) == 4


def test_a_listing_that_has_not_changed_was_looked_at(hand: Hand) -> None:
    look(hand, ["1.html"])
    before = habit_of(hand)
    look(hand, None)
    after = habit_of(hand)
    assert (after.looked_at or 0) >= (before.looked_at or 0)
    assert after.news_at == before.news_at


def test_what_could_not_be_read_teaches_nothing(hand: Hand) -> None:
    look(hand, ["1.html"])
    before = habit_of(hand)
    look(hand, [])
    assert habit_of(hand) == before


def test_a_look_that_is_discarded_teaches_nothing(hand: Hand) -> None:
    slow = hand.claim(lease_seconds=-1)
    hand.claim()
    assert not hand.keep(hand.visit(slow, Outcome.CAPTURED, listing(["1.html"])))
    assert one(hand.ledger, Column).habit is None
    assert rows(hand.ledger, Sighting) == []
