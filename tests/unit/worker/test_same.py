"""The same text or another one: copies differ in their edges, notices of one template in names, figures and days."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.same import MOST_GAPS, difference_between, gaps_between, is_earlier

PLACES = ("责任单位", "牵头科室", "相关部门", "驻点人员")


def lines(count: int = 24) -> list[str]:
    return [
        f"{number}.针对第{number}项反馈意见，{PLACES[number % 4]}已召开专题会议研究，明确时限，"
        f"完成整改任务{number * 3}项。"
        for number in range(1, count + 1)
    ]


def document(body: str | None = None, **other: Any) -> dict[str, Any]:
    told = {
        "kind": "rectification",
        "title": "云岭镇党委关于巡察整改进展情况的通报",
        "published_at": "2026-03-04",
        "body": "\n".join(lines()) if body is None else body,
        "inspection": {"inspected": "中共云岭镇委员会"},
        "document_numbers": ["云委〔2026〕3号"],
        "signed_on": "2026-03-03",
    }
    return told | other


TEXT = "\n".join(lines())


@pytest.mark.parametrize(
    "copy",
    [
        document(),
        document(published_at="2026-03-09T10:00:00+08:00"),
        document(TEXT.replace("，", ",").replace("。", ". ").replace("3", "３")),
        document(TEXT.replace("。\n", "。")),
        document(f"来源：清源区发布\n{TEXT}"),
        document(f"{TEXT}\n责任编辑：小周"),
        document(TEXT.replace("\n", "\n来源：清源区政府网\n", 1)),
        document(TEXT.replace("已召开专题会议研究", "已召开了专题会议研究", 1)),
        document(title="关于巡察整改进展情况的通报"),
        document(title="清源区人民政府 云岭镇党委关于巡察整改进展情况的通报"),
        document(signed_on=None, document_numbers=[]),
        document(inspection={"inspected": "云岭镇党委"}),
    ],
)
def test_a_copy_is_the_same_text_for_all_its_furniture(copy: dict[str, Any]) -> None:
    assert difference_between(document(), copy) is None
    assert difference_between(copy, document()) is None


@pytest.mark.parametrize(
    ("rule", "twin"),
    [
        ("other-kind", document(kind="notice")),
        ("other-body", document(inspection={"inspected": "中共清河镇委员会"})),
        ("other-title", document(title="云岭镇党委关于督察整改进展情况的通报")),
        ("other-title", document(title="云岭镇党委关于巡察整改进展情况的通报（二）")),
        ("other-day", document(signed_on="2027-03-03")),
        ("other-number", document(document_numbers=["云委〔2026〕4号"])),
        ("other-words", document(TEXT.replace("任务9项", "任务8项"))),
        ("other-words", document(TEXT.replace("牵头科室", "清河镇科室", 1))),
        ("other-words", document(TEXT.replace("责任单位", "责任员工"))),
        ("other-words", document(TEXT.replace("第七项", "第九项") + "\n" + "目前仍在整改。" * 20)),
        ("other-words", document("\n".join(lines()[:20]))),
        ("other-words", document(TEXT.replace("\n2.针对", "\n2.原云岭镇针对"))),
        ("other-words", document(TEXT.replace("已召开", "未召开"))),
    ],
)
def test_a_notice_of_the_same_template_is_another_one(rule: str, twin: dict[str, Any]) -> None:
    assert difference_between(document(), twin) == rule
    assert difference_between(twin, document()) == rule


SHORT = "经区委批准，区委第三巡察组进驻，受理来信来访，时间为期两个月，请予监督。"


@pytest.mark.parametrize(
    ("rule", "other"),
    [
        (None, {}),
        (None, {"body": f" {SHORT}\n", "published_at": "2026-03-30"}),
        ("other-title", {"title": "关于巡察整改进展情况的通报"}),
        ("other-words", {"body": SHORT + "特此公告"}),
        ("other-day", {"published_at": "2026-05-04"}),
    ],
)
def test_of_few_lines_only_the_very_same_text_is_the_same(rule: str | None, other: dict[str, Any]) -> None:
    assert difference_between(document(SHORT), document(SHORT) | other) == rule


def test_documents_without_a_text_are_never_the_same() -> None:
    assert difference_between(document(""), document("")) == "other-words"


def test_documents_of_an_older_release_can_be_compared() -> None:
    assert difference_between({"body": TEXT, "title": None}, {"body": TEXT}) is None
    assert difference_between({}, document()) == "other-kind"


@given(st.text("甲乙丙", max_size=60), st.text("甲乙丙", max_size=60))
def test_what_lies_between_the_gaps_is_the_same_in_both(one: str, other: str) -> None:
    gaps = gaps_between(one, other)
    at = (0, 0)
    for gap in gaps:
        assert one[at[0] : gap.begins[0]] == other[at[1] : gap.begins[1]]
        assert gap.begins != gap.ends
        at = gap.ends
    if len(gaps) <= MOST_GAPS:
        assert one[at[0] :] == other[at[1] :]


@pytest.mark.timeout(20)
def test_texts_made_to_be_hard_to_compare_are_soon_given_up() -> None:
    gaps_between("甲" * 1_000_000, "甲乙" * 500_000)
    gaps_between("甲" * 199 + "乙" * 1_000_000, "乙" * 1_000_000)
    gaps_between("".join(f"{n:07}甲" for n in range(100_000)), "".join(f"{n:07}乙" for n in range(100_000)))


@pytest.mark.parametrize(
    ("one", "other", "earlier"),
    [
        ("2026-03-04", "2026-03-05T08:00:00+08:00", True),
        ("2026-03-04T08:00:00+08:00", "2026-03-04T09:00:00+08:00", False),
        ("2026-03-04", None, False),
        (None, "2026-03-04", False),
    ],
)
def test_earlier_is_of_an_earlier_day(one: str | None, other: str | None, earlier: bool) -> None:
    assert is_earlier(one, other) is earlier
