"""What our output is held against: where it is from, what it refuses, and that every delivery meets it."""

from pathlib import Path
from typing import Any

import pytest

from services.api.asyncapi import example
from shared.domain.events import EVENT_TYPES
from tests import standards
from tests.servers.subscriber import Sink
from tests.standards import jsonfeed
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


NO_AUTHORS: list[Any] = [{}, "a", {"_x": {}}, {"mail": "a@b.example"}]
FEED: dict[str, Any] = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "清源区",
    "feed_url": "https://wire.example/v1/feeds/all.json",
    "next_url": "https://wire.example/v1/feeds/all.json?archive=0",
    "language": "zh-CN",
    "authors": [{"name": "noticewire"}],
    "hubs": [{"type": "WebSub", "url": "https://wire.example/v1/hub"}],
    "_wire": {"position": 1},
    "items": [
        {"id": "1", "url": "https://gov.example/1", "content_text": "", "date_published": "2026-03-04T05:06:07Z"}
    ],
}


def test_the_rules_of_json_feed_have_nothing_against_one() -> None:
    assert jsonfeed.flaws_of(FEED) == []
    assert jsonfeed.flaws_of({name: FEED[name] for name in ("version", "title")} | {"items": []}) == []


@pytest.mark.parametrize(
    "wrong",
    [
        *({name: None} for name in ("version", "title", "items")),
        *({"version": version} for version in ("https://jsonfeed.org/version/1", "1.1", 1.1)),
        *({"authors": [author]} for author in NO_AUTHORS),
        {"authors": []},
        *({"hubs": hubs} for hubs in ([], [{"url": "https://wire.example/"}], [{"type": "WebSub", "url": "/hub"}])),
        *({"next_url": url} for url in ("", "/relative", FEED["feed_url"])),
        *({name: {}} for name in ("home", "author", "_", "_a.b")),
        {"title": ""},
        {"_wire": 1},
        {"language": "中文"},
        {"expired": "no"},
    ],
    ids=str,
)
def test_the_rules_of_json_feed_refuse_what_is_none(wrong: dict[str, Any]) -> None:
    assert jsonfeed.flaws_of({name: value for name, value in (FEED | wrong).items() if value is not None})


@pytest.mark.parametrize(
    "wrong",
    [
        *({"id": name} for name in (None, "", 1)),
        *({"date_published": time} for time in ("", "2026-03-04", "2026-03-04T05:06:07", "2026-02-30T05:06:07Z")),
        *({"date_modified": time} for time in ("Wed, 04 Mar 2026 05:06:07 GMT", 1772600767)),
        *({"attachments": [one]} for one in ({}, {"url": "https://a.example/"}, {"url": "a", "mime_type": "a/b"})),
        *({name: "x"} for name in ("description", "author", "tag")),
        *({"url": url} for url in ("/1", "https://gov.example/a b", "")),
        {"content_text": None},
        {"tags": "notice"},
        {"authors": []},
    ],
    ids=str,
)
def test_the_rules_of_json_feed_refuse_an_item_that_is_none(wrong: dict[str, Any]) -> None:
    item = {name: value for name, value in (FEED["items"][0] | wrong).items() if value is not None}
    assert jsonfeed.flaws_of(FEED | {"items": [item]})


def test_the_rules_of_json_feed_refuse_an_id_that_comes_twice() -> None:
    assert jsonfeed.flaws_of(FEED | {"items": FEED["items"] * 2})


def test_a_subscriber_of_the_tests_refuses_what_the_schema_refuses_though_it_is_signed() -> None:
    with Sink(secret=SECRET) as sink:
        assert deliver(sink, 1).status == 204
        assert deliver(sink, 2, subject="").status == 401
        assert deliver(sink, 3, time="soon").status == 401
        refused = sink.receipts(after=1)
    assert [(one.verified, bool(one.flaws), "no CloudEvent" in (one.reason or "")) for one in refused] == [
        (False, True, True)
    ] * 2
