"""Lists that are behind a call: a POST is made as politely as any request, and stands in for its column's page."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from crawler import listed, walk
from crawler.discover import Call, Item, Listing
from crawler.listed import MOST_BODY, Found, allowed
from services.desk.backfilling import Bounds, backfill
from services.simulation.site import DisclosureSite
from shared.db import Ledger
from shared.db.frontier import Link
from shared.db.models import Backfill, Column, Fetch, Target
from shared.domain.states import Outcome
from shared.settings import Settings
from tests.integration import scene
from tests.integration.test_guest import HOME, OTHER, Crawl

BODY = "columnid=7&unitid=9"
ROWS = b'{"articles": [{"title": "x"}]}'


@pytest.fixture
def crawl(ledger: Ledger, tmp_path: Path) -> Iterator[Crawl]:
    with DisclosureSite(notices=0) as site:
        yield Crawl(ledger, site, tmp_path)


def call_at(crawl: Crawl, url: str, body: str = BODY, method: str = "POST") -> str:
    """Watch a column whose page was read and named this call; return the call's key."""
    crawl.watch(crawl.site.listing_url(HOME))
    page = crawl.one(Target, Target.method.is_(None))
    link = Link(url, HOME, method=method, body=body if method == "POST" else None)
    with crawl.ledger.begin() as uow:
        uow.calls.name(page, link, uow.now())
        uow.commit()
    with Session(crawl.ledger.engine) as session:
        session.execute(update(Target).where(Target.id == page.id).values(due_at=None))
        session.commit()
    return link.key


def posts(crawl: Crawl) -> list[tuple[str, str, str | None]]:
    return [(one["method"], one["path"], one["posted"]) for one in crawl.site.log() if not one["is_robots"]]


def test_a_post_says_its_words_after_robots_and_never_asks_conditionally(crawl: Crawl) -> None:
    url = crawl.site.add_call(HOME, "/api/rows", BODY, ROWS)
    key = call_at(crawl, url)
    assert key.startswith(f"{url}#POST-")
    crawl.rounds(2)
    with Session(crawl.ledger.engine) as session:
        session.execute(update(Target).where(Target.url == key).values(due_at=scene.now(crawl.ledger), etag='"v1"'))
        session.commit()
    crawl.rounds(1)
    assert crawl.paths()[0] == "/robots.txt"
    assert posts(crawl) == [("POST", "/api/rows", BODY)] * 2
    for asked in crawl.site.log()[1:]:
        sent = asked["request_headers"]
        assert sent["content-type"] == "application/x-www-form-urlencoded"
        assert not {"referer", "if-none-match", "if-modified-since"} & set(sent)


def test_robots_forbids_a_call_like_any_page(crawl: Crawl) -> None:
    crawl.site.set_robots(HOME, "User-agent: *\nDisallow: /api/")
    call_at(crawl, crawl.site.add_call(HOME, "/api/rows", BODY, ROWS))
    crawl.rounds(3)
    assert crawl.paths() == ["/robots.txt"]


