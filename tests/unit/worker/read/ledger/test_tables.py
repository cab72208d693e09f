"""Problems that stand in a table, one a row."""

from tests.unit.worker.read.ledger.notices import WRITTEN_ON, problems, read, sketch
from worker.read.ledger.due import commitments_of

PLAIN = """序号|反馈问题|整改措施|整改时限|整改进度
    1|理论学习不深入|1.制定计划；2.开展研讨。|2023年6月底|已完成
    2|关于“档案管理不规范”的问题|1.补齐材料⏎2.专人管理|2023年12月底|正在推进
    3|考核不严|加强考核|长期坚持|已完成并长期坚持"""


def test_a_row_is_a_problem() -> None:
    assert sketch(PLAIN) == [
        (
            None,
            [
                (1, "理论学习不深入", "completed", 2),
                (2, "档案管理不规范", "in_progress", 2),
                (3, "考核不严", "completed_sustained", 0),
            ],
        )
    ]
    assert problems(PLAIN)[1].measures == ("补齐材料", "专人管理")
    assert problems(PLAIN)[0].text == "1\n理论学习不深入\n1.制定计划；2.开展研讨。\n2023年6月底\n已完成"


def test_a_limit_counts_only_for_what_is_open() -> None:
    commitments = commitments_of(read(PLAIN), WRITTEN_ON)
    assert [(one.problem, one.due_by, one.text) for one in commitments] == [(2, "2023-12-31", "2023年12月底")]


def test_an_aspect_may_span_rows() -> None:
    assert sketch("""问题类别|序号|具体问题|整改措施|完成时限|整改状态|责任单位
        一、党的领导方面|1|关于“学习不深入”的问题|一是学习。二是研讨。|2023年9月|已完成|办公室
         |2|关于“研究不够”的问题|一是研究。|2023年10月上旬|基本完成|办公室
        二、党的建设方面|3|党费收缴不规范|补缴党费。|2023年12月31日前|暂不具备整改条件|组织科""") == [
        ("党的领导方面", [(1, "学习不深入", "completed", 2), (2, "研究不够", "staged", 1)]),
        ("党的建设方面", [(3, "党费收缴不规范", "conditions_lacking", 0)]),
    ]


def test_an_aspect_may_be_a_row_and_a_header_may_be_repeated() -> None:
    assert sketch("""序号|问题|整改情况|状态
        一、党的领导方面|
        1|学习不深入|一是学习；二是研讨|已完成
        序号|问题|整改情况|状态
        2|研究不够|专题研究|未启动
        二、党的建设方面|
        3|党费管理不规范|补缴|推进中""") == [
        ("党的领导方面", [(1, "学习不深入", "completed", 2), (2, "研究不够", "not_started", 0)]),
        ("党的建设方面", [(3, "党费管理不规范", "in_progress", 0)]),
    ]


def test_several_tables_stand_under_headings() -> None:
    assert sketch("""一、整改总体情况
        党组高度重视。
        二、整改落实情况
        （一）党的领导方面
        序号|问题|整改措施|整改状态
        1|学习不深入|一是学习。|已完成
        （二）党的建设方面
        序号|问题|整改措施|整改状态
        1|党费管理不规范|一是补缴。|未启动
        三、下一步打算
        继续努力。""") == [
        ("党的领导方面", [(1, "学习不深入", "completed", 1)]),
        ("党的建设方面", [(1, "党费管理不规范", "not_started", 1)]),
    ]


def test_a_header_of_two_rows() -> None:
    assert sketch("""序号|反馈问题|整改情况
         | |整改措施|完成情况|整改时限
        1|学习不深入|一是学习。二是研讨。|已完成|2023年8月
        2|管理不严|加强管理。|正在推进|2024年1月""") == [
        (None, [(1, "学习不深入", "completed", 2), (2, "管理不严", "in_progress", 0)])
    ]


def test_an_account_may_close_with_the_status() -> None:
    notice = """巡察反馈意见|整改落实情况|完成时间
        （一）党的领导方面|
        1.学习不深入|已制定计划。该问题已完成整改。|2023年6月
        2.研究不够|专题研究。|2023年12月底前"""
    assert sketch(notice) == [("党的领导方面", [(1, "学习不深入", "completed", 0), (2, "研究不够", None, 0)])]
    assert [one.due for one in problems(notice)] == [None, "2023-12-31"]


def test_a_problem_may_span_rows_of_measures() -> None:
    notice = """序号|问题|整改措施|整改状态
        1|学习不深入|制定计划。|已完成
         | |开展研讨。|已完成
        2|研究不够|专题研究。|未启动"""
    assert sketch(notice) == [(None, [(1, "学习不深入", "completed", 2), (2, "研究不够", "not_started", 0)])]
    assert problems(notice)[0].measures == ("制定计划。", "开展研讨。")


def test_a_table_of_other_things_holds_no_problems() -> None:
    assert read("姓名|职务|联系电话\n张某|书记|0599-1234567") == ()


def test_a_tick_says_what_its_column_does() -> None:
    notice = """序号|问题类别|反馈问题|整改措施|整改进展|  |完成时限
         | | | |已完成|整改中|
        1|政策执行|学习不深入|①学习；②研讨|√| |2023年6月
        2|政策执行|研究不够|专题研究| |√|2024年6月
        3|自身建设|管理不严|①检查；②通报；③考核|√|×|长期坚持"""
    assert sketch(notice) == [
        ("政策执行", [(1, "学习不深入", "completed", 2), (2, "研究不够", "in_progress", 0)]),
        ("自身建设", [(3, "管理不严", "completed", 3)]),
    ]
    assert [one.status_text for one in problems(notice)] == ["已完成", "整改中", "已完成"]
    assert [one.due for one in problems(notice)] == [None, "2024-06-30", None]


def test_ticked_columns_may_stand_in_the_only_header() -> None:
    assert sketch("""序号|问题|整改措施|已完成|整改中|未启动
        1|学习不深入|一是学习。二是研讨。|√
        2|研究不够|专题研究。| |√
        3|管理不严|加强管理。| | |√""") == [
        (
            None,
            [(1, "学习不深入", "completed", 2), (2, "研究不够", "in_progress", 0), (3, "管理不严", "not_started", 0)],
        )
    ]


def test_a_row_with_a_chinese_number_heads_those_with_arabic_ones() -> None:
    assert sketch("""序号|反馈问题|整改举措|责任部门|目前进展
        一|党的领导方面
        1|学习不深入|一是学习；二是研讨|办公室|已销号
        二|党的建设方面
        2|党费管理不规范|补缴|组织科|正在推进，2023年底前完成""") == [
        ("党的领导方面", [(1, "学习不深入", "completed", 2)]),
        ("党的建设方面", [(2, "党费管理不规范", "in_progress", 0)]),
    ]


def test_a_row_may_tell_the_status_of_those_below_it() -> None:
    assert sketch("""序号|问题|整改措施
        已完成整改的问题|
        1|学习不深入|一是学习。
        正在推进的问题|
        2|研究不够|专题研究。""") == [
        ("已完成整改的问题", [(1, "学习不深入", "completed", 1)]),
        ("正在推进的问题", [(2, "研究不够", "in_progress", 0)]),
    ]


def test_an_account_in_a_column_of_results_is_no_status() -> None:
    told = problems("""问题|整改措施|整改结果
        学习不深入|制定计划。|已完成制度修订3项，正在编印学习资料，推进学习全覆盖，并建立考核机制，定期通报情况，形成长效。
        研究不够|专题研究。|已完成""")
    assert [one.status for one in told] == [None, "completed"]
