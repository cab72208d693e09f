"""How a stream begins, for every position that may be asked for."""

from hypothesis import given
from hypothesis import strategies as st

from services.api.stream import opening
from shared.db.restores import Gap


def test_from_now_on_begins_after_the_last_position_and_says_so_without_an_event() -> None:
    begin = opening(None, 3, 9)
    assert begin.position == 9
    assert begin.text == b"retry: 3000\nid: 9\n\n"


def test_a_position_that_is_kept_is_resumed_from_without_a_reset() -> None:
    assert opening(5, 1, 9).text == b"retry: 3000\n\n"
    assert opening(0, 1, 9).position == 0
    assert opening(9, 1, 9).position == 9
    assert opening(2, 3, 9).position == 2
    assert b"reset" not in opening(2, 3, 9).text


def test_a_position_older_than_the_first_kept_is_reset_to_just_before_it() -> None:
    begin = opening(1, 3, 9)
    assert begin.position == 2
    assert b"\nevent: reset\n" in begin.text


def test_where_nothing_is_kept_any_more_an_old_position_is_reset_to_now() -> None:
    assert opening(1, None, 9).position == 9
    assert opening(0, None, 0).text == b"retry: 3000\n\n"


def test_a_position_that_was_handed_out_by_what_is_lost_is_reset_to_after_the_gap() -> None:
    gaps = [Gap(7, 1000), Gap(1003, 2000)]
    for asked, onward in ((8, 1000), (999, 1000), (1004, 2000)):
        begin = opening(asked, 1, 2002, gaps)
        assert begin.position == onward
        assert b"restored from a backup" in begin.text
    for fine in (7, 1000, 1003, 2000, 2002):
        assert opening(fine, 1, 2002, gaps).position == fine


@given(
    asked=st.none() | st.integers(0, 30),
    first=st.none() | st.integers(1, 15),
    more=st.integers(0, 15),
)
def test_a_stream_goes_on_from_a_kept_position_or_resets_and_its_id_is_where_it_goes_on(
    asked: int | None, first: int | None, more: int
) -> None:
    last = (first or 0) + more
    begin = opening(asked, first, last)
    oldest = last if first is None else first - 1
    assert oldest <= begin.position <= last
    assert (b"event: reset" in begin.text) == (asked is not None and begin.position != asked)
    if begin.position != asked:
        assert f"id: {begin.position}\n".encode() in begin.text
