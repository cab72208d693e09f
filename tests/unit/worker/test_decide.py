"""The decider, branch by branch, and what no sequence of observations may ever bring it to."""

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.states import NoticeState
from worker.decide import (
    READ_ANEW,
    Decision,
    Gone,
    Known,
    Muted,
    OtherPage,
    Published,
    Read,
    Restored,
    Revised,
    Stale,
    Unchanged,
    WithdrawalRule,
    Withdrawn,
    decide,
)
from worker.listed import Doubt, Place
from worker.mute import Mute
from worker.mute import Place as Line

RULE = WithdrawalRule(confirmations=3, span=timedelta(hours=6), beyond=timedelta(days=3))
LIVE = Known(NoticeState.LIVE, revision=2, fingerprint="b", fetch_number=5)
WITHDRAWN = replace(LIVE, state=NoticeState.WITHDRAWN)
MUTE = Mute((Line(1, "浏览", "次"),), files=False, fingerprint="m")
MUTED = replace(LIVE, mute=MUTE)
CALMING = replace(LIVE, mute=replace(MUTE, still=1))
SURE = Gone(6, confirmations=3, span=timedelta(hours=6), place=Place.ABSENT)


FAR = replace(SURE, confirmations=6, span=timedelta(days=3), place=Place.BEYOND)


@pytest.mark.parametrize(
    ("known", "seen", "decision"),
    [
        (None, Read(1, "a"), Published()),
        (LIVE, Read(6, "b"), Unchanged("same-text")),
        (LIVE, Read(6, "a"), Revised(3)),
        (WITHDRAWN, Read(6, "b"), Restored(None)),
        (WITHDRAWN, Read(6, "c"), Restored(3)),
        (WITHDRAWN, Read(6, "c", of_first_page=False), Unchanged("still-withdrawn")),
        (LIVE, Read(6, "a", of_first_page=False), Revised(3)),
        (LIVE, Read(6, "a", again="a"), Unchanged("same-text-read-anew")),
        (LIVE, Read(6, "b", again="a"), Unchanged("same-text")),
        (LIVE, Read(6, "a", again="c"), Revised(3)),
        (WITHDRAWN, Read(6, "a", again="a"), Restored(None, "back-read-anew")),
        (WITHDRAWN, Read(6, "a", again="c"), Restored(3)),
        (None, OtherPage(1, "listing"), Unchanged("page-listing")),
        (LIVE, OtherPage(6, "listing"), Unchanged("page-listing")),
        (LIVE, SURE, Withdrawn()),
        (None, SURE, Unchanged("never-published")),
        (WITHDRAWN, SURE, Unchanged("still-gone")),
        (LIVE, replace(SURE, place=Place.LISTED), Unchanged("gone-but-listed")),
        (LIVE, replace(SURE, place=Place.UNKNOWN), Unchanged("gone-while-its-listing-fails")),
        (LIVE, replace(SURE, place=Place.BEYOND, confirmations=2), Unchanged("gone-beyond-its-listing")),
        (LIVE, replace(SURE, place=Place.BEYOND), Unchanged("gone-and-sought")),
        (LIVE, replace(SURE, place=Place.BEYOND, doubt=Doubt.CROWD), Unchanged("gone-and-sought")),
        (LIVE, replace(SURE, doubt=Doubt.CROWD), Unchanged("gone-with-many-others")),
        (LIVE, replace(SURE, doubt=Doubt.SIBLING_AILS), Unchanged("gone-while-a-sibling-ails")),
        (LIVE, replace(FAR, doubt=Doubt.CROWD, span=timedelta(days=13)), Unchanged("gone-with-many-others")),
        (LIVE, replace(FAR, doubt=Doubt.CROWD, span=timedelta(days=14)), Withdrawn()),
        (LIVE, replace(FAR, doubt=Doubt.COLUMN_AILS, span=timedelta(days=99)), Unchanged("gone-while-its-column-ails")),
        (LIVE, replace(SURE, place=Place.LISTED, doubt=Doubt.CROWD), Unchanged("gone-but-listed")),
        (LIVE, replace(FAR, confirmations=5), Unchanged("gone-beyond-its-listing")),
        (LIVE, replace(FAR, span=timedelta(hours=71)), Unchanged("gone-beyond-its-listing")),
        (LIVE, FAR, Withdrawn()),
        (LIVE, Read(6, "a", mute=MUTE), Muted(MUTE)),
        (WITHDRAWN, Read(6, "a", mute=MUTE), Restored(3)),
        (MUTED, Read(6, "a", mute=MUTE), Muted(replace(MUTE, fingerprint="a"), "still-muted")),
        (MUTED, Read(6, "b"), Muted(replace(MUTE, fingerprint="b"), "still-muted")),
        (MUTED, Read(6, "m", mute=MUTE), Muted(replace(MUTE, still=1), "still-muted")),
        (CALMING, Read(6, "m", mute=MUTE), Revised(3, "held-still")),
        (replace(CALMING, fingerprint="m"), Read(6, "m"), Unchanged("held-still")),
        (CALMING, Read(6, "n", mute=MUTE), Muted(replace(MUTE, fingerprint="n"), "still-muted")),
        (MUTED, Read(6, "a"), Revised(3, "change-elsewhere")),
        (LIVE, replace(SURE, confirmations=2), Unchanged("gone-unconfirmed")),
        (LIVE, replace(SURE, span=timedelta(hours=5, minutes=59)), Unchanged("gone-unconfirmed")),
    ],
)
def test_each_observation_has_one_meaning(known: Known | None, seen: Read | Gone, decision: Decision) -> None:
    assert decide(known, seen, RULE) == decision


