"""Where texts differ from visit to visit, and what is too much to be furniture."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.mute import Mute, mute_of, reason_of, stays_within
from worker.read.ledger.values import Status

LINES = ["云岭镇逐项研究反馈的问题，明确责任。", "浏览次数共7次", "一是制定方案，二是逐项销号，三是定期回访。"]


def text(*lines: str, **other: Any) -> dict[str, Any]:
    return {"title": "通报", "published_at": "2026-03-04", "body": "\n".join(lines), "attachments": []} | other


def counter(number: int) -> dict[str, Any]:
    return text(LINES[0], f"浏览次数共{number}次", LINES[2])


COUNTED = mute_of([counter(number) for number in (17, 28, 39)], "f")


def test_the_places_are_lines_and_what_is_between_their_common_ends() -> None:
    assert COUNTED is not None
    assert [tuple(place) for place in COUNTED.places] == [(1, "浏览次数共", "次")]
    assert Mute.of_json(COUNTED.as_json()) == COUNTED
    assert "line 2 (浏览次数共…次)" in reason_of(COUNTED, 5)


def test_a_problem_that_was_just_read_stands_as_the_same_one_that_was_stored() -> None:
    stored = [counter(number) | {"aspects": [{"problems": [PROBLEM]}]} for number in (17, 28)]
    read = counter(39) | {"aspects": [{"problems": [READ]}]}
    muted = mute_of([*stored, read], "f")
    assert muted is not None
    assert stays_within(muted, stored[-1], read)


PROBLEM = {"title": "台账不全", "status": "staged", "due": None}
READ = PROBLEM | {"status": Status.STAGED}
FILE = {"url": "https://gov.example/a.doc?t=1", "title": "台账"}


@pytest.mark.parametrize(
    "other",
    [
        text(LINES[0], "浏览次数共8次", "一是制定方案，二是逐项销号。"),
        text(LINES[0], "访问共8次", LINES[2]),
        text(*LINES, "新的一行"),
        counter(8) | {"title": "通告"},
        counter(8) | {"published_at": "2026-03-05"},
        counter(8) | {"attachments": [FILE]},
        counter(8) | {"aspects": [{"problems": [PROBLEM]}]},
        counter(8) | {"commitments": [{"due_by": "2026-12-31", "problem": 1}]},
        text(LINES[0], f"浏览次数共{'8' * 1000}次", LINES[2]),
    ],
)
def test_whatever_changes_elsewhere_is_a_change(other: dict[str, Any]) -> None:
    assert COUNTED is not None
    assert stays_within(COUNTED, counter(17), counter(4711))
    assert not stays_within(COUNTED, counter(17), other)


@pytest.mark.parametrize(
    "texts",
    [
        [text(*LINES), text(*LINES[:2], "全文改写，与前文无一字相同，而且相当长，占了全篇的大半。")],
        [text(*LINES), text(*LINES, "新的一行")],
        [text(*LINES), text(*LINES) | {"title": "通告"}],
        [text(*LINES), text(*LINES)],
        [text(*(f"甲{n}" for n in range(20))), text(*(f"乙{n}" for n in range(20)))],
    ],
)
def test_what_is_large_or_nothing_at_all_mutes_nobody(texts: list[dict[str, Any]]) -> None:
    assert mute_of(texts, "f") is None


def test_addresses_of_attachments_may_differ_where_they_always_do() -> None:
    one, other, third = (text(*LINES, attachments=[FILE | {"url": f"https://gov.example/a.doc?t={n}"}]) for n in "123")
    mute = mute_of([one, other], "f")
    assert mute is not None
    assert stays_within(mute, other, third)
    assert not stays_within(mute, other, text(*LINES))


@given(st.lists(st.lists(st.text(alphabet="甲乙1 2", max_size=12), min_size=3, max_size=3), min_size=2, max_size=5))
def test_every_text_that_made_the_places_stays_within_them(bodies: list[list[str]]) -> None:
    texts = [text("不变" * 40, *(line.strip() or "空" for line in lines)) for lines in bodies]
    mute = mute_of(texts, "f")
    assert mute is None or all(stays_within(mute, texts[-2], one) for one in texts)
