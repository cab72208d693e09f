"""The rota: threads share the hosts with work due, and none tries what another has in hand."""

from crawler.rota import Rota
from shared.db import Ledger
from tests.integration.scene import column

HOSTS = ["one.example", "two.example"]


def rota_of(ledger: Ledger) -> Rota:
    for host in HOSTS:
        column(ledger, host)
    return Rota(ledger)


def test_a_host_in_hand_is_nobody_elses_to_try(ledger: Ledger) -> None:
    rota = rota_of(ledger)
    assert [rota.take(), rota.take(), rota.take()] == [*HOSTS, None]


def test_after_a_visit_a_host_has_its_next_place_behind_the_others(ledger: Ledger) -> None:
    rota = rota_of(ledger)
    assert rota.take() == HOSTS[0]
    rota.put_back(HOSTS[0], visited=True)
    assert [rota.take(), rota.take(), rota.take()] == [HOSTS[1], HOSTS[0], None]


def test_a_host_where_nothing_could_be_done_waits_until_hosts_are_looked_for_again(ledger: Ledger) -> None:
    rota = rota_of(ledger)
    for host in HOSTS:
        assert rota.take() == host
        rota.put_back(host, visited=False)
    assert rota.take() is None
    assert rota.take() == HOSTS[0]


def test_once_all_were_visited_and_put_back_with_nothing_left_hosts_are_looked_for_at_once(ledger: Ledger) -> None:
    rota = rota_of(ledger)
    for visited in (True, False):
        for _ in HOSTS:
            rota.put_back(rota.take() or "", visited=visited)
    assert rota.take() == HOSTS[0]