@pytest.mark.parametrize("number", [4, 5])
@pytest.mark.parametrize("seen", [Read(0, "z"), Read(0, "z", again="z"), OtherPage(0, "gone"), SURE])
def test_what_is_not_newer_than_what_was_decided_on_is_stale(seen: Read | OtherPage | Gone, number: int) -> None:
    assert decide(LIVE, replace(seen, fetch_number=number), RULE) == Stale()


def test_only_a_text_that_is_the_known_one_refreshes_it() -> None:
    rules = {decide(known, Read(6, "a", again="a"), RULE).rule for known in (LIVE, WITHDRAWN)}
    assert rules == set(READ_ANEW)
    others = [decide(known, seen, RULE).rule for known in (None, LIVE, WITHDRAWN) for seen in (Read(6, "a"), SURE)]
    assert not set(others) & set(READ_ANEW)


def test_a_text_that_returns_to_an_earlier_one_is_a_revision_of_its_own() -> None:
    assert decide(replace(LIVE, revision=2, fingerprint="b"), Read(6, "a"), RULE) == Revised(3)


texts = st.builds(Read, st.integers(1, 12), st.sampled_from("abc"))
absences = st.builds(
    Gone, st.integers(1, 12), st.integers(1, 5), st.timedeltas(timedelta(), timedelta(days=5)), st.sampled_from(Place)
)
observations = st.lists(st.one_of(texts, absences), max_size=25)


def after(known: Known | None, seen: Read | Gone, decision: Decision) -> Known | None:
    """The notice as the recorder would leave it."""
    match decision, known:
        case Published(), None:
            assert isinstance(seen, Read)
            return Known(NoticeState.LIVE, 1, seen.fingerprint, seen.fetch_number)
        case Stale(), _:
            return known
        case _, None:
            return None
        case Revised(number=number), Known():
            assert isinstance(seen, Read)
            return replace(known, revision=number, fingerprint=seen.fingerprint, fetch_number=seen.fetch_number)
        case Withdrawn(), Known():
            return replace(known, state=NoticeState.WITHDRAWN, fetch_number=seen.fetch_number)
        case Restored(number=number), Known():
            assert isinstance(seen, Read)
            return Known(NoticeState.LIVE, number or known.revision, seen.fingerprint, seen.fetch_number)
    assert known is not None
    return replace(known, fetch_number=seen.fetch_number)


@given(observations)
def test_no_fetch_is_decided_on_twice_and_none_after_a_newer_one(seen: list[Read | Gone]) -> None:
    known: Known | None = None
    decided: list[int] = []
    for one in seen:
        decision = decide(known, one, RULE)
        assert isinstance(decision, Stale) == (known is not None and one.fetch_number <= known.fetch_number)
        if known is not None and not isinstance(decision, Stale):
            decided.append(one.fetch_number)
        known = after(known, one, decision)
    assert decided == sorted(set(decided))


@given(observations)
def test_revisions_are_numbered_without_a_gap_and_never_repeat_the_text_before(seen: list[Read | Gone]) -> None:
    known: Known | None = None
    stored: list[tuple[int, str]] = []
    for one in seen:
        decision = decide(known, one, RULE)
        number = 1 if isinstance(decision, Published) else getattr(decision, "number", None)
        if number is not None:
            assert isinstance(one, Read)
            stored.append((number, one.fingerprint))
        known = after(known, one, decision)
    assert [number for number, _ in stored] == list(range(1, len(stored) + 1))
    assert all(before[1] != later[1] for before, later in itertools.pairwise(stored))


@given(observations)
def test_a_notice_is_withdrawn_only_once_until_it_is_restored(seen: list[Read | Gone]) -> None:
    known: Known | None = None
    turns: list[type[Decision]] = []
    for one in seen:
        decision = decide(known, one, RULE)
        if isinstance(decision, (Withdrawn, Restored)):
            turns.append(type(decision))
        known = after(known, one, decision)
    assert turns == [Withdrawn, Restored] * (len(turns) // 2) + [Withdrawn] * (len(turns) % 2)


@given(st.integers(2, 9), st.timedeltas(timedelta(seconds=1), timedelta(days=2)), absences)
def test_one_visit_never_withdraws_a_notice(confirmations: int, span: timedelta, seen: Gone) -> None:
    first = replace(seen, fetch_number=6, confirmations=1, span=timedelta())
    assert not isinstance(decide(LIVE, first, WithdrawalRule(confirmations, span)), Withdrawn)


@given(st.one_of(texts, absences))
def test_the_same_question_has_the_same_answer(seen: Read | Gone) -> None:
    assert decide(LIVE, seen, RULE) == decide(LIVE, seen, RULE)
