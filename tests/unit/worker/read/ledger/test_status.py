"""Statuses by the words of the notice."""

import pytest

from tests.unit.worker.read.ledger.notices import problems
from worker.read.ledger.status_words import is_pure, status_of, status_of_group
from worker.read.ledger.values import Status

STATUSES = {
    "已完成": Status.COMPLETED,
    "已完成整改": Status.COMPLETED,
    "已整改": Status.COMPLETED,
    "整改完毕": Status.COMPLETED,
    "已办结": Status.COMPLETED,
    "已销号": Status.COMPLETED,
    "已全部整改到位": Status.COMPLETED,
    "100%": Status.COMPLETED,
    "已完成整改并长期坚持": Status.COMPLETED_SUSTAINED,
    "已完成整改,长期坚持": Status.COMPLETED_SUSTAINED,
    "已完成,持续推进": Status.COMPLETED_SUSTAINED,
    "长期坚持,已完成阶段任务": Status.COMPLETED_SUSTAINED,
    "阶段性完成并需长期坚持": Status.STAGED,
    "取得阶段性成效,预计2023年12月完成": Status.STAGED,
    "基本完成": Status.STAGED,
    "正在推进": Status.IN_PROGRESS,
    "正在推进,预计2023年12月完成整改": Status.IN_PROGRESS,
    "持续推进": Status.IN_PROGRESS,
    "整改中": Status.IN_PROGRESS,
    "推进中": Status.IN_PROGRESS,
    "长期坚持": Status.IN_PROGRESS,
    "未启动": Status.NOT_STARTED,
    "尚未开展": Status.NOT_STARTED,
    "未完成": Status.NOT_STARTED,
    "暂不具备整改条件": Status.CONDITIONS_LACKING,
    "待整改": Status.IN_PROGRESS,
    "正在整改,2024年6月底前完成": Status.IN_PROGRESS,
    "2024年6月底前完成": Status.IN_PROGRESS,
    "预计年底完成": Status.IN_PROGRESS,
    "2023年6月完成": Status.COMPLETED,
    "已于2023年6月底前完成": Status.COMPLETED,
    "已完成整改,2023年6月完成": Status.COMPLETED,
    "☑已完成 □整改中": Status.COMPLETED,
    "已完成□ 整改中☑": Status.IN_PROGRESS,
    "□已完成 □整改中": None,
    "达到序时进度": Status.IN_PROGRESS,
    "未全部完成": Status.NOT_STARTED,
    "未解决": Status.NOT_STARTED,
    "整改不到位": None,
    "办公室": None,
    "": None,
}


@pytest.mark.parametrize(("phrase", "status"), STATUSES.items())
def test_a_phrase_means_a_status(phrase: str, status: Status | None) -> None:
    assert status_of(phrase) is status


def _told(account: str) -> tuple[Status | None, str | None]:
    problem = problems(
        f"（一）党的领导方面\n1.关于“学习不深入”的问题\n{account}\n2.关于“研究不够”的问题\n整改措施：研究。"
    )[0]
    return problem.status, problem.status_text


@pytest.mark.parametrize(
    "label",
    [
        "整改状态",
        "整改进度",
        "整改情况",
        "整改进展",
        "完成情况",
        "整改成效",
        "整改结果",
        "整改完成情况",
        "整改落实情况",
        "目前状态",
    ],
)
@pytest.mark.parametrize("colon", [":", "：", " ： ", " "])
def test_a_status_stands_behind_its_label(label: str, colon: str) -> None:
    assert _told(f"一是学习。\n{label}{colon}已完成整改。") == (Status.COMPLETED, "已完成整改")


def test_a_sentence_keeps_its_full_stop_and_a_phrase_does_not() -> None:
    assert _told("整改状态：取得阶段性成效，预计2023年12月完成。")[1] == "取得阶段性成效，预计2023年12月完成。"
    assert _told("整改状态：阶段性完成并需长期坚持。")[1] == "阶段性完成并需长期坚持"


def test_a_status_may_stand_on_the_line_below_its_label() -> None:
    assert _told("整改状态：\n已完成整改\n整改过程：\n一是学习。") == (Status.COMPLETED, "已完成整改")


def test_an_account_behind_a_label_is_no_status() -> None:
    assert _told("整改情况：已完成3个项目的整改。") == (None, None)
    assert _told("整改情况：一是已完成整改。二是已完成制度修订。") == (None, None)
    assert _told("整改成效：已修订制度并开展学习。") == (None, None)


def test_a_status_opens_an_account() -> None:
    assert _told("整改情况：已完成整改。一是学习。二是研讨。") == (Status.COMPLETED, "已完成整改")


