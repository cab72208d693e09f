"""Who signed a notice, and when."""

import pytest

from worker.clean.lines import lines_of_text
from worker.read.ledger.signature import signature_of


def told(body: str) -> tuple[str | None, str | None]:
    signed = signature_of(lines_of_text(body))
    return signed.by, signed.on


@pytest.mark.parametrize(
    "body",
    [
        "请反映。\n中共云岭镇委员会\n2023年9月8日",
        "请反映。\n中共云岭镇委员会 2023年9月8日",
        "请反映。\n中　共　云　岭　镇　委　员　会\n２０２３年９月８日",
        "请反映。\n中共云岭镇委员会（盖章）\n二〇二三年九月八日",
        "请反映。\n中共云岭镇委员会\n（2023 年 9 月 8 日）",
        "请反映。\n中共云岭镇委员会\n2023-09-08",
        "请反映，联系电话：2351900。中共云岭镇委员会2023年9月8日",
        "请反映。中共云岭镇委员会\n2023年9月8日",
        "请反映。\n中共云岭镇委员会\n2023年9月8日\n附件：1.清单\n2.台账",
        "请反映。\n中共云岭镇委员会\n2023年9月8日\n（此件公开发布）\n联系电话：2351900",
        "发布单位：中共云岭镇委员会 发布日期：2023年9月8日",
        "请反映。\n中共云岭镇委员会\n2023年9月8日\n附件\n" + "1 甲 乙\n" * 30,
    ],
)
def test_a_signature_is_read_in_every_layout(body: str) -> None:
    assert told(body) == ("中共云岭镇委员会", "2023-09-08")


@pytest.mark.parametrize(
    "names", ["中共清源区委   清源区人民政府", "中共清源区委\n清源区人民政府", "中共清源区委　清源区人民政府"]
)
def test_two_signers_are_parted_by_one_blank(names: str) -> None:
    assert told(f"特此通报。\n{names}\n2023年9月8日") == ("中共清源区委 清源区人民政府", "2023-09-08")


@pytest.mark.parametrize(
    "name",
    [
        *["清源区财政局", "云岭镇", "市委第三巡察组", "清源区卫生健康局党委", "清源市生态环境局清源分局"],
        *["中共清源职业技术学院委员会", "清源市甲集团（控股）有限公司党委", "中共清源区委办公室", "云岭社区党总支"],
    ],
)
def test_any_body_may_sign(name: str) -> None:
    by, _ = told(f"特此通报。\n{name}\n2023年9月8日")
    assert by == name.replace("（", "(").replace("）", ")")


def test_a_blank_inside_a_name_is_typography() -> None:
    assert told("特此通报。\n清源区委 办公室\n2023年9月8日") == ("清源区委办公室", "2023-09-08")


def test_a_day_may_stand_without_a_body_and_a_body_without_a_day() -> None:
    assert told("特此通报。\n2023年9月8日") == (None, "2023-09-08")
    assert told("特此通报。\n中共清源区财政局党组") == ("中共清源区财政局党组", None)


@pytest.mark.parametrize(
    "body",
    [
        *["", "清源区财政局", "截至2023年9月8日，已完成。", "公示期为2023年9月8日", "请反映。\n2023-09-08 16:19"],
        *[
            "党政办公室 2023年9月8日印发",
            "由云岭镇人民政府负责 2023年9月8日",
            "责任编辑：张三",
            "请反映。\n2023年9月31日",
        ],
        "中共云岭镇委员会\n2023年9月8日\n" + "一是开展工作。\n" * 20,
    ],
)
def test_what_is_no_signature_signs_nothing(body: str) -> None:
    assert told(body) == (None, None)
