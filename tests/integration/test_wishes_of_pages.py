"""Pages that ask not to be archived, or their links not to be followed: what is kept of them, and what is not."""

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.capture import Capture
from crawler.judge import Judgment
from crawler.listed import NOT_FOLLOWED
from crawler.terms import Reach
from crawler.visit import Visit
from shared.blobs import FolderBlobs, digest_of
from shared.db import Ledger
from shared.db.claims import Claimed
from shared.db.models import (
    Account,
    Column,
    Commitment,
    Fetch,
    Measure,
    Notice,
    PassingSnapshot,
    Revision,
    Searchable,
    Target,
)
from shared.domain.states import Outcome
from shared.http import Response
from tests.integration.scene import HOST, RecordingBell, column, events, later, now, rows, target
from tests.integration.test_guest import CADENCE
from worker.decide import WithdrawalRule
from worker.process import Processor, ProcessRules

RULES = ProcessRules(lease_seconds=60, leases=5, withdrawal=WithdrawalRule(3, timedelta(hours=6)))
SECRET = "清源区将排查管网并更换阀门"
TITLE = "关于督察整改进展情况的通报"


def page(words: str = SECRET, head: str = "") -> bytes:
    problems = f"<p>一、关于管网老化的问题</p><p>整改情况：{words}，已完成整改。</p><p>各责任单位已按要求逐项落实。</p>"
    return (
        f"<html><head><meta charset='utf-8'>{head}<title>{TITLE}</title></head><body><h1>{TITLE}</h1>"
        f"<p>发布时间：2026-03-04</p><div id='zoom'>{problems}</div></body></html>"
    ).encode()


class Line:
    """A crawler's hand and a worker over one target."""

    def __init__(self, ledger: Ledger, folder: Path) -> None:
        self.ledger, self.folder = ledger, folder
        self.blobs = FolderBlobs(folder)
        self.bell = RecordingBell()
        self.capture = Capture(ledger, self.blobs, self.bell, CADENCE, pages=5)

    def claim(self) -> Claimed:
        with self.ledger.begin() as uow:
            found = uow.claims.claim_due(HOST, later(self.ledger, 10**6), 60.0)
            uow.commit()
        assert found is not None
        return found

    def bring(self, body: bytes, headers: Mapping[str, str] | None = None, reach: Reach | None = None) -> None:
        claimed = self.claim()
        given = {"content-type": "text/html; charset=utf-8"} | dict(headers or {})
        response = Response(claimed.url, 200, given, body, 0.0, 0.1)
        judgment, at = Judgment(Outcome.CAPTURED, "captured"), now(self.ledger)
        visit = Visit(claimed, judgment, at, 0.1, True, response, claimed.url, reach=reach)
        assert self.capture.keep(visit)

    def work(self) -> None:
        for fetch_id in self.bell.rung:
            Processor(self.ledger, self.blobs, self.bell, RULES).process(fetch_id)

    def kept_files(self) -> list[Path]:
        return [path for path in self.folder.rglob("*") if path.is_file()]

    def everything_told(self) -> str:
        revisions = [one.document for one in rows(self.ledger, Revision)]
        accounts = [(one.title, one.text) for one in rows(self.ledger, Account)]
        words = [one.text for table in (Searchable, Commitment, Measure) for one in rows(self.ledger, table)]
        told = [revisions, accounts, words, [one.data for one in events(self.ledger)]]
        return json.dumps(told, ensure_ascii=False)


@pytest.fixture
def line(ledger: Ledger, tmp_path: Path) -> Line:
    target(ledger)
    with ledger.begin() as uow:
        listing = uow.frontier.by_url(f"https://{HOST}/a/")
        assert listing is not None
        listing.due_at = later(ledger, 10**7)  # only the notice is due
        uow.commit()
    return Line(ledger, tmp_path / "blobs")


