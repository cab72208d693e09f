"""What events of a source tell, as its crawler saw it: the numbers that decided, the visit, and how late they are."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from crawler.health import Unread, stored_unread
from crawler.schedule import Habit, hours_at, stored
from services.api.event_examples import EXAMPLES
from shared.db import Ledger
from shared.db.models import Episode, Event, Fetch, Target
from shared.domain.states import Outcome
from tests.integration.scene import column, events, now, rows
from tests.integration.test_capture import Hand, listing
from tests.told import flaws_in
from worker.alarm import Alarm

LIST = listing([f"{number}.html" for number in range(20)])
EMPTY = listing([])


class Listing:
    """A column's listing that is looked at by the crawler's writing hand, when a test says."""

    def __init__(self, ledger: Ledger, folder: Path) -> None:
        self.ledger = ledger
        self.source, self.column = column(ledger)
        self._hand = Hand(ledger, folder, planned=True)

    def see(self, outcome: Outcome, body: bytes | None = None, *, due_ago: timedelta = timedelta()) -> None:
        """Look at it, so long after the look was due."""
        with Session(self.ledger.engine) as session:
            due_at = now(self.ledger) - due_ago
            session.execute(update(Target).where(Target.kind == "listing").values(due_at=due_at))
            session.execute(update(Target).where(Target.kind != "listing").values(due_at=None))
            session.commit()
        self._hand.see(outcome, body)

    def was_busy(self, *, until: float, looked: float) -> None:
        """Let it have published daily until so many days ago, and have been looked at so many days ago."""
        at = hours_at(now(self.ledger))
        quiet = 24 * (until - looked)
        habit = Habit(30, 30 * 24, quiet, at - 24 * until, at - 24 * looked, at - 2000, 30)
        with self.ledger.begin() as uow:
            uow.sources.record_habit(self.column.id, stored(habit))
            uow.commit()

    def told(self) -> list[Event]:
        Alarm(self.ledger).tell()
        return events(self.ledger)


@pytest.fixture
def page(ledger: Ledger, tmp_path: Path) -> Listing:
    return Listing(ledger, tmp_path / "blobs")


def data(event: Event) -> dict[str, Any]:
    """Return what it tells, which must be what its type's schema says, and all that its example shows."""
    told: dict[str, Any] = json.loads(event.data)
    assert list(flaws_in(event.type, told)) == []
    assert told.keys() == EXAMPLES[event.type].keys()
    return told


def visit(page: Listing, number: int) -> dict[str, Any]:
    """Return the n-th visit to the listing, in the words of events."""
    (fetch,) = rows(page.ledger, Fetch, number=number)
    return {"id": fetch.id, "status": fetch.status, "rule": fetch.rule, "digest": fetch.digest}


def test_a_drift_tells_what_was_expected_what_was_found_and_by_which_visit(page: Listing) -> None:
    for body in (LIST, EMPTY, EMPTY, LIST):
        page.see(Outcome.CAPTURED, body)
    drifted, recovered = (data(one) for one in page.told())
    numbers = {"usual_links": 20, "usual_dated": 1.0, "links": 0, "dated": 0.0}
    assert drifted["evidence"] == recovered["evidence"] == {"oddity": "no links", "looks": 2} | numbers
    assert (drifted["fetch"], recovered["fetch"]) == (visit(page, 3), visit(page, 4))
    assert (drifted["rule"], recovered["rule"]) == ("listing-reads-otherwise", "list-reads-as-it-did")
    assert drifted["episode"]["lasted_seconds"] is None
    assert recovered["episode"]["lasted_seconds"] >= 0
    assert not drifted["late"]
    assert not recovered["late"]


def test_a_block_tells_its_rule_its_status_and_since_when(page: Listing) -> None:
    page.see(Outcome.CAPTURED, LIST)
    for _ in range(3):
        page.see(Outcome.BLOCKED, EMPTY)
    page.see(Outcome.UNCHANGED)
    blocked, recovered = (data(one) for one in page.told())
    evidence = blocked["evidence"]
    assert blocked["rule"] == evidence["rule"] == "test"
    assert (evidence["status"], evidence["visits"], evidence["missed"]) == (200, 3, 0)
    assert datetime.fromisoformat(evidence["since"]) <= now(page.ledger)
    assert (blocked["fetch"], recovered["fetch"]) == (visit(page, 4), visit(page, 5))
    assert recovered["rule"] == "list-to-be-had-again"
    assert recovered["evidence"] == evidence


