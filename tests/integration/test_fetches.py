"""Fetches: each is one worker's at a time, in order within its target, and never tried for ever."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from shared.db import Ledger
from shared.db.models import Fetch
from shared.domain.states import Outcome
from tests.integration.scene import RecordingBell, fetch, later, rows, target, together
from worker.sweep import Sweeper, SweepRules


def claim(ledger: Ledger, fetch_id: str, lease_seconds: float = 60) -> Fetch | None:
    with ledger.begin() as uow:
        found = uow.fetches.claim(fetch_id, uow.now(), lease_seconds)
        uow.commit()
    return found


def settle(ledger: Ledger, claimed: Fetch) -> bool:
    assert claimed.lease is not None
    with ledger.begin() as uow:
        marks = {"processed_at": uow.now(), "decision": "unchanged", "decision_rule": "same-text"}
        done = uow.fetches.settle(claimed.id, claimed.lease, marks)
        uow.commit()
    return done


def owed(ledger: Ledger, *, rung_before_seconds: float = 60, limit: int = 10) -> list[str]:
    with ledger.reading() as uow:
        now = uow.now()
        before = now + timedelta(seconds=rung_before_seconds)
        return [one.id for one in uow.fetches.owed(now, rung_before=before, limit=limit)]


def test_workers_that_hear_the_same_bell_never_hold_the_same_fetch(open_another: Callable[[], Ledger]) -> None:
    first = open_another()
    heard = [fetch(first, target(first, f"{number}.html").id) for number in range(15)]
    held: list[str] = []

    def work(ledger: Ledger) -> None:
        held.extend(one for one in heard if claim(ledger, one) is not None)

    together(*(lambda: work(open_another()) for _ in range(4)))
    assert sorted(held) == sorted(heard)


def test_each_lease_is_counted_when_it_is_given(ledger: Ledger) -> None:
    one = fetch(ledger, target(ledger).id)
    for count in (1, 2, 3):
        claimed = claim(ledger, one, lease_seconds=-1)
        assert claimed is not None
        assert claimed.leases == count


def test_a_lease_keeps_others_away_until_it_ends(ledger: Ledger) -> None:
    one = fetch(ledger, target(ledger).id)
    assert claim(ledger, one) is not None
    assert claim(ledger, one) is None
    two = fetch(ledger, target(ledger, "2.html").id)
    assert claim(ledger, two, lease_seconds=-1) is not None
    assert claim(ledger, two) is not None


def test_the_older_fetch_of_a_target_comes_first_and_other_targets_do_not_wait(ledger: Ledger) -> None:
    same, other = target(ledger), target(ledger, "2.html")
    newer, older = fetch(ledger, same.id, 2), fetch(ledger, same.id, 1)
    assert claim(ledger, newer) is None
    assert claim(ledger, fetch(ledger, other.id, 9)) is not None
    claimed = claim(ledger, older)
    assert claimed is not None
    assert claim(ledger, newer) is None
    assert settle(ledger, claimed)
    assert claim(ledger, newer) is not None


def test_an_older_fetch_set_aside_or_of_no_concern_to_workers_holds_nobody_up(ledger: Ledger) -> None:
    same = target(ledger)
    fetch(ledger, same.id, 1, rung_at=None, outcome=Outcome.FAILED)
    aside, newer = fetch(ledger, same.id, 2), fetch(ledger, same.id, 3)
    with ledger.begin() as uow:
        uow.fetches.quarantine(aside, "unreadable", uow.now())
        uow.commit()
    assert claim(ledger, newer) is not None


def test_what_is_done_set_aside_or_unknown_is_not_claimed(ledger: Ledger) -> None:
    done, aside = (fetch(ledger, target(ledger, f"{name}.html").id) for name in ("done", "aside"))
    claimed = claim(ledger, done)
    assert claimed is not None
    assert settle(ledger, claimed)
    with ledger.begin() as uow:
        uow.fetches.quarantine(aside, "unreadable", uow.now())
        uow.commit()
    assert claim(ledger, done) is None
    assert claim(ledger, aside) is None
    assert claim(ledger, "fet_unknown") is None


def test_who_lost_the_lease_writes_nothing(ledger: Ledger) -> None:
    one = fetch(ledger, target(ledger).id)
    slow, quick = claim(ledger, one, lease_seconds=-1), claim(ledger, one)
    assert slow is not None
    assert quick is not None
    assert not settle(ledger, slow)
    assert rows(ledger, Fetch)[0].processed_at is None
    assert settle(ledger, quick)
    assert not settle(ledger, quick)


def test_quarantine_ends_the_lease_and_what_its_holder_brings_late_is_refused(ledger: Ledger) -> None:
    one = fetch(ledger, target(ledger).id)
    claimed = claim(ledger, one)
    assert claimed is not None
    with ledger.begin() as uow:
        uow.fetches.quarantine(one, "not read in 5 tries", uow.now())
        uow.commit()
    assert not settle(ledger, claimed)
    (row,) = rows(ledger, Fetch)
    assert (row.quarantine_reason, row.lease, row.processed_at) == ("not read in 5 tries", None, None)


def test_what_is_processed_is_never_set_aside(ledger: Ledger) -> None:
    one = fetch(ledger, target(ledger).id)
    claimed = claim(ledger, one)
    assert claimed is not None
    assert settle(ledger, claimed)
    with ledger.begin() as uow:
        uow.fetches.quarantine(one, "late", uow.now())
        uow.commit()
    assert rows(ledger, Fetch)[0].quarantined_at is None


def test_a_fetch_taken_out_of_quarantine_has_all_its_tries_again(ledger: Ledger) -> None:
    one = fetch(ledger, target(ledger).id, leases=5)
    with ledger.begin() as uow:
        uow.fetches.quarantine(one, "unreadable", uow.now())
        assert uow.fetches.requeue(one, uow.now())
        assert not uow.fetches.requeue(one, uow.now())
        uow.commit()
    claimed = claim(ledger, one)
    assert claimed is not None
    assert (claimed.leases, claimed.quarantine_reason) == (1, None)


def test_what_is_owed_is_rung_old_and_held_by_nobody(ledger: Ledger) -> None:
    forgotten, held, dead, done = (fetch(ledger, target(ledger, f"{number}.html").id) for number in range(4))
    fetch(ledger, target(ledger, "listing.html").id, rung_at=None)
    assert claim(ledger, held) is not None
    assert claim(ledger, dead, lease_seconds=-1) is not None
    claimed = claim(ledger, done)
    assert claimed is not None
    assert settle(ledger, claimed)
    assert owed(ledger) == [forgotten, dead]
    assert owed(ledger, limit=1) == [forgotten]
    assert owed(ledger, rung_before_seconds=-60) == []


def test_the_sweeper_rings_for_what_is_owed_once_in_a_while(ledger: Ledger) -> None:
    one, bell = fetch(ledger, target(ledger).id), RecordingBell()
    long_ago = rows(ledger, Fetch)[0].rung_at - timedelta(seconds=100)
    with ledger.begin() as uow:
        uow.fetches.mark_rung([one], long_ago)
        uow.commit()
    sweeper = Sweeper(ledger, bell, SweepRules(ring_again_seconds=50))
    assert (sweeper.sweep(), sweeper.sweep()) == (1, 0)
    assert bell.rung == [one]


def test_a_sweeper_that_cannot_ring_tries_again(ledger: Ledger) -> None:
    one, bell = fetch(ledger, target(ledger).id), RecordingBell(broken=True)
    sweeper = Sweeper(ledger, bell, SweepRules(ring_again_seconds=-1))
    assert sweeper.sweep() == 0
    bell.broken = False
    assert sweeper.sweep() == 1
    assert bell.rung[-1] == one


def test_a_sweep_ends_at_the_first_bell_that_nobody_hears(ledger: Ledger) -> None:
    """Each may take as long as a frozen queue lets it wait."""
    for number in range(3):
        fetch(ledger, target(ledger, f"{number}.html").id)
    bell = FadingBell()
    assert Sweeper(ledger, bell, SweepRules(ring_again_seconds=-1)).sweep() == 1
    assert len(bell.rung) == 2


class FadingBell(RecordingBell):
    """A bell that is heard once."""

    def ring(self, fetch_id: str) -> bool:
        super().ring(fetch_id)
        return len(self.rung) == 1


def test_a_lease_that_is_given_back_is_not_counted(ledger: Ledger) -> None:
    one = fetch(ledger, target(ledger).id)
    slow, held = claim(ledger, one, lease_seconds=-1), claim(ledger, one)
    assert slow is not None
    assert held is not None
    with ledger.begin() as uow:
        uow.fetches.release(slow)
        uow.commit()
    assert rows(ledger, Fetch)[0].leases == 2
    with ledger.begin() as uow:
        uow.fetches.release(held)
        uow.commit()
    (row,) = rows(ledger, Fetch)
    assert (row.leases, row.lease, row.leased_until) == (1, None, None)
    assert owed(ledger) == [one]


def stalled(ledger: Ledger) -> bool:
    with ledger.reading() as uow:
        return uow.fetches.stalled(uow.now(), 120)


def test_workers_stand_still_where_fetches_wait_and_none_is_taken_or_ended(ledger: Ledger) -> None:
    long_ago = later(ledger, -600)
    assert not stalled(ledger)
    fetch(ledger, target(ledger, "new.html").id)
    assert not stalled(ledger)
    waiting = fetch(ledger, target(ledger, "old.html").id, started_at=long_ago)
    assert stalled(ledger)
    assert claim(ledger, waiting) is not None
    assert not stalled(ledger)


@pytest.mark.parametrize("sign", ["processed_at", "quarantined_at", "leased_until"])
def test_a_worker_that_lately_ended_or_died_of_another_fetch_does_not_stand_still(ledger: Ledger, sign: str) -> None:
    long_ago = later(ledger, -600)
    fetch(ledger, target(ledger, "waiting.html").id, started_at=long_ago)
    assert stalled(ledger)
    other = target(ledger, "other.html").id
    fetch(ledger, other, 1, started_at=long_ago, **{sign: later(ledger, -300)})
    assert stalled(ledger)
    fetch(ledger, other, 2, started_at=long_ago, **{sign: later(ledger, -60)})
    assert not stalled(ledger)
