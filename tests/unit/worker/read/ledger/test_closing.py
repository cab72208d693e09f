"""Where a notice turns to its reader."""

import pytest

from worker.clean.text import narrow
from worker.read.ledger.closing import ends_account, takes_leave


@pytest.mark.parametrize(
    "line",
    [
        "欢迎广大干部群众监督。",
        "如有意见建议，请及时反映。",
        "联系电话：0753-2351900",
        "监督方式：",
        "公示期：2024年5月6日至6月5日",
        "公开时间：一个月",
    ],
)
def test_what_turns_to_the_reader_takes_leave_and_ends_the_account(line: str) -> None:
    assert takes_leave(narrow(line))
    assert ends_account(narrow(line))


@pytest.mark.parametrize(
    "line",
    ["特此公告。", "中共云岭镇委员会", "2024年5月6日", "下一步工作打算", "下一步，我局将持续深化巡察整改，巩固成果。"],
)
def test_a_signature_and_an_outlook_only_end_the_account(line: str) -> None:
    assert ends_account(narrow(line))
    assert not takes_leave(narrow(line))


@pytest.mark.parametrize(
    "line",
    [
        "公布监督电话，欢迎群众监督。",
        "一是公开联系方式。",
        "下一步打算：持续推进。",
        "整改情况：欢迎新党员。",
        "中共党史学习教育。",
    ],
)
def test_an_account_goes_on(line: str) -> None:
    assert not ends_account(narrow(line))
