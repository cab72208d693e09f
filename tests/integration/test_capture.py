"""Writing a visit down: bytes first, row second, bell last, and a listing's links before its validators."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import String

from crawler.capture import Capture
from crawler.discover.families import FAMILIES
from crawler.evidence import HOP_CHARACTERS, hop_of, trail_of
from crawler.judge import RULES, Judgment
from crawler.listed import NO_LINKS
from crawler.loop import validators
from crawler.manners import Redirected
from crawler.schedule import Cadence
from crawler.visit import Visit
from services.desk.recrawling import recrawl
from shared.blobs import Blobs, FolderBlobs
from shared.db import Ledger
from shared.db.claims import Claimed, Hop
from shared.db.frontier import MOVED_AWAY, SEEKING
from shared.db.models import Column, Fetch, RecrawlRequest, Spoken, Target
from shared.domain.states import Outcome, TargetKind
from shared.errors import Unavailable
from shared.http import Response
from tests.integration.scene import HOST, RecordingBell, column, later, now, rows, target

CADENCE = Cadence(listing=1800, detail_first=3600, detail_last=30 * 86400, gone_again=10800)
LISTING = f"https://{HOST}/a/"
PAGE = "<html><body><h1>关于整改进展情况的通报</h1></body></html>".encode()


def listing(paths: Sequence[str], following: str = "") -> bytes:
    items = "".join(
        f"<li><a href='{path}'>关于第{number}批督察整改情况的通报</a><span>2026-03-{number % 28 + 1:02}</span></li>"
        for number, path in enumerate(paths)
    )
    more = f"<div class='page'><a href='{following}'>下一页</a></div>" if following else ""
    return f"<html><head><meta charset='utf-8'></head><body><ul>{items}</ul>{more}</body></html>".encode()


class FullDisk:
    """A store that cannot keep anything."""

    def put(self, content: bytes) -> str:
        raise Unavailable("cannot store a snapshot: No space left on device")

    def get(self, digest: str) -> bytes:
        raise AssertionError


class Hand:
    """A crawler's writing hand."""

    def __init__(self, ledger: Ledger, folder: Path, pages: int = 5, *, planned: bool = False) -> None:
        self.ledger = ledger
        self.cadence = replace(CADENCE, listing=None) if planned else CADENCE
        self.bell = RecordingBell()
        self.blobs: Blobs = FolderBlobs(folder)
        self.pages = pages

    def claim(self, lease_seconds: float = 60) -> Claimed:
        with self.ledger.begin() as uow:
            found = uow.claims.claim_due(HOST, uow.now(), lease_seconds)
            uow.commit()
        assert found is not None
        return found

    def visit(self, claimed: Claimed, outcome: Outcome, body: bytes | None = None, **headers: str) -> Visit:
        status = {Outcome.GONE: 404, Outcome.UNCHANGED: 304}.get(outcome, 200)
        given = {"content-type": "text/html"} | {name.replace("_", "-"): text for name, text in headers.items()}
        return Visit(
            target=claimed,
            judgment=Judgment(outcome, "test"),
            started_at=now(self.ledger),
            duration_seconds=0.1,
            tls_verified=True,
            response=None if body is None else Response(claimed.url, status, given, body, 0.0, 0.1),
            final_url=claimed.url,
        )

    def keep(self, visit: Visit) -> bool:
        capture = Capture(self.ledger, self.blobs, self.bell, self.cadence, self.pages, Random(1))
        return capture.keep(visit)

    def see(self, outcome: Outcome, body: bytes | None = None, **headers: str) -> Target:
        """Claim what is due, write down what the visit brought, and return the target's row."""
        claimed = self.claim()
        assert self.keep(self.visit(claimed, outcome, body, **headers))
        after: Target = one(self.ledger, Target, id=claimed.id)
        return after


def one(ledger: Ledger, table: Any, **equal: Any) -> Any:
    (found,) = rows(ledger, table, **equal)
    return found


