"""The description of events is true: every type has a schema and an example, and AsyncAPI's own schema accepts it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator

from services.api.asyncapi import asyncapi_document, example
from services.api.event_examples import EXAMPLES
from services.api.event_schemas import KINDS, event_schema
from shared.db.models import Event
from shared.domain.events import EVENT_TYPES, TYPE_PREFIX, Fact, schema_of
from shared.domain.headlines import headline
from shared.envelope import envelope
from tests.told import flaws_in
from worker.deliver.websub import Details, letter

STANDARDS = Path(__file__).parents[2] / "standards"
DOCS = Path(__file__).parents[3] / "docs"


@pytest.fixture(scope="module")
def document() -> Any:
    return json.loads(json.dumps(asyncapi_document()))


def test_every_type_has_a_schema_and_an_example() -> None:
    assert list(KINDS) == list(EXAMPLES) == list(EVENT_TYPES)


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_a_schema_is_one_and_its_example_says_what_it_describes(kind: str) -> None:
    schema = event_schema(kind)
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == schema_of(kind)
    assert schema["$id"].endswith(f"/v1/schemas/events/{kind}.json")
    assert list(flaws_in(kind, EXAMPLES[kind])) == []
    assert Draft202012Validator(schema).is_valid(EXAMPLES[kind] | {"of_a_later_release": 1})
    assert list(flaws_in(kind, EXAMPLES[kind] | {"undescribed": 1}))


ADDED_LATER = {kind: {"fetch", "late", "late_seconds"} for kind in EVENT_TYPES if kind.startswith("source.")}
"""What events that were recorded before do not tell."""


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_nothing_that_is_promised_may_be_missing(kind: str) -> None:
    for name in EXAMPLES[kind].keys() - ADDED_LATER.get(kind, set()):
        less = {other: value for other, value in EXAMPLES[kind].items() if other != name}
        assert list(flaws_in(kind, less)), name


@pytest.mark.parametrize(
    ("kind", "evidence"),
    [
        ("source.silent", {"quiet_days": 12.5, "notices_a_day": 1.2, "chance": 3e-07}),
        ("source.drifted", {"oddity": "no links", "looks": 2, "usual_links": None}),
        ("source.blocked", {"rule": "challenge-js", "visits": 3}),
        (
            "source.recovered",
            {"rule": "challenge-js", "visits": 3, "since": "2026-05-31T22:10:00+00:00", "status": 503},
        ),
    ],
)
def test_an_event_of_a_source_that_was_recorded_before_it_told_more_keeps_its_schema(
    kind: str, evidence: dict[str, Any]
) -> None:
    older = {name: value for name, value in EXAMPLES[kind].items() if name not in ADDED_LATER[kind]}
    episode = {name: value for name, value in EXAMPLES[kind]["episode"].items() if name != "lasted_seconds"}
    assert list(flaws_in(kind, older | {"evidence": evidence, "episode": episode})) == []
    assert list(flaws_in(kind, older | {"evidence": {"told": "nothing"}}))


def row_of(kind: str) -> Event:
    """Return the row of the example of a type."""
    shown = example(kind)
    return Event(
        id=shown["id"],
        type=kind,
        subject=shown["subject"],
        partition_key=shown["partitionkey"],
        source_id=shown["source"].rpartition("/")[2],
        occurred_at=datetime(2026, 6, 30, 16, tzinfo=UTC),
        data=Fact(kind, shown["subject"], "", EXAMPLES[kind]).data_text(),
        dataschema=schema_of(kind),
        position=int(shown["sequence"]),
    )


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_what_the_hub_distributes_is_what_is_described(document: Any, kind: str) -> None:
    details = Details("https://wire.example/v1/feeds/all.json", "secret", "")
    headers, body = letter(row_of(kind), {"feed": "all", "form": "json", "language": "en"}, details)
    told = document["components"]["messages"]["distribution"]
    told["payload"]["properties"]["items"]["items"] = document["components"]["messages"]["entry"]["payload"]
    Draft7Validator(told["payload"]).validate(json.loads(body))
    spelt = {"link": "Link", "x-hub-signature": "X-Hub-Signature"}
    Draft7Validator(told["headers"]).validate({spelt.get(name, name): value for name, value in headers.items()})
    assert headers["content-type"] == told["contentType"]


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_an_example_is_what_the_envelope_would_be(kind: str) -> None:
    shown = example(kind)
    assert json.loads(envelope(row_of(kind))) == shown
    assert "?" not in headline(kind, EXAMPLES[kind])


def test_the_standard_accepts_the_document(document: Any) -> None:
    standard = json.loads((STANDARDS / "asyncapi-3.0.0.json").read_text())
    assert [error.message for error in Draft7Validator(standard).iter_errors(document)] == []


def test_every_channel_carries_every_type_and_every_reference_leads_somewhere(document: Any) -> None:
    for name, channel in document["channels"].items():
        assert set(EVENT_TYPES) <= set(channel["messages"]) or name in ("feed", "websub", "chat")
    for reference in references(document):
        node = document
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for inner in node.values():
            yield from references(inner)
    if isinstance(node, list):
        for inner in node:
            yield from references(inner)


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_an_example_of_a_message_is_what_its_payload_says(document: Any, kind: str) -> None:
    message = document["components"]["messages"][kind]
    payload = Draft202012Validator(document | message["payload"])
    (shown,) = message["examples"]
    assert [error.message for error in payload.iter_errors(shown["payload"])] == []
    assert not payload.is_valid(shown["payload"] | {"type": "another"})
    assert not payload.is_valid(shown["payload"] | {"data": {}})


def test_the_page_for_people_names_every_type() -> None:
    page = (DOCS / "events.md").read_text()
    assert [kind for kind in EVENT_TYPES if f"`{kind}`" not in page] == []
    assert TYPE_PREFIX in page
