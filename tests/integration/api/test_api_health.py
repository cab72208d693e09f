"""Readiness on a real ledger: green when everything moves, red with a remedy when something stands still."""

import asyncio
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.api.app import create_app
from services.api.looks import Lookout
from services.wiring import Wiring
from shared.clock import SystemClock
from shared.domain.states import Scope
from shared.settings import Settings
from tests.integration.api.asgi import Answer, Client
from tests.integration.api.world import World, open_world
from tests.integration.scene import claimed, settled


def ready(world: World) -> Answer:
    """Ask for readiness, with looks that nobody has taken before."""
    return Client(create_app(world.wiring), world.token(Scope.READ)[1]).get("/readyz")


def problem_in(world: World) -> str:
    answer = ready(world)
    report = answer.json()
    assert (answer.status, report["ready"]) == (503, False), report
    assert int(answer.headers["retry-after"]) > 0
    return "; ".join(report["problems"])


def test_a_wire_that_moves_is_ready(database_url: str, queue_url: str, tmp_path: Path) -> None:
    with open_world(tmp_path, database_url=database_url, redis_url=queue_url) as world:
        world.publish("a")
        answer = ready(world)
    report = answer.json()
    assert (answer.status, report["ready"], report["problems"]) == (200, True, [])
    assert report["ages"]["oldest_unrelayed_event"] is None
    assert (report["last_position"], report["queue_waiting"], report["parked"]) == (1, 0, 0)
    assert report["disk_free_bytes"] > 0


Trouble = Callable[[World], Any]


def fetch_owed(world: World) -> None:
    world.fetch(world.target("https://gov.example/a/slow.html"), 1, rung_ago=5, ago=40)


def delivery_due(world: World) -> None:
    world.subscription()
    world.publish("a")
    with world.ledger.begin() as uow:
        (one,) = claimed(uow, uow.now() + timedelta(seconds=1), 1, 1)
        assert settled(uow, one, next_attempt_at=uow.now() - timedelta(seconds=60))
        uow.commit()


def target_neglected(world: World) -> None:
    world.target("https://gov.example/a/due.html")
    with world.ledger.begin() as uow:
        target = uow.claims.claim_due("gov.example", uow.now() + timedelta(seconds=1), 1)
        assert target is not None
        assert uow.claims.release(target, uow.now() - timedelta(seconds=60), "test")
        uow.commit()


@pytest.mark.parametrize(
    ("trouble", "check", "words", "remedy"),
    [
        (fetch_owed, "reading", "have waited 4", "noticewire work"),
        (delivery_due, "delivering", "due for 6", "noticewire relay"),
        (target_neglected, "crawling", "none was fetched", "noticewire crawl"),
    ],
)
def test_what_stands_still_is_told_with_a_remedy(
    database_url: str, queue_url: str, tmp_path: Path, trouble: Trouble, check: str, words: str, remedy: str
) -> None:
    with open_world(tmp_path, database_url=database_url, redis_url=queue_url) as world:
        world.relay()
        trouble(world)
        told = problem_in(world)
        checks = Client(world.app).get("/readyz").json()["checks"]
    assert words in told
    assert remedy in told
    assert [name for name, fine in checks.items() if not fine] == [check]


def test_a_fetch_that_is_held_by_a_worker_is_no_stall(database_url: str, queue_url: str, tmp_path: Path) -> None:
    with open_world(tmp_path, database_url=database_url, redis_url=queue_url) as world:
        world.relay()
        target_id = world.target("https://gov.example/a/slow.html")
        held = world.fetch(target_id, 1, rung_ago=5, ago=40)
        world.fetch(target_id, 2, rung_ago=5, ago=40)
        with world.ledger.begin() as uow:
            assert uow.fetches.claim(held.id, uow.now(), 150) is not None
            uow.commit()
        assert ready(world).status == 200