def asked_of(ledger: Ledger, target_id: str) -> dict[str, str]:
    """Return what the next request for a target would ask conditionally."""
    row = one(ledger, Target, id=target_id)
    return validators(Claimed(**{name: getattr(row, name) for name in Claimed._fields}))


@pytest.fixture
def hand(ledger: Ledger, tmp_path: Path) -> Hand:
    return Hand(ledger, tmp_path / "blobs")


@pytest.fixture
def detail(hand: Hand) -> Target:
    """A detail target, and nothing else that is due."""
    found = target(hand.ledger)
    hand.see(Outcome.UNCHANGED)
    return found


def test_what_was_said_is_kept_beside_the_bytes(hand: Hand, detail: Target) -> None:
    visit = hand.visit(hand.claim(), Outcome.CAPTURED, PAGE)
    assert visit.response is not None
    fields, sent = (("Via", "1"), ("Via", "2")), (("Host", HOST),)
    assert hand.keep(replace(visit, response=replace(visit.response, fields=fields, sent=sent, reason="OK")))
    kept = one(hand.ledger, Fetch, target_id=detail.id)
    said = one(hand.ledger, Spoken, fetch_id=kept.id)
    assert (said.url, said.status, said.reason, said.cut) == (detail.url, 200, "OK", False)
    assert (said.received, said.sent) == ([["Via", "1"], ["Via", "2"]], [["Host", HOST]])


def test_a_captured_notice_is_kept_and_a_worker_is_told(hand: Hand, detail: Target) -> None:
    after = hand.see(Outcome.CAPTURED, PAGE, etag='"v1"', last_modified="Wed, 04 Mar 2026 00:00:00 GMT")
    kept = one(hand.ledger, Fetch, target_id=detail.id)
    assert hand.blobs.get(kept.digest) == PAGE
    assert hand.bell.rung == [kept.id]
    assert kept.rung_at is not None
    assert (after.digest, after.etag, after.fetch_count) == (kept.digest, '"v1"', 1)
    assert (after.lease, after.quiet_visits, kept.number) == (None, 0, 1)
    assert asked_of(hand.ledger, after.id) == {"if-none-match": '"v1"'}


def test_the_row_is_there_before_the_bell_rings(hand: Hand, detail: Target) -> None:
    found: list[int] = []

    class Looking(RecordingBell):
        def ring(self, fetch_id: str) -> bool:
            found.append(len(rows(hand.ledger, Fetch, id=fetch_id)))
            return True

    hand.bell = Looking()
    hand.see(Outcome.CAPTURED, PAGE)
    assert found == [1]


def test_a_bell_that_nobody_hears_loses_nothing(hand: Hand, detail: Target) -> None:
    hand.bell.broken = True
    hand.see(Outcome.CAPTURED, PAGE)
    kept = one(hand.ledger, Fetch, target_id=detail.id)
    with hand.ledger.reading() as uow:
        assert uow.fetches.next_owed(detail.id) == kept.id


@pytest.mark.parametrize("outcome", [Outcome.UNCHANGED, Outcome.FAILED, Outcome.BLOCKED])
def test_no_worker_is_told_of_what_brought_no_text(hand: Hand, detail: Target, outcome: Outcome) -> None:
    hand.see(outcome, PAGE)
    assert hand.bell.rung == []
    assert one(hand.ledger, Fetch, target_id=detail.id).rung_at is None


def test_a_notice_that_is_gone_is_told_and_its_validators_are_dropped(hand: Hand, detail: Target) -> None:
    hand.see(Outcome.CAPTURED, PAGE, etag='"v1"')
    recrawl(hand.ledger, detail.id, by="test")
    after = hand.see(Outcome.GONE, b"")
    assert len(hand.bell.rung) == 2
    assert (after.digest, after.etag) == (None, None)
    assert asked_of(hand.ledger, after.id) == {}


