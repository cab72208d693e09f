"""Full and half width: what is narrowed compares as one, and every offset holds."""

from hypothesis import given
from hypothesis import strategies as st

from shared.width import narrow

_WIDE = st.text(st.characters(min_codepoint=0xFF01, max_codepoint=0xFF5E) | st.sampled_from("　 \u2009∶︰整改abc:("))


@given(_WIDE)
def test_narrowing_keeps_every_offset_and_leaves_nothing_wide(text: str) -> None:
    narrowed = narrow(text)
    assert len(narrowed) == len(text)
    assert not any("\uff01" <= character <= "\uff5e" or character in "　∶︰" for character in narrowed)
    assert narrow(narrowed) == narrowed


@given(st.text())
def test_each_character_is_narrowed_by_itself(text: str) -> None:
    assert narrow(text) == "".join(map(narrow, text))


def test_brackets_digits_blanks_and_colons_are_narrowed() -> None:
    assert narrow("（１）　１０∶０８：Ａ") == "(1) 10:08:A"
