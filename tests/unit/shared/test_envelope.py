"""The envelope: a CloudEvent that is the same bytes each time it is shown, and never larger than it may be."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from hypothesis import given
from hypothesis import strategies as st

from services.api.event_examples import EXAMPLES
from services.simulation.receipts import event_in
from shared.db.models import Event
from shared.domain.events import EVENT_TYPES, NOTICE_REVISED, Fact
from shared.domain.states import ContentMode
from shared.envelope import LARGEST_BYTES, envelope, request_of
from worker.difference import FACTS, TEXTS, difference, shortened
from worker.telling import MOST_PARTS

AT = datetime(2026, 3, 4, 5, 6, 7, 123456, tzinfo=UTC)
NOTICE = "ntc_01k8zq5y3efxpbk7p1q3c6w1ab"


def row(data: dict[str, Any], position: int | None = 7, kind: str = NOTICE_REVISED) -> Event:
    fact = Fact(kind, NOTICE, "revision/2", data)
    return Event(
        serial=1,
        id=fact.id,
        type=kind,
        subject=NOTICE,
        cause=fact.cause,
        partition_key=NOTICE,
        source_id="src_01k8zq5y3efxpbk7p1q3c6w1ab",
        column_id="col_01k8zq5y3efxpbk7p1q3c6w1ab",
        occurred_at=AT,
        data=fact.data_text(),
        position=position,
        stamped_at=AT,
    )


def test_the_attributes_are_those_of_cloudevents() -> None:
    told = json.loads(envelope(row({"a": 1})))
    assert told == {
        "specversion": "1.0",
        "id": row({}).id,
        "source": "/v1/sources/src_01k8zq5y3efxpbk7p1q3c6w1ab",
        "type": "org.noticewire.notice.revised",
        "subject": NOTICE,
        "time": "2026-03-04T05:06:07.123456Z",
        "datacontenttype": "application/json",
        "sequence": "00000000000000000007",
        "partitionkey": NOTICE,
        "data": {"a": 1},
    }


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_the_published_reader_accepts_it_and_its_extensions_are_named_as_they_may_be(kind: str) -> None:
    read = JSONFormat().read(CloudEvent, envelope(row({"a": "整改"}, kind=kind)))
    assert read.get_type() == f"org.noticewire.{kind}"
    assert read.get_data() == {"a": "整改"}
    # CloudEvents 1.0, 3.1: lower-case letters and digits, at most 20 of them.
    assert all(name.isalnum() and name.islower() and len(name) <= 20 for name in read.get_attributes())


@given(st.integers(1, 2**63 - 1), st.integers(1, 2**63 - 1))
def test_the_sequence_has_twenty_digits_and_sorts_as_the_position_does(first: int, second: int) -> None:
    one, other = (json.loads(envelope(row({}, position)))["sequence"] for position in (first, second))
    assert len(one) == len(other) == 20
    assert (one < other) == (first < second)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text("abc", max_size=5), values))
def test_the_same_row_is_the_same_bytes_for_ever(data: dict[str, Any]) -> None:
    assert envelope(row(data)) == envelope(row(data))
    assert json.loads(envelope(row(data)))["data"] == data


@given(st.dictionaries(st.text("abc", max_size=5), values), st.text(st.characters(exclude_categories=["Cs"])))
def test_any_event_in_binary_mode_is_read_as_the_same_envelope(data: dict[str, Any], subject: str) -> None:
    event = row(data)
    event.subject = event.partition_key = "ntc_" + subject  # no header may be broken, whatever an attribute holds
    headers, body = request_of(event, ContentMode.BINARY)
    assert headers["content-type"] == "application/json"
    assert json.loads(body) == data
    assert all(" " < letter <= "~" and letter not in '"' for value in headers.values() for letter in value)
    assert event_in(headers, body) == json.loads(envelope(event))
    read = from_http(HTTPMessage(headers, body), JSONFormat(), CloudEvent)
    assert JSONFormat().write(read) == JSONFormat().write(JSONFormat().read(CloudEvent, envelope(event)))


@pytest.mark.parametrize(
    ("subject", "header"),
    [
        ("清源", "%E6%B8%85%E6%BA%90"),
        ('a "b" 50%', "a%20%22b%22%2050%25"),
        ("\U0001f600\r\nx: y", "%F0%9F%98%80%0D%0Ax:%20y"),
    ],
)
def test_an_attribute_that_no_header_could_hold_is_percent_encoded(subject: str, header: str) -> None:
    event = row({})
    event.subject = subject
    assert request_of(event, ContentMode.BINARY)[0]["ce-subject"] == header


def test_structured_mode_is_the_envelope() -> None:
    told = {"content-type": "application/cloudevents+json"}, envelope(row({"a": 1}))
    assert request_of(row({"a": 1}), ContentMode.STRUCTURED) == told


def test_an_event_without_a_position_is_not_shown_to_anybody() -> None:
    with pytest.raises(AssertionError):
        envelope(row({}, None))


WIDEST = ["a", "整", "\U0001f600", "\x01", '"']
"""Characters that JSON spells with up to twelve bytes."""


def worst(told: Any, character: str, name: str = "") -> Any:
    """Return an example with every text that a page gives as long as a hostile page may make it."""
    if isinstance(told, dict):
        return {key: worst(value, character, key) for key, value in told.items()}
    if isinstance(told, list):
        return [worst(one, character) for one in told]
    if isinstance(told, str) and told.startswith("http"):
        return f"https://gov.example/{'a' * 1980}"
    if name in {"title", "published_at", "status_text", "text", "name"}:
        return shortened(character * 50_000)
    return told


def revised(character: str) -> dict[str, Any]:
    def document(salt: str) -> dict[str, Any]:
        long = salt + character * 50_000
        files = [{"url": long[:400], "title": long[:100]} for _ in range(1000)]
        return (
            dict.fromkeys(TEXTS, long) | {"body": f"{long}\n" * 200, "attachments": files} | dict.fromkeys(FACTS, salt)
        )

    return difference(document("甲"), document("乙"))


@pytest.mark.parametrize("character", WIDEST)
@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_the_largest_event_of_a_type_that_a_page_can_bring_about_fits(kind: str, character: str) -> None:
    data = worst(EXAMPLES[kind], character)
    for revision in (data.get("revision"), data.get("previous")):
        if revision:
            revision["part_digests"] = ["0" * 64] * MOST_PARTS
    if "diff" in data:
        data["diff"] = revised(character)
    assert len(envelope(row(data, kind=kind))) <= LARGEST_BYTES


def test_an_event_that_was_recorded_without_a_schema_names_none() -> None:
    assert "dataschema" not in json.loads(envelope(row({})))
    named = row({})
    named.dataschema = "https://noticewire.org/v1/schemas/events/notice.published.json"
    assert json.loads(envelope(named))["dataschema"] == named.dataschema
