"""Layouts of rectification notices, each as some place prints it."""

from tests.unit.worker.read.ledger.notices import problems, read, sketch


def test_parts_aspects_and_problems_with_preamble_and_outlook() -> None:
    notice = """一、组织领导情况
        （一）提高政治站位。镇党委高度重视，一是研究。二是部署。
        （二）压实整改责任。建立台账。
        二、巡察反馈问题整改落实情况
        （一）党的领导弱化方面
        1．关于“理论学习不深入”的问题
        一是制定计划。二是开展研讨。
        2．关于“议事规则不健全”的问题
        一是修订规则。
        二是加强监督。
        （二）党的建设缺失方面
        3．关于“党费收缴不及时”的问题
        一是补缴。
        三、下一步工作打算
        （一）持续强化政治引领。对存在的问题，一抓到底。
        （二）持续抓好整改落实。
        欢迎广大干部群众监督。联系电话：0599-1234567。
        中共云岭镇委员会
        2023年9月15日"""
    assert sketch(notice) == [
        ("党的领导弱化方面", [(1, "理论学习不深入", None, 2), (2, "议事规则不健全", None, 2)]),
        ("党的建设缺失方面", [(3, "党费收缴不及时", None, 1)]),
    ]
    assert problems(notice)[2].text == "3．关于“党费收缴不及时”的问题\n一是补缴。"
    assert problems(notice)[1].measures == ("修订规则。", "加强监督。")


def test_parts_are_aspects_and_arabic_numbers_count_measures() -> None:
    assert sketch("""一、党的领导方面
        （一）理论学习不够深入。
        1.制定学习计划。
        2.开展专题研讨，已完成。
        （二）意识形态责任制落实不到位。
        1.召开专题会议。
        二、党的建设方面
        （一）组织生活不规范。
        1.规范三会一课。
        三、下一步工作打算
        （一）持续深入学习。
        （二）巩固整改成果。""") == [
        ("党的领导方面", [(1, "理论学习不够深入", None, 2), (2, "意识形态责任制落实不到位", None, 1)]),
        ("党的建设方面", [(1, "组织生活不规范", None, 1)]),
    ]


def test_numbers_in_brackets_below_han_ones_with_a_status_behind_the_title() -> None:
    assert sketch("""一、整改工作组织情况
        成立领导小组。
        二、整改落实情况
        （一）聚焦党的路线方针政策落实方面
        （1）关于乡村振兴推进不力的问题（已完成）
        ①制定方案；②压实责任；③督促落实。
        （2）关于项目建设缓慢问题【阶段性完成，长期坚持】
        ①倒排工期。②加强调度。
        （二）聚焦群众身边腐败问题方面
        （1）关于三资管理混乱的问题（正在推进）
        ①清理合同。""") == [
        (
            "聚焦党的路线方针政策落实方面",
            [(1, "乡村振兴推进不力", "completed", 3), (2, "项目建设缓慢", "staged", 2)],
        ),
        ("聚焦群众身边腐败问题方面", [(1, "三资管理混乱", "in_progress", 1)]),
    ]


def test_numbered_labels_name_problems() -> None:
    assert sketch("""一、政治建设方面
        问题1：第一议题制度落实不到位
        整改措施：1.修订制度。2.定期督查。
        整改成效：已完成整改
        问题二：谈心谈话不经常
        整改措施：开展谈心谈话。
        整改成效：已完成整改，并长期坚持
        二、作风建设方面
        问题3：公务接待不规范
        整改措施：
        1、完善制度。
        2、加强审核。
        整改成效：正在推进""") == [
        (
            "政治建设方面",
            [(1, "第一议题制度落实不到位", "completed", 2), (2, "谈心谈话不经常", "completed_sustained", 0)],
        ),
        ("作风建设方面", [(3, "公务接待不规范", "in_progress", 2)]),
    ]


def test_labels_in_square_brackets() -> None:
    assert sketch("""（一）关于政治建设方面
        【问题1】学习不深入。
        【整改情况】一是学习。二是研讨。
        【整改状态】已完成
        【问题2】
        责任不落实
        【整改情况】一是学习。二是研讨。三是考核。
        【整改状态】持续推进
        （二）关于组织建设方面
        【问题3】程序不规范。
        【整改情况】组织培训。
        【整改状态】未启动""") == [
        ("关于政治建设方面", [(1, "学习不深入", "completed", 2), (2, "责任不落实", "in_progress", 3)]),
        ("关于组织建设方面", [(3, "程序不规范", "not_started", 0)]),
    ]


