"""Counts that a notice states itself."""

import pytest

from tests.unit.worker.read.ledger.notices import lines_of, read
from worker.read.ledger.declared import declared_in, warnings_of


@pytest.mark.parametrize(
    ("sentence", "declared"),
    [
        (
            "针对区委第二巡察组反馈的7方面32项问题，细化制定70条整改措施。",
            {"aspects": 7, "problems": 32, "measures": 70},
        ),
        ("反馈意见指出七个方面、三十二个问题。", {"aspects": 7, "problems": 32}),
        ("巡察反馈4个方面14项，已全部认领。", {"aspects": 4, "problems": 14}),
        ("紧紧围绕六方面23个问题，抓好整改。", {"aspects": 6, "problems": 23}),
        ("巡察组反馈具体问题25个，均已建立台账。", {"problems": 25}),
        (
            "目前，细化分解的四方面14个问题，已完成整改11个，1个暂不具备整改条件，正在推进2个。",
            {"aspects": 4, "problems": 14, "completed": 11, "conditions_lacking": 1, "in_progress": 2},
        ),
        (
            "反馈问题5个，制定措施9条。截至8月底，3个问题已完成整改，2个问题取得阶段性成效。",
            {"problems": 5, "measures": 9, "completed": 3, "staged": 2},
        ),
        ("反馈的十二个问题中，十个已完成整改，两个正在推进。", {"problems": 12, "completed": 10, "in_progress": 2}),
        ("反馈的32个问题已完成整改30个、未完成2个。", {"problems": 32, "completed": 30, "not_started": 2}),
        ("反馈的三个方面、七个问题，制定整改措施十七条。", {"aspects": 3, "problems": 7, "measures": 17}),
        ("反馈问题3类6个，已销号4个，余2个持续整改。", {"problems": 6, "completed": 4, "in_progress": 2}),
        ("对巡察反馈的6个问题和专项检查反馈的2个问题建立台账。", {"problems": 8}),
        ("反馈的6个问题，已完成整改并长期坚持6个。", {"problems": 6, "completed_sustained": 6}),
        (
            "党委制定整改措施31条，逐项落实。反馈的9个问题已关闭6个，其余3个正在推进。",
            {"problems": 9, "measures": 31, "completed": 6, "in_progress": 3},
        ),
    ],
)
def test_counts_are_read_from_the_opening(sentence: str, declared: dict[str, int]) -> None:
    assert declared_in(lines_of(sentence)) == declared


@pytest.mark.parametrize(
    "sentence",
    [
        "共召开4次党委会议、1次民主生活会，建立12项制度。",
        "做到问题一个不漏整改到位，整改一个，销号一个。",
        "移交问题线索7件，已办结6件。",
        "针对6个社区喜庆楼问题，已采取措施。",
        "一方面抓学习，另一方面抓整改。",
    ],
)
def test_counts_of_other_things_are_none(sentence: str) -> None:
    assert declared_in(lines_of(sentence)) == {}


def test_a_part_that_is_about_doing_ends_no_opening() -> None:
    notice = "一、统筹推进问题整改\n针对反馈的5个问题，制定措施。\n二、抓好反馈问题整改落实\n1.关于学习的问题"
    assert declared_in(lines_of(notice)) == {"problems": 5}


def test_counts_inside_an_account_are_none() -> None:
    notice = "巡察组反馈3个问题。\n1.关于审计整改不力的问题\n针对审计反馈的5个方面9个问题，已完成整改8个。"
    assert declared_in(lines_of(notice)) == {"problems": 3}


def test_a_notice_that_contradicts_itself_is_told_so() -> None:
    aspects = read("（一）党的领导方面\n1.关于学习不深入的问题\n一是学习。\n2.关于研究不够的问题\n一是研究。")
    warnings = warnings_of({"aspects": 1, "problems": 3, "measures": 9, "completed": 1}, aspects)
    assert [(one.code, one.message) for one in warnings] == [("declared_mismatch", "declares 3 problems, lists 2")]
    assert warnings_of({"aspects": 1, "problems": 2}, aspects) == ()
    assert warnings_of({}, aspects) == ()
