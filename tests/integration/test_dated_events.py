"""Dated events: each is told once, on its day in China, by what is known then, whoever sleeps or dies meanwhile."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.db import Ledger
from shared.db.models import Appointment, Event, Notice
from shared.domain.states import NoticeState
from tests.integration.scene import HOST, events, rows, together
from tests.integration.telling import Teller, document, problem
from tests.integration.test_processing import Brittle, Crash
from worker.dates import missed
from worker.due import Calendar
from worker.read import read
from worker.relay import Relay

ONE, TWO = "学习贯彻上级决策部署不够深入", "基层党组织建设存在薄弱环节"
READ_AT = datetime(2026, 6, 1, 4, tzinfo=UTC)
DUE = ("commitment.due", "2026-06-30")
OVERDUE = ("commitment.overdue", "2026-07-01")


class Days:
    """A calendar over days that pass as a test says."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.teller = Teller(ledger)
        self.teller.at = READ_AT

    def read(self, said: dict[str, Any], path: str = "1.html", at: datetime | None = None, host: str = HOST) -> None:
        self.teller.at = at or self.teller.at
        self.teller.tell(said, path, host)

    def pass_until(self, last: datetime, *, hours: int = 6) -> None:
        """Look at the calendar every few hours until a moment."""
        at = READ_AT
        while at < last:
            at = min(last, at + timedelta(hours=hours))
            self.look(at)

    def look(self, at: datetime, ledger: Ledger | None = None) -> None:
        calendar = Calendar(ledger or self.ledger)
        while calendar.tell(at):
            pass

    def told(self) -> list[tuple[str, str]]:
        """Return the types of dated events, each with the day in China on which it was to be told."""
        return [(one.type, (one.occurred_at + timedelta(hours=8)).date().isoformat()) for one in self.dated()]

    def dated(self) -> list[Event]:
        return [one for one in events(self.ledger) if one.type.startswith(("commitment.", "comment_window."))]

    def data(self) -> list[dict[str, Any]]:
        return [json.loads(one.data) for one in self.dated()]

    def rules(self) -> dict[str, str | None]:
        return {one.type: one.rule for one in rows(self.ledger, Appointment)}


def on(day: str, hour: int = 12) -> datetime:
    """Return a moment of a day, by the clocks of China."""
    return datetime.fromisoformat(f"{day}T{hour:02}:00:00+08:00")


@pytest.fixture
def days(ledger: Ledger) -> Days:
    return Days(ledger)


PROMISE = document(problem(1, ONE, "staged", due="2026-06-30"), problem(2, TWO))


def test_a_promise_is_told_on_its_last_day_and_when_it_has_passed(days: Days) -> None:
    days.read(PROMISE)
    days.look(on("2026-06-29", 23))
    assert days.told() == []
    days.pass_until(on("2026-07-20"))
    assert days.told() == [DUE, OVERDUE]
    due, overdue = days.dated()
    known, notice = days.teller.problems()[ONE], days.teller.notice()
    assert due.subject == overdue.partition_key == notice.id
    assert due.cause == overdue.cause == f"commitment/{known.id}/2026-06-30"
    data = json.loads(overdue.data)
    assert data["problem"] == {
        "id": known.id,
        "title": ONE,
        "number": 1,
        "href": f"/v1/problems/{known.id}",
        "status": "staged",
        "status_text": "阶段性完成",
    }
    assert data["commitment"] == {"due_by": "2026-06-30", "precision": "month", "text": "预计2026-06-30完成"}
    assert data["rule"] == "day-passed-unfinished"
    assert data["revision"]["href"] == f"/v1/notices/{notice.id}/revisions/1"
    assert data["late"] is False


def test_what_had_passed_when_it_was_first_read_is_no_news(days: Days) -> None:
    window = {"opens_on": "2026-05-20", "closes_on": "2026-05-31"}
    days.read(document(problem(1, ONE, "staged", due="2026-05-31"), comment_window=window))
    assert rows(days.ledger, Appointment) == []
    days.pass_until(on("2026-07-20"), hours=24)
    assert days.told() == []


def test_a_window_that_is_open_when_it_is_first_read_is_told_from_there_on(days: Days) -> None:
    days.read(document(comment_window={"opens_on": "2026-05-20", "closes_on": "2026-06-02"}))
    days.pass_until(on("2026-06-10"))
    assert days.told() == [("comment_window.closing", "2026-06-01"), ("comment_window.closed", "2026-06-03")]
    closing, _ = days.dated()
    assert (closing.occurred_at, closing.cause) == (READ_AT, "window/2026-06-02")


def test_what_is_finished_before_its_day_is_neither_due_nor_overdue(days: Days) -> None:
    days.read(PROMISE)
    days.read(document(problem(1, ONE, "completed"), problem(2, TWO), on="2026-06-20"), "2.html", on("2026-06-21"))
    days.pass_until(on("2026-07-20"), hours=24)
    assert days.told() == []
    assert set(days.rules().values()) == {"finished"}


