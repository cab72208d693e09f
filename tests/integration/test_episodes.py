"""Episodes: what is wrong with a column is written when it is seen, told once, and ended when it is well again."""

import pytest

from crawler.learn import Seen, learn
from crawler.schedule import Budget, Habit, Timetable, hours_at, stored
from crawler.schedule.hours import PRIOR, profile_of
from services.cli.records import EPISODE, record
from shared.db import Ledger
from shared.db.frontier import Link
from shared.db.models import Episode
from shared.domain.events import SOURCE_BLOCKED, SOURCE_DRIFTED, SOURCE_RECOVERED, SOURCE_SILENT
from shared.domain.states import Outcome
from tests.integration.scene import HOST, column, events, now, rows, together
from worker.alarm import Alarm

TABLE = Timetable([], Budget(), profile_of(PRIOR))


class Watch:
    """A column, as the crawler sees it."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.source, self.column = column(ledger)

    def see(self, outcome: Outcome, links: int = 0, failures: int = 0) -> None:
        found = [Link(f"https://{HOST}/a/{n}.html", HOST, "通报", "2026-03-04") for n in range(links)]
        with self.ledger.begin() as uow:
            uow.frontier.add_details(source_id=self.source.id, column_id=self.column.id, links=found, now=uow.now())
            learn(uow, Seen(self.column.id, outcome, "challenge-js", failures, found), uow.now(), TABLE)
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
    watch.see(Outcome.BLOCKED, failures=3)
    watch.see(Outcome.CAPTURED, links=3)
    assert watch.told() == [SOURCE_BLOCKED, SOURCE_RECOVERED]


def test_a_second_episode_has_a_number_and_an_event_of_its_own(watch: Watch) -> None:
    for _ in range(2):
        watch.see(Outcome.BLOCKED, failures=3)
        watch.see(Outcome.CAPTURED, links=3)
    assert [one.number for one in rows(watch.ledger, Episode)] == [1, 2]
    assert len(set(watch.told())) == 2
    assert {event.cause for event in events(watch.ledger)} == {"episode/1", "episode/2"}


def test_an_alarm_that_was_killed_before_it_committed_tells_once(watch: Watch) -> None:
    watch.see(Outcome.BLOCKED, failures=3)
    together(Alarm(watch.ledger).tell, Alarm(watch.ledger).tell)
    assert watch.told() == [SOURCE_BLOCKED]


def test_episodes_are_counted_and_shown(watch: Watch) -> None:
    watch.see(Outcome.BLOCKED, failures=3)
    with watch.ledger.reading() as uow:
        assert uow.episodes.open_by_kind() == {"blocked": 1}
        (episode,) = uow.episodes.of_source(watch.source.id)
    assert record(episode, EPISODE)["evidence"] == {"rule": "challenge-js", "visits": 3}


def test_what_is_forgotten_with_a_source_leaves_its_events(watch: Watch) -> None:
    watch.see(Outcome.BLOCKED, failures=3)
    assert watch.told() == [SOURCE_BLOCKED]
    with watch.ledger.begin() as uow:
        uow.sources.remove(watch.source.id)
        uow.commit()
    assert rows(watch.ledger, Episode) == []
    assert watch.told() == [SOURCE_BLOCKED]