def test_a_silence_that_is_seen_when_its_look_is_due_is_not_late(page: Listing) -> None:
    page.see(Outcome.CAPTURED, LIST)
    page.was_busy(until=40, looked=0.5)
    page.see(Outcome.UNCHANGED, due_ago=timedelta(minutes=1))
    page.see(Outcome.CAPTURED, listing(["new.html"]))
    silent, recovered = (data(one) for one in page.told())
    evidence = silent["evidence"]
    assert (evidence["quiet_days"], evidence["notices_a_day"]) == (40, 1)
    assert evidence["chance"] < evidence["chance_below"] == 1e-4
    assert (silent["fetch"], recovered["fetch"]) == (visit(page, 2), visit(page, 3))
    assert (silent["rule"], recovered["rule"]) == ("quiet-beyond-its-habit", "news-again")
    assert not silent["late"]
    assert 60 <= silent["late_seconds"] < 3600


@pytest.mark.parametrize("due_ago", [timedelta(days=7), timedelta()])
def test_a_silence_that_began_while_nobody_looked_is_told_late_at_the_time_when_it_was_to_be_told(
    page: Listing, due_ago: timedelta
) -> None:
    """Also where a redirect, or a person's wish, has made the target due anew."""
    page.see(Outcome.CAPTURED, LIST)
    page.was_busy(until=40, looked=7)
    page.see(Outcome.UNCHANGED, due_ago=due_ago)
    (event,) = page.told()
    silent = data(event)
    days = silent["late_seconds"] / 86_400
    assert silent["late"]
    assert 5.9 < days < 7.1
    assert event.occurred_at == rows(page.ledger, Episode)[0].began_at
    assert days == pytest.approx((now(page.ledger) - event.occurred_at).total_seconds() / 86_400, abs=0.01)


def test_a_silence_that_became_one_in_the_downtime_is_late_since_then(page: Listing) -> None:
    page.see(Outcome.CAPTURED, LIST)
    page.was_busy(until=12, looked=11)
    page.see(Outcome.UNCHANGED, due_ago=timedelta(days=11))
    (event,) = page.told()
    assert data(event)["late"]
    assert 72 < (event.occurred_at - now(page.ledger)).total_seconds() / 3600 + 12 * 24 < 12 * 24 - 1


def test_a_column_that_could_not_be_read_meanwhile_is_not_late_when_it_can(page: Listing) -> None:
    page.see(Outcome.CAPTURED, LIST)
    page.was_busy(until=40, looked=7)
    with page.ledger.begin() as uow:
        uow.sources.record_unread(page.column.id, stored_unread(Unread(hours_at(uow.now()) - 167, 5)))
        uow.commit()
    page.see(Outcome.UNCHANGED, due_ago=timedelta(days=7))
    assert [data(one)["late"] for one in page.told()] == [False]


def test_what_nobody_led_to_tell_is_told_late(page: Listing) -> None:
    page.see(Outcome.CAPTURED, LIST)
    for _ in range(3):
        page.see(Outcome.BLOCKED, EMPTY)
    with Session(page.ledger.engine) as session:
        session.execute(update(Episode).values(began_at=now(page.ledger) - timedelta(days=7)))
        session.commit()
    (blocked,) = (data(one) for one in page.told())
    assert blocked["late"]
    assert blocked["late_seconds"] >= 7 * 86_400


def test_what_a_crawler_of_an_earlier_release_wrote_is_told_as_far_as_it_goes(page: Listing) -> None:
    with page.ledger.begin() as uow:
        held = uow.sources.column(page.column.id)
        assert held is not None
        uow.episodes.begin(held, "blocked", {"rule": "challenge-js", "visits": 3}, uow.now())
        uow.commit()
    page.see(Outcome.CAPTURED, LIST)
    blocked, recovered = (data(one) for one in page.told())
    assert (blocked["fetch"], recovered["fetch"]) == (None, visit(page, 1))
    assert blocked["evidence"] == {"rule": "challenge-js", "visits": 3}
