"""Tables with the header at the left."""

from tests.unit.worker.read.ledger.notices import lines_of, problems, sketch
from worker.read.ledger.cards import cards_in

CARDS = """（一）党的领导方面
    序号|1
    反馈问题|学习不深入
    整改措施|1.制定计划。⏎2.开展研讨。
    整改状态|已完成
    序号|2
    反馈问题|研究不够
    整改措施|专题研究。
    完成时限|2024年6月底
    整改状态|正在推进"""


def test_a_problem_may_be_told_in_rows_below_each_other() -> None:
    assert sketch(CARDS) == [("党的领导方面", [(1, "学习不深入", "completed", 2), (2, "研究不够", "in_progress", 0)])]
    assert problems(CARDS)[0].measures == ("制定计划。", "开展研讨。")
    assert problems(CARDS)[1].due == "2024-06-30"


def test_two_names_and_values_may_share_a_row() -> None:
    assert sketch("""问题1|学习不深入|责任领导|张某
        整改情况|一是学习。二是研讨。|整改状态|已完成
        问题2|研究不够|责任领导|李某
        整改情况|专题研究。|整改状态|推进中""") == [
        (None, [(1, "学习不深入", "completed", 2), (2, "研究不够", "in_progress", 0)])
    ]


def test_a_table_with_its_header_above_is_left_alone() -> None:
    lines = lines_of("""反馈问题|整改措施|整改状态
        档案问题|补齐材料。|已完成
        公车问题|加强管理。|已完成""")
    assert cards_in(lines) is lines


def test_a_status_is_no_name_whatever_word_it_shares_with_one() -> None:
    assert sketch("""反馈问题|学习不深入
        整改措施|1.制定计划。⏎2.开展研讨。
        整改期限|2023年6月底|销号情况|已销号
        反馈问题|研究不够
        整改措施|专题研究。
        整改期限|2023年12月底|销号情况|未销号""") == [
        (None, [(None, "学习不深入", "completed", 2), (None, "研究不够", "not_started", 0)])
    ]
