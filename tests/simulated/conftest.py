"""What the schedules of a file share."""

from collections.abc import Iterator

import pytest

from tests.simulated.world import House


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """Where worlds stand, one after the other."""
    house = House()
    yield house
    house.close()
