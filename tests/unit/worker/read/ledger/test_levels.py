"""Which of several levels are the problems, and which the aspects."""

from tests.unit.worker.read.ledger.notices import lines_of, sketch
from worker.read.ledger.outline import aspects_of

THREE_LEVELS = """二、反馈问题整改落实情况
    （一）贯彻决策部署方面
    1.服务大局方面
    （1）针对“谋划不足”问题。一是研究。二是部署。【已完成】
    2.防范风险方面
    （1）针对“排查不彻底”问题。一是排查。【正在整改】
    （二）从严治党方面
    1.选人用人方面
    （1）针对“交流不够”问题。制定计划。【已完成】
    三、下一步打算
    （一）持续深化。"""
UNFRAMED = """一、组织领导
    （一）召开会议。
    （二）成立专班。
    二、推进落实
    （一）加强理论学习
    开展研讨12次。
    （二）规范议事决策
    修订规则。
    （三）推进污水治理
    铺设管网。"""


def test_the_outermost_heading_that_names_an_aspect_is_the_aspect() -> None:
    assert sketch(THREE_LEVELS) == [
        ("贯彻决策部署方面", [(1, "谋划不足", "completed", 2), (1, "排查不彻底", "in_progress", 1)]),
        ("从严治党方面", [(1, "交流不够", "completed", 0)]),
    ]


def test_the_declared_number_of_aspects_tells_which_level_is_meant() -> None:
    aspects = aspects_of(lines_of(THREE_LEVELS), None, {"aspects": 3})
    assert [aspect.title for aspect in aspects] == ["服务大局方面", "防范风险方面", "选人用人方面"]


def test_the_declared_number_of_problems_tells_a_level_that_nothing_else_does() -> None:
    lines = lines_of(UNFRAMED)
    assert aspects_of(lines, None) == ()
    told = [problem.title for aspect in aspects_of(lines, None, {"problems": 3}) for problem in aspect.problems]
    assert told == ["加强理论学习", "规范议事决策", "推进污水治理"]
    assert aspects_of(lines, None, {"problems": 7}) == ()


def test_problems_may_be_grouped_by_their_status() -> None:
    assert sketch("""二、已完成整改的问题（2个）
        1.理论学习不够深入
        整改措施：一是制定计划。二是开展研讨。
        2.档案管理不规范
        整改措施：补齐材料。
        三、正在推进整改的问题（1个）
        1.污水管网未全覆盖
        整改措施：一是铺设管网。
        四、暂不具备整改条件的问题
        1.办公用房面积不足
        整改措施：报区里统筹。
        整改状态：正在推进""") == [
        ("已完成整改的问题（2个）", [(1, "理论学习不够深入", "completed", 2), (2, "档案管理不规范", "completed", 0)]),
        ("正在推进整改的问题（1个）", [(1, "污水管网未全覆盖", "in_progress", 1)]),
        ("暂不具备整改条件的问题", [(1, "办公用房面积不足", "in_progress", 0)]),
    ]


def test_a_part_that_is_about_doing_names_no_problem() -> None:
    assert sketch("""一、扛牢整改责任，统筹推进问题整改
        （一）提高站位。召开会议。
        二、聚焦反馈意见，逐项抓好问题整改
        （一）党的领导方面
        1.学习不深入
        一是学习。
        （二）党的建设方面
        1.党费收缴不及时
        一是补缴。""") == [
        ("党的领导方面", [(1, "学习不深入", None, 1)]),
        ("党的建设方面", [(1, "党费收缴不及时", None, 1)]),
    ]


def test_labels_are_whatever_a_notice_prints_before_a_colon_time_and_again() -> None:
    assert sketch("""（一）群众反映强烈的问题
        1、问题：通组路破损严重，出行不便。
        整改：修补路面3公里，安装路灯40盏。
        结果：已办结。
        2、问题：自来水水压不足。
        整改：①更换水管；②加装水泵。
        结果：未完成，预计2024年6月底前完成。
        （二）村级权力运行方面的问题
        3、问题：补贴公示不到位。
        整改：①补公示；②建制度。
        结果：已办结，长期坚持。""") == [
        (
            "群众反映强烈的问题",
            [(1, "通组路破损严重，出行不便", "completed", 0), (2, "自来水水压不足", "not_started", 2)],
        ),
        ("村级权力运行方面的问题", [(3, "补贴公示不到位", "completed_sustained", 2)]),
    ]


def test_an_annex_behind_the_leave_is_read_where_it_is_a_table() -> None:
    assert sketch("""现将整改情况公布，详见附件。
        欢迎社会各界监督。
        中共云岭镇委员会
        2023年9月15日
        附件
        序号|问题|整改措施|整改状态
        1|学习不深入|一是学习。二是研讨。|已完成
        2|研究不够|专题研究。|推进中""") == [
        (None, [(1, "学习不深入", "completed", 2), (2, "研究不够", "in_progress", 0)])
    ]
