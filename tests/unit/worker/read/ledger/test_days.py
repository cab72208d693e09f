"""Days as a notice prints them."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.read.ledger.days import Day, days_in, is_range
from worker.read.ledger.numerals import number_of
from worker.read.ledger.values import Precision

WRITTEN = "2023-09-08"


def told(text: str, written_on: str | None = WRITTEN) -> list[str]:
    return [day.on.isoformat() for day in days_in(text, written_on)]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *[
            ("三十二", 32),
            ("十", 10),
            ("十二", 12),
            ("二十", 20),
            ("一百零五", 105),
            ("二〇二二", 2022),
            ("二O二三", 2023),
        ],
        *[("32", 32), ("３２", 32), (" 7 ", 7), ("两", 2)],
        *[("", None), ("十十", None), ("百", None), ("三二十", None), ("多", None), ("1二", None), ("1" * 10, None)],
    ],
)
def test_a_number_is_read_in_digits_and_in_chinese_numerals(text: str, number: int | None) -> None:
    assert number_of(text) == number


@pytest.mark.parametrize(
    "text",
    [
        *["2022年9月15日", "2022年 9 月 15 日", "２０２２年９月１５日", "二〇二二年九月十五日", "二○二二年九月十五日"],
        *["二零二二年九月十五日", "二O二二年九月十五号", "2022-09-15", "2022.9.15", "2022/9/15", "2022年9月15日前"],
    ],
)
def test_a_whole_day_is_read_however_it_is_written(text: str) -> None:
    assert told(text, None) == ["2022-09-15"]


@pytest.mark.parametrize(
    ("text", "on", "precision"),
    [
        ("2023年12月", "2023-12-31", Precision.MONTH),
        ("2023年 9月", "2023-09-30", Precision.MONTH),
        ("3月份", "2023-03-31", Precision.MONTH),
        ("2023年2月底前", "2023-02-28", Precision.MONTH),
        ("6月底前", "2023-06-30", Precision.MONTH),
        ("2023年1月上旬", "2023-01-10", Precision.TEN_DAYS),
        ("2023年1月初", "2023-01-10", Precision.TEN_DAYS),
        ("2023年1月中旬", "2023-01-20", Precision.TEN_DAYS),
        ("2024年2月下旬", "2024-02-29", Precision.TEN_DAYS),
        ("2024年第一季度", "2024-03-31", Precision.QUARTER),
        ("2024年4季度", "2024-12-31", Precision.QUARTER),
        ("2024年上半年", "2024-06-30", Precision.HALF_YEAR),
        ("2024年底前", "2024-12-31", Precision.YEAR),
        ("2024年年底", "2024-12-31", Precision.YEAR),
        ("年底前", "2023-12-31", Precision.YEAR),
        ("今年内", "2023-12-31", Precision.YEAR),
        ("明年年底", "2024-12-31", Precision.YEAR),
        ("2025年全面完成", "2025-12-31", Precision.YEAR),
        ("时限:2024年", "2024-12-31", Precision.YEAR),
    ],
)
def test_what_is_fuzzy_ends_on_the_last_day_that_is_meant(text: str, on: str, precision: Precision) -> None:
    assert [(day.on.isoformat(), day.precision) for day in days_in(text, WRITTEN)] == [(on, precision)]


@pytest.mark.parametrize(
    "text",
    [
        *[
            "2023年度",
            "2019年至2020年开展",
            "1300公里",
            "3个月",
            "电话20231231号",
            "0753-2351900",
            "12.5月",
            "一月三问",
        ],
        *["每年底", "每年初制定计划", "三年内", "近年内", "2023年2月30日", "2023年13月1日", "1.2.3", "2023年以来"],
    ],
)
def test_what_only_looks_like_a_day_is_none(text: str) -> None:
    assert told(text) == []


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2018年3月12日至5月14日", ["2018-03-12", "2018-05-14"]),
        ("2022年8月12日至2023年1月上旬,并于3月10日反馈", ["2022-08-12", "2023-01-10", "2023-03-10"]),
        ("2022年12月20日至1月15日", ["2022-12-20", "2023-01-15"]),
        ("2021年12月20日至2022年1月28日。3月2日", ["2021-12-20", "2022-01-28", "2022-03-02"]),
        ("2021年4月15日至5月21日。6月29日", ["2021-04-15", "2021-05-21", "2021-06-29"]),
        ("2021年12月20日反馈,2月15日召开会议", ["2021-12-20", "2022-02-15"]),
        ("2024年5月13日至28日", ["2024-05-13", "2024-05-28"]),
        ("2024年5月13—28日", ["2024-05-13", "2024-05-28"]),
        ("2024.5.13-5.28", ["2024-05-13", "2024-05-28"]),
        ("自12月20日至2024年1月10日", ["2023-12-20", "2024-01-10"]),
        ("2021年8月开工,同年12月完工,次年3月验收", ["2021-08-31", "2021-12-31", "2022-03-31"]),
        ("2018年1-9月", ["2018-09-30"]),
    ],
)
def test_a_year_left_out_is_told_by_the_day_before_it(text: str, days: list[str]) -> None:
    assert told(text) == days


def test_a_year_left_out_at_the_beginning_is_the_year_of_writing() -> None:
    assert told("3月10日") == ["2023-03-10"]
    assert told("3月10日", "2022-05-20T16:19:00+08:00") == ["2022-03-10"]
    assert told("3月10日", None) == []


def test_what_is_told_does_not_lie_far_ahead_of_the_writing() -> None:
    assert told("12月20日召开会议", "2024-01-15") == ["2023-12-20"]
    assert told("2月20日截止", "2024-01-15") == ["2024-02-20"]


def test_what_is_promised_lies_ahead_of_the_writing() -> None:
    assert told("预计3月完成") == ["2024-03-31"]
    assert told("2023年5月召开会议,预计3月完成") == ["2023-05-31", "2024-03-31"]
    assert told("力争12月底前完成", "2024-01-15") == ["2024-12-31"]


def test_the_ends_of_a_range_are_told_from_two_days_side_by_side() -> None:
    for text in ("5月1日起至5月31日止", "5月1日(周三)8:30—5月31日", "5月1日开始,至5月31日"):
        first, second = days_in(text, WRITTEN)
        assert is_range(text, first, second)
    first, second = days_in("5月1日和5月31日", WRITTEN)
    assert not is_range("5月1日和5月31日", first, second)


TEXTS = st.lists(
    st.one_of(
        st.text(max_size=5),
        st.sampled_from(["2024年", "5月", "13日", "至", "底", "年底", "预计", "二〇", "上旬", ".", "2024.5.1"]),
    ),
    max_size=20,
).map("".join)


@given(TEXTS, st.sampled_from([None, WRITTEN]))
def test_offsets_are_in_order_and_inside_the_text(text: str, written_on: str | None) -> None:
    days = days_in(text, written_on)
    assert all(0 <= day.start < day.end <= len(text) for day in days)
    assert all(first.end <= second.start for first, second in pairwise(days))
    assert all(isinstance(day, Day) for day in days)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("text", ["1" * 10**6, "5月" * 250_000, "年" * 10**6, "2024年5月13日至" * 80_000, "一" * 10**6])
def test_a_hostile_line_is_read_to_its_end(text: str) -> None:
    assert len(days_in(text, WRITTEN)) <= 2_000
