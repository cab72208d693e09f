"""How long somebody asks us to stay away."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.retry_after import parse

NOW = datetime(2025, 10, 29, 8, 0, 0, tzinfo=UTC)

WAITS = {
    "120": 120.0,
    " 120 ": 120.0,
    "0": 0.0,
    "1.5": 1.5,
    "-5": 0.0,
    "99999999": 86_400.0,
    "9" * 5000: 86_400.0,
    "Wed, 29 Oct 2025 08:01:00 GMT": 60.0,
    "Wednesday, 29-Oct-25 08:02:00 GMT": 120.0,
    "Wed Oct 29 08:03:00 2025": 180.0,
    "Sun Nov  2 08:00:00 2025": 86_400.0,
    "wed, 29 oct 2025 08:01:00 gmt": 60.0,
    "Wed, 29 Oct 2025 08:00:60 GMT": 59.0,
    "Wed, 29 Oct 2025 07:00:00 GMT": 0.0,
    "Sunday, 06-Nov-94 08:49:37 GMT": 0.0,
}


@pytest.mark.parametrize("value", WAITS)
def test_seconds_and_three_forms_of_dates_are_understood(value: str) -> None:
    assert parse(value, NOW) == WAITS[value]


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "soon",
        "12 s",
        "1e3",
        "0x10",
        "١٢",
        "nan",
        "inf",
        "Wed, 31 Feb 2025 08:00:00 GMT",
        "2025-10-29T09:00:00Z",
    ],
)
def test_garbage_is_no_answer(value: str | None) -> None:
    assert parse(value, NOW) is None


def test_the_cap_is_the_callers() -> None:
    assert parse("3600", NOW, cap_seconds=60) == 60


@given(st.text(max_size=80))
def test_whatever_is_sent_the_wait_is_bounded(value: str) -> None:
    wait = parse(value, NOW)
    assert wait is None or 0 <= wait <= 86_400
