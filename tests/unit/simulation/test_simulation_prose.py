"""Invented notices: reproducible, distinct, and different after each edit."""

from hypothesis import given
from hypothesis import strategies as st

from services.simulation.prose import edited, fingerprint, first_text
from services.simulation.vocabulary import CITIES

numbers = st.integers(1, 400)


@given(st.integers(0, 9), numbers)
def test_the_same_seed_and_number_tell_the_same_text(seed: int, number: int) -> None:
    assert first_text(seed, CITIES[0], number) == first_text(seed, CITIES[0], number)


@given(st.integers(0, 9), numbers, st.lists(st.sampled_from(["status", "sentence"]), min_size=1, max_size=8))
def test_every_edit_changes_the_body_and_only_the_body(seed: int, number: int, kinds: list[str]) -> None:
    text = first_text(seed, CITIES[1], number)
    for revision, kind in enumerate(kinds, start=2):
        changed = edited(text, seed, (number, revision), kind)
        assert changed == edited(text, seed, (number, revision), kind)
        assert fingerprint(changed.paragraphs()) != fingerprint(text.paragraphs())
        assert (changed.title, changed.published_at) == (text.title, text.published_at)
        text = changed


@given(numbers)
def test_a_status_edit_moves_exactly_one_problem_on(number: int) -> None:
    text = first_text(7, CITIES[0], number)
    changed = edited(text, 7, (number, 2), "status")
    moved = [(old, new) for old, new in zip(text.problems, changed.problems, strict=True) if old.status != new.status]
    assert len(moved) == 1
    old, new = moved[0]
    assert old.open
    assert "预计" in old.status
    assert old.measures == new.measures


def test_titles_are_distinct_within_a_site() -> None:
    titles = {first_text(7, CITIES[0], number).title for number in range(1, 300)}
    assert len(titles) == 299


def test_declared_counts_agree_with_what_is_listed() -> None:
    for number in range(1, 30):
        text = first_text(3, CITIES[2], number)
        assert f"{len(text.aspects)}个方面{len(text.problems)}个问题" in text.opening[1]
        assert sum(line.startswith(f"{text.status_label}：") for line in text.paragraphs()) == len(text.problems)


def test_numbering_restarts_in_one_half_of_the_notices_and_runs_on_in_the_other() -> None:
    even, odd = first_text(7, CITIES[0], 2), first_text(7, CITIES[0], 3)
    assert [aspect.problems[0].printed for aspect in even.aspects] == [1] * len(even.aspects)
    assert [problem.printed for problem in odd.problems] == list(range(1, len(odd.problems) + 1))


def test_a_fingerprint_ignores_white_space_and_width() -> None:
    assert fingerprint(["整改：１", "（二）"]) == fingerprint(["　整改:1 (二)\n"])
    assert fingerprint(["整改一"]) != fingerprint(["整改二"])
