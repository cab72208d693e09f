"""Furniture that is learned per source: what may be a candidate, and what is cut."""

import pytest

from worker.clean.learned import candidates
from worker.clean.text import key
from worker.read import edges_of, read

TEXT = ["区委巡察组进驻云岭镇，开展常规巡察。", "欢迎干部群众反映情况。"]
SLOGAN = "阳光清源　廉洁同行"


def _read(lines: list[str], learned: tuple[str, ...] = ()) -> list[str]:
    return read("\n".join(lines).encode(), learned=[key(each) for each in learned]).body.split("\n")


def test_short_lines_at_the_edges_are_candidates() -> None:
    document = read("\n".join([SLOGAN, *TEXT, "清源廉政微课堂", "清源廉政每日一读"]).encode())
    assert edges_of(document) == [document.body.split("\n")[0], "清源廉政微课堂", "清源廉政每日一读"]


@pytest.mark.parametrize(
    "own",
    [
        "特此公告。",
        "联系电话：0599-5550144",
        "电子邮箱：qy@a.example",
        "邮编：354999",
        "2024年5月6日",
        "二〇二四年五月六日",
        "中共云岭镇委员会",
        "清源区人民政府办公室",
        "一、整体情况",
        "（二）下一步打算",
        "3.修订制度",
        "整改进度：已完成",
        "完成时限：长期坚持",
        "附件：整改台账",
        "台账.pdf",
        "联系方式：",
        "长" * 81,
    ],
)
def test_what_a_notice_says_of_itself_is_no_candidate(own: str) -> None:
    assert candidates("\n".join([*TEXT, own])) == []


def test_at_most_three_lines_of_an_edge_are_candidates() -> None:
    slogans = [f"清源廉政第{n}讲" for n in "甲乙丙丁戊"]
    assert candidates("\n".join([*slogans, *TEXT])) == slogans[:3]
    assert candidates("") == []


def test_a_body_of_few_lines_has_each_candidate_once() -> None:
    assert candidates("甲段文字\n乙段文字") == ["甲段文字", "乙段文字"]


def test_what_was_learned_is_cut_at_the_edges_whatever_its_width_and_nowhere_else() -> None:
    lines = [SLOGAN, TEXT[0], SLOGAN, TEXT[1], "清源廉政微课堂（１）", SLOGAN]
    assert _read(lines, (SLOGAN, "清源廉政微课堂(1)")) == [TEXT[0], "阳光清源 廉洁同行", TEXT[1]]


def test_what_is_unknown_ends_the_cut_and_the_cut_is_named() -> None:
    document = read("\n".join([*TEXT, SLOGAN, "新的一行"]).encode(), learned=[key(SLOGAN)])
    assert document.body.endswith("新的一行")
    document = read("\n".join([*TEXT, SLOGAN]).encode(), learned=[key(SLOGAN)])
    assert [cut.rule for cut in document.removed] == ["learned"]