@pytest.mark.parametrize(("status", "then"), [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")])
def test_a_redirected_call_is_made_again_only_where_the_redirect_keeps_it(crawl: Crawl, status: int, then: str) -> None:
    crawl.site.add_call(HOME, "/new", BODY, ROWS)
    url = crawl.site.add_call(HOME, "/old", BODY, b"", status=status, location="/new")
    key = call_at(crawl, url)
    crawl.rounds(4)
    assert posts(crawl) == [("POST", "/old", BODY), (then, "/new", BODY if then == "POST" else None)]
    after = crawl.one(Target, Target.url == key)
    assert (after.hop_url, after.hop_method, after.hops) == (None, None, 0)


def test_a_call_is_never_redirected_to_another_host(crawl: Crawl) -> None:
    away = f"http://{OTHER}:{crawl.site.port}/new"
    key = call_at(crawl, crawl.site.add_call(HOME, "/old", BODY, b"", status=307, location=away))
    crawl.rounds(4)
    assert crawl.paths(OTHER) == []
    assert crawl.one(Fetch, Fetch.url == key).outcome == Outcome.FAILED


def test_a_call_that_fails_is_told_of_its_column_and_the_page_is_looked_at_again(crawl: Crawl) -> None:
    url = crawl.site.add_call(HOME, "/api/rows", BODY, b"", status=500)
    key = call_at(crawl, url)
    with Session(crawl.ledger.engine) as session:
        tomorrow = scene.later(crawl.ledger, 86400)
        session.execute(update(Target).where(Target.method.is_(None)).values(due_at=tomorrow))
        session.commit()
    crawl.rounds(2)
    warning = crawl.one(Column).warning
    assert "the call that brings its list failed" in warning
    assert url in warning
    assert crawl.one(Target, Target.url == key).failures == 1
    page = crawl.one(Target, Target.method.is_(None))
    assert page.due_reason == "its call fails"
    assert crawl.seconds_until_due(page.url) <= 0


def test_data_may_answer_a_call_but_not_a_page(crawl: Crawl) -> None:
    crawl.site.add_page(HOME, "/rows.json", ROWS, "application/json")
    key = call_at(crawl, f"http://{HOME}:{crawl.site.port}/rows.json", method="GET")
    crawl.rounds(2)
    assert crawl.one(Fetch, Fetch.url == key).outcome == Outcome.CAPTURED


def links(*paths: str) -> tuple[Link, ...]:
    return tuple(Link(f"https://{scene.HOST}/a/{path}", scene.HOST, f"公告 {path}") for path in paths)


def a_call(body: str) -> Link:
    return Link(f"https://{scene.HOST}/api", scene.HOST, method="POST", body=body)


def record(ledger: Ledger, target: Any, found: Found) -> None:
    with ledger.begin() as uow:
        listed.record(uow, target, found, uow.now(), 5)
        uow.commit()


def target_of(ledger: Ledger, url: str) -> Any:
    (found,) = scene.rows(ledger, Target, url=url)
    return found


def test_the_page_names_its_call_and_takes_it_back(ledger: Ledger) -> None:
    _, column = scene.column(ledger)
    page = target_of(ledger, column.url)
    first, second = a_call("a=1"), a_call("a=2")
    record(ledger, page, Found(call=first))
    called = target_of(ledger, first.key)
    assert (called.method, called.body, called.page, called.parent_id) == ("POST", "a=1", 1, page.id)
    assert scene.rows(ledger, Column)[0].listed_at is None
    record(ledger, page, Found(call=second))
    assert target_of(ledger, first.key).due_at is None
    record(ledger, page, Found(call=first))
    assert target_of(ledger, first.key).due_at is not None
    assert target_of(ledger, second.key).due_at is None
    record(ledger, page, Found(links=links("1.html")))
    assert target_of(ledger, first.key).due_at is None


def test_what_a_call_brings_becomes_targets_exactly_as_the_pages_would(ledger: Ledger) -> None:
    _, column = scene.column(ledger)
    page = target_of(ledger, column.url)
    record(ledger, page, Found(call=a_call("p=1")))
    called = target_of(ledger, a_call("p=1").key)
    record(ledger, called, Found("hanweb-jcms", links("1.html", "2.html"), following=a_call("p=2")))
    following = target_of(ledger, a_call("p=2").key)
    assert (following.page, following.parent_id, following.kind) == (2, page.id, "listing")
    row = scene.rows(ledger, Column)[0]
    assert (row.family, row.warning) == ("hanweb-jcms", None)
    assert row.listed_at is not None
    record(ledger, called, Found(None, links("1.html", "3.html")))
    assert scene.rows(ledger, Column)[0].family == "hanweb-jcms"
    record(ledger, called, Found())
    assert "brought no links" in scene.rows(ledger, Column)[0].warning


def test_a_page_is_not_looked_at_again_and_again_because_of_its_call(ledger: Ledger) -> None:
    _, column = scene.column(ledger)
    page = target_of(ledger, column.url)
    now = scene.now(ledger)
    with Session(ledger.engine) as session:
        values = {"due_at": now + timedelta(days=1), "last_fetch_at": now - timedelta(minutes=5)}
        session.execute(update(Target).where(Target.id == page.id).values(**values))
        session.commit()
    record(ledger, page, Found(call=a_call("p=1")))
    record(ledger, target_of(ledger, a_call("p=1").key), Found())
    assert target_of(ledger, column.url).due_at == now + timedelta(days=1)


@pytest.mark.parametrize(
    ("call", "made"),
    [
        (Call("POST", "https://gov.example/api", "a=1"), True),
        (Call("GET", "https://gov.example/api?page=2"), True),
        (Call("POST", "http://GOV.example:8080/api", "a=1"), True),
        (Call("POST", "https://other.example/api", "a=1"), False),
        (Call("PUT", "https://gov.example/api", "a=1"), False),
        (Call("POST", "https://gov.example/api", "a" * (MOST_BODY + 1)), False),
        (Call("POST", "javascript:void(0)", "a=1"), False),
    ],
)
def test_only_calls_of_bounded_size_at_the_pages_own_host_are_made(call: Call, made: bool) -> None:
    assert (allowed(call, "https://gov.example/col/") is not None) is made


@pytest.fixture
def behind(ledger: Ledger, tmp_path: Path) -> Iterator[Crawl]:
    """A site whose lists are behind a POST, and a crawler that watches its column."""
    with DisclosureSite(hosts=[HOME], families=["jpage"], notices=7, page_size=3) as site:
        made = Crawl(ledger, site, tmp_path)
        made.watch(site.listing_url(HOME))
        yield made


def shown(crawl: Crawl) -> set[str]:
    return {one.url for one in scene.rows(crawl.ledger, Target, kind="detail")}


def test_a_column_behind_a_call_is_crawled_by_its_url_alone(behind: Crawl) -> None:
    behind.rounds(12)
    assert shown(behind) == set(behind.site.urls(HOME))
    column = behind.one(Column)
    assert (column.family, column.warning) == ("hanweb-jcms", None)
    assert [one["method"] for one in column.profile["calls"]] == ["POST"]
    asked = [one["path"].rpartition("?")[2] for one in behind.site.log() if one["method"] == "POST"]
    assert asked == [f"startrecord={n}&endrecord={n + 2}&perpage=3" for n in (1, 4, 7)]
    page = behind.one(Target, Target.url == column.url)
    assert page.due_reason == "its list is asked for by a call"
    assert behind.seconds_until_due(page.url) > 80_000
    first = behind.one(Target, Target.method.is_not(None), Target.page == 1)
    assert behind.seconds_until_due(first.url) < 2000


def test_what_is_published_behind_a_call_is_seen_without_asking_for_the_page_again(behind: Crawl) -> None:
    behind.rounds(12)
    fresh = behind.site.publish(HOME)
    with Session(behind.ledger.engine) as session:
        session.execute(
            update(Target).where(Target.method.is_not(None), Target.page == 1).values(due_at=scene.now(behind.ledger))
        )
        session.commit()
    behind.rounds(1)
    assert fresh in shown(behind)
    assert sum(path.endswith("index.html") for path in behind.paths()) == 1


def test_a_page_that_names_another_call_than_it_did_is_believed(behind: Crawl) -> None:
    behind.rounds(12)
    first = behind.one(Target, Target.method.is_not(None), Target.page == 1)
    page_url = behind.one(Column).url
    gone = Link(f"http://{HOME}:{behind.site.port}/gone", HOME, method="POST", body="columnid=1&unitid=1")
    with Session(behind.ledger.engine) as session:
        stale = {"url": gone.key, "body": gone.body, "due_at": scene.now(behind.ledger), "digest": None}
        session.execute(update(Target).where(Target.id == first.id).values(**stale))
        long_ago = {"last_fetch_at": scene.later(behind.ledger, -7200), "digest": None, "last_modified": None}
        session.execute(update(Target).where(Target.url == page_url).values(**long_ago))
        old = {"calls": [{"method": "POST", "url": gone.url, "body": gone.body}]}
        session.execute(update(Column).values(profile=old))
        session.commit()
    behind.rounds(3)
    assert behind.one(Target, Target.url == first.url).due_at is not None
    assert behind.one(Target, Target.url == gone.key).due_at is None
    assert behind.one(Column).warning is None
    assert "dataproxy.jsp" in behind.one(Column).profile["calls"][0]["url"]


def test_older_pages_behind_a_call_are_walked_through_by_the_following_calls(behind: Crawl) -> None:
    made, _ = backfill(behind.ledger, Settings(), behind.site.listing_url(HOME), Bounds(), by="a test")
    with Session(behind.ledger.engine) as session:
        session.execute(update(Target).where(Target.backfill_id.is_(None)).values(due_at=None))
        session.commit()
    behind.rounds(6)
    ended = behind.one(Backfill, Backfill.id == made.id)
    assert (ended.ended_by, ended.pages_read, ended.notices_new) == (walk.END, 3, 7)
    assert shown(behind) == set(behind.site.urls(HOME))


def test_a_directory_is_asked_for_the_column_that_its_fragment_tells(crawl: Crawl) -> None:
    page = "<html><body><div id='app'></div><script>window._CONFIG = {SID: '669001'}</script></body></html>"
    url = crawl.site.add_page(HOME, "/gkmlpt/index", page.encode()) + "#721"
    asked = "/gkmlpt/api/all/721?page=1&sid=669001"
    article = '{"title": "关于花园改造的公告", "url": "http://%s:%d/gkmlpt/content/1/post_1.html", "date": 1772582400}'
    rows = '{"articles": [%s], "total": 1}' % (article % (HOME, crawl.site.port))
    crawl.site.add_page(HOME, asked, rows.encode(), "application/json")
    crawl.watch(url)
    crawl.rounds(4)
    assert crawl.one(Column).url == url
    assert {one["path"] for one in crawl.site.log()} >= {"/gkmlpt/index", asked}
    assert len(shown(crawl)) == 1


ROW = Item("https://gov.example/a/1.html", "关于花园改造的公告", None)


@pytest.mark.parametrize(
    ("items", "call", "instead"),
    [
        ((), Call("POST", "/dataproxy.jsp?startrecord=1&endrecord=45", "columnid=1"), True),
        ((ROW,), Call("POST", "/dataproxy.jsp?startrecord=1&endrecord=45", "columnid=1"), True),
        ((ROW,), Call("POST", "/dataproxy.jsp?startrecord=46&endrecord=90", "columnid=1"), False),
        ((ROW,), Call("GET", "/api?page=2"), False),
        ((ROW,), Call("GET", "/weather.json"), False),
        ((), Call("GET", "/list.json"), True),
        ((ROW,), None, False),
    ],
)
def test_a_call_is_the_list_or_what_comes_after_the_pages_own(
    items: tuple[Item, ...], call: Call | None, instead: bool
) -> None:
    assert listed.stands_in(Listing(None, (), items, (), (call,) if call else (), ())) is instead


def test_the_rows_after_those_that_a_page_brought_along_are_asked_for_by_its_call(ledger: Ledger) -> None:
    _, column = scene.column(ledger)
    page = target_of(ledger, column.url)
    record(ledger, page, Found(links=links("1.html"), following=a_call("startrecord=46")))
    following = target_of(ledger, a_call("startrecord=46").key)
    assert (following.page, following.parent_id) == (2, page.id)
