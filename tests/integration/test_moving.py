"""Notices that move, on a real ledger: one notice before and after, one event, whoever dies or works at once."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from shared.blobs import FolderBlobs
from shared.db import Ledger
from shared.db.models import Fetch, Notice, Revision, Target
from shared.domain.states import NoticeState, Outcome
from tests.integration.scene import RecordingBell, events, fetch, later, look_at_listing, now, rows, target, together
from tests.integration.test_processing import IMPATIENT, RULES, Brittle, BrittleBlobs, Crash, page
from worker.process import Processor
from worker.sweep import Sweeper, SweepRules
from worker.waiting import FORMER_AWAITED

OLD, NEW = "202603/t20260304_974894.html", "gk/t20260304_974894.shtml"
URL = "https://gov.example/a/"


class Site:
    """Addresses of one site, what they bring, and a worker."""

    def __init__(self, ledger: Ledger, folder: Path) -> None:
        self.ledger = ledger
        self.folder = folder
        self.blobs = FolderBlobs(folder)
        self.numbers: dict[str, int] = {}

    def brings(self, path: str, body: str = "整改任务共十二项。", **values: Any) -> str:
        """Record that an address brought a notice; return the fetch's id."""
        title = values.pop("title", "关于督察整改进展情况的通报")
        brought = {"digest": self.blobs.put(page(body, title)), "content_type": "text/html", "url": URL + path}
        return self.visit(path, **brought | {"final_url": URL + path} | values)

    def gone(self, path: str, hours_ago: float = 0) -> str:
        """Record that an address was gone."""
        at = later(self.ledger, -3600 * hours_ago)
        return self.visit(path, outcome=Outcome.GONE, status=404, rule="gone-404", started_at=at)

    def visit(self, path: str, **values: Any) -> str:
        one = target(self.ledger, path)
        self.numbers[path] = self.numbers.get(path, 0) + 1
        with self.ledger.begin() as uow:
            row = uow.frontier.by_id(one.id)
            assert row is not None
            row.fetch_count = self.numbers[path]
            row.hint_title = f"列在{path}"
            row.last_outcome = values.get("outcome", Outcome.CAPTURED)
            uow.commit()
        return fetch(self.ledger, one.id, self.numbers[path], **values)

    def listed_as(self, title: str, *paths: str) -> None:
        """Record a look at the listing that showed these addresses under one title."""
        ids = [self.at(path).id for path in paths]
        with self.ledger.begin() as uow:
            seen_at = uow.now()
            for one in ids:
                row = uow.frontier.by_id(one)
                assert row is not None
                row.hint_title, row.listed_at = title, seen_at
                uow.sources.record_listing(row.column_id, None, None, seen_at)
            uow.commit()

    def process(self, *fetch_ids: str, ledger: Ledger | None = None, blobs: Any = None, rules: Any = RULES) -> None:
        for one in fetch_ids:
            Processor(ledger or self.ledger, blobs or self.blobs, RecordingBell(), rules).process(one)

    def told(self) -> list[str]:
        return [one.type for one in events(self.ledger)]

    def notice(self) -> Notice:
        (found,) = rows(self.ledger, Notice)
        assert isinstance(found, Notice)
        return found

    def at(self, path: str) -> Target:
        (found,) = rows(self.ledger, Target, url=URL + path)
        assert isinstance(found, Target)
        return found

    def decision(self, fetch_id: str) -> tuple[str | None, str | None]:
        (found,) = rows(self.ledger, Fetch, id=fetch_id)
        return found.decision, found.decision_rule


@pytest.fixture
def site(ledger: Ledger, tmp_path: Path) -> Site:
    return Site(ledger, tmp_path / "blobs")


def test_an_article_at_another_path_is_the_notice_that_is_known(site: Site) -> None:
    site.process(site.brings(OLD))
    before = site.notice()
    site.process(moved := site.brings(NEW))
    after = site.notice()
    assert (after.id, after.url, after.target_id) == (before.id, URL + NEW, site.at(NEW).id)
    assert site.told() == ["notice.published", "notice.moved"]
    told = events(site.ledger)[-1]
    data = json.loads(told.data)
    assert (told.subject, told.cause) == (before.id, moved)
    assert (data["from"], data["to"], data["rule"]) == (URL + OLD, URL + NEW, "same-article-id")
    assert data["notice"]["url"] == URL + NEW
    assert site.at(OLD).moved_to_id == after.target_id
    with site.ledger.reading() as uow:
        assert uow.notices.by_url(URL + OLD).id == after.id  # type: ignore[union-attr]
        assert uow.notices.text_of(after.target_id) is not None
    assert len(rows(site.ledger, Revision)) == 1


def test_what_changes_with_the_move_and_after_it_is_told_in_order(site: Site) -> None:
    site.process(site.brings(OLD), site.brings(NEW, "整改任务共十三项。"), site.brings(NEW, "整改任务共十四项。"))
    assert site.told() == ["notice.published", "notice.moved", "notice.revised", "notice.revised"]
    assert [one.number for one in rows(site.ledger, Revision)] == [1, 2, 3]
    site.process(same := site.brings(NEW, "整改任务共十四项。"))
    assert site.decision(same) == ("unchanged", "same-text")