def test_what_a_follow_up_tells_to_be_finished_on_its_last_day_is_not_overdue(days: Days) -> None:
    days.read(PROMISE)
    days.look(on("2026-06-30"))
    days.read(document(problem(1, ONE, "completed"), on="2026-06-30"), "2.html", on("2026-06-30", 18))
    days.look(on("2026-07-01"))
    assert days.told() == [DUE]


def test_a_promise_that_is_put_off_is_told_on_its_new_day_alone(days: Days) -> None:
    days.read(PROMISE)
    days.read(document(problem(1, ONE, "staged", due="2026-07-10"), problem(2, TWO)), at=on("2026-06-15"))
    days.pass_until(on("2026-07-20"), hours=24)
    assert days.told() == [("commitment.due", "2026-07-10"), ("commitment.overdue", "2026-07-11")]
    assert {one.cause.rpartition("/")[2] for one in days.dated()} == {"2026-07-10"}


def test_a_promise_that_is_put_off_after_it_was_due_is_due_again(days: Days) -> None:
    days.read(PROMISE)
    days.look(on("2026-07-02"))
    follow_up = document(problem(1, ONE, "staged", due="2026-07-10"), on="2026-07-02")
    days.read(follow_up, "2.html", on("2026-07-02", 18))
    days.look(on("2026-07-20"))
    again = [("commitment.due", "2026-07-10"), ("commitment.overdue", "2026-07-11")]
    assert days.told() == [DUE, OVERDUE, *again]
    assert days.dated()[-1].subject == days.teller.notice("2.html").id


def test_a_promise_that_is_taken_back_is_not_told(days: Days) -> None:
    days.read(PROMISE)
    days.read(document(problem(1, ONE, "staged"), problem(2, TWO)), at=on("2026-06-15"))
    days.pass_until(on("2026-07-20"), hours=24)
    assert days.told() == []


def test_a_problem_that_nobody_names_any_more_owes_nothing(days: Days) -> None:
    days.read(PROMISE)
    days.read(document(problem(1, TWO)), at=on("2026-06-15"))
    days.look(on("2026-07-20"))
    assert days.told() == []


def test_a_promise_outlives_the_page_but_a_window_does_not(days: Days) -> None:
    """Notices are taken down when their time is over; what they promised is owed all the same."""
    window = {"opens_on": "2026-06-01", "closes_on": "2026-06-30"}
    days.read(document(problem(1, ONE, "staged", due="2026-06-30"), comment_window=window))
    days.look(on("2026-06-02"))
    with days.ledger.begin() as uow:
        notice = uow.notices.by_id(days.teller.notice().id)
        assert notice is not None
        notice.state = NoticeState.WITHDRAWN
        uow.commit()
    days.look(on("2026-07-20"))
    assert days.told() == [("comment_window.opened", "2026-06-01"), DUE, OVERDUE]
    assert days.data()[-1]["notice"]["state"] == "withdrawn"


def test_a_window_is_told_when_it_opens_nears_its_end_and_has_closed(days: Days) -> None:
    days.read(document(comment_window={"opens_on": "2026-06-10", "closes_on": "2026-06-30"}))
    days.pass_until(on("2026-07-20"))
    assert days.told() == [
        ("comment_window.opened", "2026-06-10"),
        ("comment_window.closing", "2026-06-27"),
        ("comment_window.closed", "2026-07-01"),
    ]
    assert days.data()[0]["window"] == {"opens_on": "2026-06-10", "closes_on": "2026-06-30"}


def test_one_text_at_two_addresses_is_told_to_those_who_asked_for_both(days: Days) -> None:
    days.read(document(problem(1, ONE, "staged", due="2026-06-30"), comment_window=dict.fromkeys(ENDS, "2026-06-30")))
    days.read(
        document(problem(1, ONE, "staged", due="2026-06-30"), comment_window=dict.fromkeys(ENDS, "2026-06-30")),
        host="other.example",
    )
    assert {one.republishes_id is None for one in rows(days.ledger, Notice)} == {True, False}
    days.look(on("2026-07-20"))
    told = [(one.type, one.republication) for one in days.dated()]
    assert told.count(("commitment.due", False)) == told.count(("comment_window.closed", False)) == 1
    assert told.count(("commitment.due", True)) == 0
    assert told.count(("comment_window.closed", True)) == 1


ENDS = ("opens_on", "closes_on")


def promise_of(day: int, **more: Any) -> dict[str, Any]:
    """Return a notice of a town of its own that promises something for a day of June."""
    return document(
        problem(1, f"{ONE}{day}", "staged", due=f"2026-06-{day:02}"),
        inspection={"inspected": f"中共第{day}镇委员会"},
        body=f"第{day}镇的整改情况。",
        **more,
    )


