"""Filters over HTTP: saved, tried, and asked by reading and subscribing alike."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from shared.domain.states import Scope
from tests.integration.api.world import World, open_world

HOOK = "https://hook.example/in"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path) as world:
        yield world


def test_a_filter_is_saved_with_what_it_would_have_matched_and_read_by_its_name(world: World) -> None:
    world.publish("a", "b")
    source, _ = world.column()
    keeper, reader = world.client(Scope.SUBSCRIPTIONS), world.client(Scope.READ)
    wish = {"name": "mine", "filter": {"sources": [source.id], "keywords": ["公告 a"]}}
    made = keeper.post("/v1/filters", wish)
    assert (made.status, made.headers["location"]) == (201, "/v1/filters/mine")
    trial = made.json()["trial"]
    assert (trial["matched"], trial["of"]) == (1, 2)
    assert [one["position"] for one in trial["events"]] == [1]
    assert "公告 a" in trial["events"][0]["headline"]
    assert reader.get("/v1/filters/mine").json()["filter"] == {"sources": [source.id], "keywords": ["公告 a"]}
    page = reader.get("/v1/events?filter=mine").json()
    assert ([int(one["sequence"]) for one in page["items"]], page["next"]) == ([1], 2)
    assert keeper.put("/v1/filters/mine", {"filter": {}}).json()["trial"]["matched"] == 2
    assert len(reader.get("/v1/events?filter=mine").json()["items"]) == 2
    assert reader.get("/v1/filters").json()["items"][0]["name"] == "mine"
    assert keeper.delete("/v1/filters/mine").status == 204
    assert reader.get("/v1/events?filter=mine").status == reader.get("/v1/filters/mine").status == 404
    assert reader.post("/v1/filters", wish).status == 403
    for odd in ("%00", "all", "%E6%B2%B3", "a" * 99):
        assert reader.get(f"/v1/filters/{odd}").status == keeper.delete(f"/v1/filters/{odd}").status == 404


def test_a_filter_is_tried_without_being_saved(world: World) -> None:
    world.publish("a", "b", "c")
    reader = world.client(Scope.READ)
    tried = reader.post("/v1/filters/try", {"filter": {"keywords": ["公告 c"]}, "last": 2}).json()
    assert (tried["matched"], tried["of"]) == (1, 2)
    assert reader.get("/v1/filters").json()["items"] == []


def test_conditions_in_the_address_are_a_filters(world: World) -> None:
    world.publish("a", "b")
    reader = world.client(Scope.READ)
    for query, positions in (
        (f"keyword={quote('公告 a')}&keyword={quote('公告 b')}", [1, 2]),
        (f"keyword={quote('公告 b')}&type=notice.published", [2]),
        ("kind=rectification", []),
        ("status=none", []),
        (f"body={quote('云岭镇')}&due_before=2026-12-31", []),
    ):
        page = reader.get(f"/v1/events?{query}").json()
        assert ([int(one["sequence"]) for one in page["items"]], page["next"]) == (positions, 2)


@pytest.mark.parametrize(
    ("given", "where", "told"),
    [
        ({"types": ["notice.vanished"]}, "body.filter.types", "types[0]: unknown event type 'notice.vanished'"),
        ({"keywords": [" "]}, "body.filter.keywords", "keywords[0]: write 1 to 200 characters"),
        ({"due_from": "2026-12-31", "due_before": "2026-01-01"}, "body.filter", "due_before: it is not after due_from"),
        ({"colour": "red"}, "body.filter.colour", "Extra inputs are not permitted"),
    ],
)
def test_a_wrong_condition_is_told_with_its_place(world: World, given: object, where: str, told: str) -> None:
    answer = world.client(Scope.READ).post("/v1/filters/try", {"filter": given})
    assert answer.status == 422
    (wrong,) = answer.json()["errors"]
    assert wrong["where"] == where
    assert told in wrong["detail"]


def test_a_subscription_takes_a_filter_or_a_copy_of_a_saved_one_and_changes_it(world: World) -> None:
    world.publish("a", "b")
    keeper = world.client(Scope.SUBSCRIPTIONS)
    keeper.post("/v1/filters", {"name": "mine", "filter": {"keywords": ["公告 a"]}})
    copied = keeper.post("/v1/subscriptions", {"url": HOOK, "saved_filter": "mine"}).json()
    assert (copied["filter"], copied["trial"]["matched"]) == ({"keywords": ["公告 a"]}, 1)
    own = keeper.post("/v1/subscriptions", {"url": HOOK, "filter": {"kinds": ["inspection"]}}).json()
    assert (own["filter"], own["trial"]["matched"]) == ({"kinds": ["inspection"]}, 0)
    changed = keeper.put(f"/v1/subscriptions/{own['id']}/filter", {"types": ["notice.revised"]}).json()
    assert (changed["filter"], changed["types"]) == ({"types": ["notice.revised"]}, ["notice.revised"])
    both = keeper.post("/v1/subscriptions", {"url": HOOK, "saved_filter": "mine", "types": ["notice.revised"]})
    assert (both.status, "in one way" in both.detail) == (422, True)
    assert keeper.post("/v1/subscriptions", {"url": HOOK, "saved_filter": "nobodys"}).status == 404
    assert world.client(Scope.READ).get("/v1/events?filter=mine&type=notice.revised").status == 422
