"""Where notices put the status of a problem, and what they number beside it."""

import pytest

from tests.unit.worker.read.ledger.notices import problems, read, sketch
from worker.read.ledger.status_words import is_pure, status_of


def test_a_status_may_stand_between_number_and_title() -> None:
    assert sketch("""一、服务群众方面
        1.【已完成】补贴发放不及时
        针对存在的拖欠情形，第一，核对名单；第二，补发补贴；第三，建立台账。
        2.【推进中】设施建设进度缓慢
        第一，完成设计；第二，启动招标。受天气影响，承诺2023年12月30日前完成整改并销号。
        下一步，镇党委将保持力度：第一，抓好推进中问题的整改；第二，开展“回头看”；第三，建立机制。""") == [
        ("服务群众方面", [(1, "补贴发放不及时", "completed", 3), (2, "设施建设进度缓慢", "in_progress", 2)])
    ]


def test_numbered_parts_of_an_account_are_no_problems() -> None:
    text = """一、业务工作方面
        (一)示范点建设停滞不前
        1.问题表述:未制定工作计划。
        2.整改举措:(1)成立小组;(2)印发计划。
        3.整改成效:示范点通过验收。
        4.整改评估:按序时推进,2023年10月底前销号。
        (二)票据管理混乱
        1.问题表述:票据未及时核销。
        2.整改举措:逐一核对票据。
        3.整改成效:票据当日对账。
        4.整改评估:暂不具备整改条件,待上级政策明确后推进。"""
    assert sketch(text) == [
        ("业务工作方面", [(1, "示范点建设停滞不前", "in_progress", 2), (2, "票据管理混乱", "conditions_lacking", 0)])
    ]
    assert problems(text)[0].due == "2023-10-31"


def test_a_padded_number_needs_no_blank_behind_it() -> None:
    assert sketch("""内部管理方面
        点击收起
        01食堂管理有所放松
        措施一：公开比价。
        措施二：建立台账。
        整改进度：100%（已完成）
        02档案管理流于形式
        措施一：补齐档案。
        措施二：开展抽查。
        整改进度：75%（推进中，预计2023年12月末完成）""") == [
        ("内部管理方面", [(1, "食堂管理有所放松", "completed", 2), (2, "档案管理流于形式", "in_progress", 2)])
    ]


def test_a_remark_in_a_table_may_promise_what_is_left() -> None:
    found = problems("""序号|反馈问题|整改前|整改后|是否整改到位|备注
        1|工程不公开|村干部指定施工队|全部公开比选|是|
        2|鱼塘承包款收缴不及时|拖欠5万元|收回4万元|否|预计2023年11月底前完成
        3|活动室闲置|未启用|完成改造|否|2023年10月30日前投入使用并整改到位""")
    assert [(one.status, one.due) for one in found] == [
        ("completed", None),
        ("not_started", "2023-11-30"),
        ("not_started", "2023-10-30"),
    ]


def test_a_problem_that_is_to_be_solved_keeps_its_last_word() -> None:
    (aspect,) = read("""一、理论武装方面
        1.强化学习，着力解决“学用脱节”问题。开展研讨4次。
        2.强化统筹，着力解决“规划滞后”问题。编制规划1部。""")
    assert aspect.problems[0].title == "强化学习，着力解决“学用脱节”问题"


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("已关闭", "completed"),
        ("已关闭,长效执行", "completed_sustained"),
        ("未关闭", "not_started"),
        ("已通过验收", "completed"),
        ("已完成,待验收", "in_progress"),
        ("按序时推进", "in_progress"),
        ("尚未完成,最迟2023年8月15日前整改完毕", "not_started"),
    ],
)
def test_a_status_has_many_words(words: str, status: str) -> None:
    assert (status_of(words), is_pure(words)) == (status, True)


@pytest.mark.parametrize(
    ("words", "status"), [("100%", "completed"), ("75%", "in_progress"), ("60%(推进中)", "in_progress")]
)
def test_a_share_says_how_far_a_problem_has_come(words: str, status: str) -> None:
    assert status_of(words) == status