def test_a_withdrawn_notice_that_turns_up_elsewhere_has_moved_and_is_restored(site: Site) -> None:
    site.process(site.brings(OLD))
    absences = [site.gone(OLD, ago) for ago in (7, 4, 1)]
    look_at_listing(site.ledger, site.at(OLD), shows=False)
    site.process(*absences, site.brings(NEW))
    assert site.told() == ["notice.published", "notice.withdrawn", "notice.moved", "notice.restored"]
    assert site.notice().state == NoticeState.LIVE


@pytest.mark.parametrize(
    ("path", "title", "body"),
    [
        ("gk/t20260304_974894.shtml", "关于另一件事的公告", "另一件事。"),
        ("gk/t20260304_974895.shtml", "关于督察整改进展情况的通报", "整改任务共十二项。"),
    ],
)
def test_another_text_under_the_same_id_or_the_same_under_another_is_another_notice(
    site: Site, path: str, title: str, body: str
) -> None:
    site.process(site.brings(OLD), site.brings(path, body, title=title))
    assert len(rows(site.ledger, Notice)) == 2
    assert "notice.moved" not in site.told()


def test_the_same_text_that_took_the_notices_line_on_the_listing_is_the_notice(site: Site) -> None:
    site.process(site.brings("7.html"))
    moved = site.brings("gk/other.html")
    site.listed_as("同一标题", "7.html")
    site.listed_as("同一标题", "gk/other.html")
    site.process(moved)
    assert site.decision(moved) == ("moved", "took-its-line")
    site.process(changed := site.brings("gk/third.html", "整改任务共十三项。"))
    assert site.decision(changed) == ("published", "first-text")


def test_the_same_text_beside_it_on_the_listing_is_another_notice(site: Site) -> None:
    first, second = site.brings("7.html"), site.brings("8.html")
    site.listed_as("同一标题", "7.html", "8.html")
    site.process(first, second)
    assert site.told() == ["notice.published", "notice.republished"]


LONG = "".join(f"关于第{n}项任务，已经逐条核对台账并完成整改，责任单位按月报告进展。" for n in range(30))


def moved_and_edited(site: Site) -> str:
    """Let a notice's line be taken by another address with nearly its text; return the fetch that found it."""
    site.process(site.brings("7.html", LONG + "尚有两项正在推进。"))
    found = site.brings("gk/other.html", LONG + "尚有一项正在推进。")
    site.listed_as("同一标题", "7.html")
    site.listed_as("同一标题", "gk/other.html")
    with site.ledger.begin() as uow:
        left = uow.frontier.by_id(site.at("7.html").id)
        assert left is not None
        left.due_at, left.last_fetch_at = uow.now() + timedelta(days=3), uow.now() - timedelta(days=1)
        uow.commit()
    site.process(found)
    return found


def visited_now(site: Site, path: str) -> None:
    with site.ledger.begin() as uow:
        row = uow.frontier.by_id(site.at(path).id)
        assert row is not None
        row.last_fetch_at, row.hint_title = uow.now(), "同一标题"
        row.listed_at = uow.now() - timedelta(days=1)
        uow.commit()


def test_a_notice_that_was_edited_and_moved_in_one_go_is_the_notice_once_its_old_page_is_found_gone(site: Site) -> None:
    found = moved_and_edited(site)
    assert site.decision(found) == ("unchanged", FORMER_AWAITED)
    assert site.at("7.html").due_at <= now(site.ledger)  # type: ignore[operator]
    gone = site.gone("7.html")
    visited_now(site, "7.html")
    site.process(gone, found)
    assert site.decision(found) == ("moved", "took-its-line")
    assert site.told() == ["notice.published", "notice.moved", "notice.revised"]
    assert site.notice().url == URL + "gk/other.html"


def test_of_one_template_what_took_a_line_while_the_other_page_stands_is_another_notice(site: Site) -> None:
    found = moved_and_edited(site)
    stands = site.brings("7.html", LONG + "尚有两项正在推进。")
    visited_now(site, "7.html")
    site.process(stands, found)
    assert site.decision(found) == ("published", "first-text")
    assert len(rows(site.ledger, Notice)) == 2


def test_an_old_page_that_leads_to_what_took_its_line_moves_the_notice_at_once(site: Site) -> None:
    found = moved_and_edited(site)
    leads = site.brings("7.html", LONG + "尚有一项正在推进。", final_url=URL + "gk/other.html", moved_for_good=False)
    visited_now(site, "7.html")
    site.process(leads)
    assert site.decision(leads) == ("moved", "redirected-to-its-line")
    site.process(found)
    assert site.told() == ["notice.published", "notice.moved", "notice.revised"]
    assert len(rows(site.ledger, Notice)) == 1


