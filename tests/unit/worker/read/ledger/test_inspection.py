"""Who inspected whom, and when."""

from dataclasses import astuple

import pytest

from worker.clean.lines import lines_of_text
from worker.read.ledger.inspection import inspection_in

TITLE = "中共清源区财政局党组关于区委第四轮巡察整改进展情况的通报"


def told(body: str, title: str | None = None, written_on: str | None = None) -> tuple[str | None, ...] | None:
    found = inspection_in(title, lines_of_text(body), written_on)
    return astuple(found) if found else None


@pytest.mark.parametrize(
    ("body", "values"),
    [
        (
            "按照市委统一安排，市委巡察三组于2022年9月1日至10月31日对云岭镇党委（含所辖村级党组织）开展了为期两个月的常规巡察，并于12月8日反馈了意见。",
            (
                "市委",
                "巡察",
                None,
                "市委巡察三组",
                "云岭镇党委(含所辖村级党组织)",
                "2022-09-01",
                "2022-10-31",
                "2022-12-08",
            ),
        ),
        (
            "根据区委统一部署,2022年8月12日至2023年1月上旬,九届区委第二轮巡察第一组对云岭镇党委进行了集中巡察,并于3月10日向镇党委反馈了情况。",
            ("区委", "巡察", "九届区委第二轮", "第一组", "云岭镇党委", "2022-08-12", "2023-01-10", "2023-03-10"),
        ),
        (
            "2021年9月13日至11月15日,中央第八巡视组对清源银行党委(以下简称“总行党委”)开展了常规巡视。2022年2月24日,中央第八巡视组向总行党委反馈了意见。",
            ("中央", "巡视", None, "中央第八巡视组", "清源银行党委", "2021-09-13", "2021-11-15", "2022-02-24"),
        ),
        (
            "市委交叉巡察第五组于2023年2月下旬至4月中旬对云岭街道党工委进行了交叉巡察,5月30日向街道反馈意见。",
            ("市委", "巡察", None, "市委交叉巡察第五组", "云岭街道党工委", "2023-02-21", "2023-04-20", "2023-05-30"),
        ),
        (
            "十三届县委第七轮巡察第四巡察组自2023年9月5日起,对石桥乡党委开展为期45天的提级巡察。",
            ("县委", "巡察", "十三届县委第七轮", "第四巡察组", "石桥乡党委", "2023-09-05", None, None),
        ),
        (
            "二〇二二年三月七日至五月十日,区委第一巡察组对云岭街道开展了提级巡察“回头看”。\n一、情况\n六月二日反馈会后,召开会议。",
            ("区委", "巡察", None, "区委第一巡察组", "云岭街道", "2022-03-07", "2022-05-10", "2022-06-02"),
        ),
        (
            "被巡察单位：区教育局党组\n巡察组：区委第五巡察组\n巡察时间：2024年10月8日-2024年11月30日",
            ("区委", "巡察", None, "区委第五巡察组", "区教育局党组", "2024-10-08", "2024-11-30", None),
        ),
        (
            "中央第四生态环境保护督察组于2021年8月31日至9月30日对清源省开展了第二轮生态环境保护督察,12月13日反馈了意见。",
            ("中央", None, "第二轮", "中央第四生态环境保护督察组", "清源省", "2021-08-31", "2021-09-30", "2021-12-13"),
        ),
        (
            "校党委第二巡察组于2023年10月9日至11月3日对数学学院党委进行常规巡察。12月6日,召开巡察反馈会。",
            ("校党委", "巡察", None, "校党委第二巡察组", "数学学院党委", "2023-10-09", "2023-11-03", "2023-12-06"),
        ),
    ],
)
def test_the_opening_tells_who_inspected_whom_and_when(body: str, values: tuple[str | None, ...]) -> None:
    assert told(body) == values


def test_the_title_tells_what_the_opening_leaves_out() -> None:
    body = "2023年3月6日至4月28日,区委第二巡察组对我局党组开展了巡察。6月15日,区委第二巡察组反馈了意见。"
    team = "区委第二巡察组"
    days = ("2023-03-06", "2023-04-28", "2023-06-15")
    assert told(body, TITLE) == ("区委", "巡察", "区委第四轮", team, "中共清源区财政局党组", *days)


def test_a_text_that_begins_with_its_title_has_it() -> None:
    body = f"{TITLE}\n2023年3月6日至4月28日,区委第二巡察组对我局党组开展了巡察。"
    found = told(body)
    assert found is not None
    assert found[2:5] == ("区委第四轮", "区委第二巡察组", "中共清源区财政局党组")


def test_a_body_may_follow_the_verb() -> None:
    found = inspection_in(
        "公示", lines_of_text("区委第二巡察组3月1日至4月30日巡察云岭镇党委，6月2日反馈意见。"), "2023-09-08"
    )
    assert found is not None
    assert (found.inspected, found.feedback_on) == ("云岭镇党委", "2023-06-02")


def test_whom_the_opening_calls_us_is_who_signs() -> None:
    found = told("2020年10月12日至12月20日,市委第二巡察组对我委开展巡察。\n中共清源市甲委员会\n2021年6月1日")
    assert found is not None
    assert found[4] == "中共清源市甲委员会"


def test_an_announcement_tells_who_comes_and_from_when() -> None:
    body = "3月5日,市委第三巡察组进驻清源区财政局党组开展政治巡察。"
    values = ("市委", "巡察", None, "市委第三巡察组", "清源区财政局党组", "2024-03-05", None, None)
    assert told(body, None, "2024-03-06") == values


def test_news_of_findings_tells_their_day() -> None:
    found = told("10月18日,县委第一巡察组向石桥乡党委反馈了巡察情况。", None, "2023-10-20")
    assert found == ("县委", "巡察", None, "县委第一巡察组", "石桥乡党委", None, None, "2023-10-18")


def test_a_study_of_the_findings_is_not_the_day_they_were_told() -> None:
    found = told(
        "2023年5月8日至6月8日,区委第一巡察组对我局开展巡察。\n8月25日,局党组召开会议,对照巡察组反馈意见剖析原因。"
    )
    assert found is not None
    assert found[7] is None


def test_months_count_from_their_first_day_to_their_last() -> None:
    found = told("2023年5月至7月,区委第一巡察组对云岭镇开展巡察。")
    assert found is not None
    assert found[5:7] == ("2023-05-01", "2023-07-31")


def test_where_nothing_is_told_there_is_no_inspection() -> None:
    assert told("现将有关事项公告如下。") is None
    assert told("") is None


def test_a_team_may_be_that_of_a_group_of_companies() -> None:
    found = told("2024年5月13日至6月21日，集团党委第一巡察组对云岭发电有限公司党委进行了常规巡察。")
    assert found is not None
    assert found[:4] == ("集团党委", "巡察", None, "集团党委第一巡察组")