def of_a_week(days: Days) -> list[tuple[str, str]]:
    """Read notices of a week in which something falls due every day; return what is to be told, in order."""
    expected = []
    for day in range(10, 17):
        window = {"opens_on": f"2026-06-{day}", "closes_on": "2026-12-31"}
        days.read(promise_of(day, comment_window=window), f"{day}.html")
        expected += [("comment_window.opened", f"2026-06-{day}"), ("commitment.due", f"2026-06-{day}")]
        expected += [("commitment.overdue", f"2026-06-{day + 1}")]
    order = ["commitment.overdue", "comment_window.opened", "commitment.due"]
    return sorted(expected, key=lambda one: (one[1], order.index(one[0])))


def test_after_a_week_of_downtime_every_dated_event_is_told_once_in_order_and_marked_as_late(days: Days) -> None:
    expected = of_a_week(days)
    days.look(on("2026-06-09"))
    days.look(on("2026-06-17"))
    days.look(on("2026-06-18"))
    assert days.told() == expected
    assert [one["late"] for one in days.data()] == [True] * len(expected)
    first, last = days.data()[0], days.data()[-1]
    assert first["late_seconds"] == 7.5 * 86400
    assert last["late_seconds"] == 12 * 3600


def test_what_is_told_within_an_hour_after_a_week_of_downtime_or_before_it_is_not_late(days: Days) -> None:
    of_a_week(days)
    days.read(promise_of(8), "8.html")
    days.read(promise_of(18), "18.html")
    days.look(on("2026-06-08", 0))
    days.look(on("2026-06-09", 1))
    assert [one["late"] for one in days.data()] == [False, False]
    assert [one["late_seconds"] for one in days.data()] == [0, 3600]
    days.look(on("2026-06-17"))
    told = len(days.data())
    days.look(on("2026-06-18", 0) + timedelta(minutes=59))
    days.look(on("2026-06-19", 0) + timedelta(seconds=3601))
    late = [one["late"] for one in days.data()]
    assert late == [False, False] + [True] * (told - 2) + [False, True]


def test_two_leaders_at_once_tell_each_day_once(days: Days, open_another: Callable[[], Ledger]) -> None:
    expected = of_a_week(days)
    first, second = open_another(), open_another()
    together(lambda: days.look(on("2026-06-17"), first), lambda: days.look(on("2026-06-17"), second))
    assert days.told() == expected


def test_a_leader_killed_at_any_step_leaves_days_that_the_next_one_tells_once(days: Days) -> None:
    expected = of_a_week(days)
    for dies_at in range(1, 100):
        try:
            days.look(on("2026-06-17"), Brittle(days.ledger, dies_at))
        except Crash:
            continue
        break
    assert dies_at > 8
    assert days.told() == expected


def test_a_few_days_are_looked_up_without_reading_the_others(days: Days) -> None:
    days.read(PROMISE)
    days.look(on("2026-06-09"))
    with days.ledger.reading() as uow:
        assert uow.agenda.first_days(["commitment.due", "comment_window.opened"]) == {"commitment.due": "2026-06-30"}


def test_the_days_of_real_notices_are_told_as_they_are_printed(days: Days, real_texts: Path) -> None:
    days.teller.at = datetime(2022, 1, 1, tzinfo=UTC)
    for page in sorted((real_texts / "seeds").glob("*.txt")):
        days.read(dict(read(page.read_bytes()).as_json()), f"{page.stem}.html")
    days.look(datetime(2025, 12, 1, tzinfo=UTC))
    promised = ["2022-06-30", "2023-12-31", "2023-12-31", "2024-03-31"]
    assert [day for kind, day in days.told() if kind == "commitment.due"] == promised
    assert [one["commitment"]["due_by"] for one in days.data() if one["rule"] == "day-passed-unfinished"] == promised
    assert days.told()[-3:] == [
        ("comment_window.opened", "2025-10-16"),
        ("comment_window.closing", "2025-11-13"),
        ("comment_window.closed", "2025-11-17"),
    ]


def test_days_that_nobody_tells_are_counted_and_late_news_are_no_stall(days: Days) -> None:
    days.read(PROMISE)
    Relay(days.ledger).relay()
    with days.ledger.reading() as uow:
        assert [uow.agenda.waiting_until(missed(on(f"2026-{day}"))) for day in ("06-30", "07-01", "07-02")] == [0, 1, 2]
    days.look(on("2026-07-20"))
    with days.ledger.reading() as uow:
        assert uow.agenda.waiting_until(missed(on("2026-07-20"))) == 0
        assert uow.ages.four(on("2026-07-20")).oldest_unrelayed_event is None
