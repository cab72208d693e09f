"""The promises about a whole run are held: each breach is found, and nothing else is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.endurance import Stall, Struck, Use, health_tells, hostile_answers_end, leases_lost, resources_are_flat

NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)


@dataclass
class Told:
    """What gauges may have measured."""

    calm: Use | None = None
    quiet: Use | None = None
    stalls: Sequence[Stall] = ()
    reds: Sequence[tuple[float, float, str]] = ()
    wrong_counts: Sequence[str] = field(default_factory=list)


def use(memory: int, files: int = 20, processes: int = 12) -> Use:
    return Use(processes, {"api": memory << 20}, {"api": files}, 30)


def test_what_grows_beyond_bounds_is_found() -> None:
    assert list(resources_are_flat(use(100), use(140))) == []
    assert len(list(resources_are_flat(use(100), use(400)))) == 1
    assert len(list(resources_are_flat(use(100), use(100, files=90)))) == 1
    assert len(list(resources_are_flat(use(100), use(100, processes=13)))) == 1


def test_health_that_is_red_late_or_for_nothing_is_found() -> None:
    fault = Struck(1, "queue frozen", "queue", 100.0, NOON, over=110.0)
    assert list(health_tells(Told(stalls=[Stall("a", 20.0, 5.0)], reds=[(105.0, 120.0, "")]), [fault])) == []
    assert len(list(health_tells(Told(stalls=[Stall("a", None, 5.0), Stall("b", 29.0, 61.0)]), [fault]))) == 2
    assert len(list(health_tells(Told(reds=[(300.0, 301.0, "it is said"), (50.0, 60.0, "too early")]), [fault]))) == 2
    assert list(health_tells(Told(wrong_counts=["3 rows"]), [])) == ["I13 3 rows"]


def test_a_request_that_outlasts_its_deadline_is_found() -> None:
    met = {"fault": "endless", "number": 1, "host": "127.0.0.2", "started": 1.0}
    assert list(hostile_answers_end([met | {"ended": 4.9}, met | {"fault": None, "ended": 99.0}], 2.0)) == []
    assert len(list(hostile_answers_end([met | {"ended": 5.1}, met | {"ended": None}], 2.0))) == 2
    frozen = Struck(1, "all crawlers frozen until red", "health", 2.0, NOON, over=9.0)
    assert list(hostile_answers_end([met | {"ended": 9.1}], 2.0, [frozen])) == []
    assert len(list(hostile_answers_end([met | {"started": 9.5, "ended": 19.0}], 2.0, [frozen]))) == 1


def test_a_fault_costs_a_lease_and_one_more_for_every_lease_that_it_lasts() -> None:
    flushed = Struck(1, "queue flushed", "queue", 100.0, NOON, over=100.0)
    held = Struck(2, "rows held", "database", 100.0, NOON, over=110.0)
    assert leases_lost([], 4.0) == 0
    assert leases_lost([flushed, held], 4.0) == 4
