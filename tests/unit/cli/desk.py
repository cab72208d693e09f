"""A desk to type at: commands run in this process on a ledger of the test's own, and rows to find there."""

import io
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog

from services.cli import main
from services.desk.watching import Watch, watch
from shared.db import Ledger
from shared.db.frontier import Link
from shared.db.models import Fetch, Notice, Revision, Target
from shared.domain.events import NOTICE_PUBLISHED, NOTICE_REVISED, Fact
from shared.ids import new_id
from worker.relay import Relay

COLUMN_URL = "http://gov.example/tzgg/"
NOTICE_URL = "http://gov.example/tzgg/t20260105_1.html"
MORNING = datetime(2026, 1, 5, 8, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Answer:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def records(self) -> list[dict[str, Any]]:
        """The objects of `--json`, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def record(self) -> dict[str, Any]:
        """The only object of `--json`."""
        (only,) = self.records
        return only


@dataclass(frozen=True)
class Desk:
    """Runs commands on one data folder."""

    folder: Path
    ledger: Ledger
    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch

    def __call__(self, *words: str, stdin: bytes = b"") -> Answer:
        """Run `noticewire` with `words`."""
        self.monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        self.capsys.readouterr()
        try:
            with pytest.raises(SystemExit) as end:
                main(words)
        finally:
            # Loggers would go on writing to this test's standard error, which is closed when the test is over.
            structlog.reset_defaults()
        printed = self.capsys.readouterr()
        code = end.value.code
        assert code is None or isinstance(code, int)
        return Answer(code or 0, printed.out, printed.err)


def add_target(ledger: Ledger) -> Target:
    """Watch the column, and record the link to the notice that its listing shows."""
    source, column, _ = watch(ledger, Watch(COLUMN_URL, name="示例网"))
    with ledger.begin() as uow:
        link = Link(NOTICE_URL, "gov.example", title="整改公告", date="2026-01-05")
        uow.frontier.add_details(source_id=source.id, column_id=column.id, links=[link], now=MORNING)
        uow.commit()
    with ledger.reading() as uow:
        target = uow.frontier.by_url(NOTICE_URL)
    assert target is not None
    return target


def add_fetch(ledger: Ledger, target: Target, **values: Any) -> Fetch:
    """Record one fetch of a target; captured, processed and published unless `values` say otherwise."""
    usual: dict[str, Any] = {
        "id": new_id("fet"),
        "target_id": target.id,
        "number": 1,
        "url": target.url,
        "outcome": "captured",
        "rule": "page",
        "status": 200,
        "digest": "d" * 64,
        "started_at": MORNING,
        "duration_seconds": 0.25,
        "rung_at": MORNING,
        "processed_at": MORNING,
        "decision": "published",
        "decision_rule": "first-text",
    }
    fetch = usual | values
    with ledger.begin() as uow:
        uow.fetches.append(fetch)
        uow.commit()
    return Fetch(**fetch)


def add_notice(ledger: Ledger, bodies: Sequence[str] = ("第一稿", "第二稿")) -> Notice:
    """Record a notice with a revision and an event for each of `bodies`, the events stamped by the relay."""
    target = add_target(ledger)
    notice = Notice(
        id=new_id("ntc"),
        source_id=target.source_id,
        column_id=target.column_id,
        target_id=target.id,
        url=target.url,
        state="live",
        title="整改公告",
        published_at="2026-01-05",
        fetch_number=len(bodies),
        first_seen_at=MORNING,
        changed_at=MORNING,
    )
    fetches = [add_fetch(ledger, target, number=number) for number in range(1, len(bodies) + 1)]
    with ledger.begin() as uow:
        uow.notices.add(notice)
        for number, (body, fetch) in enumerate(zip(bodies, fetches, strict=True), 1):
            uow.notices.append_revision(_revision(notice, number, body, fetch.id))
            uow.events.append([_event(notice, number)])
        uow.commit()
    while Relay(ledger).relay():
        pass
    return notice


def _revision(notice: Notice, number: int, body: str, fetch_id: str) -> Revision:
    return Revision(
        id=new_id("rev"),
        notice_id=notice.id,
        number=number,
        fetch_id=fetch_id,
        digest=f"{number:064d}",
        fingerprint=f"{number:064d}",
        document={"title": notice.title, "published_at": notice.published_at, "body": body},
        created_at=MORNING,
    )


def _event(notice: Notice, number: int) -> dict[str, Any]:
    kind = NOTICE_PUBLISHED if number == 1 else NOTICE_REVISED
    told = {"notice": {"id": notice.id, "url": notice.url, "title": notice.title}}
    fact = Fact(kind, notice.id, f"revision/{number}", told)
    return {
        "id": fact.id,
        "type": fact.type,
        "subject": fact.subject,
        "cause": fact.cause,
        "partition_key": fact.subject,
        "source_id": notice.source_id,
        "column_id": notice.column_id,
        "occurred_at": MORNING,
        "data": fact.data_text(),
    }
