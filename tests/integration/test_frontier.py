"""The frontier: a target is one crawler's at a time, and a wish to see it again is never lost."""

from collections.abc import Callable
from datetime import timedelta
from random import Random

from services.desk.recrawling import recrawl
from services.desk.watching import pause, resume
from shared.db import Ledger
from shared.db.claims import Claimed
from shared.db.frontier import Link
from shared.db.models import Column, RecrawlRequest, Target
from shared.domain.states import TargetKind
from shared.urls import LONGEST
from tests.integration.scene import HOST, column, later, now, rows, target, together


def claim(ledger: Ledger, host: str = HOST, lease_seconds: float = 60) -> Claimed | None:
    with ledger.begin() as uow:
        found = uow.claims.claim_due(host, uow.now(), lease_seconds)
        uow.commit()
    return found


def settle(ledger: Ledger, claimed: Claimed, seconds: float | None = 3600) -> bool:
    due_at = None if seconds is None else later(ledger, seconds)
    with ledger.begin() as uow:
        done = uow.claims.settle(claimed, {"due_at": due_at, "due_reason": "test"})
        uow.commit()
    return done


def details(ledger: Ledger, count: int) -> None:
    source, found = column(ledger)
    links = [Link(f"https://{HOST}/a/{number}.html", HOST) for number in range(count)]
    with ledger.begin() as uow:
        uow.frontier.add_details(source_id=source.id, column_id=found.id, links=links, now=uow.now())
        uow.commit()


def test_crawlers_never_hold_the_same_target(open_another: Callable[[], Ledger]) -> None:
    first = open_another()
    details(first, 59)
    held: list[str] = []

    def crawl(ledger: Ledger) -> None:
        while (claimed := claim(ledger)) is not None:
            held.append(claimed.id)

    # One that finds only rows which others are about to lock may end early; the rest are claimed all the same.
    together(*(lambda: crawl(open_another()) for _ in range(4)))
    crawl(first)
    assert len(held) == 60
    assert len(set(held)) == 60


def test_the_target_due_longest_is_claimed_first(ledger: Ledger) -> None:
    details(ledger, 3)
    order = []
    for number, seconds in enumerate((-10, -30, -20)):
        with ledger.begin() as uow:
            found = uow.frontier.by_url(f"https://{HOST}/a/{number}.html")
            assert found is not None
            found.due_at = uow.now() + timedelta(seconds=seconds)
            uow.commit()
    while (claimed := claim(ledger)) is not None:
        order.append(claimed.url.rpartition("/")[2])
    assert order == ["1.html", "2.html", "0.html", ""]


def test_what_is_not_due_or_never_due_is_not_claimed(ledger: Ledger) -> None:
    column(ledger)
    for seconds in (3600, None):
        with ledger.begin() as uow:
            (listing,) = [uow.frontier.by_url(f"https://{HOST}/a/")]
            assert listing is not None
            listing.due_at = None if seconds is None else uow.now() + timedelta(seconds=seconds)
            uow.commit()
        assert claim(ledger) is None


def test_a_dead_crawlers_lease_ends_by_itself(ledger: Ledger) -> None:
    column(ledger)
    dead = claim(ledger, lease_seconds=-1)
    other = claim(ledger)
    assert dead is not None
    assert other is not None
    assert (other.id, other.lease) != (dead.id, dead.lease)
    assert other.id == dead.id


def test_who_lost_the_lease_writes_nothing(ledger: Ledger) -> None:
    column(ledger)
    slow = claim(ledger, lease_seconds=-1)
    quick = claim(ledger)
    assert slow is not None
    assert quick is not None
    assert not settle(ledger, slow)
    with ledger.begin() as uow:
        assert not uow.claims.release(slow, uow.now(), "late")
        uow.commit()
    (row,) = rows(ledger, Target)
    assert row.lease == quick.lease
    assert settle(ledger, quick)
    assert not settle(ledger, quick)