ASKING = [
    ({"x-robots-tag": "noarchive"}, ""),
    ({"x-robots-tag": "otherbot: all\nnoticewire: none"}, ""),
    ({}, "<meta name='robots' content='noindex, noarchive'>"),
]


def test_of_a_page_that_asks_so_facts_and_hash_are_kept_but_no_text(line: Line) -> None:
    headers, head = ASKING[0]
    line.bring(page(head=head), headers)
    (handed,) = rows(line.ledger, PassingSnapshot)
    assert handed.content == page()
    line.work()
    (notice,), (revision,), (fetch,) = (rows(line.ledger, table) for table in (Notice, Revision, Fetch))
    assert notice.title == TITLE
    assert notice.published_at == "2026-03-04"
    assert fetch.digest == revision.digest == digest_of(page())
    assert fetch.asked_of_robots == "noarchive"
    assert next(one.type for one in events(line.ledger)).endswith("notice.published")
    assert (line.kept_files(), rows(line.ledger, PassingSnapshot)) == ([], [])
    assert SECRET not in line.everything_told()


@pytest.mark.parametrize(("headers", "head"), ASKING[1:])
def test_each_way_of_asking_is_heard(line: Line, headers: dict[str, str], head: str) -> None:
    line.bring(page(head=head), headers)
    line.work()
    assert rows(line.ledger, Notice)[0].title == TITLE
    assert (line.kept_files(), rows(line.ledger, PassingSnapshot)) == ([], [])
    assert SECRET not in line.everything_told()


def test_a_change_of_such_a_page_is_told_without_its_words(line: Line) -> None:
    headers = {"x-robots-tag": "noarchive"}
    line.bring(page("甲"), headers)
    line.work()
    line.bring(page("乙丙丁戊己庚辛"), headers)
    line.work()
    assert [one.number for one in rows(line.ledger, Revision)] == [1, 2]
    assert [one.type.rpartition(".")[2] for one in events(line.ledger)][:2] == ["published", "revised"]
    assert "乙丙丁戊己庚辛" not in line.everything_told()


def test_such_a_page_that_cannot_be_read_is_not_kept_either(line: Line) -> None:
    line.bring(b"\x89\x00\xff" * 400, {"x-robots-tag": "noarchive"})
    line.work()
    (fetch,) = rows(line.ledger, Fetch)
    assert fetch.quarantined_at is not None
    assert (line.kept_files(), rows(line.ledger, PassingSnapshot)) == ([], [])


@pytest.fixture
def column_line(ledger: Ledger, tmp_path: Path) -> Line:
    column(ledger)
    return Line(ledger, tmp_path / "blobs")


def listing(*urls: str) -> bytes:
    items = "".join(
        f"<li><a href='{url}'>关于第{number}批督察整改情况的通报</a><span>2026-03-0{number}</span></li>"
        for number, url in enumerate(urls, start=1)
    )
    return f"<html><head><meta charset='utf-8'></head><body><ul>{items}</ul></body></html>".encode()


def test_no_link_of_a_listing_is_followed_that_asks_so_and_its_column_says_so(column_line: Line) -> None:
    column_line.bring(listing("1.html", "2.html"), {"x-robots-tag": "nofollow"})
    (found,) = rows(column_line.ledger, Column)
    assert found.warning == NOT_FOLLOWED
    assert [one.url for one in rows(column_line.ledger, Target)] == [f"https://{HOST}/a/"]


def test_links_to_hosts_that_are_none_of_the_sources_are_not_followed_and_its_column_says_so(column_line: Line) -> None:
    away = "https://moss.test/3.html"
    column_line.bring(listing("1.html", f"https://www.{HOST}/2.html", away), reach=Reach(HOST))
    (found,) = rows(column_line.ledger, Column)
    assert "1 links lead to hosts" in found.warning
    assert found.warning.endswith("moss.test")
    urls = {one.url for one in rows(column_line.ledger, Target)}
    assert urls == {f"https://{HOST}/a/", f"https://{HOST}/a/1.html", f"https://www.{HOST}/2.html"}
