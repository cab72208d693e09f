"""Backfills: older pages, each once, behind everything else, to an end that is known; killed anywhere they go on."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from crawler import walk
from crawler.backfill import MOST_FAILURES
from services.desk.backfilling import Bounds, Estimate, backfill, estimate
from services.desk.recrawling import recrawl
from services.simulation.site import DisclosureSite
from shared.db import Ledger
from shared.db.models import Backfill, Fetch, RobotsFile, Target
from shared.domain.states import TargetKind
from shared.errors import Invalid, NotFound
from shared.settings import Settings
from tests.integration import scene
from tests.integration.test_guest import HOME, Crawl
from tests.integration.test_processing import Desk

SETTINGS = Settings()


@pytest.fixture
def crawl(ledger: Ledger, tmp_path: Path) -> Iterator[Crawl]:
    with DisclosureSite(hosts=[HOME], page_size=2, notices=7) as site:
        made = Crawl(ledger, site, tmp_path)
        made.watch(site.listing_url(HOME))
        yield made


def begin(crawl: Crawl, **bounds: Any) -> Backfill:
    url = crawl.site.listing_url(HOME)
    made, new = backfill(crawl.ledger, SETTINGS, url, Bounds(**bounds), by="a test")
    assert new
    return made


def alone(crawl: Crawl) -> None:
    """Let nothing be due but what the backfill asks for."""
    with Session(crawl.ledger.engine) as session:
        session.execute(update(Target).where(Target.backfill_id.is_(None)).values(due_at=None))
        session.commit()


def until_over(crawl: Crawl, made: Backfill, most: int = 40) -> Backfill:
    for _ in range(most):
        crawl.rounds(1)
        row: Backfill = crawl.one(Backfill, Backfill.id == made.id)
        if row.finished_at is not None:
            return row
    raise AssertionError("the backfill did not end")


def listings(crawl: Crawl) -> list[str]:
    return [path.rpartition("/")[2] for path in crawl.paths() if path.rpartition("/")[2].startswith("index")]


def walker(crawl: Crawl) -> Target:
    found: Target = crawl.one(Target, Target.kind == TargetKind.BACKFILL)
    return found


def found(crawl: Crawl) -> list[Target]:
    with Session(crawl.ledger.engine) as session:
        query = select(Target).where(Target.backfill_id.is_not(None), Target.kind == TargetKind.DETAIL)
        return list(session.scalars(query))


def test_every_page_is_read_once_to_the_last_and_its_notices_are_marked(crawl: Crawl) -> None:
    made = begin(crawl)
    alone(crawl)
    after = until_over(crawl, made)
    assert (after.ended_by, after.pages_read) == (walk.END, 4)
    assert listings(crawl) == ["index.html", "index_1.html", "index_2.html", "index_3.html"]
    assert {one.url for one in found(crawl)} >= set(crawl.site.urls(HOME))
    assert after.notices_new == len(found(crawl))
    assert walker(crawl).due_at is None
    assert after.reached == min(one.hint_date or "9" for one in found(crawl))


def test_pressing_twice_gives_the_same_and_later_a_new_one(crawl: Crawl) -> None:
    made = begin(crawl, pages=1)
    again, new = backfill(crawl.ledger, SETTINGS, made.column_id, Bounds(), by="somebody else")
    assert (again.id, new) == (made.id, False)
    alone(crawl)
    assert until_over(crawl, made).ended_by == walk.LIMIT
    assert begin(crawl, pages=1).id != made.id


def test_two_who_press_at_the_same_moment_get_the_same(crawl: Crawl) -> None:
    ids = []
    url = crawl.site.listing_url(HOME)
    press = lambda: ids.append(backfill(crawl.ledger, SETTINGS, url, Bounds(), by="a test")[0].id)  # noqa: E731
    scene.together(press, press, press)
    assert len(set(ids)) == 1
    assert walker(crawl).backfill_id == ids[0]


def test_a_crawler_that_dies_in_a_page_loses_and_doubles_nothing(crawl: Crawl) -> None:
    made = begin(crawl)
    alone(crawl)
    crawl.rounds(2)
    with crawl.ledger.begin() as uow:
        dead = uow.claims.claim_due(HOME, uow.now(), -1)
        uow.commit()
    assert dead is not None
    assert dead.kind == TargetKind.BACKFILL
    after = until_over(crawl, made)
    assert (after.pages_read, after.ended_by) == (4, walk.END)
    assert after.notices_new == len(found(crawl))


def test_first_pages_and_what_they_show_never_wait_for_a_backfill(crawl: Crawl) -> None:
    begin(crawl)
    alone(crawl)
    crawl.rounds(3)
    recrawl(crawl.ledger, crawl.site.listing_url(HOME), by="a test")
    with crawl.ledger.begin() as uow:
        claimed = [uow.claims.claim_due(HOME, uow.now(), 60) for _ in range(4)]
        uow.commit()
    kinds = [(one.kind, one.backfill_id is None) for one in claimed if one]
    # The column is wished again as a whole, what its backfill found included; none of that is ahead of the first page.
    assert kinds[0] == (TargetKind.LISTING, True)
    assert kinds[1] == (TargetKind.BACKFILL, False)
    assert kinds[2:] == [(TargetKind.DETAIL, False)] * 2


def test_what_a_backfill_asks_for_is_not_late_while_it_waits(crawl: Crawl) -> None:
    begin(crawl)
    alone(crawl)
    with crawl.ledger.reading() as uow:
        assert uow.ages.four(scene.later(crawl.ledger, 9999)).most_overdue_target is None


def test_a_walk_stops_at_the_wished_day_and_leaves_older_notices_out(crawl: Crawl) -> None:
    days = [f"2026-{month:02}-01" for month in range(12, 0, -1)]
    items = [(f"/old/t{day.replace('-', '')}_1.html", f"关于{day}整改的通报", day) for day in days]
    url = listing_of(crawl, items[:6], "/old/2.html", "/old/")
    listing_of(crawl, items[6:], "/old/3.html", "/old/2.html")
    crawl.watch(url)
    made, _ = backfill(crawl.ledger, SETTINGS, url, Bounds(since="2026-05-01"), by="a test")
    alone(crawl)
    after = until_over(crawl, made)
    assert (after.ended_by, after.pages_read, after.reached) == (walk.OLDER, 2, "2026-01-01")
    assert min(one.hint_date or "" for one in found(crawl)) == "2026-05-01"


def listing_of(crawl: Crawl, items: list[tuple[str, str, str]], following: str, path: str) -> str:
    rows = "".join(f"<li><a href='{href}'>{title}</a><span>{day}</span></li>" for href, title, day in items)
    more = f"<div class='page'><a href='{following}'>下一页</a></div>"
    body = f"<html><head><meta charset='utf-8'></head><body><ul>{rows}</ul>{more}</body></html>"
    return crawl.site.add_page(HOME, path, body.encode())


def test_a_pager_that_leads_round_in_a_circle_ends(crawl: Crawl) -> None:
    pages = [[(f"/r/t2026030{n}_{n}.html", f"关于第{n}批整改的通报", f"2026-03-0{n}")] for n in range(1, 4)]
    for number, items in enumerate(pages):
        url = listing_of(crawl, items, f"/r/{(number + 1) % 3}.html", f"/r/{number}.html")
    crawl.watch(url)
    made, _ = backfill(crawl.ledger, SETTINGS, url, Bounds(), by="a test")
    alone(crawl)
    assert until_over(crawl, made).ended_by == walk.SEEN


def test_a_walk_that_robots_forbids_or_whose_page_is_gone_ends_and_says_so(crawl: Crawl) -> None:
    url = listing_of(crawl, [("/g/t20260301_1.html", "关于第一批整改的通报", "2026-03-01")], "/g/2.html", "/g/")
    crawl.watch(url)
    gone, _ = backfill(crawl.ledger, SETTINGS, url, Bounds(), by="a test")
    alone(crawl)
    assert until_over(crawl, gone).ended_by == walk.GONE
    crawl.site.set_robots(HOME, "User-agent: *\nDisallow: /g/")
    with Session(crawl.ledger.engine) as session:
        session.execute(update(Target).values(due_at=None))
        session.execute(delete(RobotsFile))
        session.commit()
    forbidden, _ = backfill(crawl.ledger, SETTINGS, url, Bounds(), by="a test")
    assert until_over(crawl, forbidden).ended_by == f"{walk.FORBIDDEN}: Disallow: /g/"


def test_a_walk_waits_through_failures_and_is_given_up_after_many(crawl: Crawl) -> None:
    made = begin(crawl)
    alone(crawl)
    crawl.rounds(2)
    crawl.site.fault(HOME, "status", status=500)
    crawl.rounds(1)
    waiting = walker(crawl)
    assert (waiting.failures, waiting.page, waiting.due_at is not None) == (1, 2, True)
    with Session(crawl.ledger.engine) as session:
        values = {"failures": MOST_FAILURES - 1, "due_at": scene.now(crawl.ledger)}
        session.execute(update(Target).where(Target.id == waiting.id).values(**values))
        session.commit()
    assert until_over(crawl, made).ended_by == walk.FAILED


def test_a_recrawl_of_the_column_does_not_send_its_walkers_again(crawl: Crawl) -> None:
    made = begin(crawl, pages=1)
    alone(crawl)
    until_over(crawl, made)
    recrawl(crawl.ledger, made.column_id, by="a test")
    assert walker(crawl).due_at is None


def test_how_far_and_how_long_is_told_before(crawl: Crawl) -> None:
    made = begin(crawl, pages=40)
    assert str(estimate(crawl.ledger, SETTINGS, made)) == "at most 40 pages × 5.5 s = 4 min"
    assert str(Estimate(3, 5)) == "at most 3 pages × 5 s = 15 s"
    assert str(Estimate(2000, 6)) == "at most 2000 pages × 6 s = 3.3 h"


@pytest.mark.parametrize(
    ("bounds", "told"),
    [({"pages": 201}, "NOTICEWIRE_BACKFILL_PAGES"), ({"pages": 0}, "1 and 200"), ({"since": "March"}, "no day")],
)
def test_bounds_that_are_none_are_refused(crawl: Crawl, bounds: dict[str, Any], told: str) -> None:
    with pytest.raises(Invalid, match=told):
        begin(crawl, **bounds)
    assert scene.rows(crawl.ledger, Backfill) == []


def test_an_unknown_column_is_not_found(crawl: Crawl) -> None:
    for name in ("col_00000000000000000000000000", "https://nowhere.example/", HOME):
        with pytest.raises(NotFound, match="noticewire source list"):
            backfill(crawl.ledger, SETTINGS, name, Bounds(), by="a test")


@pytest.mark.parametrize("backfilled", [True, False])
def test_a_notice_that_a_backfill_found_is_published_as_such(ledger: Ledger, tmp_path: Path, backfilled: bool) -> None:
    worker = Desk(ledger, tmp_path / "blobs")
    if backfilled:
        with Session(ledger.engine) as session:
            session.execute(update(Target).where(Target.kind == TargetKind.DETAIL).values(backfill_id="bfl_1"))
            session.commit()
    worker.process(worker.brought("整改任务共三项。"))
    (event,) = scene.events(ledger)
    assert ('"backfilled":true' in event.data) is backfilled
    assert scene.rows(ledger, Fetch)[0].processed_at is not None
