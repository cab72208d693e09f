"""What counts as a stall, and what does not."""

from dataclasses import replace
from typing import Any

import pytest

from services.api.verdict import FailingHost, LedgerFacts, problems, warnings

WELL = LedgerFacts(
    ages={"oldest_unrelayed_event": None, "most_overdue_target": None},
    relay_beat=1.0,
    last_position=7,
    fetch_unclaimed=None,
    delivery_unclaimed=None,
    last_attempt=None,
    neglected=False,
    last_fetch=None,
    quarantined=0,
    parked=0,
)


@pytest.mark.parametrize(
    "quiet",
    [
        {},
        {"fetch_unclaimed": 20.0},
        {"delivery_unclaimed": 600.0, "last_attempt": 3.0},
        {"neglected": True, "last_fetch": 3.0},
        {"last_fetch": 9000.0, "last_attempt": 9000.0},
        {"ages": {"oldest_unrelayed_event": 1.0, "most_overdue_target": 9000.0, "oldest_due_delivery": 9000.0}},
    ],
)
def test_old_work_is_no_stall_while_its_kind_moves(quiet: dict[str, Any]) -> None:
    assert problems(replace(WELL, **quiet)) == []


@pytest.mark.parametrize(
    ("still", "remedy"),
    [
        ({"relay_beat": None}, "noticewire relay"),
        ({"relay_beat": 29.0}, "noticewire relay"),
        ({"ages": {"oldest_unrelayed_event": 29.0}}, "relay"),
        ({"fetch_unclaimed": 29.0}, "noticewire work"),
        ({"delivery_unclaimed": 29.0}, "noticewire relay"),
        ({"delivery_unclaimed": 29.0, "last_attempt": 29.0}, "noticewire relay"),
        ({"neglected": True}, "noticewire crawl"),
        ({"neglected": True, "last_fetch": 29.0}, "noticewire crawl"),
    ],
)
def test_a_stall_of_less_than_30_seconds_is_told_with_what_to_start(still: dict[str, Any], remedy: str) -> None:
    told = problems(replace(WELL, **still))
    assert len(told) == 1
    assert remedy in told[0]


def test_what_deserves_a_look_is_counted_but_stops_nothing() -> None:
    facts = replace(
        WELL,
        quarantined=2,
        parked=3,
        failing_hosts=[FailingHost("gov.example", 4, "answered 503")],
        column_warnings=[("https://gov.example/a/", "no links")],
        days_missed=4,
    )
    assert problems(facts) == []
    assert sorted(sentence[0] for sentence in warnings(facts)) == ["1", "1", "2", "3", "4"]
    assert warnings(WELL) == []
