"""Re-crawls of one thing or of many: counted first, bounded, done once, and told of in full."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.desk.recrawling import OUTCOMES, Limits, recrawl, word_of
from shared.db.models import Fetch, Target
from shared.db.notices import NoticeQuery
from shared.domain.states import NoticeState, Outcome, Scope
from shared.errors import Limited
from shared.ids import new_id
from tests.integration.api.asgi import Client
from tests.integration.api.world import World, open_world


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path, database_url=database_url) as world:
        yield world


@pytest.fixture
def presser(world: World) -> Client:
    return world.client(Scope.RECRAWL)


def visit(world: World, target_id: str, **told: Any) -> None:
    """Do what a crawler and a worker do about a target that a request made due."""
    with world.ledger.begin() as uow:
        target = uow._session.get(Target, target_id)
        assert target is not None
        usual = {"rule": "page", "status": 200, "duration_seconds": 0.1, "started_at": uow.now()}
        usual |= {"url": target.url, "number": 9, "recrawl_id": target.recrawl_id}
        uow._session.add(Fetch(id=new_id("fet"), target_id=target.id, **usual | told))
        request, target.recrawl_id = target.recrawl_id, None
        uow._session.flush()
        uow.recrawls.finish_if_done(str(request), uow.now())
        uow.commit()


def test_the_notices_that_a_filter_chooses_are_counted_asked_for_and_told_of(world: World, presser: Client) -> None:
    notices = [world.notice(name) for name in "abc"]
    world.notice("d", state=NoticeState.WITHDRAWN)
    wish = {"filter": {"state": "live", "source": notices[0].source_id}}
    counted = presser.post("/v1/recrawls", wish | {"dry_run": True})
    assert (counted.status, counted.json()["targets"]) == (200, 3)
    assert presser.get("/v1/recrawls").json()["items"] == []

    made = presser.post("/v1/recrawls", wish | {"reason": "half a page is missing"})
    assert (made.status, made.json()["targets"]) == (202, 3)
    assert made.json()["subject"].startswith("notices?source_id=src_")
    assert presser.post("/v1/recrawls", wish).json()["id"] == made.json()["id"]

    told = presser.get(made.headers["location"]).json()
    assert (told["waiting"], told["outcomes"], told["finished_at"]) == (3, {}, None)
    visit(world, notices[0].target_id, outcome="captured", decision="revised", decision_rule="other-text")
    visit(world, notices[1].target_id, outcome="blocked", status=403, error="a challenge")
    told = presser.get(made.headers["location"]).json()
    assert (told["waiting"], told["outcomes"], told["finished_at"]) == (1, {"revised": 1, "blocked": 1}, None)
    visit(world, notices[2].target_id, outcome="unchanged")
    told = presser.get(made.headers["location"]).json()
    assert (told["waiting"], told["outcomes"]) == (0, {"revised": 1, "blocked": 1, "unchanged": 1})
    assert told["finished_at"] is not None

    fetches = presser.get(f"{made.headers['location']}/fetches?limit=2").json()
    rest = presser.get(f"{made.headers['location']}/fetches?after={fetches['next']}").json()
    came = [(one["url"], one["came_to"], one["rule"]) for one in fetches["items"] + rest["items"]]
    assert came == [
        (notices[0].url, "revised", "other-text"),
        (notices[1].url, "blocked", "page"),
        (notices[2].url, "unchanged", "page"),
    ]
    assert presser.post("/v1/recrawls", wish).json()["id"] != made.json()["id"]


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"filter": {}},
        {"subject": "https://gov.example/a/", "filter": {"state": "live"}},
        {"filter": {"colour": "red"}},
        {"filter": {"kind": "poem"}},
        {"filter": {"q": "字" * 201}},
    ],
)
def test_a_wish_that_says_nothing_or_too_much_is_told_why(presser: Client, wish: Any) -> None:
    answer = presser.post("/v1/recrawls", wish)
    assert answer.status == 422
    assert answer.detail


def test_more_than_may_wait_at_once_is_refused_with_its_number(tmp_path: Path) -> None:
    with open_world(tmp_path, recrawl_targets_at_once=2) as world:
        for name in "abc":
            world.notice(name)
        presser = world.client(Scope.RECRAWL)
        answer = presser.post("/v1/recrawls", {"filter": {"state": "live"}})
        assert answer.status == 422
        assert answer.detail.startswith("3 notices")
        assert presser.post("/v1/recrawls", {"subject": "https://gov.example/a/"}).status == 422


def test_limits_that_are_used_up_say_when_to_ask_again(world: World, tmp_path: Path) -> None:
    notices = [world.notice(name) for name in "abc"]
    limits = Limits(at_once=2, per_day=2)
    for notice in notices[:2]:
        assert recrawl(world.ledger, notice.id, by="test", limits=limits)[1]
    with pytest.raises(Limited, match="wait for re-crawls") as refused:
        recrawl(world.ledger, notices[2].id, by="test", limits=limits)
    assert refused.value.retry_seconds > 0
    assert not recrawl(world.ledger, notices[0].id, by="test", limits=limits)[1]
    visit(world, notices[0].target_id, outcome="unchanged")
    with pytest.raises(Limited, match="in a day"):
        recrawl(world.ledger, notices[2].id, by="test", limits=limits)


def test_a_limit_that_is_used_up_is_a_429_with_its_time(tmp_path: Path) -> None:
    with open_world(tmp_path, recrawl_targets_per_day=1) as world:
        first, second = world.notice("a"), world.notice("b")
        presser = world.client(Scope.RECRAWL)
        assert presser.post("/v1/recrawls", {"subject": first.id}).status == 202
        answer = presser.post("/v1/recrawls", {"subject": second.id})
        assert answer.status == 429
        assert int(answer.headers["retry-after"]) > 0
        assert "PER_DAY" in answer.detail


def test_a_source_that_is_removed_leaves_no_address_unaccounted_for(world: World, presser: Client) -> None:
    notice = world.notice("a")
    made = presser.post("/v1/recrawls", {"subject": notice.source_id}).json()
    with world.ledger.begin() as uow:
        uow.sources.remove(notice.source_id)
        uow.commit()
    told = presser.get(f"/v1/recrawls/{made['id']}").json()
    assert told["outcomes"] == {"not_asked": made["targets"]}


def test_further_pages_and_files_of_chosen_notices_are_asked_for_too(world: World) -> None:
    notice = world.notice("a")
    with world.ledger.begin() as uow:
        first = uow._session.get(Target, notice.target_id)
        assert first is not None
        row = {c.name: getattr(first, c.name) for c in Target.__table__.columns}
        row |= {"id": new_id("tgt"), "url": first.url + "?2", "kind": "part", "parent_id": first.id, "page": 2}
        uow._session.add(Target(**row))
        uow.commit()
    request, _ = recrawl(world.ledger, NoticeQuery(state="live"), by="test")
    assert request.targets == 2


def test_every_outcome_has_its_word() -> None:
    assert {word_of(outcome, None) for outcome in Outcome} <= set(OUTCOMES)
    assert word_of("gone", "withdrawn") == "withdrawn"
    assert word_of("gone", "unchanged") == "gone"
    assert word_of("captured", "unchanged") == "unchanged"