def test_nobody_waits_for_an_old_page_for_ever(site: Site) -> None:
    found = moved_and_edited(site)
    with Session(site.ledger.engine) as session:
        session.execute(update(Fetch).values(started_at=later(site.ledger, -3700)))
        session.commit()
    Sweeper(site.ledger, RecordingBell(), SweepRules(0.0)).sweep()
    site.process(found)
    assert site.decision(found) == ("published", "first-text")


def test_the_address_that_was_left_tells_nothing_until_the_notice_is_gone_from_where_it_went(site: Site) -> None:
    site.process(
        site.brings(OLD), site.brings(NEW), away := site.brings(OLD, "整改任务共十三项。"), out := site.gone(OLD)
    )
    assert [site.decision(one)[1] for one in (away, out)] == ["moved-away", "moved-away"]
    with site.ledger.begin() as uow:
        left = uow.frontier.by_id(site.at(OLD).id)
        assert left is not None
        left.due_at = uow.now() + timedelta(days=30)
        left.last_fetch_at = uow.now() - timedelta(days=1)
        uow.commit()
    site.process(site.gone(NEW))
    assert site.at(OLD).due_at <= now(site.ledger)  # type: ignore[operator]
    site.process(site.brings(OLD))
    assert site.notice().url == URL + OLD
    assert (site.at(OLD).moved_to_id, site.at(NEW).moved_to_id) == (None, site.at(OLD).id)
    assert site.told() == ["notice.published", "notice.moved", "notice.moved"]


def test_a_permanent_redirect_moves_the_notice_at_once(site: Site) -> None:
    there: dict[str, Any] = {"final_url": URL + "gk/7.html", "moved_for_good": True}
    site.process(site.brings("7.html"), moved := site.brings("7.html", **there))
    assert site.decision(moved) == ("moved", "redirected-for-good")
    new = site.at("gk/7.html")
    assert (site.notice().url, site.notice().target_id) == (new.url, new.id)
    assert new.hint_title == site.at("7.html").hint_title
    site.process(site.brings("gk/7.html", "整改任务共十三项。"))
    assert site.told() == ["notice.published", "notice.moved", "notice.revised"]


def test_another_redirect_moves_it_once_it_was_seen_several_times(site: Site) -> None:
    there: dict[str, Any] = {"final_url": URL + "gk/7.html", "moved_for_good": False}
    site.process(site.brings("7.html"))
    visits = [site.brings("7.html", **there) for _ in range(3)]
    site.process(*visits)
    assert [site.decision(one)[0] for one in visits] == ["unchanged", "unchanged", "moved"]


@pytest.mark.parametrize("final", ["https://elsewhere.example/7.html", URL + "8.html"])
def test_a_redirect_to_another_site_or_another_notice_moves_nothing(site: Site, final: str) -> None:
    site.process(site.brings("8.html", "另一件事。", title="关于另一件事的公告"), site.brings("7.html"))
    site.process(site.brings("7.html", final_url=final, moved_for_good=True))
    assert site.told() == ["notice.published"] * 2


@pytest.mark.parametrize("paths", [(OLD, NEW), ("x/7/", "x/7/index.html")])
def test_workers_that_find_two_addresses_at_once_publish_one_notice(site: Site, paths: tuple[str, str]) -> None:
    first, second = (site.brings(path) for path in paths)
    together(lambda: site.process(first), lambda: site.process(second))
    assert sorted(site.told()) == ["notice.moved", "notice.published"]
    assert site.notice().url in {URL + path for path in paths}


def test_a_move_to_two_addresses_at_once_leaves_one_notice_and_one_home(site: Site) -> None:
    site.process(site.brings(OLD))
    found = [site.brings(path) for path in (NEW, "b/t20260304_974894.html", OLD)]

    def step(one: str) -> Callable[[], object]:
        return lambda: site.process(one)

    together(*(step(one) for one in found))
    notice = site.notice()
    assert site.told() == ["notice.published", "notice.moved", "notice.moved"]
    homes = {one.id: one.moved_to_id for one in rows(site.ledger, Target, kind="detail")}
    assert homes.pop(notice.target_id) is None
    assert set(homes.values()) == {notice.target_id}


def test_a_worker_killed_at_any_step_of_a_move_leaves_work_that_a_second_run_completes(
    ledger: Ledger, tmp_path: Path
) -> None:
    crashes = 0
    for dies_at in range(1, 100):
        site = Site(ledger, tmp_path / "blobs")
        old, new = (f"{folder}/t20260304_{dies_at:05}.html" for folder in "ab")
        site.process(site.brings(old))
        one, brittle = site.brings(new), Brittle(ledger, dies_at)
        try:
            site.process(one, ledger=brittle, blobs=BrittleBlobs(tmp_path / "blobs", brittle), rules=IMPATIENT)
        except Crash:
            crashes += 1
        site.process(one, rules=IMPATIENT)
        (notice,) = rows(ledger, Notice, url=URL + new)
        told = [event.type for event in events(ledger) if event.subject == notice.id]
        first = "notice.published" if dies_at == 1 else "notice.republished"
        assert told == [first, "notice.moved"], dies_at
        assert site.at(old).moved_to_id == notice.target_id
        if crashes < dies_at:
            break
    assert crashes >= 6
