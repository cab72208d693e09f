"""The days on which the public is asked for its word."""

import pytest

from worker.clean.lines import lines_of_text
from worker.read.ledger.window import comment_window_in

STAY = "根据市委部署，市委第三巡察组于2024年3月5日至5月10日对云岭镇党委开展常规巡察。"


def told(body: str, written_on: str | None = None) -> tuple[str | None, str | None] | None:
    found = comment_window_in(lines_of_text(body), written_on)
    return (found.opens_on, found.closes_on) if found else None


@pytest.mark.parametrize(
    "body",
    [
        "欢迎监督。公开期限：2024年5月6日至6月5日。联系电话：2351900",
        "公示期为30日（2024年5月6日至6月5日）。",
        "公示时间:自2024年5月6日起至6月5日止",
        "公示时间:\n2024.5.6-2024.6.5",
        "公示起止时间:2024/5/6-2024/6/5",
        "征求意见时间为2024年5月6日—6月5日,",
        "自2024年5月6日起至2024年6月5日,如有意见请向我们反映。",
        "公示期:2024年5月6日8:30至6月5日17:30",
        "公告期限:二〇二四年五月六日至六月五日",
        "公开期限:5月6日至6月5日",
    ],
)
def test_both_days_are_included(body: str) -> None:
    assert told(body, "2024-05-06") == ("2024-05-06", "2024-06-05")


def test_a_window_may_cross_new_year() -> None:
    assert told("公开期限:12月20日至1月19日", "2023-12-20") == ("2023-12-20", "2024-01-19")


@pytest.mark.parametrize(
    "body",
    [
        "如有意见，请于2024年6月10日前反馈至区财政局。",
        "意见反馈截止时间:2024年6月10日",
        "公示期自即日起至2024年6月10日。",
        "市委第三巡察组进驻。受理信访时间截至2024年6月10日。",
    ],
)
def test_only_the_last_day_may_be_told(body: str) -> None:
    assert told(body) == (None, "2024-06-10")


def test_only_the_first_day_may_be_told() -> None:
    assert told("公示期为2024年5月6日起7个工作日") == ("2024-05-06", None)


@pytest.mark.parametrize(
    "body",
    ["公示期为一个月。", "公示时间:2024年5月6日", "公示期5个工作日", "截至2024年5月6日,受理举报7件。", STAY, ""],
)
def test_without_days_there_is_no_window(body: str) -> None:
    assert told(body, "2024-05-06") is None


def test_inspectors_take_calls_while_they_are_there() -> None:
    assert told(f"{STAY}\n值班电话：2351900") == ("2024-03-05", "2024-05-10")
    assert told("巡察工作期间（2024年3月5日至5月10日）设值班电话：2351900。") == ("2024-03-05", "2024-05-10")
    assert told(f"{STAY}\n受理信访时间:2024年3月6日至5月9日") == ("2024-03-06", "2024-05-09")
    assert told(f"{STAY}\n值班电话：2351900，受理信访时间截至2024年5月1日。") == ("2024-03-05", "2024-05-01")


def test_the_days_of_an_inspection_are_no_window_of_its_rectification() -> None:
    assert told(f"{STAY}现将整改情况公布。\n欢迎监督。值班电话：2351900", "2024-09-01") is None
