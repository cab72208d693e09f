"""What our output is held against: where it is from, what it refuses, and that every delivery meets it."""

from pathlib import Path
from typing import Any

import pytest

from services.api.asyncapi import example
from shared.domain.events import EVENT_TYPES
from tests import standards
from tests.servers.subscriber import Sink
from tests.standards.cloudevents import SCHEMA, flaws_of
from tests.unit.simulation.test_simulation_sink import SECRET, deliver

FOLDER = Path(standards.__file__).parent


def test_every_file_of_others_is_listed_with_its_origin_and_licence() -> None:
    rows = [line for line in (FOLDER / "README.md").read_text("utf-8").splitlines() if line.startswith("| `")]
    listed = {row.split("`")[1]: [cell.strip() for cell in row.strip("| ").split(" | ")] for row in rows}
    kept = {file.name for file in FOLDER.iterdir() if file.suffix not in (".py", ".md") and file.is_file()}
    licences = {name for name in kept if name.startswith("LICENSE")}
    assert set(listed) == kept - licences
    assert all(len(cells) == 3 and all(cells) for cells in listed.values())
    assert all(any(f"`{name}`" in cells[2] for cells in listed.values()) for name in licences)


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_the_schema_of_cloudevents_has_nothing_against_an_event(kind: str) -> None:
    assert flaws_of(example(kind)) == []


@pytest.mark.parametrize(
    "wrong",
    [
        *({name: None} for name in SCHEMA["definitions"]["event"]["required"]),
        *({name: ""} for name in ("id", "type", "subject", "specversion")),
        *({"time": time} for time in ("", "2026-03-04", "2026-03-04T05:06:07", "2026-02-30T05:06:07Z", "yesterday")),
        *({"source": source} for source in ("a b", "a\nb", "清源", "%zz")),
        *({"dataschema": schema} for schema in ("/relative", "not a uri", "")),
        {"subject": 7},
        {"data": None},
        {"data": [1]},
    ],
    ids=str,
)
def test_the_schema_of_cloudevents_refuses_what_is_none(wrong: dict[str, Any]) -> None:
    told = example("notice.published") | wrong
    assert flaws_of({name: value for name, value in told.items() if name == "data" or value is not None})


def test_a_subscriber_of_the_tests_refuses_what_the_schema_refuses_though_it_is_signed() -> None:
    with Sink(secret=SECRET) as sink:
        assert deliver(sink, 1).status == 204
        assert deliver(sink, 2, subject="").status == 401
        assert deliver(sink, 3, time="soon").status == 401
        refused = sink.receipts(after=1)
    assert [(one.verified, bool(one.flaws), "no CloudEvent" in (one.reason or "")) for one in refused] == [
        (False, True, True)
    ] * 2
