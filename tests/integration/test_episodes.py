"""Episodes: what is wrong with a column is written when it is seen, told once, and ended when it is well again."""

from datetime import datetime

import pytest

from crawler.health import Unread, stored_unread
from crawler.learn import Seen, learn, learn_unasked
from crawler.schedule import Budget, Habit, Timetable, hours_at, stored
from crawler.schedule.hours import PRIOR, profile_of
from services.cli.records import EPISODE, record
from shared.db import Ledger
from shared.db.frontier import Link
from shared.db.models import Column, Episode
from shared.domain.events import SOURCE_BLOCKED, SOURCE_DRIFTED, SOURCE_RECOVERED, SOURCE_SILENT
from shared.domain.states import Outcome
from tests.integration.scene import HOST, column, events, now, rows, together
from tests.integration.test_capture import one
from worker.alarm import Alarm

TABLE = Timetable([], Budget(), profile_of(PRIOR))


class Watch:
    """A column, as the crawler sees it."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.source, self.column = column(ledger)

    def see(self, outcome: Outcome, links: int = 0) -> None:
        found = [Link(f"https://{HOST}/a/{n}.html", HOST, "通报", "2026-03-04") for n in range(links)]
        with self.ledger.begin() as uow:
            uow.frontier.add_details(source_id=self.source.id, column_id=self.column.id, links=found, now=uow.now())
            learn(uow, Seen(self.column.id, outcome, "challenge-js", found, 503), uow.now(), TABLE)
            uow.commit()

    def is_blocked(self) -> None:
        for _ in range(3):
            self.see(Outcome.BLOCKED)

    def was_unread(self, days: float) -> None:
        """Let the first of the visits without the list have been so many days ago."""
        since = hours_at(now(self.ledger)) - 24 * days
        with self.ledger.begin() as uow:
            uow.sources.record_unread(self.column.id, stored_unread(Unread(since, 5)))
            uow.commit()

    def was_busy(self, days_ago: float) -> None:
        """Let the column have published daily until so many days ago."""
        at = hours_at(now(self.ledger))
        known = Habit(30, 30 * 24, 24 * days_ago, at - 24 * days_ago, at, at - 2000, 30)
        with self.ledger.begin() as uow:
            uow.sources.record_habit(self.column.id, stored(known))
            uow.commit()

    def told(self) -> list[str]:
        Alarm(self.ledger).tell()
        return [event.type for event in events(self.ledger)]


@pytest.fixture
def watch(ledger: Ledger) -> Watch:
    return Watch(ledger)


def test_a_silence_is_told_once_and_its_end_too(watch: Watch) -> None:
    watch.see(Outcome.CAPTURED, links=1)
    watch.was_busy(days_ago=40)
    for _ in range(3):
        watch.see(Outcome.UNCHANGED)
    assert watch.told() == watch.told() == [SOURCE_SILENT]
    watch.see(Outcome.CAPTURED, links=2)
    assert watch.told() == watch.told() == [SOURCE_SILENT, SOURCE_RECOVERED]
    silent, recovered = events(watch.ledger)
    assert silent.cause == recovered.cause == "episode/1"
    assert silent.subject == silent.partition_key == watch.source.id
    assert '"kind":"silent"' in silent.data


def test_a_listing_that_shows_nothing_twice_has_drifted(watch: Watch) -> None:
    watch.see(Outcome.CAPTURED, links=20)
    watch.see(Outcome.CAPTURED)
    assert watch.told() == []
    watch.see(Outcome.CAPTURED)
    assert watch.told() == [SOURCE_DRIFTED]
    watch.see(Outcome.CAPTURED, links=20)
    assert watch.told() == [SOURCE_DRIFTED, SOURCE_RECOVERED]


def test_a_column_that_never_showed_anything_is_no_success(watch: Watch) -> None:
    watch.see(Outcome.CAPTURED)
    watch.see(Outcome.CAPTURED)
    assert watch.told() == [SOURCE_DRIFTED]


def test_a_block_that_ended_before_it_was_told_is_told_with_its_end(watch: Watch) -> None:
    watch.is_blocked()
    watch.see(Outcome.CAPTURED, links=3)
    assert watch.told() == [SOURCE_BLOCKED, SOURCE_RECOVERED]


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.GONE])
def test_a_busy_column_that_fails_for_days_is_told_and_recovers_with_the_first_list(
    watch: Watch, outcome: Outcome
) -> None:
    watch.see(Outcome.CAPTURED, links=20)
    watch.was_busy(days_ago=0)
    watch.see(outcome)
    assert watch.told() == []
    watch.was_unread(days=8)
    watch.see(outcome)
    assert watch.told() == watch.told() == [SOURCE_BLOCKED]
    watch.see(Outcome.UNCHANGED)
    assert watch.told() == [SOURCE_BLOCKED, SOURCE_RECOVERED]
    assert one(watch.ledger, Column).unread is None


@pytest.mark.parametrize(("outcome", "visits"), [(Outcome.BLOCKED, 3), (Outcome.FAILED, 1)])
def test_a_listing_that_robots_txt_closes_is_told_though_it_is_never_asked_for(
    watch: Watch, outcome: Outcome, visits: int
) -> None:
    with watch.ledger.begin() as uow:
        page = uow.frontier.listing_of(watch.column.id)
        assert page is not None
        if outcome is Outcome.FAILED:
            uow.sources.record_unread(watch.column.id, stored_unread(Unread(hours_at(uow.now()) - 170, 5)))
        for _ in range(visits):
            assert uow.episodes.open_kinds(watch.column.id) == set()
            learn_unasked(uow, page, outcome, "robots: Disallow: /a/", uow.now())
        uow.commit()
    assert watch.told() == [SOURCE_BLOCKED]
    assert "robots: Disallow: /a/" in events(watch.ledger)[0].data


def test_a_second_episode_has_a_number_and_an_event_of_its_own(watch: Watch) -> None:
    for _ in range(2):
        watch.is_blocked()
        watch.see(Outcome.CAPTURED, links=3)
    assert [one.number for one in rows(watch.ledger, Episode)] == [1, 2]
    assert len(set(watch.told())) == 2
    assert {event.cause for event in events(watch.ledger)} == {"episode/1", "episode/2"}


def test_an_alarm_that_was_killed_before_it_committed_tells_once(watch: Watch) -> None:
    watch.is_blocked()
    together(Alarm(watch.ledger).tell, Alarm(watch.ledger).tell)
    assert watch.told() == [SOURCE_BLOCKED]


def test_episodes_are_counted_and_shown(watch: Watch) -> None:
    watch.is_blocked()
    with watch.ledger.reading() as uow:
        assert uow.episodes.open_by_kind() == {"blocked": 1}
        (episode,) = uow.episodes.of_source(watch.source.id)
    evidence = record(episode, EPISODE)["evidence"]
    assert (evidence["rule"], evidence["visits"], evidence["status"]) == ("challenge-js", 3, 503)
    assert datetime.fromisoformat(evidence["since"]) <= now(watch.ledger)


def test_what_is_forgotten_with_a_source_leaves_its_events(watch: Watch) -> None:
    watch.is_blocked()
    assert watch.told() == [SOURCE_BLOCKED]
    with watch.ledger.begin() as uow:
        uow.sources.remove(watch.source.id)
        uow.commit()
    assert rows(watch.ledger, Episode) == []
    assert watch.told() == [SOURCE_BLOCKED]
