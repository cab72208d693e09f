"""Whatever bytes strangers send, each reader of them answers within bounds or refuses with an error of its kind."""

import pytest
from hypothesis import HealthCheck, given, settings

from tests.fuzz.fragments import HOSTILE
from tests.fuzz.targets import TARGETS


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", TARGETS)
def test_hostile_bytes_are_read_or_refused_and_nothing_else(name: str) -> None:
    play = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    play(given(HOSTILE)(TARGETS[name]))()
