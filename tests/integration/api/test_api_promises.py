"""Whatever a machine thinks of to ask by the OpenAPI document, it is answered as the document says."""

import pytest

from tests.integration.api.explore import explore


@pytest.mark.timeout(240)
def test_schemathesis_finds_nothing_in_a_short_walk() -> None:
    bounded = ["--max-examples", "1", "--generation-deterministic"]
    assert explore(bounded, seconds=200) is None
