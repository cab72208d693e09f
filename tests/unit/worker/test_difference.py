"""What changed between two revisions: true, and small whatever the texts are."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.difference import COMPARED_LINES, FIELDS, MOST_LINES, difference, shortened


def document(*lines: str, **fields: Any) -> dict[str, Any]:
    return {"title": "通报", "body": "\n".join(lines), "attachments": []} | fields


def test_only_fields_that_differ_are_told_old_and_new() -> None:
    told = difference(document(title="旧"), document(title="新", author="办公室"))
    assert told == {"fields": {"title": ["旧", "新"], "author": [None, "办公室"]}, "text": [], "truncated": False}


def test_documents_of_any_release_can_be_compared() -> None:
    told = difference({}, document("a", title="新"))
    assert told == {"fields": {"title": [None, "新"], "attachments": [None, []]}, "text": ["+a"], "truncated": False}
    assert difference({"body": None}, {}) == {"fields": {}, "text": [], "truncated": False}


def test_an_edited_line_is_told_between_its_neighbours() -> None:
    before, after = document("a", "b", "c", "d", "e"), document("a", "b", "C", "d", "e")
    assert difference(before, after) == {"fields": {}, "text": [" b", "-c", "+C", " d"], "truncated": False}


def test_two_edits_far_apart_are_both_told() -> None:
    lines = [f"第{number}行" for number in range(40)]
    changed = [*lines[:3], "插入", *lines[3:30], *lines[31:]]
    told = difference(document(*lines), document(*changed))
    assert told["text"] == [" 第2行", "+插入", " 第3行", " 第29行", "-第30行", " 第31行"]
    assert not told["truncated"]


def test_a_long_change_is_cut_and_says_so() -> None:
    told = difference(document(), document(*(f"第{number}行" for number in range(MOST_LINES + 1))))
    assert len(told["text"]) == MOST_LINES
    assert told["truncated"]


def test_a_long_line_is_cut_and_says_so() -> None:
    told = difference(document("a"), document("b" * 5000))
    assert len(told["text"][-1]) == 300
    assert told["truncated"]


def test_a_long_title_is_cut_and_says_so() -> None:
    told = difference(document(title="甲" * 5000), document(title="乙" * 5000))
    assert [len(title) for title in told["fields"]["title"]] == [200, 200]
    assert told["truncated"]


def test_lines_beyond_those_compared_are_never_called_added_or_removed() -> None:
    rows = [f"第{number}行" for number in range(4 * COMPARED_LINES)]
    changed = ["最先", *rows[: 3 * COMPARED_LINES], "最后", *rows[3 * COMPARED_LINES :]]
    told = difference(document(*rows), document(*changed))
    assert [line for line in told["text"] if line[0] != " "] == ["+最先"]
    assert told["truncated"]


@pytest.mark.timeout(30)
def test_a_long_table_in_which_every_second_row_changed_takes_no_minutes() -> None:
    rows = range(60_000)
    before = document(*(f"{row}" if row % 2 else f"{row} 旧" for row in rows))
    told = difference(before, document(*(f"{row}" if row % 2 else f"{row} 新" for row in rows)))
    assert told["text"][:3] == ["-0 旧", "+0 新", " 1"]


@pytest.mark.parametrize("character", ["a", "整", "\U0001f600", "\x01", '"'])
def test_the_largest_difference_has_a_bound_however_it_is_spelled(character: str) -> None:
    def hostile(salt: str) -> dict[str, Any]:
        long = salt + character * 100_000
        files = [{"url": long, "title": long}, *({"url": f"{salt}{n}", "title": salt} for n in range(10_000))]
        lines = [f"{salt}{number}{character * 400}" for number in range(500)]
        return document(*lines, **dict.fromkeys(FIELDS, long) | {"attachments": files})

    told = difference(hostile("甲"), hostile("乙"))
    assert told["truncated"]
    assert len(json.dumps(told)) < 56 * 1024


def test_shortened_keeps_what_is_short() -> None:
    assert shortened(None) is None
    assert shortened("题" * 200) == "题" * 200
    assert shortened("题" * 201) == "题" * 199 + "…"


bodies = st.lists(st.sampled_from("abcd"), max_size=12)


@given(bodies, bodies)
def test_what_is_told_accounts_for_every_line_gained_and_lost(before: list[str], after: list[str]) -> None:
    told = difference(document(*before), document(*after))
    gained = [line[1:] for line in told["text"] if line[0] == "+"]
    lost = [line[1:] for line in told["text"] if line[0] == "-"]
    assert sorted([*before, *gained]) == sorted([*after, *lost])
    assert bool(told["text"]) == (before != after)
    assert not told["truncated"]
