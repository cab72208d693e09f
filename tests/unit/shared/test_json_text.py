"""JSON as the ledger keeps it: short, and never what a database refuses."""

import json

from hypothesis import given
from hypothesis import strategies as st

from shared.db.engine import json_text


def test_chinese_characters_are_kept_as_they_are() -> None:
    assert json_text({"title": "关于整改情况的通报"}) == '{"title": "关于整改情况的通报"}'


@given(st.text(st.characters()))
def test_any_text_comes_back_and_can_be_written(text: str) -> None:
    written = json_text([text, "\ud800"])  # half of a surrogate pair
    assert written.isascii()
    assert json.loads(written) == [text, "\ud800"]
    assert json.loads(json_text([text]).encode()) == [text]