def test_a_ledger_without_a_relay_is_not_ready(queue_url: str, tmp_path: Path) -> None:
    with open_world(tmp_path, redis_url=queue_url) as world:
        assert "noticewire relay" in problem_in(world)


def test_a_ledger_that_is_not_migrated_says_how_to(queue_url: str, tmp_path: Path) -> None:
    wiring = Wiring(Settings(data_dir=tmp_path, redis_url=queue_url))
    answer = Client(create_app(wiring)).get("/readyz")
    wiring.close()
    assert answer.status == 503
    assert "noticewire db upgrade" in answer.json()["problems"][0]


def test_nothing_of_ours_answering_is_told_within_seconds_and_without_addresses(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_text("in the way")
    (tmp_path / "ledger.db").mkdir()
    wiring = Wiring(
        Settings(
            data_dir=tmp_path,
            database_url=f"sqlite:///{tmp_path}/ledger.db",
            redis_url="redis://:swordfish@127.0.0.1:1/0",
        )
    )
    answer = Client(create_app(wiring)).get("/readyz")
    told = answer.json()["problems"]
    assert [word for word in ("DATABASE_URL", "REDIS_URL", "BLOBS_URL") if word not in " ".join(told)] == []
    assert b"swordfish" not in answer.body
    assert str(tmp_path).encode() not in answer.body
    found_out = {name: fine for name, fine in answer.json()["checks"].items() if fine is not None}
    assert found_out == {"database": False, "queue": False, "disk": False}
    with_token = Client(create_app(wiring), "nw_" + "0" * 26 + "_" + "A" * 43).get("/readyz")
    assert with_token.json()["problems"] == told
    assert Client(create_app(wiring)).get("/healthz").json()["alive"] is True
    wiring.close()


def test_failing_hosts_and_parked_deliveries_are_warnings(queue_url: str, tmp_path: Path) -> None:
    with open_world(tmp_path, redis_url=queue_url) as world:
        subscription = world.subscription()
        world.publish("a")
        world.park(subscription.id)
        _, column = world.column()
        with world.ledger.begin() as uow:
            now = uow.now()
            uow.hosts.record_answer("gov.example", failures=3, error="answered 503", at=now)
            uow.sources.record_look(column.id, now, "no links")
            uow.commit()
        answer = ready(world)
        strangers = Client(world.app).get("/readyz")
        meddlers = world.client(Scope.SUBSCRIPTIONS).get("/readyz")
        assert Client(world.app, "nw_" + "0" * 26 + "_" + "A" * 43).get("/readyz").status == 401
    report = answer.json()
    assert (answer.status, len(report["warnings"])) == (200, 3)
    assert report["failing_hosts"] == [{"host": "gov.example", "failures": 3, "error": "answered 503"}]
    assert report["column_warnings"] == [{"url": column.url, "warning": "no links"}]
    assert report["parked"] == 1
    for one in (strangers, meddlers):
        told = {name: value for name, value in one.json().items() if value is not None}
        assert sorted(told) == ["ages", "checks", "problems", "ready"], "no counts, no disk, nothing of what is watched"
        assert (told["ready"], told["checks"]) == (True, report["checks"])
        assert all(report["checks"].values())


def test_a_look_that_hangs_is_given_up_on_and_never_taken_twice_at_once() -> None:
    release, begun = threading.Event(), []

    def hang() -> str:
        begun.append(1)
        release.wait(10)
        return "found"

    async def ask_twice_then_once() -> tuple[Any, Any]:
        lookout = Lookout(hang, "nobody answers", SystemClock())
        first = await asyncio.gather(lookout.ask(0.05), lookout.ask(0.05))
        release.set()
        return first, await lookout.ask(5)

    gave_up, last = asyncio.run(ask_twice_then_once())
    assert [seen.found for seen in gave_up] == [None, None]
    assert "nobody answers" in gave_up[0].problem
    assert (last.found, begun) == ("found", [1])