def test_failures_are_counted_until_one_visit_succeeds(hand: Hand, detail: Target) -> None:
    counted = []
    for outcome in (Outcome.FAILED, Outcome.BLOCKED, Outcome.UNCHANGED):
        recrawl(hand.ledger, detail.id, by="test")
        counted.append(hand.see(outcome).failures)
    assert counted == [1, 2, 0]


def test_a_lost_lease_writes_nothing(hand: Hand, detail: Target) -> None:
    slow = hand.claim(lease_seconds=-1)
    quick = hand.claim()
    assert not hand.keep(hand.visit(slow, Outcome.CAPTURED, PAGE))
    assert rows(hand.ledger, Fetch, target_id=detail.id) == []
    assert hand.bell.rung == []
    assert one(hand.ledger, Target, id=detail.id).lease == quick.lease


def test_a_lost_lease_on_a_listing_makes_no_targets(hand: Hand) -> None:
    column(hand.ledger)
    slow = hand.claim(lease_seconds=-1)
    hand.claim()
    assert not hand.keep(hand.visit(slow, Outcome.CAPTURED, listing(["1.html", "2.html"])))
    assert rows(hand.ledger, Target, kind=TargetKind.DETAIL) == []
    assert one(hand.ledger, Column).listed_at is None


def test_a_full_disk_or_a_kill_before_the_row_leaves_nothing_half_done(hand: Hand, detail: Target) -> None:
    """The lease's end makes the target due again; a blob that no row names is found by its name the next time."""
    whole, hand.blobs = hand.blobs, FullDisk()
    claimed = hand.claim(lease_seconds=0.5)
    with pytest.raises(Unavailable, match="No space left"):
        hand.keep(hand.visit(claimed, Outcome.CAPTURED, PAGE))
    row = one(hand.ledger, Target, id=detail.id)
    assert rows(hand.ledger, Fetch, target_id=detail.id) == []
    assert (row.lease, row.fetch_count, row.digest) == (claimed.lease, 0, None)
    assert hand.bell.rung == []

    hand.blobs = whole
    whole.put(PAGE)  # a crawler that was killed between the snapshot and its row
    with hand.ledger.begin() as uow:
        again = uow.claims.claim_due(HOST, later(hand.ledger, 1), 60)
        uow.commit()
    assert again is not None
    assert hand.keep(hand.visit(again, Outcome.CAPTURED, PAGE))
    assert one(hand.ledger, Fetch, target_id=detail.id).number == 1


def test_a_listings_links_become_targets_with_its_validators(hand: Hand) -> None:
    column(hand.ledger)
    after = hand.see(Outcome.CAPTURED, listing(["1.html", "2.html", "/a/"]), etag='"v1"')
    found = rows(hand.ledger, Target, kind=TargetKind.DETAIL)
    assert {row.url for row in found} == {f"{LISTING}1.html", f"{LISTING}2.html"}
    assert all(row.due_at is not None and row.hint_title for row in found)
    assert after.etag == '"v1"'
    assert one(hand.ledger, Column).listed_at == found[0].listed_at
    assert hand.bell.rung == []


def test_a_listing_that_shows_nothing_keeps_no_validators_and_leaves_a_warning(hand: Hand) -> None:
    column(hand.ledger)
    hand.see(Outcome.CAPTURED, listing(["1.html"]), etag='"v1"')
    read_at = one(hand.ledger, Column).listed_at
    recrawl(hand.ledger, LISTING, by="test")
    while (claimed := hand.claim()).kind != TargetKind.LISTING:
        pass
    assert hand.keep(hand.visit(claimed, Outcome.CAPTURED, b"<html><body></body></html>", etag='"v2"'))
    empty = one(hand.ledger, Target, kind=TargetKind.LISTING)
    assert (empty.etag, empty.last_modified, empty.digest) == (None, None, None)
    found = one(hand.ledger, Column)
    assert found.warning
    assert found.listed_at == read_at, "an empty listing must not make every notice count as no longer listed"