def test_settling_ends_the_lease_and_plans_the_next_visit(ledger: Ledger) -> None:
    column(ledger)
    claimed = claim(ledger)
    assert claimed is not None
    assert settle(ledger, claimed, seconds=600)
    (row,) = rows(ledger, Target)
    assert (row.lease, row.leased_until, row.due_reason) == (None, None, "test")
    assert timedelta(seconds=500) < row.due_at - now(ledger) <= timedelta(seconds=600)
    assert claim(ledger) is None


def test_a_wish_made_before_the_claim_is_fulfilled_by_the_visit(ledger: Ledger) -> None:
    _, found = column(ledger)
    wish, _ = recrawl(ledger, found.id, by="test")
    claimed = claim(ledger)
    assert claimed is not None
    assert claimed.recrawl_id == wish.id
    assert settle(ledger, claimed)
    (row,) = rows(ledger, Target)
    assert row.recrawl_id is None


def test_a_wish_made_after_the_claim_stays_open(ledger: Ledger) -> None:
    _, found = column(ledger)
    claimed = claim(ledger)
    assert claimed is not None
    wish, _ = recrawl(ledger, found.id, by="test")
    assert settle(ledger, claimed, seconds=3600)
    (row,) = rows(ledger, Target)
    assert row.recrawl_id == wish.id
    assert row.due_at <= now(ledger)
    again = claim(ledger)
    assert again is not None
    assert again.recrawl_id == wish.id


def test_a_wish_made_after_the_claim_of_another_wish_stays_open(ledger: Ledger) -> None:
    source, found = column(ledger)
    recrawl(ledger, found.id, by="test")
    claimed = claim(ledger)
    assert claimed is not None
    later_wish, _ = recrawl(ledger, source.id, by="test")
    assert settle(ledger, claimed)
    assert rows(ledger, Target)[0].recrawl_id == later_wish.id


def test_a_target_given_back_keeps_its_wish(ledger: Ledger) -> None:
    _, found = column(ledger)
    wish, _ = recrawl(ledger, found.id, by="test")
    claimed = claim(ledger)
    assert claimed is not None
    with ledger.begin() as uow:
        assert uow.claims.release(claimed, uow.now() + timedelta(hours=1), "the host asked for a pause")
        uow.commit()
    (row,) = rows(ledger, Target)
    assert (row.recrawl_id, row.lease) == (wish.id, None)
    assert rows(ledger, RecrawlRequest)[0].finished_at is None


def test_paused_sources_are_not_claimed_until_they_are_resumed(ledger: Ledger) -> None:
    column(ledger)
    pause(ledger, HOST)
    assert claim(ledger) is None
    with ledger.reading() as uow:
        assert uow.claims.due_hosts(uow.now(), 10) == []
    resume(ledger, HOST)
    assert claim(ledger) is not None


def test_only_the_host_that_was_asked_for_is_claimed(ledger: Ledger) -> None:
    column(ledger, "one.example")
    column(ledger, "two.example")
    assert claim(ledger, "three.example") is None
    found = claim(ledger, "two.example")
    assert found is not None
    assert found.host == "two.example"


def test_hosts_are_named_by_how_long_they_have_waited(ledger: Ledger) -> None:
    for host, seconds in (("one.example", -10), ("two.example", -30), ("three.example", 30)):
        column(ledger, host)
        with ledger.begin() as uow:
            listing = uow.frontier.by_url(f"https://{host}/a/")
            assert listing is not None
            listing.due_at = uow.now() + timedelta(seconds=seconds)
            uow.commit()
    with ledger.reading() as uow:
        assert uow.claims.due_hosts(uow.now(), 10) == ["two.example", "one.example"]
        assert uow.claims.due_hosts(uow.now(), 1) == ["two.example"]


def test_links_are_new_once_and_marked_as_listed_each_time(ledger: Ledger) -> None:
    source, found = column(ledger)
    links = [Link(f"https://{HOST}/a/{number}.html", HOST) for number in range(700)]
    for known in (700, 0):
        with ledger.begin() as uow:
            seen_at = uow.now()
            new = uow.frontier.add_details(source_id=source.id, column_id=found.id, links=links, now=seen_at)
            uow.commit()
        assert len(new) == known
        assert {row.listed_at for row in rows(ledger, Target, kind=TargetKind.DETAIL)} == {seen_at}


