"""Measures: what the account of a problem numbers."""

import pytest

from worker.clean.text import narrow
from worker.read.ledger.measures import measures_in
from worker.read.ledger.passages import Passage


def _measures(text: str) -> tuple[str, ...]:
    return measures_in([Passage(line, narrow(line)) for line in text.split("\n")])


@pytest.mark.parametrize(
    "text",
    [
        "一是学习。二是研讨。三是检查。",
        "一是学习。\n二是研讨。\n三是检查。",
        "整改措施：一是学习。二是研讨。\n三是检查。",
        "解决学习不深入的问题：一是学习。二是研讨。三是检查。",
        "1.学习。2.研讨。3.检查。",
        "1、学习。\n2、研讨。\n3、检查。",
        "（1）学习。（2）研讨。（3）检查。",
        "整改情况：（1）学习。\n（2）研讨。\n（3）检查。",
        "①学习。②研讨。③检查。",
        "⑴学习。\n⑵研讨。\n⑶检查。",
        "第一，学习。第二，研讨。第三，检查。",
        "——学习。\n——研讨。\n——检查。",
        "（一）学习。\n（二）研讨。\n（三）检查。",
        "整改目标：提高认识。\n责任单位：办公室\n整改措施：\n1.学习。\n2.研讨。\n3.检查。",
    ],
)
def test_measures_are_numbered_in_many_ways(text: str) -> None:
    assert _measures(text) == ("学习。", "研讨。", "检查。")


def test_what_parts_measures_is_no_part_of_them() -> None:
    assert _measures("一是学习；二是研讨，三是检查。") == ("学习", "研讨", "检查。")


def test_a_number_may_be_printed_twice() -> None:
    assert _measures("一是学习。二是研讨。三是检查。三是考核。") == ("学习。", "研讨。", "检查。", "考核。")


def test_a_measure_goes_on_in_the_next_paragraph() -> None:
    assert _measures("一是学习。\n学习覆盖全员。\n二是研讨。") == ("学习。\n学习覆盖全员。", "研讨。")


def test_runs_of_several_blocks_follow_each_other_and_headings_are_no_measures() -> None:
    account = (
        "（1）关于学习的问题。一是学习。二是研讨。\n（2）关于检查的问题\n一是检查。\n（3）关于考核的问题。加强考核。"
    )
    assert _measures(account) == ("学习。", "研讨。", "检查。")


@pytest.mark.parametrize(
    "text",
    [
        "认真学习，深入研讨。",
        "坚持“一是一、二是二”，实事求是。",
        "目标统一是前提，原因之一是认识不足。",
        "2023年投入1.5亿元，新增2.3公里。",
        "整改措施：加强学习。",
        "责任单位：1.办公室2.财务科",
    ],
)
def test_a_plain_paragraph_has_no_measures(text: str) -> None:
    assert _measures(text) == ()


def test_sums_and_years_inside_a_measure_part_nothing() -> None:
    assert _measures("1.投入1.5亿元，2023年建成2.3公里。2.新增3个点位。") == (
        "投入1.5亿元，2023年建成2.3公里。",
        "新增3个点位。",
    )
