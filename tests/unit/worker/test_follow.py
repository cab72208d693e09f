"""Which notice follows which, and how a problem stands by several: whatever the order in which they are known."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.problems import Told
from shared.domain.states import FINISHED
from worker.follow import Rectification, followed_by, standing, written_on
from worker.read.ledger.values import Status

FIRST = Rectification(
    notice_id="ntc_1",
    source_id="src_1",
    on="2025-01-10",
    body="云岭镇",
    authority="区委",
    kind="巡察",
    round="九届区委第二轮",
    begins="2024-03-01",
    ends="2024-05-01",
)
SECOND = replace(FIRST, notice_id="ntc_2", on="2025-07-10")
THIRD = replace(FIRST, notice_id="ntc_3", on="2026-01-10")


def test_a_later_notice_follows_the_newest_earlier_one() -> None:
    family = [THIRD, FIRST, SECOND]
    assert [followed_by(one, family) for one in (FIRST, SECOND, THIRD)] == [None, "ntc_1", "ntc_2"]


@pytest.mark.parametrize(
    "other",
    [
        {"body": "清源街道"},
        {"authority": "市委"},
        {"kind": "巡视"},
        {"round": "九届区委第三轮"},
        {"begins": "2020-03-01"},
        {"ends": "2020-05-01"},
        {"on": None},
        {"on": "2025-07-10"},
        {"on": "2025-08-10"},
    ],
)
def test_a_notice_about_another_inspection_or_not_earlier_is_not_followed(other: dict[str, str | None]) -> None:
    assert followed_by(SECOND, [replace(FIRST, **other)]) is None  # type: ignore[arg-type]


@pytest.mark.parametrize("silent", [{"round": None}, {"begins": None}, {"ends": None}, {"round": "第二轮"}])
def test_what_one_notice_does_not_say_speaks_against_nothing(silent: dict[str, str | None]) -> None:
    shorter = replace(FIRST, **silent)  # type: ignore[arg-type]
    assert followed_by(SECOND, [shorter]) == "ntc_1"
    assert followed_by(replace(SECOND, **silent), [FIRST]) == "ntc_1"  # type: ignore[arg-type]


def test_a_notice_about_no_body_follows_none() -> None:
    assert followed_by(replace(SECOND, body=None), [replace(FIRST, body=None)]) is None


def test_of_two_of_one_day_its_own_source_comes_first() -> None:
    copy = replace(FIRST, notice_id="ntc_0", source_id="src_2")
    assert followed_by(SECOND, [copy, FIRST]) == "ntc_1"
    assert followed_by(replace(SECOND, source_id="src_3"), [FIRST, copy]) == "ntc_0"


def test_a_notice_is_of_the_day_of_its_signature_else_of_its_publication() -> None:
    assert written_on("2025-01-09", "2025-01-10T08:00:00+08:00") == "2025-01-09"
    assert written_on(None, "2025-01-10T08:00:00+08:00") == "2025-01-10"
    assert written_on(None, None) is None


def told(notice: int, status: str | None = None, due: str | None = None, on: str | None = None) -> Told:
    day = on or f"202{notice}-01-01"
    return Told("prb_1", f"ntc_{notice}", day, None, f"题{notice}", status, status, due, due, "month" if due else None)


def test_the_latest_notice_that_gives_a_status_has_the_word() -> None:
    stands = standing([told(2, "completed"), told(1, "staged", "2023-12-31"), told(3)])
    assert (stands.status, stands.title, stands.notice_id) == ("completed", "题1", "ntc_1")
    assert (stands.due_by, stands.due_precision) == ("2023-12-31", "month")


def test_a_later_promise_takes_the_place_of_an_earlier_one() -> None:
    assert standing([told(1, "staged", "2023-12-31"), told(2, "staged", "2024-06-30")]).due_by == "2024-06-30"


def test_a_time_limit_that_is_no_commitment_counts_as_a_promise() -> None:
    stands = standing([told(1)._replace(due="2023-12-31")])
    assert (stands.due_by, stands.due_precision) == ("2023-12-31", None)


def test_a_notice_of_no_day_comes_before_all_others() -> None:
    undated = told(9, "completed")._replace(signed_on=None)
    assert standing([undated, told(1, "staged")]).status == "staged"


days = st.sampled_from([None, "2024-01-01", "2024-02-01", "2024-03-01"])
statuses = st.sampled_from([None, *Status])
tellings = st.builds(
    lambda day, status, due: (day, status, due), days, statuses, st.sampled_from([None, "2024-12-31", "2025-12-31"])
)


@given(st.lists(tellings, min_size=1, max_size=6), st.randoms())
def test_how_a_problem_stands_hangs_on_what_is_told_and_not_on_when_it_was_found(
    facts: list[tuple[str | None, Status | None, str | None]], shuffle: random.Random
) -> None:
    known = [
        Told("prb_1", f"ntc_{n}", day, None, f"题{n}", status, status, None, due, None)
        for n, (day, status, due) in enumerate(facts)
    ]
    shuffled = shuffle.sample(known, len(known))
    assert standing(shuffled) == standing(known)


def test_the_statuses_after_which_nothing_is_open_are_the_readers_own() -> None:
    assert set(FINISHED) == {Status.COMPLETED, Status.COMPLETED_SUSTAINED}
