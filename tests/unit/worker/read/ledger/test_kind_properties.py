"""What holds of the facts of a notice for any lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.clean.lines import Line, lines_of_text
from worker.clean.text import narrow
from worker.read.ledger.contacts import contacts_in
from worker.read.ledger.inspection import inspection_in
from worker.read.ledger.kind import kind_of
from worker.read.ledger.numbers import document_numbers_in
from worker.read.ledger.signature import signature_of
from worker.read.ledger.window import comment_window_in

# fmt: off
FRAGMENTS = st.sampled_from([
    "市委", "第三巡察组", "对", "云岭镇党委", "开展巡察", "2024年5月6日", "至", "6月5日", "反馈了意见", "现将",
    "联系电话", "0753-2351900", "邮箱", "a@qy.cn", "地址", "清源区云岭路8号", "邮编", "514000", "公示期", "欢迎监督",
    "中共云岭镇委员会", "云府〔2020〕26号", "附件", "整改情况", "@", "号", "转", "前", "起", "一、", "我局",
    "。", "，", "：", "；", "（", "）", "\n", " ",
])
# fmt: on
BODIES = st.lists(st.one_of(FRAGMENTS, st.text(max_size=4)), max_size=40).map("".join)
HOSTILE = [
    *["1" * 10**6, "一" * 10**6, "对" * 10**6, "0753-" * 200_000, "a@" * 400_000, "((" * 400_000, "中 " * 400_000],
    *[
        "巡察组" * 300_000,
        "市委第一巡察组对" * 100_000,
        "公示时间:" * 200_000,
        "电话" * 400_000,
        "(2020)" * 150_000 + "号",
    ],
    *[
        "请于2024年5月13日前" * 60_000,
        "联系地址:" * 150_000,
        "现将" * 400_000 + "整改",
        "反馈巡察" * 200_000,
        "向" * 10**6 + "反馈",
    ],
]


def facts(lines: list[Line], title: str | None = None) -> tuple[object, ...]:
    return (
        kind_of(title, lines),
        inspection_in(title, lines, "2024-06-01"),
        contacts_in(lines),
        comment_window_in(lines, "2024-06-01"),
        signature_of(lines),
        document_numbers_in(title, lines),
    )


@given(BODIES)
def test_any_lines_are_read_and_widths_agree(body: str) -> None:
    lines = lines_of_text(body)
    assert facts(lines, body[:20]) == facts([Line(narrow(line.text)) for line in lines], narrow(body[:20]))


@pytest.mark.timeout(30)
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:8])
def test_a_hostile_line_is_read_to_its_end(text: str) -> None:
    facts([Line(text)], text)
