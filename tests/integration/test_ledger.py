"""The ledger of a notice, stored: its rows are those of its latest revision, and its problems keep their identity."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from shared.db import Ledger
from shared.db.models import (
    Account,
    Aspect,
    CommentWindow,
    Commitment,
    EdgeLine,
    Measure,
    Notice,
    Problem,
    Searchable,
    Status,
    Table,
)
from shared.db.problems import ProblemQuery
from shared.domain.events import PROBLEM_STATUS_CHANGED
from tests.integration.scene import rows
from tests.integration.telling import Teller, document, kinds, problem, statements
from tests.invariants import entries_are_of_the_latest_revision, problems_stand_as_notices_say
from worker.read import read

FIRST = "学习贯彻上级决策部署不够深入"
SECOND = "基层党组织建设存在薄弱环节"
THIRD = "工程项目招投标管理不规范"


@pytest.fixture
def teller(ledger: Ledger) -> Teller:
    return Teller(ledger)


def numbers(ledger: Ledger, table: type[Table]) -> list[int]:
    return sorted(one.number for one in rows(ledger, table))


def test_a_notice_is_entered_with_all_that_it_says(teller: Teller) -> None:
    said = document(
        problem(1, FIRST, "completed"),
        problem(2, SECOND, "staged", due="2026-12-31", printed_number=None),
        comment_window={"opens_on": "2026-03-04", "closes_on": "2026-04-04"},
        inspection={"round": "九届区委第二轮", "from": "2025-03-01", "to": "2025-05-01"},
    )
    assert kinds(teller.tell(said)) == ["notice.published"]
    notice = teller.notice()
    assert (notice.kind, notice.inspected, notice.inspected_key) == ("rectification", "中共云岭镇委员会", "云岭镇")
    assert (notice.inspection_authority, notice.inspection_kind) == ("区委", "巡察")
    assert (notice.inspection_round, notice.inspection_from) == ("九届区委第二轮", "2025-03-01")
    assert (notice.signed_by, notice.signed_on, notice.follows_id) == ("中共云岭镇委员会", "2026-03-04", None)
    stored = teller.problems()
    assert {title: (one.status, one.due_by) for title, one in stored.items()} == {
        FIRST: ("completed", None),
        SECOND: ("staged", "2026-12-31"),
    }
    assert stored[SECOND].due_precision == "month"
    assert {one.notice_id for one in stored.values()} == {notice.id}
    with teller.ledger.reading() as uow:
        told = uow.problems.of_notice(notice.id)
        assert [(one.number, one.printed_number, one.aspect, known.title) for one, known in told] == [
            (1, 1, 1, FIRST),
            (2, None, 1, SECOND),
        ]
        assert uow.problems.measures(notice.id, 2) == ["一是制定方案", "二是逐项销号"]
        (promise,) = uow.problems.commitments(stored[SECOND].id)
        assert (promise.due_by, promise.problem_number) == ("2026-12-31", 2)
    assert [one.title for one in rows(teller.ledger, Aspect)] == ["（一）履行职责方面"]
    (window,) = rows(teller.ledger, CommentWindow)
    assert (window.opens_on, window.closes_on) == ("2026-03-04", "2026-04-04")
    assert teller.history(FIRST) == ["completed"]


def test_a_notice_that_is_no_rectification_has_a_kind_and_no_problem(teller: Teller) -> None:
    teller.tell(document(kind="notice", inspection={"inspected": None}, signed_by=None, signed_on=None))
    assert (teller.notice().kind, teller.notice().inspected_key) == ("notice", None)
    assert rows(teller.ledger, Problem) == rows(teller.ledger, Account) == []
    assert numbers(teller.ledger, Searchable) == [0]


def test_a_document_of_an_earlier_release_is_entered_as_far_as_it_goes(teller: Teller) -> None:
    teller.tell({"title": "通报", "body": "正文。", "attachments": [], "removed": []})
    assert (teller.notice().kind, teller.notice().title) == (None, "通报")
    assert numbers(teller.ledger, Searchable) == [0]


def test_a_revision_takes_the_place_of_what_was_entered_and_problems_stay_who_they_are(teller: Teller) -> None:
    teller.tell(document(problem(1, FIRST, "staged", due="2026-06-30"), problem(2, SECOND, "completed")))
    before = teller.problems()
    facts = teller.tell(
        document(problem(1, SECOND, "completed"), problem(2, FIRST, "completed", measures=["一是建章立制"]))
    )
    assert kinds(facts) == ["notice.revised", PROBLEM_STATUS_CHANGED]
    after = teller.problems()
    assert {title: one.id for title, one in after.items()} == {title: one.id for title, one in before.items()}
    assert (after[FIRST].status, after[FIRST].due_by) == ("completed", None)
    assert [one.problem_id for one in sorted(rows(teller.ledger, Account), key=lambda one: one.number)] == [
        after[SECOND].id,
        after[FIRST].id,
    ]
    assert sorted((one.problem_number, one.text) for one in rows(teller.ledger, Measure)) == [
        (1, "一是制定方案"),
        (1, "二是逐项销号"),
        (2, "一是建章立制"),
    ]
    assert rows(teller.ledger, Commitment) == []
    assert numbers(teller.ledger, Searchable) == [0, 1, 2]
    assert teller.history(FIRST) == ["staged", "completed"]
    assert teller.history(SECOND) == ["completed"]


def test_a_change_of_status_is_told_with_what_it_was_and_is(teller: Teller) -> None:
    teller.tell(document(problem(1, FIRST, "staged"), problem(2, SECOND)))
    _, changed = teller.tell(document(problem(1, FIRST, "completed"), problem(2, SECOND)))
    known, notice = teller.problems()[FIRST], teller.notice()
    assert (changed.subject, changed.cause) == (notice.id, f"revision/2/{known.id}")
    assert changed.data["notice"]["id"] == notice.id
    assert (changed.data["previous"]["number"], changed.data["revision"]["number"]) == (1, 2)
    told = {name: changed.data[name] for name in ("problem", "from", "to", "status_text")}
    assert told == {
        "problem": {"id": known.id, "title": FIRST, "number": 1, "href": f"/v1/problems/{known.id}"},
        "from": "staged",
        "to": "completed",
        "status_text": "已完成",
    }


def test_other_words_for_the_same_status_are_history_and_no_news(teller: Teller) -> None:
    teller.tell(document(problem(1, FIRST, "staged")))
    facts = teller.tell(document(problem(1, FIRST, "staged", status_text="取得阶段性成效")))
    assert kinds(facts) == ["notice.revised"]
    assert teller.problems()[FIRST].status_text == "取得阶段性成效"
    assert teller.history(FIRST) == ["staged", "staged"]


def test_a_title_that_is_mended_names_the_same_problem(teller: Teller) -> None:
    teller.tell(document(problem(1, FIRST, "staged")))
    (before,) = rows(teller.ledger, Problem)
    teller.tell(document(problem(1, f"{FIRST}的问题", "completed")))
    (after,) = rows(teller.ledger, Problem)
    assert (after.id, after.title, after.status) == (before.id, f"{FIRST}的问题", "completed")


def test_a_problem_that_is_named_no_more_keeps_its_row_and_its_history(teller: Teller) -> None:
    teller.tell(document(problem(1, FIRST, "staged"), problem(2, SECOND, "staged")))
    dropped = teller.problems()[SECOND]
    teller.tell(document(problem(1, FIRST, "staged")))
    assert teller.problems()[SECOND].status == "staged"
    assert teller.history(SECOND) == ["staged"]
    with teller.ledger.reading() as uow:
        assert uow.problems.accounts(dropped.id) == []
    teller.tell(document(problem(1, FIRST, "staged"), problem(2, SECOND, "completed")))
    assert len(rows(teller.ledger, Problem)) == 3, "one that comes back is a new one: nothing shows that it is the same"


def test_a_revision_that_is_no_rectification_any_more_leaves_nothing_behind(teller: Teller) -> None:
    teller.tell(document(problem(1, FIRST, "staged", due="2026-06-30")))
    teller.tell(document(kind="notice", inspection={"inspected": None}))
    for table in (Account, Measure, Commitment, Aspect):
        assert rows(teller.ledger, table) == []
    assert teller.notice().inspected_key is None


def test_telling_the_same_twice_changes_nothing(teller: Teller) -> None:
    said = document(problem(1, FIRST, "staged"))
    teller.tell(said)
    before = [vars(one) | {"_sa_instance_state": None} for one in rows(teller.ledger, Problem)]
    assert teller.tell(said) == []
    assert [vars(one) | {"_sa_instance_state": None} for one in rows(teller.ledger, Problem)] == before


def test_a_long_notice_takes_no_more_statements_than_a_short_one(teller: Teller) -> None:
    def cost(count: int, path: str, status: str) -> int:
        problems = [
            problem(n, f"第{n}个问题的标题{path}", status if n % 2 else None, due="2026-12-31" if n % 3 else None)
            for n in range(1, count + 1)
        ]
        brought = teller.brought(path)
        with statements(teller.ledger.engine) as seen:
            teller.record(document(*problems, inspection={"inspected": path}), *brought)
        return len(seen)

    assert cost(53, "53.html", "staged") == cost(3, "3.html", "staged") <= 28
    assert cost(53, "53.html", "completed") == cost(3, "3.html", "completed") <= 32


@pytest.mark.timeout(60)
def test_a_hostile_notice_is_entered_within_bounds(teller: Teller) -> None:
    problems = [problem(n, "题" * 500, printed_number=10**30, measures=["甲"] * 40) for n in range(1, 2500)]
    teller.tell(document(*problems))
    assert len(rows(teller.ledger, Account)) == 2000
    assert len(rows(teller.ledger, Measure)) == 10_000
    teller.tell(document(*(one | {"title": f"{one['title']}{one['number']}"} for one in problems)))
    assert len(rows(teller.ledger, Account)) == 2000


def test_what_a_forgotten_source_said_is_forgotten_and_what_others_say_stays(teller: Teller) -> None:
    teller.tell(document(problem(1, FIRST, "staged"), problem(2, SECOND, "staged"), on="2025-01-01"))
    teller.tell(document(problem(1, FIRST, "completed")), host="other.example")
    with teller.ledger.begin() as uow:
        uow.sources.remove(teller.notice().source_id)
        uow.commit()
    (left,) = rows(teller.ledger, Problem)
    assert (left.title, left.status, left.notice_id) == (FIRST, "completed", None)
    (notice,) = rows(teller.ledger, Notice)
    assert notice.follows_id is None
    with teller.ledger.begin() as uow:
        uow.sources.remove(notice.source_id)
        uow.commit()
    tables: tuple[type[Table], ...] = (Problem, Account, Measure, Status, Commitment, Searchable, EdgeLine, Aspect)
    assert {table.__tablename__: len(rows(teller.ledger, table)) for table in tables} == dict.fromkeys(
        (table.__tablename__ for table in tables), 0
    )


def asked(ledger: Ledger, **query: Any) -> list[str]:
    with ledger.reading() as uow:
        return [one.title for one in uow.problems.page(ProblemQuery(**query))]


def test_problems_are_found_by_each_of_their_sides(teller: Teller) -> None:
    teller.tell(
        document(
            problem(1, FIRST, "staged", due="2026-06-30"),
            problem(2, SECOND, "completed", due="2026-06-30"),
            problem(3, THIRD, due="2026-09-30", text="3.工程项目\n已清退保证金１２万元。"),
        )
    )
    teller.tell(
        document(problem(1, "公务用车使用登记不全", "staged"), inspection={"inspected": "清源街道党工委"}), "2.html"
    )
    first, other = teller.notice(), teller.notice("2.html")
    everything = [FIRST, SECOND, THIRD, "公务用车使用登记不全"]
    assert asked(teller.ledger) == asked(teller.ledger, source_id=first.source_id) == everything
    assert asked(teller.ledger, status="staged") == [FIRST, "公务用车使用登记不全"]
    assert asked(teller.ledger, notice_id=first.id) == everything[:3]
    assert asked(teller.ledger, due_before="2026-07-01") == [FIRST]
    assert asked(teller.ledger, due_before="2026-06-30") == []
    assert asked(teller.ledger, due_before="2027-01-01") == [FIRST, THIRD]
    assert asked(teller.ledger, inspected="中共清源街道工作委员会") == ["公务用车使用登记不全"]
    assert asked(teller.ledger, q="保证金 12万") == [THIRD]
    assert asked(teller.ledger, q="保证金", inspected="清源街道") == []
    assert asked(teller.ledger, q="登记", notice_id=other.id, status="staged") == ["公务用车使用登记不全"]
    assert asked(teller.ledger, source_id="src_nobody") == []


def test_problems_are_turned_over_page_by_page(teller: Teller) -> None:
    teller.tell(document(*(problem(n, f"第{n}个问题") for n in range(1, 8))))
    seen, after = [], ""
    with teller.ledger.reading() as uow:
        while page := uow.problems.page(ProblemQuery(), after=after, limit=3):
            assert len(page) <= 3
            seen += [one.title for one in page]
            after = page[-1].id
        assert uow.problems.by_id(after) is not None
        assert uow.problems.by_id("prb_none") is None
    assert seen == [f"第{n}个问题" for n in range(1, 8)]


def test_real_notices_are_entered_as_they_are_read(teller: Teller, real_texts: Path) -> None:
    facts = json.loads((real_texts / "seeds" / "facts.json").read_text())
    for name, told in facts.items():
        said = dict(read((real_texts / "seeds" / name).read_bytes()).as_json())
        teller.tell(json.loads(json.dumps(said)), f"{name}.html")
        with teller.ledger.reading() as uow:
            accounts = uow.problems.of_notice(teller.notice(f"{name}.html").id)
        assert len(accounts) == sum(told["problems_per_aspect"]), name
        given = told["statuses"] or [None] * len(accounts)
        assert [problem.status for _, problem in accounts] == [account.status for account, _ in accounts] == given, name
    with Session(teller.ledger.engine) as session:
        broken = [*entries_are_of_the_latest_revision(session), *problems_stand_as_notices_say(session)]
    assert broken == []
