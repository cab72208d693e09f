"""A week in which nobody was there: what fell due meanwhile is told by the real processes, late, once and in order."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.integration.scene import now
from tests.integration.telling import Teller, document, problem
from tests.servers.line import Line, quick_settings
from tests.servers.subscriber import Sink
from tests.told import flaws_in
from worker.dates import day_of, shifted

DAYS = 7


def kind_of(event: dict[str, Any]) -> str:
    """Return an event's type without its prefix."""
    return str(event["type"]).removeprefix("org.noticewire.")


def dated(sink: Sink) -> list[dict[str, Any]]:
    """Return the dated events that were received, each once, in order of position."""
    heard = {one.webhook_id: one.event for one in sink.receipts() if one.accepted}
    told = [event for event in heard.values() if kind_of(event).startswith("comm")]
    return sorted(told, key=lambda event: str(event["sequence"]))


def read_before(line: Line) -> list[tuple[str, str]]:
    """Record notices read nine days ago, with something due on each of seven days since; return what is to be told."""
    ledger = line.wiring.ledger
    teller, today = Teller(ledger), day_of(now(ledger))
    teller.at = now(ledger) - timedelta(days=9)
    expected = []
    for ago in range(DAYS + 1, 1, -1):
        day = shifted(today, -ago)
        said = document(
            problem(1, f"第{ago}项制度执行不到位", "staged", due=day),
            inspection={"inspected": f"中共第{ago}镇委员会"},
            comment_window={"opens_on": day, "closes_on": shifted(day, 300)},
            body=f"第{ago}镇的整改情况。",
        )
        teller.tell(said, f"{ago}.html")
        expected += [(day, "comment_window.opened"), (day, "commitment.due"), (shifted(day, 1), "commitment.overdue")]
    order = ("commitment.overdue", "comment_window.opened", "commitment.due")
    return sorted(expected, key=lambda one: (one[0], order.index(one[1])))


def test_after_a_week_without_anybody_each_day_is_told_once_in_order_and_marked_as_late(
    database_url: str, queue_url: str, tmp_path: Path
) -> None:
    """Two relays come back, and the one that leads is killed once it has begun to tell."""
    with Sink() as sink, Line(quick_settings(tmp_path, database_url, queue_url)) as line:
        line.subscribe(sink)
        expected = read_before(line)
        line.start("relay", "first")
        line.wait_until(lambda: dated(sink), what="a dated event")
        line.start("relay", "second")
        line.kill("first")
        line.wait_until(lambda: len(dated(sink)) >= len(expected), what="all dated events")
        line.wait_until(lambda: line.ages().oldest_due_delivery is None, what="no delivery owed")
        told = dated(sink)
    assert [(day_of(datetime.fromisoformat(one["time"])), kind_of(one)) for one in told] == expected
    assert all(one["data"]["late"] and one["data"]["late_seconds"] > 3600 for one in told)
    assert [flaw for one in told for flaw in flaws_in(kind_of(one), one["data"])] == []
    assert all(receipt.verified for receipt in sink.receipts())
