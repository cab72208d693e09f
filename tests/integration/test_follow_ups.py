"""Follow-ups on a real ledger: linked whatever is found first, with one problem through all of them."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from shared.db import Ledger
from shared.db.models import Notice
from shared.db.problems import ProblemQuery
from shared.domain.events import PROBLEM_STATUS_CHANGED, Fact
from tests.integration.scene import HOST, rows, together
from tests.integration.telling import Teller, document, kinds, problem

ONE = "学习贯彻上级决策部署不够深入"
TWO = "基层党组织建设存在薄弱环节"
THREE = "工程项目招投标管理不规范"
OTHER = "other.example"

EARLIER = document(
    problem(1, ONE, "staged", due="2025-12-31"), problem(2, TWO, "in_progress"), problem(3, THREE), on="2025-03-01"
)
LATER = document(problem(1, TWO, "completed"), problem(2, ONE, "staged", due="2026-06-30"), on="2025-09-01")
LAST = document(problem(1, f"关于{ONE}问题", "completed"), on="2026-03-01")


@pytest.fixture
def teller(ledger: Ledger) -> Teller:
    return Teller(ledger)


def follows(teller: Teller) -> dict[str, str | None]:
    found = {one.id: one.url.rpartition("/")[2] for one in rows(teller.ledger, Notice)}
    return {found[one.id]: found.get(one.follows_id) for one in rows(teller.ledger, Notice)}


def standings(teller: Teller, body: str = "云岭镇") -> dict[str, tuple[str | None, str | None]]:
    with teller.ledger.reading() as uow:
        return {one.title: (one.status, one.due_by) for one in uow.problems.page(ProblemQuery(inspected=body))}


def turn(changed: Fact) -> tuple[str | None, str | None, int | None]:
    return changed.data["from"], changed.data["to"], changed.data["problem"]["number"]


STANDINGS = {ONE: ("completed", "2026-06-30"), TWO: ("completed", None), THREE: (None, None)}
PAGES = {"earlier.html": EARLIER, "later.html": LATER, "last.html": LAST}


@pytest.mark.parametrize("order", list(itertools.permutations(PAGES)))
def test_notices_are_linked_and_problems_are_one_whatever_is_found_first(
    teller: Teller, order: tuple[str, ...]
) -> None:
    for path in order:
        teller.tell(PAGES[path], path)
    assert follows(teller) == {"earlier.html": None, "later.html": "earlier.html", "last.html": "later.html"}
    assert standings(teller) == STANDINGS
    named = [teller.problems()[title] for title in STANDINGS]
    assert {one.notice_id for one in named} == {teller.notice("earlier.html").id}


def test_a_follow_up_changes_a_status_with_an_event_of_its_own(teller: Teller) -> None:
    teller.tell(EARLIER)
    facts = teller.tell(LATER, "2.html", OTHER)
    assert kinds(facts) == ["notice.published", PROBLEM_STATUS_CHANGED]
    (changed,) = facts[1:]
    second = teller.notice("2.html", OTHER)
    assert (changed.subject, changed.cause) == (second.id, f"revision/1/{teller.problems()[TWO].id}")
    assert turn(changed) == ("in_progress", "completed", 1)
    assert teller.history(TWO) == ["in_progress", "completed"]
    assert teller.history(ONE) == ["staged"]
    assert second.follows_id == teller.notice().id


def test_an_earlier_notice_that_is_found_late_changes_no_status(teller: Teller) -> None:
    teller.tell(LATER)
    assert kinds(teller.tell(EARLIER, "2.html")) == ["notice.published"]
    assert teller.history(TWO) == ["completed"]
    with teller.ledger.reading() as uow:
        accounts = uow.problems.accounts(teller.problems()[TWO].id)
        assert [(account.status, notice.signed_on) for account, notice in accounts] == [
            ("completed", "2025-09-01"),
            ("in_progress", "2025-03-01"),
        ]
        assert [one.url for one in uow.notices.followers(teller.notice("2.html").id)] == [teller.notice().url]


def test_a_revision_of_the_earlier_notice_does_not_take_the_word_from_the_later_one(teller: Teller) -> None:
    teller.tell(EARLIER)
    teller.tell(LATER, "2.html")
    revised = document(*EARLIER["aspects"][0]["problems"][:1], problem(2, TWO, "staged"), on="2025-03-01")
    assert kinds(teller.tell(revised)) == ["notice.revised"]
    assert teller.problems()[TWO].status == "completed"


def test_a_follow_up_that_drops_a_problem_gives_the_word_back(teller: Teller) -> None:
    teller.tell(EARLIER)
    teller.tell(LATER, "2.html")
    facts = teller.tell(document(problem(1, ONE, "staged"), on="2025-09-01"), "2.html")
    (changed,) = facts[1:]
    assert turn(changed) == ("completed", "in_progress", None)
    assert teller.history(TWO) == ["in_progress", "completed", "in_progress"]


def test_notices_that_meet_late_become_one_story(teller: Teller) -> None:
    """The body of the later one was misprinted until it was revised."""
    misprinted = LATER | {"inspection": LATER["inspection"] | {"inspected": "云岭"}}
    teller.tell(EARLIER)
    teller.tell(misprinted, "2.html")
    assert follows(teller)["2.html"] is None
    facts = teller.tell(LATER, "2.html")
    assert follows(teller)["2.html"] == "1.html"
    assert kinds(facts) == ["notice.revised", PROBLEM_STATUS_CHANGED]
    assert len(rows(teller.ledger, Notice)) == 2
    with teller.ledger.reading() as uow:
        (first, _), (second, _) = uow.problems.of_notice(teller.notice("2.html").id)
        assert {first.problem_id, second.problem_id} <= {
            account.problem_id for account, _ in uow.problems.of_notice(teller.notice().id)
        }


def test_when_what_it_follows_comes_to_be_about_another_body_a_notice_follows_none(teller: Teller) -> None:
    teller.tell(EARLIER)
    teller.tell(LATER, "2.html")
    teller.tell(EARLIER | {"inspection": EARLIER["inspection"] | {"inspected": "清源街道"}})
    assert follows(teller) == {"1.html": None, "2.html": None}


def test_a_later_notice_that_is_found_between_two_takes_its_place(teller: Teller) -> None:
    teller.tell(EARLIER, "1.html")
    teller.tell(LAST, "3.html")
    assert follows(teller)["3.html"] == "1.html"
    teller.tell(LATER, "2.html")
    assert follows(teller) == {"1.html": None, "2.html": "1.html", "3.html": "2.html"}
    assert standings(teller) == STANDINGS


@pytest.mark.parametrize(
    "other",
    [
        {"inspection": {"inspected": "清源街道党工委"}},
        {"inspection": {"authority": "市委"}},
        {"inspection": {"kind": "巡视"}},
        {"kind": "inspection"},
        {"signed_on": None, "published_at": None},
    ],
)
def test_a_notice_about_something_else_follows_nothing(teller: Teller, other: dict[str, object]) -> None:
    teller.tell(EARLIER)
    teller.tell(document(problem(1, TWO, "completed"), on="2025-09-01", **other), "2.html")
    assert follows(teller)["2.html"] is None
    assert teller.history(TWO) == ["in_progress"] or len(rows(teller.ledger, Notice)) == 2


@pytest.mark.timeout(120)
def test_first_and_follow_up_that_are_found_at_the_same_moment_find_each_other(
    ledger: Ledger, open_another: Callable[[], Ledger]
) -> None:
    tellers = [Teller(open_another()) for _ in range(3)]
    for again in range(6):
        body = {"inspected": f"中共第{again}镇委员会"}
        steps = [
            story_step(one, f"{again}-{path}", said | {"inspection": said["inspection"] | body})
            for one, (path, said) in zip(tellers, PAGES.items(), strict=True)
        ]
        together(*steps)
        found = follows(Teller(ledger))
        earlier, later, last = (f"{again}-{path}" for path in PAGES)
        assert [found[path] for path in (earlier, later, last)] == [None, earlier, later]
        assert standings(Teller(ledger), f"第{again}镇") == STANDINGS


def story_step(teller: Teller, path: str, said: dict[str, Any]) -> Callable[[], object]:
    brought = teller.brought(path)
    return lambda: teller.record(said, *brought)


def test_a_follow_up_at_any_site_follows_the_original(teller: Teller) -> None:
    teller.tell(EARLIER, host=HOST)
    teller.tell(EARLIER, host=OTHER)
    assert {one.follows_id for one in rows(teller.ledger, Notice)} == {None}
    teller.tell(LATER, "2.html", OTHER)
    teller.tell(LATER, "2.html", HOST)
    original = teller.notice("1.html", HOST).id
    assert {teller.notice("2.html", host).follows_id for host in (HOST, OTHER)} == {original}
    assert standings(teller) == {ONE: ("staged", "2026-06-30"), TWO: ("completed", None), THREE: (None, None)}
