"""What a notice is about."""

import pytest

from worker.clean.lines import lines_of_text
from worker.read.ledger.kind import kind_of
from worker.read.ledger.values import Kind


@pytest.mark.parametrize(
    "title",
    [
        "中共清源区云岭镇委员会关于巡察整改进展情况的通报",
        "关于区委第三巡察组反馈意见整改落实情况的公告",
        "清源区财政局党组巡察整改情况公开",
        "云岭镇巡察反馈问题整改清单",
        "关于巡察整改落实情况的报告",
        "清源区贯彻落实省生态环境保护督察反馈意见整改情况的公示",
        "2022年度审计查出问题整改情况公告",
        "关于巡察整改阶段性进展情况的公示（第二批）",
    ],
)
def test_an_account_of_rectification_is_told_by_its_title(title: str) -> None:
    assert kind_of(title, []) is Kind.RECTIFICATION


@pytest.mark.parametrize(
    "title",
    [
        "市委第三巡察组进驻清源区财政局公告",
        "十四届市委第五轮巡察公告",
        "市委第三巡察组巡察云岭镇党委工作动员会召开",
        "区委第二巡察组向云岭镇党委反馈巡察情况",
        "九届区委第六轮巡察全部进驻",
        "省委第一巡视组对清源市开展常规巡视",
    ],
)
def test_inspectors_who_come_or_tell_their_findings_are_an_inspection(title: str) -> None:
    assert kind_of(title, []) is Kind.INSPECTION


@pytest.mark.parametrize(
    "title",
    [
        "我镇召开巡察整改工作推进会",
        "清源区委书记调研督导巡察整改工作",
        "区委巡察办公开选调工作人员公告",
        "中共清源区委巡察工作领导小组办公室2023年部门预算",
        "关于开展燃气安全隐患整改的通知",
        "安全隐患整改通知书",
        "清源区森林防火巡察员招聘公告",
    ],
)
def test_what_only_touches_on_an_inspection_is_a_notice(title: str) -> None:
    assert kind_of(title, []) is Kind.NOTICE


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (
            "根据区委统一部署，区委第三巡察组对云岭镇党委开展了巡察，并反馈了意见。现将巡察整改进展情况予以公布。",
            Kind.RECTIFICATION,
        ),
        ("1.关于甲的问题\n整改情况：已办结。\n2.关于乙的问题\n整改情况：已办结。", Kind.RECTIFICATION),
        ("区委巡察组反馈意见后，我局高度重视。\n一、整改任务落实情况\n二、下一步整改工作落实打算", Kind.RECTIFICATION),
        (
            "根据市委统一部署，市委第三巡察组将于2024年3月5日至5月10日对清源区财政局党组开展常规巡察。\n1.值班电话：2351900",
            Kind.INSPECTION,
        ),
        (
            "日前，区委第一巡察组向财政局党组反馈了巡察意见。组长要求抓好整改，按时报送整改情况。",
            Kind.INSPECTION,
        ),
        ("根据区委第三巡察组反馈意见，现将拟任职人员公示如下。", Kind.NOTICE),
        ("区供水公司已完成管网整改，现将停水时间公告如下。", Kind.NOTICE),
        (
            "近期，我局抽检发现4批次不合格产品。现将核查处置及问题整改情况公告如下。\n一、食品方面\n1.关于某店餐具不合格的问题。已整改到位。",
            Kind.NOTICE,
        ),
        ("", Kind.NOTICE),
    ],
)
@pytest.mark.parametrize("title", [None, "公告"])
def test_without_a_telling_title_the_opening_decides(body: str, kind: Kind, title: str | None) -> None:
    assert kind_of(title, lines_of_text(body)) is kind