def test_a_listing_that_is_well_again_loses_its_warning(hand: Hand) -> None:
    _, found = column(hand.ledger)
    with hand.ledger.begin() as uow:
        uow.sources.record_look(found.id, uow.now(), NO_LINKS)
        uow.commit()
    hand.see(Outcome.CAPTURED, listing(["1.html"]))
    assert one(hand.ledger, Column).warning is None


def dated(days: Sequence[int], following: str = "") -> bytes:
    rows = "".join(
        f"<li><a href='d{day}.html'>关于第{day}批整改情况的通报</a><span>2026-03-{day:02}</span></li>" for day in days
    )
    more = f"<div class='page'><a href='{following}'>下一页</a></div>" if following else ""
    return f"<html><head><meta charset='utf-8'></head><body><ul>{rows}</ul>{more}</body></html>".encode()


def test_a_look_covers_what_its_pages_show_one_after_the_other(hand: Hand) -> None:
    column(hand.ledger)
    hand.see(Outcome.CAPTURED, dated([9, 8, 7, 6], "index_2.html"))
    found = one(hand.ledger, Column)
    assert (found.covered_from, found.covered_to_end, found.covered_pages) == ("2026-03-06", False, 1)
    while (claimed := hand.claim()).page != 2:
        pass
    assert hand.keep(hand.visit(claimed, Outcome.CAPTURED, dated([5, 4, 3])))
    found = one(hand.ledger, Column)
    assert (found.covered_from, found.covered_to_end, found.covered_pages) == ("2026-03-03", True, 2)


def test_an_address_that_its_notice_has_left_is_visited_rarely(hand: Hand, detail: Target) -> None:
    other = target(hand.ledger, "2.html")
    with hand.ledger.begin() as uow:
        uow.frontier.move(detail.id, other.id)
        uow.frontier.make_due([detail.id], uow.now(), "rcr_1")
        uow.commit()
    while (claimed := hand.claim()).id != detail.id:
        pass
    assert hand.keep(hand.visit(claimed, Outcome.CAPTURED, PAGE))
    after = one(hand.ledger, Target, id=detail.id)
    assert after.due_reason == MOVED_AWAY
    assert after.due_at > later(hand.ledger, 29 * 86400)


def test_a_fetch_tells_whether_its_page_has_moved_for_good(hand: Hand, detail: Target) -> None:
    recrawl(hand.ledger, detail.url, by="test")
    claimed = hand.claim()
    with hand.ledger.begin() as uow:
        assert uow.claims.release(claimed, uow.now(), "a redirect is followed", Hop(detail.url + "?", HOST, True))
        uow.commit()
    after = hand.see(Outcome.CAPTURED, PAGE)
    assert (after.hop_url, after.hop_permanent) == (None, None)
    newest = max(rows(hand.ledger, Fetch, target_id=detail.id), key=lambda fetch: fetch.number)
    assert newest.moved_for_good is True


def redirected(hand: Hand, claimed: Claimed, url: str) -> None:
    """Follow a redirect of the claimed target to `url`, as the loop does."""
    answer = Response(claimed.hop_url or claimed.url, 302, {}, b"", 0.0, 0.1, fields=(("Location", url),))
    hop = hop_of(claimed, Redirected(url, response=answer), "GET", now(hand.ledger))
    with hand.ledger.begin() as uow:
        uow.claims.release(claimed, uow.now(), "a redirect is followed", hop)
        uow.commit()


