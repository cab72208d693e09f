"""Ids: typed by their prefix, sortable by their time, never the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.ids import PREFIXES, kind_of, new_id


@pytest.mark.parametrize(("prefix", "kind"), PREFIXES.items())
def test_an_id_tells_its_kind(prefix: str, kind: str) -> None:
    identifier = new_id(prefix)
    assert kind_of(identifier) == kind
    assert identifier.startswith(f"{prefix}_")
    assert len(identifier) == 30


def test_ids_sort_by_the_time_of_their_making_and_are_never_the_same() -> None:
    made = [new_id("att") for _ in range(2000)]
    assert made == sorted(set(made))


def test_an_unknown_prefix_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(AssertionError):
        new_id("xyz")


@pytest.mark.parametrize("text", ["", "ntc", "ntc_", "ntc_short", "xyz_" + "0" * 26, "https://gov.example/a_b"])
def test_other_texts_are_no_ids(text: str) -> None:
    assert kind_of(text) is None


@given(st.text())
def test_any_text_may_be_asked_about(text: str) -> None:
    assert kind_of(text) in {None, *PREFIXES.values()}
