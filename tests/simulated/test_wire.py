"""Relays and couriers under schedules: frozen, killed or cut off, they bring every event to everybody, in order."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import pytest

from shared.db.deliveries import Deliveries
from shared.db.errands import ClaimedDelivery, Errands
from shared.domain.states import DeliveryState
from tests.simulated.budget import finds, play
from tests.simulated.doors import PlayedWork
from tests.simulated.machine import Schedule, WireSchedule, machine
from tests.simulated.world import House, Plan
from tests.standards.sse import EventSource

ACTS = 6
"""Few, for events wait at the beginning already: none is needed to tell of something."""
PARTS = 6
SCHEDULES = 120
"""In each part; the parts are tests of their own, so that they can be run side by side."""

pytestmark = pytest.mark.timeout(3600)


def wire(of: House, planned: type[PlayedWork] = PlayedWork, source: type[EventSource] = EventSource) -> type[Schedule]:
    """Return the machine of a wire, where nobody need sweep, with what is planted in it."""
    return machine(WireSchedule, of, Plan(sweeps=False, sweep_seconds=86_400, work=planned, source=source))


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_befalls_relays_every_event_reaches_everybody_in_order(house: House, part: int) -> None:
    play(wire(house), SCHEDULES, ACTS, part)


class EarlyErrands(Errands):
    """What is claimed counts as delivered at once."""

    def claim(self, delivery_ids: Collection[str], now: datetime, lease_seconds: float) -> Sequence[ClaimedDelivery]:
        claimed = super().claim(delivery_ids, now, lease_seconds)
        done = {"state": DeliveryState.DELIVERED, "ended_at": now, "attempts": 1}
        self.settle([done | {"id": one.delivery.id} for one in claimed])
        return claimed


class EarlyAcknowledgement(PlayedWork):
    @property
    def errands(self) -> Errands:  # type: ignore[override]
        return EarlyErrands(self._session)


class UnorderedDeliveries(Deliveries):
    """Every delivery is alone in its partition."""

    def fan_out(self, rows: Sequence[dict[str, Any]]) -> None:
        super().fan_out([one | {"partition_key": one["id"]} for one in rows])


class NoOrder(PlayedWork):
    @property
    def deliveries(self) -> Deliveries:  # type: ignore[override]
        return UnorderedDeliveries(self._session)


def test_a_courier_that_acknowledges_early_is_found_to_lose_events(house: House) -> None:
    # Which is seen first depends on the play: that it never came, or that a later one of its notice came before it.
    assert finds(wire(house, EarlyAcknowledgement), ACTS)[:2] in ("I4", "I5")


def test_a_relay_that_keeps_no_order_within_a_notice_is_found_out(house: House) -> None:
    assert "I5" in finds(wire(house, NoOrder), ACTS)


class HastySource(EventSource):
    """Half an event counts as seen."""

    def connect(self) -> None:
        self.last_event_id = getattr(self, "_id", self.last_event_id)
        super().connect()


class ForgetfulSource(EventSource):
    """Goes on from where it first began."""

    def connect(self) -> None:
        self.last_event_id = "0"
        super().connect()


def test_a_reader_that_counts_half_an_event_as_seen_is_found_to_miss_it(house: House) -> None:
    assert "I4 the stream's reader" in finds(wire(house, source=HastySource), ACTS)


def test_a_reader_that_does_not_resume_is_found_to_hear_events_again(house: House) -> None:
    assert "I3 the stream's reader" in finds(wire(house, source=ForgetfulSource), ACTS)