def test_what_was_said_at_redirects_goes_with_the_fetch_they_led_to(hand: Hand, detail: Target) -> None:
    recrawl(hand.ledger, detail.url, by="test")
    way = [f"https://{HOST}/{name}" for name in ("two", "three")]
    for url in way:
        redirected(hand, hand.claim(), url)
    after = hand.see(Outcome.CAPTURED, PAGE)
    assert after.trail is None
    newest = max(rows(hand.ledger, Fetch, target_id=detail.id), key=lambda fetch: fetch.number)
    said = one(hand.ledger, Spoken, fetch_id=newest.id)
    assert [hop["url"] for hop in said.hops] == [detail.url, way[0]]
    assert [hop["received"] for hop in said.hops] == [[["Location", url]] for url in way]
    recrawl(hand.ledger, detail.url, by="test")
    hand.see(Outcome.CAPTURED, PAGE)
    newest = max(rows(hand.ledger, Fetch, target_id=detail.id), key=lambda fetch: fetch.number)
    assert one(hand.ledger, Spoken, fetch_id=newest.id).hops is None


def test_a_way_that_an_older_release_went_in_part_leaves_no_word(hand: Hand, detail: Target) -> None:
    recrawl(hand.ledger, detail.url, by="test")
    redirected(hand, hand.claim(), f"https://{HOST}/two")
    claimed = hand.claim()
    assert len(trail_of(claimed)) == 1
    assert trail_of(claimed._replace(hops=2)) == []
    assert trail_of(claimed._replace(hops=0)) == []
    assert trail_of(claimed._replace(fetch_count=claimed.fetch_count + 1)) == []


def test_a_redirect_whose_target_is_somebody_elses_by_now_leaves_no_word(hand: Hand, detail: Target) -> None:
    recrawl(hand.ledger, detail.url, by="test")
    redirected(hand, hand.claim()._replace(lease="lea_other"), f"https://{HOST}/two")
    assert one(hand.ledger, Target, id=detail.id).trail is None


def test_a_hostile_redirect_fills_no_ledger(hand: Hand, detail: Target) -> None:
    recrawl(hand.ledger, detail.url, by="test")
    claimed = hand.claim()
    answer = Response(claimed.url, 302, {}, b"", 0.0, 0.1, fields=tuple((f"X-{n}", "v" * 100) for n in range(100)))
    (said,) = hop_of(claimed, Redirected(claimed.url, response=answer), "GET", now(hand.ledger)).trail
    assert said["cut"]
    assert sum(len(name) + len(value) for name, value in said["received"]) <= HOP_CHARACTERS


def test_an_unchanged_listing_was_looked_at(hand: Hand) -> None:
    column(hand.ledger)
    hand.see(Outcome.UNCHANGED)
    found = one(hand.ledger, Column)
    assert found.looked_at is not None
    assert found.listed_at is None


def pages_of(ledger: Ledger) -> dict[int, Any]:
    return {row.page: row.due_at for row in rows(ledger, Target, kind=TargetKind.LISTING)}


def claim_listing(hand: Hand) -> Claimed | None:
    while True:
        with hand.ledger.begin() as uow:
            found = uow.claims.claim_due(HOST, uow.now(), 60)
            uow.commit()
        if found is None or found.kind == TargetKind.LISTING:
            return found


def test_next_pages_are_followed_as_far_as_is_allowed_and_read_once(ledger: Ledger, tmp_path: Path) -> None:
    hand, number = Hand(ledger, tmp_path, pages=3), 0
    column(ledger)
    while (claimed := claim_listing(hand)) is not None:
        number += 1
        body = listing([f"{number}-1.html", f"{number}-2.html"], f"index_{number}.html")
        assert hand.keep(hand.visit(claimed, Outcome.CAPTURED, body))
    assert number == 3
    assert sorted(pages_of(ledger)) == [1, 2, 3]
    assert [pages_of(ledger)[page] is None for page in (1, 2, 3)] == [False, True, True]


def test_a_listing_that_shows_nothing_new_asks_for_no_further_page(hand: Hand) -> None:
    column(hand.ledger)
    hand.see(Outcome.CAPTURED, listing(["1.html"]))
    recrawl(hand.ledger, LISTING, by="test")
    claimed = claim_listing(hand)
    assert claimed is not None
    assert hand.keep(hand.visit(claimed, Outcome.CAPTURED, listing(["1.html"], "index_2.html")))
    assert sorted(pages_of(hand.ledger)) == [1]


