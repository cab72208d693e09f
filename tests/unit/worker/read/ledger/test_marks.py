"""The grammar of heading marks."""

import pytest

from worker.clean.text import narrow
from worker.read.ledger.marks import Style, mark_of


@pytest.mark.parametrize(
    ("text", "style", "value", "rest"),
    [
        ("一、组织领导", Style.HAN, 1, "组织领导"),
        ("十二．组织领导", Style.HAN, 12, "组织领导"),
        ("（三）组织领导", Style.HAN_PAREN, 3, "组织领导"),
        ("( 三 ) 、组织领导", Style.HAN_PAREN, 3, "组织领导"),
        ("㈢组织领导", Style.HAN_PAREN, 3, "组织领导"),
        ("三)组织领导", Style.HAN_PAREN, 3, "组织领导"),
        ("１２．学习", Style.DIGIT, 12, "学习"),
        ("1 . 学习", Style.DIGIT, 1, "学习"),
        ("1、学习", Style.DIGIT_COMMA, 1, "学习"),
        ("2）学习", Style.DIGIT, 2, "学习"),
        ("⒊学习", Style.DIGIT, 3, "学习"),
        ("51关于“学习”的问题", Style.DIGIT, 51, "关于“学习”的问题"),
        ("5 关于学习的问题", Style.DIGIT, 5, "关于学习的问题"),
        ("3.2023年以来学习不够", Style.DIGIT, 3, "2023年以来学习不够"),
        ("3.4名干部学习不够", Style.DIGIT, 3, "4名干部学习不够"),
        ("(12)学习", Style.DIGIT_PAREN, 12, "学习"),
        ("⑿、学习", Style.DIGIT_PAREN, 12, "学习"),
        ("④学习", Style.CIRCLED, 4, "学习"),
        ("第二，学习", Style.ORDINAL, 2, "学习"),
        ("第二部分 学习", Style.PART, 2, "学习"),
        ("问题一：学习", Style.PROBLEM, 1, "学习"),
        ("【问题3】学习", Style.PROBLEM, 3, "学习"),
        ("（问题3）学习", Style.PROBLEM, 3, "学习"),
        ("反馈问题(2)：学习", Style.PROBLEM, 2, "学习"),
        ("问题2 学习", Style.PROBLEM, 2, "学习"),
        ("反馈问题：学习", Style.PROBLEM, None, "学习"),
        ("巡察指出：学习", Style.PROBLEM, None, "学习"),
        ("问题表现：学习", Style.PROBLEM, None, "学习"),
        ("整改任务二：学习", Style.PROBLEM, 2, "学习"),
        ("第三个问题：学习", Style.PROBLEM, 3, "学习"),
        ("第3条：学习", Style.PROBLEM, 3, "学习"),
        ("其二，学习", Style.ORDINAL, 2, "学习"),
        ("02 学习", Style.PADDED, 2, "学习"),
        ("02、学习", Style.PADDED, 2, "学习"),
        ("B.学习", Style.LETTER, 2, "学习"),
        ("Ⅱ、学习", Style.ROMAN, 2, "学习"),
        ("贰、学习", Style.FORMAL, 2, "学习"),
        ("——学习", Style.BULLET, None, "学习"),
    ],
)
def test_a_mark_has_a_style_a_number_and_an_end(text: str, style: Style, value: int | None, rest: str) -> None:
    mark = mark_of(narrow(text))
    assert mark is not None
    assert (mark.style, mark.value, text[mark.end :]) == (style, value, rest)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "一是学习",
        "一方面",
        "一把手",
        "第一议题",
        "第一时间",
        "2023年9月15日",
        "2023.9.15",
        "1.5亿元",
        "53个项目",
        "（以下简称）",
        "（2023年）",
        "问题线索",
        "问题整改到位",
        "三个方面",
        "百姓",
        "整改任务：学习",
        "其一生",
        "第三项议题",
        "A类",
        "02号",
        "(",
        "1",
    ],
)
def test_what_only_looks_like_a_mark_is_none(text: str) -> None:
    assert mark_of(narrow(text)) is None
