"""Streams and chats over HTTP, and single events and columns by their ids."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from shared.domain.states import Scope
from tests.integration.api.world import World, open_world

BOT = "wecombot://canary-key-0123456789"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path) as world:
        yield world


def test_a_stream_is_made_once_under_its_name_and_shown_like_any_subscription(world: World) -> None:
    client = world.client(Scope.SUBSCRIPTIONS)
    client.post("/v1/filters", {"name": "rivers", "filter": {"keywords": ["河道"]}})
    made = client.post("/v1/subscriptions/streams", {"name": "rivers", "saved_filter": "rivers"})
    shown = made.json()
    assert (made.status, shown["kind"], shown["filter"]) == (201, "stream", {"keywords": ["河道"]})
    assert shown["url"].endswith(":rivers")
    assert client.get(made.headers["location"]).json() == shown
    again = client.post("/v1/subscriptions/streams", {"name": "rivers"})
    assert again.status == 422
    assert "already" in again.json()["detail"]


def test_the_address_of_a_chat_is_taken_and_not_given_back(world: World) -> None:
    client = world.client(Scope.SUBSCRIPTIONS)
    wish = {"url": BOT, "digest_seconds": 3600, "language": "both", "filter": {"kinds": ["rectification"]}}
    made = client.post("/v1/subscriptions/chats", wish)
    assert (made.status, made.json()["kind"], made.json()["url"]) == (201, "chat", "wecombot://…")
    assert "canary" not in made.body.decode() + client.get("/v1/subscriptions").body.decode()


@pytest.mark.parametrize(
    ("door", "wish", "status"),
    [
        ("streams", {"name": "a/b"}, 422),
        ("streams", {"name": "a", "saved_filter": "nobody-saved-it"}, 404),
        ("streams", {"name": "a", "saved_filter": "x", "filter": {}}, 422),
        ("chats", {"url": "json://127.0.0.1/"}, 422),
        ("chats", {"url": BOT, "digest_seconds": -1}, 422),
        ("chats", {"url": BOT, "language": "fr"}, 422),
        ("chats", {"url": BOT, "allow": ["127.0.0.1"]}, 403),
    ],
)
def test_a_wish_that_cannot_be_is_refused_and_makes_nothing(
    world: World, door: str, wish: dict[str, object], status: int
) -> None:
    client = world.client(Scope.SUBSCRIPTIONS)
    answer = client.post(f"/v1/subscriptions/{door}", wish)
    assert answer.status == status
    assert "canary" not in answer.body.decode()
    assert client.get("/v1/subscriptions").json()["items"] == []


def test_an_event_is_shown_by_its_id_with_the_bytes_of_every_window(world: World) -> None:
    world.publish("a")
    reader = world.client(Scope.READ)
    (listed,) = reader.get("/v1/events").json()["items"]
    shown = reader.get(f"/v1/events/{listed['id']}")
    assert (shown.headers["content-type"], shown.json()) == ("application/cloudevents+json", listed)
    assert reader.get(f"/v1/events/{uuid4()}").status == 404
    assert reader.get("/v1/events/nothing").status == 404


def test_a_column_is_shown_by_its_id(world: World) -> None:
    _, column = world.column()
    reader = world.client(Scope.READ)
    assert reader.get(f"/v1/columns/{column.id}").json() == reader.get("/v1/columns").json()["items"][0]
    assert reader.get("/v1/columns/col_nobody").status == 404
