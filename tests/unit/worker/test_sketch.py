"""Sketches: what is nearly the same shares bands, what is not does not, and what is stored stays comparable."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.sketch import BANDS, BINS, SHORT, SHORTEST, resemblance, sketch

CHANCE = random.Random(7)
LETTERS = [chr(code) for code in range(0x4E00, 0x4E00 + 2000)]


def text(length: int = 1500) -> str:
    return "".join(CHANCE.choices(LETTERS, k=length))


def altered(original: str, count: int) -> str:
    letters = list(original)
    for at in CHANCE.sample(range(len(letters)), count):
        letters[at] = "改"
    return "".join(letters)


def likeness(one: str, other: str) -> float:
    ours, theirs = ({each[at : at + 5] for at in range(len(each) - 4)} for each in (one, other))
    return len(ours & theirs) / len(ours | theirs)


@pytest.mark.parametrize("count", [0, 5, 20, 60])
def test_minima_estimate_how_alike_two_texts_are(count: int) -> None:
    for length in (500, 1500, 5000):
        one = text(length)
        other = altered(one, count)
        ours, theirs = sketch({"body": one}), sketch({"body": other})
        assert ours is not None
        assert theirs is not None
        assert abs(resemblance(ours.minima or b"", theirs.minima or b"") - likeness(one, other)) < 0.2


def test_texts_that_are_nearly_the_same_share_bands_and_others_do_not() -> None:
    known = [text() for _ in range(50)]
    bands = [set(sketch({"body": one}).bands) for one in known]  # type: ignore[union-attr]
    for at, one in enumerate(known):
        found = set(sketch({"body": "转载：" + altered(one, 10) + "完"}).bands)  # type: ignore[union-attr]
        assert [found & other != set() for other in bands] == [place == at for place in range(len(bands))]


def test_white_space_and_width_leave_no_trace() -> None:
    one = "整改任务，共12项。" * 100
    assert sketch({"body": one}) == sketch({"body": "整改任务,\n 共１２项。" * 100})


def test_the_body_that_was_inspected_keeps_one_template_s_notices_apart() -> None:
    body = text()
    ours, theirs = (
        sketch({"body": body, "title": name, "inspection": {"inspected": name}}) for name in ("甲镇", "乙镇")
    )
    assert ours is not None
    assert theirs is not None
    assert set(ours.bands) & set(theirs.bands) == set()


def test_a_short_text_has_one_band_and_one_of_next_to_nothing_has_none() -> None:
    assert sketch({"body": "见附件", "title": "公告"}) is None
    assert sketch({}) is None
    few = sketch({"body": "字" * SHORTEST})
    assert few is not None
    assert (few.minima, len(few.bands)) == (None, 1)
    many = sketch({"body": "字" * SHORT})
    assert many is not None
    assert (len(many.minima or b""), len(many.bands)) == (4 * BINS, 1 + BANDS)


@given(st.text(min_size=SHORT, max_size=2 * SHORT))
def test_any_text_can_be_sketched(body: str) -> None:
    sketch({"body": body + "\ud800", "title": body})


def test_what_is_stored_can_be_compared_for_ever() -> None:
    """Whoever changes the arithmetic must raise `_SCHEME`, and have the notices read again."""
    made = sketch({"title": "通报", "body": "".join(LETTERS[:600]), "inspection": {"inspected": "中共云岭镇委员会"}})
    assert made is not None
    assert made.minima is not None
    assert made.minima.hex()[:24] == "c2053d1e6a09c82a5fa54c58"
    assert made.bands[:2] == (-7059371591994926534, 5284779740532066541)
