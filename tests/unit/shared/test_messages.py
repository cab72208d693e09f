"""What may travel on the queue: an id of a fetch, and nothing that merely looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.ids import PREFIXES, new_id
from shared.messages import is_fetch_id


def test_a_fetch_id_may_travel() -> None:
    assert is_fetch_id(new_id("fet"))


@pytest.mark.parametrize("prefix", sorted(set(PREFIXES) - {"fet"}))
def test_no_other_id_may(prefix: str) -> None:
    assert not is_fetch_id(new_id(prefix))


@pytest.mark.parametrize(
    "value",
    [None, 1, b"fet_" + b"0" * 26, [], {}, "", "fet_", "fet_" + "0" * 27, "fet_" + "0" * 26 + "\n", "fet_" + "A" * 26],
)
def test_nothing_else_may(value: object) -> None:
    assert not is_fetch_id(value)


@given(st.text().map(lambda text: "fet_" + text))
def test_whatever_passes_is_plain_ascii_of_one_length(text: str) -> None:
    if is_fetch_id(text):
        assert text.isascii()
        assert len(text) == 30