def test_labels_on_one_line_part_each_other() -> None:
    line = "责任单位：办公室  整改时限：2023年12月底前  整改进度：正在推进"
    assert _told(line) == (Status.IN_PROGRESS, "正在推进")
    assert _told("整改进度：正在推进  责任单位：办公室") == (Status.IN_PROGRESS, "正在推进")


@pytest.mark.parametrize(
    "closing", ["（已完成）", "(已完成)。", "【已完成】", "——已完成", "（整改状态：已完成）", "。（已完成）"]
)
def test_a_status_stands_behind_the_title(closing: str) -> None:
    notice = f"1.关于学习不深入的问题{closing}\n一是学习。\n2.关于研究不够的问题\n一是研究。"
    first, second = problems(notice)
    assert (first.title, first.status, first.status_text) == ("学习不深入", Status.COMPLETED, "已完成")
    assert (second.title, second.status) == ("研究不够", None)


@pytest.mark.parametrize(
    ("sentence", "status", "words"),
    [
        ("该问题已完成整改。", Status.COMPLETED, "已完成整改"),
        ("目前，该问题已整改到位，并长期坚持。", Status.COMPLETED_SUSTAINED, "已整改到位，并长期坚持"),
        ("目前此问题正在推进，预计2024年6月底前完成。", Status.IN_PROGRESS, "正在推进，预计2024年6月底前完成"),
        ("截至2023年8月底，该项问题基本完成整改。", Status.STAGED, "基本完成整改"),
        ("该问题因历史原因，暂不具备整改条件。", Status.CONDITIONS_LACKING, "因历史原因，暂不具备整改条件"),
        ("目前已完成整改。", Status.COMPLETED, "已完成整改"),
    ],
)
def test_a_sentence_closes_the_problem(sentence: str, status: Status, words: str) -> None:
    assert _told(f"一是学习，已完成。二是研讨，正在进行。{sentence}") == (status, words)
    assert _told(f"一是学习，已完成。\n二是研讨，正在进行。\n{sentence}") == (status, words)


def test_a_bare_sentence_closes_a_problem_without_measures() -> None:
    assert _told("开展检查，补齐材料。已整改到位。") == (Status.COMPLETED, "已整改到位")
    assert _told("一是补齐材料。\n已整改到位。") == (Status.COMPLETED, "已整改到位")


def test_a_measure_that_is_done_is_no_status() -> None:
    assert _told("一是补齐材料，已完成。二是修订制度。已整改到位。") == (None, None)
    assert _told("一是补齐材料。\n二是修订制度，已完成整改。") == (None, None)
    assert _told("目前，相关单位已按要求完成整改。") == (None, None)
    assert _told("该问题线索已移交，已办结。") == (None, None)
    assert _told("该问题涉及的3名人员已完成整改。") == (None, None)


@pytest.mark.parametrize(
    ("account", "words"),
    [
        ("一是学习。二是研讨。（已完成）", "已完成"),
        ("制定计划12项【已完成】", "已完成"),
        ("一是学习。二是研讨。整改结果：已完成。", "已完成"),
        ("整改情况：制定计划。【整改成效】已完成", "已完成"),
        ("补齐材料12份，已全部整改到位。", "已全部整改到位"),
    ],
)
def test_a_status_closes_a_paragraph(account: str, words: str) -> None:
    assert _told(account) == (Status.COMPLETED, words)


def test_a_measure_has_its_own_brackets() -> None:
    assert _told("一是补齐材料（已完成）。二是修订制度（已完成）。") == (None, None)
    assert _told("一是补齐材料。\n二是修订制度（已完成）。") == (None, None)


def test_a_day_to_end_by_is_no_part_of_how_far_things_are() -> None:
    assert is_pure("持续整改,2024年10月底前完成")
    assert is_pure("正在推进,第三季度完成")
    assert not is_pure("2024年10月底前完成")
    assert not is_pure("已完成道路5公里,2024年10月底前完成")
    notice = "1.关于学习不深入的问题\n一是学习。（持续整改，2023年10月底前完成）\n2.关于研究不够的问题\n研究。"
    assert problems(notice)[0].due == "2023-10-31"


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        ("已完成整改的问题", "已完成整改"),
        ("正在推进的问题(3个)", "正在推进"),
        ("关于长期坚持的事项", "长期坚持"),
        ("上轮巡察未整改到位的问题", None),
        ("解决问题", None),
        ("党的领导方面", None),
    ],
)
def test_a_heading_may_tell_the_status_of_what_stands_under_it(heading: str, words: str | None) -> None:
    assert status_of_group(heading) == words