def test_two_columns_that_show_the_same_link_at_once_make_one_target(open_another: Callable[[], Ledger]) -> None:
    first, second = open_another(), open_another()
    source, found = column(first)
    link = [Link(f"https://{HOST}/shared.html", HOST)]
    new: list[set[str]] = []

    def show(ledger: Ledger) -> None:
        with ledger.begin() as uow:
            new.append(uow.frontier.add_details(source_id=source.id, column_id=found.id, links=link, now=uow.now()))
            uow.commit()

    together(lambda: show(first), lambda: show(second))
    assert sorted(map(len, new)) == [0, 1]
    assert len(rows(first, Target, kind=TargetKind.DETAIL)) == 1


def test_a_page_known_already_becomes_due_again_when_the_first_page_asks_for_it(ledger: Ledger) -> None:
    source, found = column(ledger)
    page = Link(f"https://{HOST}/a/index_2.html", HOST)
    told = []
    for _ in range(2):
        with ledger.begin() as uow:
            told.append(
                uow.frontier.add_listing(source_id=source.id, column_id=found.id, link=page, page=2, now=uow.now())
            )
            uow.commit()
        claimed = claim(ledger)
        assert claimed is not None
        while claimed.url != page.url:
            claimed = claim(ledger)
            assert claimed is not None
        assert settle(ledger, claimed, seconds=None)
    assert told == [True, False]


def test_the_longest_url_that_is_accepted_can_be_stored(ledger: Ledger) -> None:
    """Not compressible, so that the index of PostgreSQL must take it as it is."""
    letters = Random(7).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=LONGEST)
    path = "".join(letters)[: LONGEST - len(f"https://{HOST}/a/")]
    assert len(target(ledger, path).url) == LONGEST


def test_forgetting_a_source_takes_everything_of_it_along(ledger: Ledger) -> None:
    source, _ = column(ledger)
    details(ledger, 3)
    with ledger.begin() as uow:
        uow.sources.remove(source.id)
        uow.commit()
    assert rows(ledger, Target) == []
    assert rows(ledger, Column) == []


def test_a_pager_that_leads_back_to_the_first_page_does_not_set_its_pace(ledger: Ledger) -> None:
    source, found = column(ledger)
    claimed = claim(ledger)
    assert claimed is not None
    assert settle(ledger, claimed, seconds=1800)
    with ledger.begin() as uow:
        link = Link(found.url, HOST)
        assert not uow.frontier.add_listing(source_id=source.id, column_id=found.id, link=link, page=2, now=uow.now())
        uow.commit()
    assert claim(ledger) is None


def test_a_later_page_that_sleeps_is_read_again_when_it_is_asked_for(ledger: Ledger) -> None:
    source, found = column(ledger)
    assert claim(ledger) is not None
    link = Link(f"https://{HOST}/a/index_1.html", HOST)
    for _ in range(2):
        with ledger.begin() as uow:
            uow.frontier.add_listing(source_id=source.id, column_id=found.id, link=link, page=2, now=uow.now())
            uow.commit()
        claimed = claim(ledger)
        assert claimed is not None
        assert claimed.url == link.url
        assert settle(ledger, claimed, seconds=None)


def test_listings_that_share_links_never_wait_for_each_other_in_a_ring(open_another: Callable[[], Ledger]) -> None:
    source, found = column(open_another())
    links = [Link(f"https://{HOST}/a/{number}.html", HOST) for number in range(400)]

    def record(ledger: Ledger, shown: list[Link]) -> None:
        with ledger.begin() as uow:
            uow.frontier.add_details(source_id=source.id, column_id=found.id, links=shown, now=uow.now())
            uow.commit()

    one, other = open_another(), open_another()
    for _ in range(3):
        together(lambda: record(one, links), lambda: record(other, links[::-1]))
    assert len(rows(one, Target)) == 401