def test_problems_without_any_number() -> None:
    assert sketch("""一、整改总体情况
        党组高度重视。
        二、具体问题整改情况
        关于“学习制度不落实”问题的整改情况
        一是制定计划。二是加强督查。
        关于“监督责任缺位”问题的整改情况
        开展专项检查，问题已全部整改到位。
        关于“财务管理不规范”问题的整改情况
        一是修订办法。二是追缴资金。目前此问题正在推进，预计2024年6月底前完成。
        三、下一步打算
        继续努力。""") == [
        (
            None,
            [
                (None, "学习制度不落实", None, 2),
                (None, "监督责任缺位", "completed", 0),
                (None, "财务管理不规范", "in_progress", 2),
            ],
        )
    ]


def test_ordinals_number_problems_in_running_text() -> None:
    notice = """整改情况如下：
        第一，关于理论学习不够系统的问题。一是制定计划。二是交流研讨。该问题已完成整改。
        第二，关于档案管理不规范的问题。一是补齐材料，已完成。二是专人管理。该问题已完成整改并长期坚持。
        第三，关于制度执行不严的问题。修订制度，力争2023年12月中旬前整改到位。"""
    assert sketch(notice) == [
        (
            None,
            [
                (1, "理论学习不够系统", "completed", 2),
                (2, "档案管理不规范", "completed_sustained", 2),
                (3, "制度执行不严", None, 0),
            ],
        )
    ]
    assert problems(notice)[1].measures == ("补齐材料，已完成。", "专人管理。")


def test_a_problem_and_its_account_in_one_sentence() -> None:
    assert sketch("""1.针对“理论学习不深不透”的问题，一是制定计划，二是开展研讨，三是检查。
        2.针对“服务群众不到位”的问题，一是走访，二是整改。
        3.针对“制度不健全”的问题，修订制度。""") == [
        (None, [(1, "理论学习不深不透", None, 3), (2, "服务群众不到位", None, 2), (3, "制度不健全", None, 0)])
    ]


def test_measures_that_speak_of_problems_are_none() -> None:
    assert sketch("""一、整改工作开展情况
        （一）统一思想认识。召开党组会。
        （二）强化组织领导。成立专班。
        二、整改任务完成情况
        （一）关于学习贯彻不深入的问题
        1.针对学习不及时问题，制定计划，按月落实。
        2.针对研讨不充分问题，组织交流。
        （二）关于项目推进缓慢的问题
        1.针对前期工作不足问题，倒排工期。
        2.加强调度。
        三、下一步工作安排
        （一）强化理论武装。存在差距，持续加强。
        （二）强化责任落实。""") == [(None, [(1, "学习贯彻不深入", None, 2), (2, "项目推进缓慢", None, 2)])]


def test_han_numbers_count_problems_between_preamble_and_outlook() -> None:
    assert sketch("""一、提高政治站位，加强组织领导
        党组多次研究。
        二、关于政治理论学习不扎实问题整改情况
        1.制定计划。
        2.开展研讨。
        三、关于作风建设不严不实问题整改情况
        1.开展整治。
        四、下一步工作打算
        坚持不懈。""") == [(None, [(2, "政治理论学习不扎实", None, 2), (3, "作风建设不严不实", None, 1)])]


def test_blocks_inside_a_problem_are_no_problems() -> None:
    notice = """（一）贯彻落实决策部署方面
        1.关于统筹推进不力的问题
        （1）关于规划编制滞后的问题。一是启动编制。二是专家评审。
        （2）关于招商不力的问题。一是外出招商。二是优化服务。
        （3）全面深化改革
        召开会议。
        整改状态：阶段性完成
        2.关于安全责任不落实的问题
        一是检查。二是整改。
        整改状态：已完成
        （二）全面从严治党方面
        3.关于监督不严的问题
        一是谈话。
        整改状态：已完成"""
    assert sketch(notice) == [
        ("贯彻落实决策部署方面", [(1, "统筹推进不力", "staged", 4), (2, "安全责任不落实", "completed", 2)]),
        ("全面从严治党方面", [(3, "监督不严", "completed", 1)]),
    ]


def test_half_width_marks_with_blanks() -> None:
    assert sketch("""( 一 ) 聚焦党的领导
        1 . 学习贯彻不深入
        整改情况 : 1) 制定计划; 2) 加强督促.
        整改状态 : 已完成
        2 . 责任落实不到位
        整改情况 : 压实责任.
        整改状态 : 尚未开展""") == [
        ("聚焦党的领导", [(1, "学习贯彻不深入", "completed", 2), (2, "责任落实不到位", "not_started", 0)])
    ]


def test_headings_with_a_label_inside() -> None:
    assert sketch("""一、“两个责任”落实方面
        （一）反馈问题：主体责任压得不实。
        整改情况：一是签订责任书。二是约谈。
        整改完成情况：已完成。
        （二）反馈问题：监督责任缺失。
        整改情况：一是配齐人员。
        整改完成情况：持续推进，预计2023年11月底完成。""") == [
        ("“两个责任”落实方面", [(1, "主体责任压得不实", "completed", 2), (2, "监督责任缺失", "in_progress", 1)])
    ]


