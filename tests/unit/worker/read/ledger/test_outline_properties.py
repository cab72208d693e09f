"""What holds of the outline of any lines."""

import json
from dataclasses import asdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.worker.read.ledger.notices import WIDE, WRITTEN_ON, lines_of, sketch
from worker.clean.lines import Cell, Line
from worker.clean.text import narrow
from worker.read.ledger.declared import declared_in, warnings_of
from worker.read.ledger.due import commitments_of
from worker.read.ledger.outline import aspects_of
from worker.read.ledger.values import Aspect

# fmt: off
PIECES = st.sampled_from([
    "一、", "二、", "（一）", "(二)", "㈢", "1.", "2．", "3、", "（1）", "①", "第一，", "问题1：", "【问题2】",
    "——", "一是", "二是", "三是", "关于", "针对", "“", "”", "‘", "的问题", "问题整改情况", "方面",
    "不到位", "。", "，", "：", "；", " ", "整改状态：", "整改情况：", "整改时限：", "已完成", "正在推进",
    "并长期坚持", "（已完成）", "该问题", "预计2024年6月底前完成", "下一步", "欢迎监督", "2023年", "序号",
    "学习", "1.1", "01", "PART 02", "【已完成】", "☑", "□", "整改：", "结果：", "巡察指出：", "问题表现：",
    "已完成整改的问题",     "其一，", "第二个问题：", "◆", "●", "√", "2024年6月底前完成",
])
# fmt: on
TEXTS = st.lists(PIECES, max_size=14).map("".join)
LINES = st.builds(
    lambda text, cells: Line(text, cells=tuple(Cell(column, cell) for column, cell in enumerate(cells))),
    TEXTS,
    st.just([]) | st.lists(TEXTS, max_size=5),
)
NOTICE = """一、党的领导方面
{a}关于“学习不深入”的问题
{x}制定计划,按月落实。
{y}开展研讨。
整改状态:已完成整改,长期坚持。
{b}关于管理不规范的问题(正在推进)
修订制度,预计2023年12月底前完成。
二、党的建设方面
{c}关于程序不严的问题
{x}开展培训;
{y}严肃追责。
该问题已完成整改。"""
PROBLEM_MARKS = [
    ("1.", "2.", "1."),
    ("1、", "2、", "1、"),
    ("1．", "2．", "1．"),
    ("1 . ", "2 . ", "1 . "),
    ("1", "2", "1"),
    ("⒈", "⒉", "⒈"),
    ("（一）", "（二）", "（一）"),
    ("(一)", "(二)", "(一)"),
    ("㈠", "㈡", "㈠"),
    ("（一） ", "（二） ", "（一） "),
    ("一)", "二)", "一)"),
    ("问题1：", "问题2：", "问题1："),
    ("【问题一】", "【问题二】", "【问题一】"),
]
MEASURE_MARKS = [("一是", "二是"), ("（1）", "（2）"), ("⑴", "⑵"), ("①", "②"), ("第一，", "第二，"), ("(1) ", "(2) ")]


@given(st.lists(LINES, max_size=25))
@settings(max_examples=300, deadline=None)
def test_any_lines_are_read_and_problems_count_from_one(lines: list[Line]) -> None:
    aspects = aspects_of(lines, WRITTEN_ON)
    numbers = [problem.number for aspect in aspects for problem in aspect.problems]
    assert numbers == list(range(1, len(numbers) + 1))
    assert all(aspect.problems for aspect in aspects)
    assert all(problem.text for aspect in aspects for problem in aspect.problems)
    warnings_of(declared_in(lines), aspects)
    due = [problem.number for aspect in aspects for problem in aspect.problems if problem.due]
    assert [commitment.problem for commitment in commitments_of(aspects, WRITTEN_ON)] == due


@given(st.lists(TEXTS, max_size=20))
@settings(max_examples=200, deadline=None)
def test_full_and_half_width_give_one_outline(texts: list[str]) -> None:
    half = [narrow(text) for text in texts]
    wide = [text.translate(WIDE) for text in half]
    assert _narrowed(half) == _narrowed(wide)
    assert declared_in([Line(text) for text in half]) == declared_in([Line(text) for text in wide])


def _narrowed(texts: list[str]) -> str:
    aspects = aspects_of([Line(text) for text in texts], WRITTEN_ON)
    printed = json.dumps([asdict(aspect) for aspect in aspects], ensure_ascii=False)
    return narrow(printed).replace(" ", "")


@pytest.mark.parametrize("marks", PROBLEM_MARKS)
@pytest.mark.parametrize("measures", MEASURE_MARKS)
def test_ways_to_number_give_one_outline(marks: tuple[str, str, str], measures: tuple[str, str]) -> None:
    notice = NOTICE.format(a=marks[0], b=marks[1], c=marks[2], x=measures[0], y=measures[1])
    assert sketch(notice) == [
        (
            "党的领导方面",
            [(1, "学习不深入", "completed_sustained", 2), (2, "管理不规范", "in_progress", 0)],
        ),
        ("党的建设方面", [(1, "程序不严", "completed", 2)]),
    ]


HOSTILE = [
    "一是" * 500_000,
    "一是。" * 300_000,
    "(" * 1_000_000,
    "1.(" * 300_000,
    "关于“" * 300_000,
    "一、" + ":问题" * 300_000,
    "1." + "。" * 1_000_000,
    "整改状态:" * 200_000,
    "已" * 1_000_000,
    "1.关于" + "问题" * 400_000,
    "①" * 500_000,
    "一" * 1_000_000,
    "问题1" * 300_000,
    "预计" * 500_000,
    "1.学习不够。" + "该问题" * 300_000,
    "该问题已" * 200_000 + "。",
    "、" * 1_000_000,
    " " * 1_000_000,
    "1.预计2024年6月" * 60_000,
    "7个方面" * 200_000,
    "现已" * 400_000,
    "整改情况:" + "整改" * 29 + "x",
    "3个问题" * 200_000,
    "。1." * 300_000,
    "。(1)关于甲的问题" * 100_000,
    "一是关于甲的问题。" * 100_000,
    "(一)甲方面。1.关于乙的问题。" * 60_000,
    "☑□" * 400_000,
    "(已完成)" * 200_000,
    "结果:已办结。" * 150_000,
    "1.1" * 300_000,
]


@pytest.mark.timeout(10)
@pytest.mark.parametrize("line", HOSTILE, ids=lambda line: line[:8])
def test_a_hostile_line_ends_soon(line: str) -> None:
    before = "（一）党的领导方面\n1.关于学习不深入的问题\n一是学习。\n2.关于研究不够的问题"
    lines = [*lines_of(before), Line(line), Line("整改状态：已完成"), Line(line)]
    aspects = aspects_of(lines, WRITTEN_ON)
    declared_in(lines)
    commitments_of(aspects, WRITTEN_ON)


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "line",
    [
        "1.学习不够",
        "(",
        "（一）关于学习的问题",
        "一是学习",
        "关于“学习”的问题：",
        ":" * 40 + "问题",
        "整改状态：已完成",
        "1.1学习",
        "一是关于学习的问题",
        "01",
    ],
)
def test_a_great_many_lines_end_soon(line: str) -> None:
    aspects: tuple[Aspect, ...] = aspects_of([Line(line)] * 20_000, WRITTEN_ON)
    commitments_of(aspects, WRITTEN_ON)
