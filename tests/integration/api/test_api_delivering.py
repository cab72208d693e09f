"""Deliveries by hand, over HTTP: rotation, limits, consent, replays, and what is told when a subscription resumes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.domain.states import Scope, SubscriptionState
from tests.integration.api.asgi import Client
from tests.integration.api.world import World, open_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path) as one:
        yield one


@pytest.fixture
def subscriber(world: World) -> Client:
    return world.client(Scope.SUBSCRIPTIONS)


def test_a_rotated_secret_is_shown_once_and_the_old_one_signs_for_a_while(world: World, subscriber: Client) -> None:
    place = f"/v1/subscriptions/{world.subscription().id}"
    turned = subscriber.post(f"{place}/rotate")
    assert turned.status == 200
    assert turned.json()["secret"].startswith("whsec_")
    assert turned.json()["old_keys_until"]
    changed = subscriber.post(f"{place}/rotate", {"scheme": "v1a"}).json()
    assert (changed["secret"], changed["scheme"], changed["public_key"][:5]) == (None, "v1a", "whpk_")
    assert subscriber.get(place).json()["public_key"] == changed["public_key"]
    assert subscriber.post(f"{place}/rotate", {"scheme": "v2"}).status == 422


def test_limits_are_bounded_shown_and_lifted(world: World, subscriber: Client) -> None:
    made = subscriber.post("/v1/subscriptions", {"url": "https://hook.example/in", "rate_per_minute": 60})
    place = made.headers["location"]
    assert made.json()["rate_per_minute"] == 60
    for wrong in ({"rate_per_minute": 0}, {"concurrency": 65}, {"rate": 5}):
        assert subscriber.put(f"{place}/limits", wrong).status == 422
    assert subscriber.put(f"{place}/limits", {"concurrency": 4}).json()["concurrency"] == 4
    assert subscriber.get(place).json()["rate_per_minute"] is None


def test_a_webhook_that_can_be_read_on_the_way_is_made_with_a_warning(subscriber: Client) -> None:
    made = subscriber.post("/v1/subscriptions", {"url": "http://hook.example/in"})
    assert (made.status, len(made.json()["warnings"])) == (201, 1)
    assert "https://" in made.json()["warnings"][0]
    assert subscriber.post("/v1/subscriptions", {"url": "https://hook.example/in"}).json()["warnings"] == []


def test_a_webhooks_content_mode_is_chosen_shown_and_changed(world: World, subscriber: Client) -> None:
    made = subscriber.post("/v1/subscriptions", {"url": "https://hook.example/in", "content_mode": "binary"})
    place = made.headers["location"]
    assert made.json()["content_mode"] == "binary"
    changed = subscriber.put(f"{place}/content-mode", {"content_mode": "structured"})
    assert changed.json()["content_mode"] == "structured"
    assert subscriber.get(place).json()["content_mode"] == "structured"
    for wrong in ({"content_mode": "batch"}, {}):
        assert subscriber.put(f"{place}/content-mode", wrong).status == 422
    assert subscriber.post("/v1/subscriptions", {"url": "https://hook.example/in", "content_mode": "x"}).status == 422
    assert subscriber.put(f"/v1/subscriptions/sub_{'0' * 26}/content-mode", {"content_mode": "binary"}).status == 404
    old = world.subscription()
    with world.ledger.begin() as uow:
        uow.subscriptions.change(old.id, {"manner": None})  # as releases before made it
        uow.commit()
    assert subscriber.get(f"/v1/subscriptions/{old.id}").json()["content_mode"] == "structured"


@pytest.mark.parametrize("kind", ["chat", "stream", "websub"])
def test_what_is_no_webhook_has_no_content_mode(world: World, subscriber: Client, kind: str) -> None:
    place = f"/v1/subscriptions/{world.subscription().id}"
    with world.ledger.begin() as uow:
        uow.subscriptions.change(place.rpartition("/")[2], {"kind": kind})
        uow.commit()
    refused = subscriber.put(f"{place}/content-mode", {"content_mode": "binary"})
    assert refused.status == 422
    assert "is no webhook" in refused.json()["detail"]
    assert subscriber.get(place).json()["content_mode"] is None
    for noun, wish in (("streams", {"name": "a"}), ("chats", {"url": "json://127.0.0.1"})):
        assert subscriber.post(f"/v1/subscriptions/{noun}", wish | {"content_mode": "binary"}).status == 422


def test_consent_is_told_and_asked_for_again(world: World, subscriber: Client) -> None:
    place = f"/v1/subscriptions/{world.subscription().id}"
    with world.ledger.begin() as uow:
        refused = {"consent": "refused", "consent_reason": "it said no", "consent_ask_at": uow.now()}
        uow.subscriptions.change(place.rpartition("/")[2], refused)
        uow.commit()
    shown = subscriber.get(place).json()
    assert (shown["consent"], shown["consent_reason"]) == ("refused", "it said no")
    asked = subscriber.post(f"{place}/verify")
    assert (asked.status, asked.json()["consent"], asked.json()["consent_ask_at"]) == (202, "unasked", None)


def test_a_chat_is_not_asked_for_its_consent_nor_limited_by_concurrency(world: World, subscriber: Client) -> None:
    place = f"/v1/subscriptions/{world.subscription().id}"
    with world.ledger.begin() as uow:
        uow.subscriptions.change(place.rpartition("/")[2], {"kind": "chat", "consent": "given"})
        uow.commit()
    refused = subscriber.post(f"{place}/verify")
    assert refused.status == 422
    assert "only webhooks are asked" in refused.json()["detail"]
    assert subscriber.put(f"{place}/limits", {"concurrency": 4}).status == 422
    assert subscriber.put(f"{place}/limits", {"rate_per_minute": 4}).json()["rate_per_minute"] == 4
    assert subscriber.get(place).json()["consent"] == "given"


def test_a_range_is_replayed_and_what_is_asked_wrongly_is_refused(world: World, subscriber: Client) -> None:
    to = world.subscription()
    world.publish("a")
    count = len(world.park(to.id))
    place = f"/v1/subscriptions/{to.id}/replays"
    done = subscriber.post(place, {"after": 0})
    assert (done.status, done.json()["replayed"], done.json()["again"]) == (202, count, count)
    assert subscriber.post(place, {"since": "2020-01-01"}).json()["already_owed"] == count
    for wrong in ({}, {"after": -1}, {"after": 2**63}, {"since": "soon"}, {"everything": True}):
        assert subscriber.post(place, wrong).status == 422
    assert subscriber.post(place, {"event": "nobody-knows"}).status == 404
    assert subscriber.post(f"/v1/subscriptions/sub_{'0' * 26}/replays", {"after": 0}).status == 404


def test_a_replay_from_before_what_is_kept_is_gone_and_told_from_where_on_it_is_not(
    world: World, subscriber: Client
) -> None:
    to = world.subscription()
    world.publish(*"abc")
    with world.ledger.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM events WHERE position <= 2")
    place = f"/v1/subscriptions/{to.id}/replays"
    for wish in ({"after": 0}, {"after": 1}, {"since": "2020-01-01"}):
        answer = subscriber.post(place, wish)
        assert (answer.status, "ask for after=2" in answer.detail) == (410, True), wish
    assert subscriber.post(place, {"after": 2}).status == 202


def test_who_resumes_is_told_what_is_parked_and_may_have_it_at_once(world: World, subscriber: Client) -> None:
    to = world.subscription()
    world.publish("a")
    parked = len(world.park(to.id))
    with world.ledger.begin() as uow:
        uow.subscriptions.set_state(to.id, SubscriptionState.DISABLED, "the endpoint answered 410 Gone")
        uow.commit()
    place = f"/v1/subscriptions/{to.id}"
    refused = subscriber.post(f"{place}/redrive", {"after": 0})
    assert refused.status == 422
    assert "resume it first" in refused.detail
    resumed = subscriber.post(f"{place}/resume").json()
    assert (resumed["state"], resumed["parked"], resumed["redriven"]) == ("active", parked, 0)
    again = subscriber.post(f"{place}/resume?redrive=true").json()
    assert (again["parked"], again["redriven"]) == (0, parked)