def test_a_follow_up_keeps_the_numbers_of_the_first_notice() -> None:
    notice = """一、关于党的领导方面
        3.关于“园区污水管网不完善”的问题
        整改进展：管网已铺设3公里，预计年底前可铺设5公里。该问题正在推进，预计2024年第一季度完成整改。
        二、关于党的建设方面
        7.关于“阵地建设滞后”的问题
        整改进展：一是选址。二是动工。
        完成情况：已完成整改，长期坚持。
        12关于“档案缺失”的问题
        整改进展：已补齐。目前，该问题已完成整改。"""
    assert [(one.number, one.printed_number) for one in problems(notice)] == [(1, 3), (2, 7), (3, 12)]
    assert [one.status for one in problems(notice)] == ["in_progress", "completed_sustained", "completed"]


def test_two_ways_of_writing_a_number_are_two_levels_where_each_counts() -> None:
    assert sketch("""一、整改落实情况
        1、关于学习不深入的问题
        1.制定计划。
        2.开展研讨。
        整改状态：已完成
        2、关于管理不规范的问题
        1.修订制度。
        2.加强检查。
        3.严肃追责。
        整改状态：已完成""") == [(None, [(1, "学习不深入", "completed", 2), (2, "管理不规范", "completed", 3)])]


def test_a_slip_in_a_mark_is_no_level() -> None:
    assert sketch("""1.关于学习不深入的问题
        一是学习。
        2、关于管理不规范的问题
        一是检查。
        3．关于作风不实的问题
        一是整治。""") == [(None, [(1, "学习不深入", None, 1), (2, "管理不规范", None, 1), (3, "作风不实", None, 1)])]


def test_an_aspect_heading_without_a_mark() -> None:
    assert sketch("""党的领导方面
        1.学习不深入。整改情况：一是学习。二是研讨。
        2.责任不落实。整改情况：约谈。
        党的建设方面
        1.程序不规范。整改情况：一是培训。二是检查。""") == [
        ("党的领导方面", [(1, "学习不深入", None, 2), (2, "责任不落实", None, 0)]),
        ("党的建设方面", [(1, "程序不规范", None, 2)]),
    ]


def test_an_aspect_whose_single_problem_has_no_number() -> None:
    assert sketch("""二、整改落实情况
        （一）党的领导方面
        1.关于学习不深入的问题。一是学习。
        2.关于研究不够的问题。一是研究。
        （二）党的建设方面
        关于党费管理不规范的问题。一是补缴。
        （三）作风建设方面
        1.关于公车管理不严的问题。一是整改。""") == [
        ("党的领导方面", [(1, "学习不深入", None, 1), (2, "研究不够", None, 1)]),
        ("党的建设方面", [(None, "党费管理不规范", None, 1)]),
        ("作风建设方面", [(1, "公车管理不严", None, 1)]),
    ]


def test_a_second_report_is_a_group_of_its_own() -> None:
    titles = [
        title
        for title, _ in sketch("""二、巡察反馈问题整改落实情况
        （一）政治建设方面
        1.学习不够深入。
        一是学习。
        （二）组织建设方面
        1.程序不严。
        一是规范。
        三、选人用人专项检查反馈问题整改落实情况
        1.民主测评不规范。
        一是规范测评。
        四、下一步
        继续。""")
    ]
    assert titles == ["政治建设方面", "组织建设方面", "选人用人专项检查反馈问题整改落实情况"]


def test_parts_by_name_and_headings_that_are_long_sentences() -> None:
    assert sketch("""第一部分 整改工作总体情况
        党组高度重视。
        第二部分 具体问题整改落实情况
        （一）在履行职能责任方面，对上级决策部署学习领会不够深入，推动落实的办法不多，服务大局的意识有待增强。
        一是开展大学习。二是制定方案。
        （二）在基层组织建设方面，支部标准化建设存在薄弱环节。
        一是整顿。二是提升。三是巩固。""") == [
        (
            None,
            [
                (
                    1,
                    "在履行职能责任方面，对上级决策部署学习领会不够深入，推动落实的办法不多，服务大局的意识有待增强",
                    None,
                    2,
                ),
                (2, "在基层组织建设方面，支部标准化建设存在薄弱环节", None, 3),
            ],
        )
    ]


def test_ways_to_get_in_touch_are_no_problems() -> None:
    assert sketch("""二、反馈问题整改情况
        1．政治理论学习不深入
        （1）制定学习计划；
        （2）开展集中研讨。
        2．督促检查不到位
        （1）完善机制。
        监督方式如下：
        1.电话：0599-1234567
        2.邮箱：yunling@example.cn""") == [(None, [(1, "政治理论学习不深入", None, 2), (2, "督促检查不到位", None, 1)])]


