"""The schema of a document: it is a valid schema, and what the reader answers is valid by it."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from worker.read import SCHEMA_VERSION, Unreadable, read
from worker.read.schema import document_schema

VALIDATOR = Draft202012Validator(document_schema())
GOLDEN = Path(__file__).parents[3] / "pages"
PAGES = sorted([*GOLDEN.glob("*.html"), *GOLDEN.glob("*.txt")])

_PIECES = st.sampled_from(
    [
        "关于巡察整改进展情况的通报",
        "一、整改落实情况",
        "（一）党的建设方面",
        "1.关于“学习不深入”的问题。",
        "整改状态：已完成整改并长期坚持",
        "一是建章立制。二是预计2024年6月底前完成。",
        "联系电话：010-55550188；邮编：100997",
        "二〇二三年九月十五日",
        "反馈3个方面、7个问题",
        "来源：某镇 发布时间：2024-05-06 10∶08",
        "<table><tr><td>序号</td><td>问题</td></tr><tr><td>1</td><td>甲</td></tr></table>",
        "<p>",
        "\x00",
        "\n",
    ]
)


def test_the_schema_is_one_by_the_standard_and_has_the_readers_version() -> None:
    Draft202012Validator.check_schema(document_schema())
    assert document_schema()["properties"]["schema_version"]["const"] == SCHEMA_VERSION


def test_every_field_of_the_schema_says_what_it_means() -> None:
    fields = document_schema()["properties"]
    assert [name for name, field in fields.items() if not field.get("description")] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_golden_page_is_read_as_is_valid(page: Path) -> None:
    assert [*VALIDATOR.iter_errors(json.loads(json.dumps(read(page.read_bytes()).as_json())))] == []


@given(st.lists(_PIECES | st.text(max_size=20), max_size=25))
def test_whatever_is_read_is_valid(pieces: list[str]) -> None:
    try:
        document = read("\n".join(pieces).encode("utf-8", "surrogatepass"))
    except Unreadable:
        return
    assert [*VALIDATOR.iter_errors(json.loads(json.dumps(document.as_json())))] == []


def test_what_a_real_text_is_read_as_is_valid(real_texts: Path) -> None:
    for file in sorted([*(real_texts / "seeds").glob("*.txt"), *(real_texts / "pages" / "html").iterdir()]):
        assert [*VALIDATOR.iter_errors(json.loads(json.dumps(read(file.read_bytes()).as_json())))] == []