def test_a_listing_that_is_read_for_a_notice_that_is_gone_is_read_page_after_page(hand: Hand) -> None:
    column(hand.ledger)
    hand.see(Outcome.CAPTURED, listing(["1.html"]))
    with hand.ledger.begin() as uow:
        page = uow.frontier.by_url(LISTING)
        assert page is not None
        page.due_at = uow.now() + timedelta(days=1)
        uow.commit()
        uow.frontier.seek(page.column_id, uow.now())
        uow.commit()
    for number in (2, 3):
        claimed = claim_listing(hand)
        assert claimed is not None
        assert claimed.due_reason == SEEKING
        assert hand.keep(hand.visit(claimed, Outcome.CAPTURED, listing(["1.html"], f"index_{number}.html")))
    assert sorted(pages_of(hand.ledger)) == [1, 2, 3]


def test_a_page_that_names_itself_as_the_next_is_not_followed(hand: Hand) -> None:
    column(hand.ledger)
    hand.see(Outcome.CAPTURED, listing(["1.html"], LISTING))
    assert sorted(pages_of(hand.ledger)) == [1]


@pytest.mark.parametrize("odd", ['"a\x00b"', "\x00", "a\x7f", "a\r\nb"])
def test_headers_that_no_database_stores_and_nobody_may_send_back_are_dropped(
    hand: Hand, detail: Target, odd: str
) -> None:
    after = hand.see(Outcome.CAPTURED, PAGE, etag=odd, last_modified=odd, content_type=odd)
    assert (after.etag, after.last_modified) == (None, None)
    assert one(hand.ledger, Fetch, target_id=detail.id).content_type is None


def test_a_link_too_long_to_store_does_not_spoil_the_listing(hand: Hand) -> None:
    column(hand.ledger)
    long = "".join(Random(3).choices("abcdefghijklmnop0123456789", k=6000))
    hand.see(Outcome.CAPTURED, listing(["1.html", f"{long}.html", f"https://{'a' * 300}.example/1.html", "2.html"]))
    found = {row.url for row in rows(hand.ledger, Target, kind=TargetKind.DETAIL)}
    assert found == {f"{LISTING}1.html", f"{LISTING}2.html"}


@pytest.mark.parametrize("hostile", ["&#0;", "&#xD800;", "\x00\x01", "题" * 5000])
def test_whatever_a_links_title_holds_both_databases_store_it(hand: Hand, hostile: str) -> None:
    column(hand.ledger)
    body = listing(["1.html", "2.html"]).replace("督察".encode(), hostile.encode())
    hand.see(Outcome.CAPTURED, body)
    assert len(rows(hand.ledger, Target, kind=TargetKind.DETAIL)) == 2


def test_a_wish_is_closed_once_its_last_target_was_visited(hand: Hand, detail: Target) -> None:
    request, _ = recrawl(hand.ledger, LISTING, by="test")
    assert request.targets == 2
    hand.see(Outcome.UNCHANGED)
    assert one(hand.ledger, RecrawlRequest).finished_at is None
    hand.see(Outcome.FAILED)
    assert one(hand.ledger, RecrawlRequest).finished_at is not None
    assert {row.recrawl_id for row in rows(hand.ledger, Fetch)} == {None, request.id}


NAMES: list[tuple[str, Callable[[], list[str]]]] = [
    ("rule", lambda: [rule.name for rule in RULES]),
    ("family", lambda: [family.name for family in FAMILIES]),
]


@pytest.mark.parametrize(("field", "names"), NAMES)
def test_every_name_of_a_rule_fits_its_column(field: str, names: Callable[[], list[str]]) -> None:
    """SQLite stores any length; PostgreSQL refuses the whole row."""
    kind = (Fetch if field == "rule" else Column).__table__.c[field].type
    assert isinstance(kind, String)
    assert max(map(len, names())) <= (kind.length or 0)
