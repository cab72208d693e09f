"""Notices as integration tests tell them: documents as the reader would write them, recorded as a worker would."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, event

from shared.db import Ledger
from shared.db.models import Notice, Problem, Target
from shared.domain.events import Fact
from tests.integration.scene import HOST, fetch, rows, target
from worker.decide import Known, Read, WithdrawalRule, decide
from worker.enter import held
from worker.record import Seen, record
from worker.sketch import sketch

RULE = WithdrawalRule(3, timedelta(hours=6))


def problem(number: int, title: str, status: str | None = None, **other: Any) -> dict[str, Any]:
    """Return a problem of a document; `due` gives it a time limit, `text` and `measures` what was done."""
    words = {"completed": "已完成", "staged": "阶段性完成", "in_progress": "正在整改"}
    told = {
        "number": number,
        "printed_number": number,
        "title": title,
        "status": status,
        "status_text": words.get(status or ""),
        "due": None,
        "measures": ["一是制定方案", "二是逐项销号"],
        "text": f"{number}.{title}\n整改情况见台账。",
    }
    return told | other


def document(*problems: dict[str, Any], on: str | None = "2026-03-04", **other: Any) -> dict[str, Any]:
    """Return a rectification notice of one aspect, signed `on` a day; `commitments` are made from time limits."""
    titles = "\n".join(one["text"] for one in problems)
    told = {
        "schema_version": 1,
        "page": {"status": "notice", "rule": "text"},
        "kind": "rectification",
        "title": "关于巡察整改进展情况的通报",
        "published_at": on,
        "body": f"现将整改情况予以公布。\n{titles}",
        "removed": [],
        "attachments": [],
        "inspection": {
            "authority": "区委",
            "kind": "巡察",
            "round": None,
            "team": None,
            "inspected": "中共云岭镇委员会",
            "from": None,
            "to": None,
            "feedback_on": None,
        },
        "aspects": [{"title": "（一）履行职责方面", "problems": list(problems)}] if problems else [],
        "commitments": [
            {"problem": one["number"], "due_by": one["due"], "precision": "month", "text": f"预计{one['due']}完成"}
            for one in problems
            if one["due"]
        ],
        "comment_window": None,
        "signed_by": "中共云岭镇委员会",
        "signed_on": on,
    }
    inspection = told["inspection"] | other.pop("inspection", {})
    return told | {"inspection": inspection} | other


class Teller:
    """A worker that is told what it reads."""

    def __init__(self, ledger: Ledger) -> None:
        """Tell to `ledger`."""
        self.ledger = ledger
        self.at: datetime | None = None
        """When it is told; the ledger's time, if None."""
        self._numbers: dict[str, int] = {}

    def tell(self, said: dict[str, Any], path: str = "1.html", host: str = HOST) -> list[Fact]:
        """Record what a fetch of a page brought; return the facts that came of it."""
        return self.record(said, *self.brought(path, host))

    def brought(self, path: str = "1.html", host: str = HOST) -> tuple[Target, str]:
        """Return a page's target, and the id of another fetch of it."""
        one = target(self.ledger, path, host)
        self._numbers[one.id] = self._numbers.get(one.id, 0) + 1
        return one, fetch(self.ledger, one.id, self._numbers[one.id], digest="d" * 64)

    def record(self, said: dict[str, Any], one: Target, fetch_id: str) -> list[Fact]:
        """Record what a fetch brought, in one transaction; return the facts that came of it."""
        mark = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
        sketched = sketch(said)
        with self.ledger.begin() as uow:
            uow.sketches.hold(sketched.bands if sketched else ())
            notice = held(uow, one.id, said)
            latest = uow.notices.latest_revision(notice.id) if notice else None
            known = None
            if notice and latest:
                known = Known(notice.state, latest.number, latest.fingerprint, notice.fetch_number)  # type: ignore[arg-type]
            brought = uow.fetches.by_id(fetch_id)
            assert brought is not None
            decision = decide(known, Read(brought.number, mark), RULE)
            seen = Seen(brought, one, said, mark, None, (str(brought.digest),), brought.number, sketched)
            facts = record(uow, decision, seen, notice, self.at or uow.now())
            uow.commit()
        return facts

    def notice(self, path: str = "1.html", host: str = HOST) -> Notice:
        """Return the notice of a page, as it is stored."""
        (found,) = rows(self.ledger, Notice, url=f"https://{host}/a/{path}")
        assert isinstance(found, Notice)
        return found

    def problems(self) -> dict[str, Problem]:
        """Return the problems that notices name, by their titles."""
        return {one.title: one for one in rows(self.ledger, Problem)}

    def history(self, title: str) -> list[str | None]:
        """Return the statuses that a problem has had, the oldest first."""
        with self.ledger.reading() as uow:
            return [one.status for one in uow.problems.history(self.problems()[title].id)]


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """Gather the statements that are executed meanwhile (many rows at once count as one)."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def kinds(facts: Sequence[Fact]) -> list[str]:
    """Return the types of facts."""
    return [fact.type for fact in facts]