def test_signs_of_one_character_are_marks() -> None:
    assert sketch("""㈠党的领导方面
        ⒈学习不深入
        ⑴制定计划。
        ⑵开展研讨。
        ⒉研究不够
        ⑴专题研究。
        ㈡党的建设方面
        ⒈程序不规范
        ⑴开展培训。""") == [
        ("党的领导方面", [(1, "学习不深入", None, 2), (2, "研究不够", None, 1)]),
        ("党的建设方面", [(1, "程序不规范", None, 1)]),
    ]


def test_prose_that_mentions_problems_lists_none() -> None:
    assert read("党组对反馈问题照单全收，坚持问题导向，推动各项问题整改到位。\n一、加强学习\n二、加强领导") == ()


def test_blocks_that_are_framed_as_problems_belong_to_the_problem_above() -> None:
    assert sketch("""（一）政治建设方面
        1.关于落实决策部署不到位的问题
        （1）针对项目进度滞后问题。一是倒排。二是督办。
        （2）针对资金使用不规范问题。一是审计。
        2.关于意识形态责任不落实的问题
        （1）针对研判不及时问题。一是研判。
        （二）作风建设方面
        3.关于服务意识不强的问题
        （1）针对窗口作风问题。一是培训。
        （2）针对效率不高问题。一是提速。""") == [
        ("政治建设方面", [(1, "落实决策部署不到位", None, 3), (2, "意识形态责任不落实", None, 1)]),
        ("作风建设方面", [(3, "服务意识不强", None, 2)]),
    ]


def test_parts_framed_as_problems_that_hold_problems_are_aspects() -> None:
    assert sketch("""一、党的领导弱化问题整改情况
        1.第一议题制度执行不严。制定制度，开展学习。
        2.研究党建工作不够。每季度专题研究。
        二、党的建设缺失问题整改情况
        1.三会一课不规范。开展检查。""") == [
        ("党的领导弱化问题整改情况", [(1, "第一议题制度执行不严", None, 0), (2, "研究党建工作不够", None, 0)]),
        ("党的建设缺失问题整改情况", [(1, "三会一课不规范", None, 0)]),
    ]


def test_numbered_labels_below_a_problem_are_no_measures() -> None:
    assert sketch("""一、政治建设方面存在问题整改情况
        1.问题：学习不深入。
        （1）整改措施：一是学习。二是研讨。
        （2）整改成效：已完成。
        2.问题：研究不够。
        （1）整改措施：专题研究。
        （2）整改成效：持续推进。""") == [
        (
            "政治建设方面存在问题整改情况",
            [(1, "学习不深入", "completed", 2), (2, "研究不够", "in_progress", 0)],
        )
    ]


def test_measures_told_twice_count_once() -> None:
    assert sketch("""（一）党的领导方面
        1.学习不深入
        整改措施：
        （1）制定计划；
        （2）开展研讨。
        整改情况：
        （1）已制定计划；
        （2）已开展研讨。
        整改状态：已完成
        2.研究不够
        整改措施及进展：
        （1）专题研究。
        整改完成时间：2023年12月底前。
        整改状态：推进中""") == [
        ("党的领导方面", [(1, "学习不深入", "completed", 2), (2, "研究不够", "in_progress", 1)])
    ]


def test_a_name_keeps_the_quotations_that_are_part_of_it() -> None:
    notice = """（一）反馈问题“管护不到位，个别项目‘重建轻管’。”整改情况
        一是修复。
        （二）关于“对农村“三资”监管不严”的问题
        一是清理。
        （三）关于“一岗双责”落实不到位的问题
        一是约谈。
        （四）关于“混编混岗突出”整改不到位的问题
        一是清退。
        （五）关于2020年有5个项目未完成任务，“西片区”进度为0的问题。
        一是督办。
        （六）关于“未闭合的名称不规范的问题
        一是改正。"""
    assert [problem.title for problem in problems(notice)] == [
        "管护不到位，个别项目‘重建轻管’",
        "对农村“三资”监管不严",
        "“一岗双责”落实不到位",
        "混编混岗突出",
        "2020年有5个项目未完成任务，“西片区”进度为0",
        "未闭合的名称不规范",
    ]


def test_the_account_of_what_comes_next_is_no_part_of_the_last_problem() -> None:
    last = problems("""关于“政治站位不高”问题。
        整改落实情况：开展学习12次。目前，该问题已整改完成。
        关于“安全监管不力”问题。
        整改落实情况：排查隐患35处。目前，该问题正在整改。
        下一步，我局将持续深化巡察整改，巩固成果。
        中共清源区水务局党组
        2023年9月15日""")[-1]
    assert last.status == "in_progress"
    assert last.text.endswith("该问题正在整改。")
