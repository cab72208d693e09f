"""Commitments: what is still open, and by which day it is to end."""

import pytest

from tests.unit.worker.read.ledger.notices import WRITTEN_ON, read
from worker.read.ledger.due import commitments_of
from worker.read.ledger.values import Commitment, Precision


def _commitments(account: str) -> list[tuple[str, str]]:
    notice = f"（一）党的领导方面\n1.关于“学习不深入”的问题\n{account}\n2.关于“研究不够”的问题\n整改措施：研究。"
    return [(one.due_by, one.text) for one in commitments_of(read(notice), WRITTEN_ON)]


@pytest.mark.parametrize(
    ("account", "due_by", "text"),
    [
        ("整改状态：取得阶段性成效，预计2023年12月完成。", "2023-12-31", "预计2023年12月完成"),
        ("整改状态：正在推进\n整改时限：2023年12月31日前", "2023-12-31", "2023年12月31日前"),
        ("整改时限：2023年10月上旬\n一是学习。", "2023-10-10", "2023年10月上旬"),
        ("责任单位：办公室  完成时限：2023年12月底前  整改进度：正在推进", "2023-12-31", "2023年12月底前"),
        (
            "一是学习。二是补充材料，正积极协调，预计2023年11月底前补充完整。",
            "2023-11-30",
            "预计2023年11月底前补充完整",
        ),
        ("目前此问题正在推进，力争2024年第一季度完成整改。", "2024-03-31", "力争2024年第一季度完成整改"),
        ("整改中，确保2023年年底前整改到位。", "2023-12-31", "确保2023年年底前整改到位"),
        ("受天气影响，承诺2023年12月30日前完成整改并销号。", "2023-12-30", "承诺2023年12月30日前完成整改并销号"),
        ("该工作延期至2023年11月底前完成。", "2023-11-30", "该工作延期至2023年11月底前完成"),
        ("其余房产，预计2024年3月底前完成清查整改。", "2024-03-31", "预计2024年3月底前完成清查整改"),
        ("力争2023年第四季度完成移交并销号。", "2023-12-31", "力争2023年第四季度完成移交并销号"),
    ],
)
def test_a_promise_is_dated(account: str, due_by: str, text: str) -> None:
    assert _commitments(account) == [(due_by, text)]


@pytest.mark.parametrize(
    "account",
    [
        "预计年底前可建成1300公里。一是学习。",
        "一是开工，计划2023年12月底前完成道路建设5公里。",
        "截至2023年8月底，已完成整改。",
        "整改状态：已完成整改\n整改时限：2023年12月底前",
        "整改状态：已完成整改并长期坚持\n预计2023年12月底前完成评估。",
        "整改时限：立行立改，长期坚持",
        "力争2025年全面建成投产。",
        "计划2023年12月底前建成大棚并整改提升道路5公里。",
        "2023年6月完成整改方案。一是学习。",
    ],
)
def test_what_is_done_and_what_is_a_target_is_no_promise(account: str) -> None:
    assert _commitments(account) == []


def test_a_commitment_names_its_problem_and_what_its_date_stands_for() -> None:
    aspects = read("1.关于学习不深入的问题\n一是学习。\n2.关于研究不够的问题\n整改进度：正在推进，预计2024年上半年完成")
    assert aspects[0].problems[1].due == "2024-06-30"
    assert commitments_of(aspects, WRITTEN_ON) == (
        Commitment(2, "2024-06-30", Precision.HALF_YEAR, "预计2024年上半年完成"),
    )
