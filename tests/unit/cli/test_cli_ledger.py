"""The ledger at the command line: notices searched, problems as they stand, follow-ups, furniture that was learned."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.desk.ledgers import KINDS, STATUSES
from shared.db.learned import OTHERS
from tests.integration.telling import Teller, document, problem
from tests.unit.cli.desk import Desk
from worker.due import Calendar

FIRST = "学习贯彻上级决策部署不够深入"
SECOND = "工程项目招投标管理不规范"
FOOT = "清源在线 用心服务每一天"
EARLIER = document(
    problem(1, FIRST, "staged", due="2026-06-30", text="1.学习\n已退还保证金１２万元。"),
    problem(2, SECOND),
    on="2025-03-01",
)
LATER = document(problem(1, FIRST, "completed", measures=["一是建章立制"]), on="2025-09-01")


@pytest.fixture
def teller(desk: Desk) -> Teller:
    teller = Teller(desk.ledger)
    teller.tell(EARLIER, "earlier.html")
    teller.tell(LATER, "later.html")
    return teller


def test_notices_are_found_by_kind_words_and_body(desk: Desk, teller: Teller) -> None:
    earlier, later = teller.notice("earlier.html").id, teller.notice("later.html").id

    def ids(*words: str) -> list[str]:
        return [one["id"] for one in desk("notices", "--json", *words).records]

    assert ids("--kind", "rectification") == ids("--inspected", "云岭镇") == [earlier, later]
    assert ids("--q", "保证金 12万") == [earlier]
    assert ids("--kind", "notice") == ids("--q", "没有的词") == []
    assert "rectification" in desk("notices", "--q", "保证金").out


@pytest.mark.parametrize("command", ["notices", "problems"])
@pytest.mark.parametrize(("words", "told"), [("", "nothing to search"), ("x" * 201, "at most 200")])
def test_a_search_for_nothing_or_for_too_much_is_misuse(desk: Desk, command: str, words: str, told: str) -> None:
    answer = desk(command, "--q", words)
    assert (answer.code, answer.out) == (2, "")
    assert told in answer.err


@pytest.mark.parametrize("command", ["notices", "problems"])
@pytest.mark.parametrize("name", ["", " ", "\u200b", "\udcff"])
def test_a_body_without_a_name_is_misuse(desk: Desk, command: str, name: str) -> None:
    answer = desk(command, "--inspected", name)
    assert (answer.code, answer.out) == (2, "")
    assert "has no name" in answer.err


def test_problems_are_listed_as_they_stand(desk: Desk, teller: Teller) -> None:
    earlier = teller.notice("earlier.html")

    def titles(*words: str) -> list[str]:
        return [one["title"] for one in desk("problems", "--json", *words).records]

    assert titles() == titles("--source", "gov.example") == titles("--notice", earlier.id) == [FIRST, SECOND]
    assert titles("--notice", earlier.url, "--q", "保证金") == titles("--status", "completed") == [FIRST]
    assert titles("--status", "none") == [SECOND]
    assert titles("--due-before", "2030-01-01") == titles("--inspected", "清源街道") == []
    told = desk("problems").out
    assert teller.problems()[FIRST].id in told
    assert "completed" in told


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--status", "eaten"], 2),
        (["--due-before", "tomorrow"], 2),
        (["--source", "nowhere.example"], 1),
        (["--notice", "http://gov.example/none.html"], 1),
    ],
)
def test_a_wrong_question_about_problems_is_refused(desk: Desk, words: list[str], code: int) -> None:
    answer = desk("problems", *words)
    assert (answer.code, answer.out) == (code, "")
    assert answer.err


def test_help_names_every_status_and_every_kind(desk: Desk) -> None:
    problems, notices = desk("problems", "--help").out, desk("notices", "--help").out
    assert [status for status in STATUSES if status not in problems] == []
    assert [kind for kind in KINDS if kind not in notices] == []


def test_a_problem_tells_its_history_and_who_said_what(desk: Desk, teller: Teller) -> None:
    known = teller.problems()[FIRST]
    shown = desk("problem", known.id, "--json").record
    assert [one["status"] for one in shown["history"]] == ["completed", "staged"]
    assert [one["notice"]["signed_on"] for one in shown["accounts"]] == ["2025-09-01", "2025-03-01"]
    assert shown["accounts"][1]["commitments"][0]["due_by"] == "2026-06-30"
    told = desk("problem", known.id).out
    for words in (FIRST, "completed", "staged", "已退还保证金", "2026-06-30 (预计2026-06-30完成)"):
        assert words in told
    missing = desk("problem", "prb_" + "0" * 26)
    assert (missing.code, missing.out) == (1, "")
    assert "noticewire problems" in desk("problem", "\udcff").err


def test_a_notice_shows_its_ledger_and_as_json_the_ids_of_its_problems(desk: Desk, teller: Teller) -> None:
    earlier, later = teller.notice("earlier.html"), teller.notice("later.html")
    ids = {title: one.id for title, one in teller.problems().items()}
    shown = desk("notice", earlier.id, "--json").record
    assert (shown["follows_id"], shown["followed_by"]) == (None, [later.id])
    assert [(one["number"], one["problem_id"]) for one in shown["problems"]] == [(1, ids[FIRST]), (2, ids[SECOND])]
    told = desk("notice", earlier.id).out
    for words in (SECOND, later.id, "（一）履行职责方面", "2026-06-30 (month)", "现将整改情况予以公布。"):
        assert words in told


def test_why_tells_how_a_page_was_read_and_what_follows_it(desk: Desk, teller: Teller) -> None:
    earlier, later = teller.notice("earlier.html"), teller.notice("later.html")
    story = desk("why", later.url, "--json").record
    assert (story["document"]["page_status"], story["document"]["page_rule"]) == ("notice", "text")
    assert story["follows"]["id"] == earlier.id
    assert f"It follows the notice {earlier.id}, about the same inspection of the same body." in story["summary"]
    assert [one["id"] for one in desk("why", earlier.url, "--json").record["followed_by"]] == [later.id]
    assert f"The notice {later.id} follows it." in desk("why", earlier.url).out


def test_why_tells_which_lines_are_furniture_and_which_were_cut_here(desk: Desk) -> None:
    teller = Teller(desk.ledger)
    for number in range(OTHERS):
        teller.tell(
            document(kind="notice", body=f"正文第{number}段，内容已经核对完毕。\n{FOOT}", title=f"{number}"),
            f"{number}.html",
        )
    cut = document(kind="notice", body="正文，内容已经核对完毕。", removed=[{"rule": "learned", "text": FOOT}])
    teller.tell(cut, "cut.html")
    before, after = teller.notice("0.html"), teller.notice("cut.html")
    known = desk("why", before.url, "--json").record
    assert [(line["text"], line["looked_at"]) for line in known["learned"]] == [(FOOT, OTHERS + 1)]
    assert known["document"]["cut_as_learned"] == []
    assert any("none was cut here" in sentence for sentence in known["summary"])
    shown = desk("why", after.url, "--json").record
    assert (shown["document"]["cut_as_learned"], shown["document"]["cut_by_rule"]) == ([FOOT], {"learned": 1})
    told = desk("why", after.url).out
    assert f"Cut from it, for many notices of its source share it: {FOOT}." in told
    assert "learned: 1" in told


def test_where_else_a_text_is_found_is_shown(desk: Desk, teller: Teller) -> None:
    text = "\n".join(f"{number}.针对第{number}项反馈意见，已召开会议研究。" for number in range(1, 40))
    teller.tell(document(body=text), host="here.example")
    teller.tell(document(body=text), host="there.example")
    original, copy = teller.notice(host="here.example"), teller.notice(host="there.example")
    shown = desk("notice", copy.url, "--json").record
    assert (shown["republishes_id"], shown["republishes"]["url"], shown["republications"]) == (
        original.id,
        original.url,
        [],
    )
    assert [one["id"] for one in desk("notice", original.url, "--json").record["republications"]] == [copy.id]
    assert copy.url in desk("notice", original.url).out
    assert f"Its text was told before, by the notice {original.id}." in desk("why", copy.url).out
    assert f"The notice {copy.id} repeats its text." in desk("why", original.url).out


def test_why_tells_which_days_are_to_come_and_why_others_were_not_told(desk: Desk) -> None:
    teller = Teller(desk.ledger)
    teller.at = datetime(2026, 6, 1, tzinfo=UTC)
    teller.tell(document(problem(1, FIRST, "staged", due="2026-06-30")), "days.html")
    notice = teller.notice("days.html")
    assert "The next day to be told of is 2026-06-30: commitment.due." in desk("why", notice.url).out
    follow_up = document(problem(1, FIRST, "completed"), on="2026-06-20")
    teller.tell(follow_up, "after.html")
    Calendar(desk.ledger).tell(datetime(2026, 6, 30, 4, tzinfo=UTC))
    assert "Days that came and were not told: finished 1." in desk("why", notice.url).out
    days = desk("why", notice.url, "--json").record["days"]
    assert {(one["type"], one["rule"]) for one in days} == {
        ("commitment.due", "finished"),
        ("commitment.overdue", None),
    }
