"""Which problem is which: the same names, the like ones, and never two for one."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.problems import Naming
from worker.identify import FOLLOWED, REVISED, Likeness, Pool, identified


def named(*titles: str, first: int = 1, known: bool = False) -> list[Naming]:
    return [Naming(n, n, title, f"prb_{n}" if known else None) for n, title in enumerate(titles, first)]


def found(new: list[Naming], known: list[Naming], likeness: Likeness = REVISED) -> dict[int, str]:
    return identified(new, [Pool(known, likeness)])


KNOWN = named("学习贯彻上级决策部署不够深入", "基层党组织建设存在薄弱环节", "工程项目招投标管理不规范", known=True)


def test_the_same_title_is_the_same_problem_wherever_it_stands() -> None:
    new = named("工程项目招投标管理不规范", "学习贯彻上级决策部署不够深入")
    assert found(new, KNOWN) == {1: "prb_3", 2: "prb_1"}


def test_width_and_white_space_make_no_other_title() -> None:
    assert found(named("基层党组织 建设，存在薄弱环节"), named("基层党组织建设,存在薄弱环节", known=True)) == {
        1: "prb_1"
    }


def test_a_title_that_was_mended_is_the_same_problem_by_its_number() -> None:
    assert found(named("学习贯彻上级决策部署还不够深入"), KNOWN) == {1: "prb_1"}


def test_within_a_notice_a_like_title_under_another_number_is_another_problem() -> None:
    moved = [Naming(1, 7, "学习贯彻上级决策部署还不够深入")]
    assert found(moved, KNOWN) == {}
    assert found(moved, KNOWN, FOLLOWED) == {1: "prb_1"}


def test_a_follow_up_may_reword_a_title_under_its_number_but_not_wholly() -> None:
    reworded = [Naming(2, 2, "基层党组织建设仍存在一些薄弱环节")]
    assert found(reworded, KNOWN, FOLLOWED) == {2: "prb_2"}
    assert found([reworded[0]._replace(printed_number=5)], KNOWN, FOLLOWED) == {}
    assert found([Naming(2, 2, "公务用车使用登记不全")], KNOWN, FOLLOWED) == {}


def test_of_two_that_are_as_like_none_is_chosen() -> None:
    known = [Naming(1, 1, "甲村道路养护不到位情况", "prb_1"), Naming(2, 1, "乙村道路养护不到位情况", "prb_2")]
    assert found([Naming(1, 1, "丙村道路养护不到位情况")], known) == {}
    assert found([Naming(1, 1, "乙村道路养护不够到位情况")], known) == {1: "prb_2"}


def test_titles_that_repeat_are_paired_in_their_order() -> None:
    known = named("制度执行不严", "制度执行不严", known=True)
    assert found(named("制度执行不严", "制度执行不严", "制度执行不严"), known) == {1: "prb_1", 2: "prb_2"}


def test_a_problem_without_a_title_is_like_no_other() -> None:
    assert found([Naming(1, None, "")], [Naming(1, None, " ", "prb_1")]) == {}


def test_what_the_first_pool_knows_is_not_asked_of_the_second() -> None:
    other = [naming._replace(problem_id=f"prb_{naming.number}0") for naming in KNOWN]
    new = named(*(naming.title for naming in KNOWN))
    assert identified(new, [Pool(KNOWN[:1], REVISED), Pool(other, FOLLOWED)]) == {1: "prb_1", 2: "prb_20", 3: "prb_30"}


def test_a_problem_is_found_only_once_in_all_pools() -> None:
    again = [naming._replace(number=naming.number + 3) for naming in KNOWN]
    new = named(*(naming.title for naming in (*KNOWN, *KNOWN)))
    assert identified(new, [Pool(KNOWN, REVISED), Pool(again, FOLLOWED)]) == {1: "prb_1", 2: "prb_2", 3: "prb_3"}


@pytest.mark.timeout(20)
def test_a_hostile_page_costs_no_minutes() -> None:
    known = [Naming(n, 1, f"{'整改' * 90}{n}", f"prb_{n}") for n in range(2000)]
    assert found([Naming(n, 1, f"{n}{'整改' * 90}") for n in range(2000)], known) == {}
    few = 70
    assert len(found([Naming(n, 1, f"{'整改' * 90}甲{n}") for n in range(few)], known[:few], FOLLOWED)) <= few


titles = st.lists(st.text("甲乙丙丁", min_size=0, max_size=6), max_size=8)


@given(titles, titles, st.sampled_from([REVISED, FOLLOWED]))
def test_every_problem_is_found_at_most_once_and_every_same_title_is(
    one: list[str], other: list[str], likeness: Likeness
) -> None:
    new, known = named(*one), named(*other, known=True)
    pairs = found(new, known, likeness)
    assert len(set(pairs.values())) == len(pairs)
    assert pairs.keys() <= {naming.number for naming in new}
    for naming in new:
        same = [k for k in known if k.title and k.title == naming.title]
        if same and sum(n.title == naming.title for n in new) <= len(same):
            assert naming.number in pairs


@given(titles)
def test_a_notice_read_twice_has_the_same_problems(one: list[str]) -> None:
    known = [naming for naming in named(*one, known=True) if naming.title]
    new = [naming._replace(problem_id=None) for naming in known]
    assert found(new, known) == {naming.number: naming.problem_id for naming in known}


@given(titles, titles)
def test_alike_is_alike_both_ways(one: list[str], other: list[str]) -> None:
    one, other = list(dict.fromkeys(one)), list(dict.fromkeys(other))
    left, right = named(*one, known=True), named(*other, known=True)
    there = {(a, int(b[4:])) for a, b in found(left, right, FOLLOWED).items()}
    back = {(int(b[4:]), a) for a, b in found(right, left, FOLLOWED).items()}
    assert there == back


def test_all_orders_of_pools_find_one_problem_per_name() -> None:
    pools = [Pool(KNOWN, REVISED), Pool(named("工程项目招投标管理不规范", first=9, known=True), FOLLOWED)]
    for order in itertools.permutations(pools):
        pairs = identified(named("工程项目招投标管理不规范", "基层党组织建设存在薄弱环节"), order)
        assert pairs[2] == "prb_2"
        assert pairs[1] == order[0].known[-1].problem_id
