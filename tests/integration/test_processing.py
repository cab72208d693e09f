"""Processing on a real ledger: one revision and one event for each text, whatever is rung twice or dies on the way."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.blobs import FolderBlobs
from shared.db import Ledger, UnitOfWork
from shared.db.models import Event, Fetch, Notice, Revision, Target
from shared.domain.states import NoticeState, Outcome
from shared.ids import new_id
from tests.integration.scene import RecordingBell, events, fetch, later, look_at_listing, rows, target, together
from worker.decide import WithdrawalRule
from worker.process import Processor, ProcessRules
from worker.waiting import FileRules

RULES = ProcessRules(lease_seconds=60, leases=5, withdrawal=WithdrawalRule(3, timedelta(hours=6)))
# A lease that ends as it begins: a crash needs no waiting for, and the token alone keeps what is brought late out.
IMPATIENT = ProcessRules(lease_seconds=-1, leases=1000, withdrawal=RULES.withdrawal)


def page(body: str, title: str = "关于督察整改进展情况的通报") -> bytes:
    return (
        f"<html><head><meta charset='utf-8'><title>{title}</title></head><body><h1>{title}</h1>"
        f"<p>发布时间：2026-03-04</p><div id='zoom'><p>{body}</p><p>各责任单位已按要求逐项落实，台账随附。</p></div>"
        "</body></html>"
    ).encode()


class Desk:
    """A target, the fetches that it brings, and a worker."""

    def __init__(self, ledger: Ledger, folder: Path, path: str = "1.html") -> None:
        self.ledger = ledger
        self.blobs = FolderBlobs(folder)
        self.bell = RecordingBell()
        self.target = target(ledger, path)
        self.number = 0

    def brought(self, body: str) -> str:
        return self.fetch(digest=self.blobs.put(page(body)), content_type="text/html")

    def gone(self, *, hours_ago: float = 0) -> str:
        return self.fetch(
            outcome=Outcome.GONE, status=404, rule="gone-404", started_at=later(self.ledger, -3600 * hours_ago)
        )

    def fetch(self, **values: Any) -> str:
        self.number += 1
        return fetch(self.ledger, self.target.id, self.number, **values)

    def unlist(self) -> None:
        """Record a listing that does not show the target any more."""
        look_at_listing(self.ledger, self.target, shows=False)

    def processor(self, rules: ProcessRules = RULES, ledger: Ledger | None = None, blobs: Any = None) -> Processor:
        return Processor(ledger or self.ledger, blobs or self.blobs, self.bell, rules)

    def process(self, *fetch_ids: str) -> None:
        for one in fetch_ids:
            self.processor().process(one)

    def notice(self) -> Notice:
        (found,) = rows(self.ledger, Notice, target_id=self.target.id)
        assert isinstance(found, Notice)
        return found

    def told(self) -> list[tuple[str, str]]:
        return [(one.type, one.cause) for one in events(self.ledger)]

    def decisions(self) -> list[tuple[str | None, str | None]]:
        found = rows(self.ledger, Fetch, target_id=self.target.id)
        return [(one.decision, one.decision_rule) for one in sorted(found, key=lambda one: one.number)]


@pytest.fixture
def desk(ledger: Ledger, tmp_path: Path) -> Desk:
    return Desk(ledger, tmp_path / "blobs")


def test_a_notice_is_told_from_its_publication_to_its_return(desk: Desk) -> None:
    desk.process(
        desk.brought("整改任务共十二项。"), desk.brought("整改任务共十三项。"), desk.brought("整改任务共十三项。")
    )
    desk.unlist()
    absences = [desk.gone(hours_ago=hours) for hours in (7, 4, 1)]
    desk.process(*absences)
    assert desk.notice().state == NoticeState.WITHDRAWN
    desk.process(desk.gone(), back := desk.brought("整改任务共十三项。"), desk.brought("整改任务共十四项。"))
    assert desk.told() == [
        ("notice.published", "revision/1"),
        ("notice.revised", "revision/2"),
        ("notice.withdrawn", absences[-1]),
        ("notice.restored", back),
        ("notice.revised", "revision/3"),
    ]
    assert desk.decisions() == [
        ("published", "first-text"),
        ("revised", "other-text"),
        ("unchanged", "same-text"),
        ("unchanged", "gone-unconfirmed"),
        ("unchanged", "gone-unconfirmed"),
        ("withdrawn", "gone-confirmed"),
        ("unchanged", "still-gone"),
        ("restored", "back"),
        ("revised", "other-text"),
    ]
    assert desk.notice().state == NoticeState.LIVE
    assert desk.notice().fetch_number == 9


def test_a_notice_that_comes_back_with_another_text_is_restored_and_revised_in_this_order(desk: Desk) -> None:
    desk.process(desk.brought("一"))
    desk.unlist()
    desk.process(*(desk.gone(hours_ago=hours) for hours in (7, 4, 1)), back := desk.brought("二"))
    assert desk.told()[-2:] == [("notice.restored", back), ("notice.revised", "revision/2")]
    assert [one.number for one in rows(desk.ledger, Revision)] == [1, 2]


def test_a_text_that_returns_is_three_revisions(desk: Desk) -> None:
    desk.process(desk.brought("甲"), desk.brought("乙"), desk.brought("甲"))
    revisions = sorted(rows(desk.ledger, Revision), key=lambda one: one.number)
    assert [one.number for one in revisions] == [1, 2, 3]
    assert revisions[0].fingerprint == revisions[2].fingerprint != revisions[1].fingerprint


def test_a_revision_tells_what_changed_and_where_the_whole_texts_are(desk: Desk) -> None:
    desk.process(desk.brought("已完成十二项。"), desk.brought("已完成十三项。"))
    told = json.loads(events(desk.ledger)[1].data)
    assert "-已完成十二项。" in told["diff"]["text"]
    assert "+已完成十三项。" in told["diff"]["text"]
    assert told["previous"]["number"] == 1
    assert told["revision"]["href"] == f"/v1/notices/{desk.notice().id}/revisions/2"
    assert told["notice"]["title"] == "关于督察整改进展情况的通报"


def test_ringing_twice_changes_nothing(desk: Desk) -> None:
    first = desk.brought("一")
    desk.process(first, first)
    second = desk.brought("二")
    desk.process(second, first, second)
    assert [cause for _, cause in desk.told()] == ["revision/1", "revision/2"]
    assert [one.leases for one in rows(desk.ledger, Fetch)] == [1, 1]


def test_ringing_for_what_is_not_there_changes_nothing(desk: Desk) -> None:
    desk.process(new_id("fet"))
    assert desk.told() == []


def test_workers_that_hear_the_same_bell_at_once_record_once(desk: Desk) -> None:
    one = desk.brought("一")
    together(*(lambda: desk.processor().process(one) for _ in range(4)))
    assert desk.told() == [("notice.published", "revision/1")]


def test_fetches_of_a_target_are_decided_on_in_order_whatever_the_order_of_bells(desk: Desk) -> None:
    first, second, third = (desk.brought(body) for body in "甲乙丙")
    desk.process(third)
    assert desk.told() == []
    desk.process(first)
    assert desk.bell.rung == [second]
    desk.process(second)
    assert desk.bell.rung == [second, third]
    desk.process(third)
    assert [cause for _, cause in desk.told()] == ["revision/1", "revision/2", "revision/3"]


def test_an_older_fetch_that_was_set_aside_is_stale_once_it_is_read(desk: Desk) -> None:
    first, second = desk.brought("甲"), desk.brought("乙")
    with desk.ledger.begin() as uow:
        uow.fetches.quarantine(first, "test", uow.now())
        uow.commit()
    desk.process(second)
    with desk.ledger.begin() as uow:
        uow.fetches.requeue(first, uow.now())
        uow.commit()
    desk.process(first)
    assert desk.decisions() == [("stale", "older-fetch"), ("published", "first-text")]
    assert desk.notice().fetch_number == 2
    assert len(rows(desk.ledger, Revision)) == 1


def test_gone_is_not_withdrawn_while_it_is_listed_or_unconfirmed_or_too_quick(desk: Desk) -> None:
    look_at_listing(desk.ledger, desk.target, shows=True)
    desk.process(desk.brought("一"), *(desk.gone(hours_ago=hours) for hours in (9, 8, 1)))
    assert desk.decisions()[-1] == ("unchanged", "gone-but-listed")
    desk.unlist()
    desk.process(desk.brought("一"), *(desk.gone(hours_ago=hours) for hours in (3, 2, 1)))
    assert desk.decisions()[-1] == ("unchanged", "gone-unconfirmed")
    desk.process(desk.brought("一"), *(desk.gone(hours_ago=hours) for hours in (9, 1)))
    assert desk.decisions()[-1] == ("unchanged", "gone-unconfirmed")
    assert desk.notice().state == NoticeState.LIVE


def test_a_failure_between_two_absences_tells_nothing_of_the_notice(desk: Desk) -> None:
    desk.process(desk.brought("一"))
    desk.unlist()
    absences = []
    for hours in (9, 5, 1):
        absences.append(desk.gone(hours_ago=hours))
        desk.fetch(outcome=Outcome.FAILED, rung_at=None)
        desk.fetch(outcome=Outcome.BLOCKED, rung_at=None)
    desk.process(*absences)
    assert desk.notice().state == NoticeState.WITHDRAWN


def test_a_page_that_was_gone_from_the_start_is_no_notice(desk: Desk) -> None:
    desk.process(desk.gone())
    assert desk.decisions() == [("unchanged", "never-published")]
    assert rows(desk.ledger, Notice) == []


@pytest.mark.parametrize("hostile", ["&#0;&#xD800;&#x1F;题", "题" * 3000, "\x00\x01题\ufffe", "<b>&lt;script&gt;题"])
def test_whatever_a_page_holds_both_databases_store_it(desk: Desk, hostile: str) -> None:
    body = page(f"{hostile}{'已按要求整改，台账随附。' * 30}", title=hostile).replace(
        b"</div>", f"<a href='/{hostile}.doc' title='{hostile}'>{hostile}附件</a></div>".encode()
    )
    head = f"<meta name='Author' content='{hostile}'><meta name='PubDate' content='{hostile}2026-03-04'>"
    body = body.replace(b"</head>", head.encode() + b"</head>")
    at_once = Processor(desk.ledger, desk.blobs, desk.bell, replace(RULES, files=FileRules(wait_seconds=0)))
    for content in (body, body + "补充。".encode()):
        at_once.process(desk.fetch(digest=desk.blobs.put(content)))
    assert all(one.processed_at or one.quarantine_reason for one in rows(desk.ledger, Fetch))
    assert len(rows(desk.ledger, Event)) == len(rows(desk.ledger, Revision)) >= 1


class Crash(BaseException):
    """A process that ends here: nothing catches it."""


class Brittle(Ledger):
    """The ledger of a process that dies at its `dies_at`-th step: before or after a transaction, or around a commit."""

    def __init__(self, ledger: Ledger, dies_at: int) -> None:
        super().__init__(ledger.engine, ledger.clock)
        self.dies_at = dies_at

    def step(self) -> None:
        self.dies_at -= 1
        if self.dies_at == 0:
            raise Crash

    @contextmanager
    def begin(self) -> Iterator[UnitOfWork]:
        self.step()
        with super().begin() as uow:
            commit = uow.commit

            def commit_or_die() -> None:
                self.step()
                commit()
                self.step()

            uow.commit = commit_or_die  # type: ignore[method-assign]
            yield uow
        self.step()

    @contextmanager
    def reading(self) -> Iterator[UnitOfWork]:
        self.step()
        with super().reading() as uow:
            yield uow


class BrittleBlobs(FolderBlobs):
    """A store that shares its process's fate."""

    def __init__(self, folder: Path, ledger: Brittle) -> None:
        super().__init__(folder)
        self.ledger = ledger

    def get(self, digest: str) -> bytes:
        self.ledger.step()
        return super().get(digest)


