"""Receivers that fail in every way at once, keys that change, subscriptions that come and go, relays killed and frozen,
Redis flushed, readers cut off at random bytes: every window tells everything, in order, once it is quiet.

At length: `python -m tests.resilience --delivery --minutes 10`.
"""

from pathlib import Path

import pytest

from tests.resilience.delivery import BLOWS, Size, open_ordeal
from tests.resilience.place import Place

SIZE = Size(events=120, cuts=500)
"""On each database."""


@pytest.mark.timeout(600)
def test_whatever_befalls_receivers_and_readers_every_window_tells_everything(
    database_url: str, queue_url: str, tmp_path: Path
) -> None:
    with open_ordeal(Place(tmp_path, database_url, queue_url), seed=1, size=SIZE) as ordeal:
        ordeal.begin()
        ordeal.strike(["freeze", *BLOWS], pause_seconds=0.6)
        ordeal.judge()
        print(ordeal.told())
