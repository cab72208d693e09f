"""A source's list of all that is new in place of its columns: by what both showed, and taken back where it fails."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from crawler.latest import LIST_FAILS
from crawler.learn import THROUGH
from crawler.schedule import hours_at, restored, stored
from crawler.schedule.latest import NEEDED
from shared.db import Ledger
from shared.db.models import Column, Sighting, Target
from shared.domain.states import Outcome, TargetKind
from tests.integration.scene import HOST, column, now, rows
from tests.integration.test_capture import Hand, listing, one
from tests.integration.test_learning import look

OLD = [f"/b/2026/{number}.html" for number in range(NEEDED)]
COMMON = [*OLD, *(f"/c/{number}.html" for number in range(5))]


@pytest.fixture
def hand(ledger: Ledger, tmp_path: Path) -> Hand:
    """A source with a column `b`, all of whose news of three weeks the list `a` had shown, too."""
    for name in "ab":
        column(ledger, name=name)
    hand = Hand(ledger, tmp_path / "blobs", planned=True)
    for name in "ab":
        look(hand, ["/b/2025/0.html"], name)
    look(hand, COMMON, "a")
    look(hand, OLD, "b")
    at, targets = now(ledger), {target.url: target.id for target in rows(ledger, Target)}
    with Session(ledger.engine) as session:
        for found in session.scalars(select(Column)):
            known = restored(found.habit)._replace(begun_at=hours_at(at - timedelta(days=40)), hours=900.0)
            found.habit = stored(known._replace(notices=15.0 if found.url.endswith("/a/") else 10.0))
        for number, path in enumerate(COMMON):
            shown = Sighting.target_id == targets[f"https://{HOST}{path}"]
            session.execute(update(Sighting).where(shown).values(seen_at=at - timedelta(days=1 + 2 * number)))
        session.commit()
    return hand


def latest(hand: Hand, name: str = "b") -> dict[str, object]:
    return one(hand.ledger, Column, url=f"https://{HOST}/{name}/").latest or {}


def shown_by_both(hand: Hand, *more: str) -> Target:
    look(hand, [*COMMON, *more], "a")
    return look(hand, [*OLD, *more], "b")


def test_a_column_whose_news_all_stood_on_the_common_list_is_looked_at_seldom(hand: Hand) -> None:
    after = shown_by_both(hand, "/b/2026/new.html")
    assert latest(hand)["rule"] == "shown-in-full"
    assert latest(hand)["list"] == one(hand.ledger, Column, url=f"https://{HOST}/a/").id
    assert after.due_reason == THROUGH
    assert after.due_at is not None
    assert timedelta(hours=21) < after.due_at - now(hand.ledger) <= timedelta(hours=24)
    assert look(hand, [*COMMON, "/b/2026/new.html"], "a").due_reason.startswith("plan: ")
    assert latest(hand, "a") == {}


def test_what_the_common_list_shows_first_is_the_columns_all_the_same(hand: Hand) -> None:
    shown_by_both(hand, "/b/2026/new.html")
    look(hand, [*COMMON, "/b/2026/newer.html", "/c/newer.html"], "a")
    of = {name: one(hand.ledger, Column, url=f"https://{HOST}/{name}/").id for name in "ab"}
    assert one(hand.ledger, Target, url=f"https://{HOST}/b/2026/newer.html").column_id == of["b"]
    assert one(hand.ledger, Target, url=f"https://{HOST}/c/newer.html").column_id == of["a"]


def test_it_ends_by_itself_when_the_common_list_misses_something(hand: Hand) -> None:
    shown_by_both(hand, "/b/2026/new.html")
    look(hand, [*OLD, "/b/2026/missed.html"], "b")
    with Session(hand.ledger.engine) as session:  # habits know their looks to a few seconds
        last = select(Target.id).where(Target.url.endswith("missed.html")).scalar_subquery()
        seen = now(hand.ledger) - timedelta(minutes=1)
        session.execute(update(Sighting).where(Sighting.target_id == last).values(seen_at=seen))
        session.commit()
    look(hand, COMMON, "a")
    after = look(hand, [*OLD, "/b/2026/missed.html", "/b/2026/x.html"], "b")
    assert latest(hand)["rule"] == "missed"
    assert latest(hand)["url"] == f"https://{HOST}/b/2026/missed.html"
    assert after.due_reason.startswith("plan: ")


def test_it_is_taken_back_at_once_when_the_common_list_fails(hand: Hand) -> None:
    shown_by_both(hand, "/b/2026/new.html")
    for _ in range(3):
        with hand.ledger.begin() as uow:
            target = uow.frontier.by_url(f"https://{HOST}/a/")
            assert target is not None
            target.due_at = uow.now() - timedelta(days=300)
            uow.commit()
        hand.see(Outcome.BLOCKED)
    assert latest(hand)["rule"] == "list-fails"
    after = one(hand.ledger, Target, url=f"https://{HOST}/b/")
    assert after.due_reason == LIST_FAILS
    assert after.due_at <= now(hand.ledger)


def test_a_source_of_one_column_and_columns_of_other_notices_are_left_alone(hand: Hand) -> None:
    column(hand.ledger, name="c")
    look(hand, ["/c/1.html"], "c")
    look(hand, ["/c/1.html", "/c/2.html"], "c")
    assert latest(hand, "c") == {}
    assert rows(hand.ledger, Target, kind=TargetKind.LISTING, due_reason=THROUGH) == []
    assert hand.keep(hand.visit(hand.claim(), Outcome.CAPTURED, listing(["/d/1.html"])))
