"""The benchmark of events, small: that it measures what it says, never how long anything takes."""

from pathlib import Path

import pytest

from tests.bench.events import filters, relay


def test_the_index_and_asking_one_by_one_name_the_same_filters(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("COUNT", 300), ("EVENTS", 3), ("LENGTHS", (400,))):
        monkeypatch.setattr(filters, name, value)
    build, asked = filters.figures()
    assert build.unit == asked.unit == "ms"
    assert asked.other is not None


def test_the_relay_owes_each_event_to_who_wants_it_and_to_none_of_the_others(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in (("EVENTS", 30), ("NOTICES", 5), ("SELECTIVE", 20), ("BODY", 200)):
        monkeypatch.setattr(relay, name, value)
    found = list(relay._on("SQLite", [f"sqlite:///{tmp_path}/{number}.db" for number in range(3)]))
    assert all("30 deliveries of 30 events" in one.what and one.ours > 0 for one in found)
