"""The OpenAPI document tells of every route, and of every way in which it may fail."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts

from services.api.security import OPEN
from shared.domain.events import EVENT_TYPES
from shared.domain.states import Scope
from tests.integration.api.asgi import Client
from tests.integration.api.world import World, open_world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with open_world(tmp_path_factory.mktemp("description")) as world:
        yield world


@pytest.fixture(scope="module")
def document(world: World) -> Any:
    return Client(world.app).get("/openapi.json").json()


def operations(document: Any) -> dict[tuple[str, str], Any]:
    return {
        (method.upper(), path): told for path, methods in document["paths"].items() for method, told in methods.items()
    }


def test_the_document_covers_every_route(world: World, document: Any) -> None:
    routes = {
        (method, str(route.path)) for route in iter_route_contexts(world.app.routes) for method in route.methods or ()
    }
    assert set(operations(document)) == routes


def test_every_operation_is_told_in_words(document: Any) -> None:
    for place, told in operations(document).items():
        assert told["summary"], place
        assert told["description"], place
        assert told["tags"], place


def test_every_guarded_operation_names_its_token_and_its_problems(document: Any) -> None:
    schemes = document["components"]["securitySchemes"]
    assert schemes["token"]["scheme"] == "bearer"
    for (_, path), told in operations(document).items():
        if path in OPEN:
            assert "security" not in told
            continue
        named = [one["token"] for one in told["security"] if "token" in one]
        assert named, path
        assert all(set(scopes) <= set(Scope) for scopes in named), path
        for status in ("401", "403", "404", "413", "422", "429", "500", "503"):
            content = told["responses"][status]["content"]
            assert content == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Error"}}}


def test_every_reference_leads_somewhere(document: Any) -> None:
    shapes = document["components"]["schemas"]
    seen = set()

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if "$ref" in node:
                seen.add(node["$ref"].rpartition("/")[2])
            for inner in node.values():
                walk(inner)
        if isinstance(node, list):
            for inner in node:
                walk(inner)

    walk(document)
    assert {"Error", "Document"} <= seen
    assert seen <= set(shapes)


def test_no_secret_has_a_place_in_what_lists_show(document: Any) -> None:
    shapes = document["components"]["schemas"]
    for name in ("SubscriptionItem", "TokenItem", "SourceItem", "DeliveryItem"):
        assert not {"secret", "secret_sha256", "token", "lease"} & set(shapes[name]["properties"])


def test_the_page_for_people_names_every_address(document: Any) -> None:
    page = (Path(__file__).parents[3] / "docs" / "api.md").read_text()
    assert [path for path in document["paths"] if f"{path}`" not in page] == []


def test_every_type_of_event_leads_to_its_schema_without_a_token(world: World) -> None:
    _, text = world.token(Scope.READ)
    listed = Client(world.app, text).get("/v1/event-types").json()
    assert [one["type"] for one in listed["items"]] == list(EVENT_TYPES)
    stranger = Client(world.app)
    for one in listed["items"]:
        answer = stranger.get(one["href"])
        assert (answer.status, answer.json()["$id"]) == (200, one["dataschema"])
        assert answer.headers["content-type"] == "application/schema+json"
    assert stranger.get("/v1/schemas/events/notice.eaten.json").status == 404
    assert stranger.get("/v1/event-types").status == 401
    assert set(stranger.get("/asyncapi.json").json()["components"]["messages"]) > set(EVENT_TYPES)
