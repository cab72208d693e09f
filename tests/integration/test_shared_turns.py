"""Names on one server: one turn, one pause and one budget for all of them."""

from dataclasses import replace
from pathlib import Path

import pytest

from crawler.guest import Guest
from crawler.manners import Forbidden, Step
from crawler.terms import Terms
from shared.db import Ledger
from shared.db.models import Host, HostDay
from shared.db.shared_turns import SharedHosts, SharedTurns
from shared.db.turns import open_turns
from shared.errors import Invalid
from shared.http import Http
from tests.integration.asking import MANNERS, SITE, FreeTurn, answering, noon_zone
from tests.integration.scene import later, now, rows
from tests.servers.hostile import answer

HOSTS = SharedHosts.parse("city.example = www.city.example, 127.0.0.1=localhost")


@pytest.fixture
def turns(ledger: Ledger, tmp_path: Path) -> SharedTurns:
    return SharedTurns(open_turns(ledger, tmp_path / "turns"), HOSTS, ledger)


def test_names_on_one_server_have_one_turn_and_one_pause(turns: SharedTurns, ledger: Ledger) -> None:
    with turns.take("www.city.example") as mine:
        assert mine is not None
        with turns.take("city.example") as other, turns.take("town.example") as third:
            assert other is None
            assert third is not None
        assert mine.begin(500.0)
        mine.hold_for(600.0)
    with turns.take("city.example") as turn:
        assert turn is not None
        assert 500 < turn.wait_seconds() <= 600
        assert not turn.begin(1.0)
    shown = {host.name: host.next_allowed_at for host in rows(ledger, Host)}
    assert shown.keys() == {"city.example", "www.city.example"}
    assert all(at is not None and at > later(ledger, 500) for at in shown.values())


def test_a_robots_file_at_the_other_name_is_asked_for_in_the_same_turn_and_from_the_same_budget(
    turns: SharedTurns, ledger: Ledger
) -> None:
    zone = noon_zone(now(ledger))
    guest = Guest(ledger, turns, Http(), replace(MANNERS, shared=HOSTS, terms=Terms(zone=zone)))
    with answering({"/rules": answer(b"User-agent: *\nDisallow: /")}) as server:
        other = server.url("/rules").replace("127.0.0.1", "localhost")
        server.answers["/robots.txt"] = answer(b"", f"Location: {other}", status="301 Moved")
        with turns.take("127.0.0.1"):
            replies = [guest.take_step(FreeTurn(), Step(server.url("/a"), 0, {}), SITE) for _ in range(3)]
    assert replies[-1] == Forbidden("Disallow: /")
    assert [(day.name, day.requests) for day in rows(ledger, HostDay)] == [("127.0.0.1", 2)]


@pytest.mark.parametrize("text", ["city.example", "a.example=b.example,b.example=c.example", "a b=c", "a.example="])
def test_groups_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(Invalid):
        SharedHosts.parse(text)
