"""Document numbers."""

import pytest

from worker.clean.lines import lines_of_text
from worker.read.ledger.numbers import document_numbers_in


def told(text: str, title: str | None = None) -> tuple[str, ...]:
    return document_numbers_in(title, lines_of_text(text))


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        (
            "根据《办法》(清府办〔2020〕26号)、《通知》（清财预[2021]3号）要求",
            ("清府办〔2020〕26号", "清财预[2021]3号"),
        ),
        ("按照清府办函【2019】12号和云办〔2021〕65号文件精神", ("清府办函【2019】12号", "云办〔2021〕65号")),
        ("清环审(2020)12号;清环审（２０２０）１３号", ("清环审(2020)12号", "清环审(2020)13号")),
        ("文号:清府 〔2020〕 26 号", ("清府〔2020〕26号",)),
        ("印发《清单》(云工委〔2021〕83号 ),明确", ("云工委〔2021〕83号",)),
        ("以云府办〔2020〕3号印发", ("云府办〔2020〕3号",)),
        ("落实清发﹝2020﹞5号文", ("清发﹝2020﹞5号",)),
        ("根据清源区人民政府办公室清府办〔2020〕3号", ("清府办〔2020〕3号",)),
        ("清自然资(利用)发〔2020〕5号", ("清自然资(利用)发〔2020〕5号",)),
        ("清源区甲公告〔2020〕第3号", ("清源区甲公告〔2020〕第3号",)),
        ("甲公司 清罚决字〔2024〕52号 乙", ("清罚决字〔2024〕52号",)),
        ("云府规〔2020〕5号,又见云府规〔2020〕5号", ("云府规〔2020〕5号",)),
    ],
)
def test_a_number_is_the_code_the_year_and_the_number(text: str, numbers: tuple[str, ...]) -> None:
    assert told(text) == numbers


def test_the_title_counts_before_the_text() -> None:
    assert told("见云府〔2021〕2号", "关于印发云府〔2022〕1号的通知") == ("云府〔2022〕1号", "云府〔2021〕2号")


@pytest.mark.parametrize(
    "text",
    ["(2020)甲01民初123号", "审图号:清S(2020)012号", "第12号令", "2020年第3号", "〔2020〕8号", "计划(2018-2020年)", ""],
)
def test_other_numbers_are_none(text: str) -> None:
    assert told(text) == ()
