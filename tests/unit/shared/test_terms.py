"""Many words at once: exactly those that occur in the text are found."""

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.terms import Terms

SCRIPT = "河道采砂整改a1𠮷𡈽\U0001f30a"


@given(
    st.lists(st.text(st.sampled_from(SCRIPT), min_size=1, max_size=5), max_size=30),
    st.text(st.sampled_from(SCRIPT), max_size=40),
)
def test_exactly_the_words_that_occur_are_found(words: list[str], text: str) -> None:
    assert Terms(words).found_in(text) == {word for word in words if word in text}


@given(st.lists(st.text(min_size=1, max_size=4), max_size=10), st.text(max_size=20))
def test_any_characters_will_do(words: list[str], text: str) -> None:
    assert Terms(words).found_in(text + "".join(words)) >= set(words)


def test_without_words_or_without_text_nothing_is_found() -> None:
    assert Terms([]).found_in("河道") == Terms(["河道", "河"]).found_in("") == set()