def test_a_worker_killed_at_any_step_leaves_work_that_a_second_run_completes(ledger: Ledger, tmp_path: Path) -> None:
    crashes = 0
    for dies_at in range(1, 100):
        desk = Desk(ledger, tmp_path / "blobs", f"{dies_at}.html")
        desk.process(desk.brought("甲"))
        one, brittle = desk.brought("乙"), Brittle(ledger, dies_at)
        blobs = BrittleBlobs(tmp_path / "blobs", brittle)
        try:
            desk.processor(IMPATIENT, brittle, blobs).process(one)
        except Crash:
            crashes += 1
        desk.processor(IMPATIENT).process(one)
        notice = desk.notice()
        assert [one.number for one in rows(ledger, Revision, notice_id=notice.id)] == [1, 2], dies_at
        told = [event.cause for event in events(ledger) if event.subject == notice.id]
        assert told == ["revision/1", "revision/2"], dies_at
        assert all(found.processed_at for found in rows(ledger, Fetch, target_id=desk.target.id))
        if crashes < dies_at:
            break
    assert crashes >= 8


def test_a_reprocessed_fetch_of_a_forgotten_source_is_no_concern(desk: Desk) -> None:
    one = desk.brought("一")
    with desk.ledger.begin() as uow:
        uow.sources.remove(desk.target.source_id)
        uow.commit()
    desk.process(one)
    assert rows(desk.ledger, Fetch) == rows(desk.ledger, Target) == []
