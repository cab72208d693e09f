"""Work of several threads in one transaction: all of it is lasting when it returns, and none troubles another's."""

from collections.abc import Callable

import pytest

from shared.db import Ledger, UnitOfWork
from shared.db.hosts import Allowance
from tests.integration.scene import now, together

HOSTS = [f"host{number}.example" for number in range(8)]


def spending(ledger: Ledger, host: str, *, breaks: bool = False) -> Callable[[UnitOfWork], str]:
    """Return work that counts a request of `host`, and then may break."""
    today = Allowance(now(ledger).date(), None, None)

    def spend(uow: UnitOfWork) -> str:
        assert uow.hosts.spend(host, today, 10)
        if breaks:
            raise ValueError(f"it breaks on {host}")
        return host

    return spend


def spent(ledger: Ledger) -> dict[str, int]:
    with ledger.reading() as uow:
        days = {host: uow.hosts.day(host, uow.now().date()) for host in HOSTS}
        return {host: day.requests for host, day in days.items() if day is not None}


def test_what_threads_do_together_is_lasting_when_each_returns(ledger: Ledger) -> None:
    def step(host: str) -> Callable[[], object]:
        work = spending(ledger, host)

        def run() -> None:
            assert ledger.together(work) == host
            assert spent(ledger)[host] == 1

        return run

    together(*(step(host) for host in HOSTS))
    assert spent(ledger) == dict.fromkeys(HOSTS, 1)


def test_what_breaks_writes_nothing_and_what_was_done_beside_it_counts_once(ledger: Ledger) -> None:
    works = [spending(ledger, host, breaks=number % 3 == 1) for number, host in enumerate(HOSTS)]
    made = ledger._committed(works)
    broken = [host for host, one in zip(HOSTS, made, strict=True) if one != host]
    assert broken == [HOSTS[1], HOSTS[4], HOSTS[7]]
    assert spent(ledger) == {host: 1 for host in HOSTS if host not in broken}


def test_what_broke_is_raised_where_it_was_asked_for(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="breaks on host0"):
        ledger.together(spending(ledger, HOSTS[0], breaks=True))
    assert spent(ledger) == {}


def test_nothing_read_for_one_is_remembered_for_another(ledger: Ledger) -> None:
    seen = []

    def look(uow: UnitOfWork) -> None:
        day = uow.hosts.day(HOSTS[0], uow.now().date())
        seen.append(day.requests if day else 0)
        uow.hosts.spend(HOSTS[0], Allowance(uow.now().date(), None, None), 1)

    ledger._committed([look, look, look])
    assert seen == [0, 1, 2]
