"""Withdrawal on a real ledger: many observations agree, the listing's word counts, and error pages count as absence."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.db import Ledger
from shared.db.frontier import SEEKING
from shared.db.models import Target
from shared.domain.states import Ailment, NoticeState, Outcome
from tests.integration.scene import column, fetch, later, look_at_listing, now, rows, target
from tests.integration.test_processing import Desk, page
from worker.decide import SOUGHT

QUICK = (7, 4, 1)
SLOW = (80, 60, 40, 20, 10, 1)


@pytest.fixture
def desk(ledger: Ledger, tmp_path: Path) -> Desk:
    desk = Desk(ledger, tmp_path / "blobs")
    desk.process(desk.brought("整改任务共十二项。"))
    return desk


def find_gone(desk: Desk, hours: Sequence[float]) -> str | None:
    """Let visits so many hours ago find the page gone; return the last one's rule."""
    desk.process(*(desk.gone(hours_ago=ago) for ago in hours))
    return desk.decisions()[-1][1]


def test_a_notice_inside_the_span_of_the_last_look_that_was_not_shown_is_withdrawn_within_hours(desk: Desk) -> None:
    look_at_listing(desk.ledger, desk.target, shows=False, covered_from="2026-03-03")
    assert find_gone(desk, QUICK) == "gone-confirmed"
    assert desk.notice().state == NoticeState.WITHDRAWN


@pytest.mark.parametrize("covered_from", ["2026-03-04", "2026-05-01", None])
def test_a_notice_that_rolled_off_the_listing_needs_more_visits_over_days(desk: Desk, covered_from: str | None) -> None:
    look_at_listing(desk.ledger, desk.target, shows=False, covered_from=covered_from)
    assert find_gone(desk, QUICK) == SOUGHT
    desk.process(desk.brought("整改任务共十二项。"))
    assert find_gone(desk, SLOW) == "gone-confirmed"


def test_a_listing_that_shows_all_others_to_its_end_proves_an_absence_whatever_the_day(desk: Desk) -> None:
    look_at_listing(desk.ledger, desk.target, shows=False, covered_from="2026-03-04", to_end=True)
    assert find_gone(desk, QUICK) == "gone-confirmed"


def test_a_listing_from_which_another_rolled_off_does_not(desk: Desk) -> None:
    other = target(desk.ledger, "other.html")
    look_at_listing(desk.ledger, other, shows=False)
    look_at_listing(desk.ledger, desk.target, shows=False, covered_from="2026-03-04", to_end=True)
    assert find_gone(desk, QUICK) == SOUGHT


def test_an_odd_listing_proves_no_absence(desk: Desk) -> None:
    look_at_listing(desk.ledger, desk.target, shows=False, warning="3 items lead to another host: x.example")
    assert find_gone(desk, QUICK) == SOUGHT


@pytest.mark.parametrize("outcome", [Outcome.BLOCKED, Outcome.FAILED, Outcome.GONE])
def test_nothing_is_withdrawn_while_the_listing_is_blocked_failing_or_gone_itself(desk: Desk, outcome: Outcome) -> None:
    look_at_listing(desk.ledger, desk.target, shows=False, outcome=outcome)
    assert find_gone(desk, SLOW) == "gone-while-its-listing-fails"
    assert desk.notice().state == NoticeState.LIVE


def test_nothing_is_withdrawn_while_the_listing_was_not_read_since(desk: Desk) -> None:
    assert find_gone(desk, SLOW) == "gone-while-its-listing-fails"


def test_a_notice_that_is_shown_still_is_not_withdrawn(desk: Desk) -> None:
    look_at_listing(desk.ledger, desk.target, shows=True)
    assert find_gone(desk, SLOW) == "gone-but-listed"


def test_a_notice_that_is_gone_beyond_its_listing_is_sought_once_on_its_further_pages(desk: Desk) -> None:
    look_at_listing(desk.ledger, desk.target, shows=False, covered_from="2026-05-01")
    with desk.ledger.begin() as uow:
        page = uow.frontier.listing_of(desk.target.column_id)
        assert page is not None
        page.due_at, page.digest = uow.now() + timedelta(days=1), "d" * 64
        uow.commit()
    find_gone(desk, (9, 6))
    assert rows(desk.ledger, Target, due_reason=SEEKING) == []
    assert find_gone(desk, [3]) == SOUGHT
    (page,) = rows(desk.ledger, Target, due_reason=SEEKING)
    assert (page.kind, page.digest) == ("listing", None)
    assert page.due_at <= now(desk.ledger)
    assert find_gone(desk, [1]) == "gone-beyond-its-listing"


@pytest.mark.parametrize("kind", [Ailment.BLOCKED, Ailment.DRIFTED])
def test_nothing_is_withdrawn_while_its_column_is_blocked_or_has_drifted(desk: Desk, kind: Ailment) -> None:
    look_at_listing(desk.ledger, desk.target, shows=False)
    with desk.ledger.begin() as uow:
        found = uow.sources.column(desk.target.column_id)
        assert found is not None
        uow.episodes.begin(found, kind, {}, uow.now())
        uow.commit()
    assert find_gone(desk, (160, *SLOW)) == "gone-while-its-column-ails"
    assert desk.notice().state == NoticeState.LIVE
    with desk.ledger.begin() as uow:
        uow.episodes.end(desk.target.column_id, [kind], uow.now())
        uow.commit()
    assert find_gone(desk, [0.5]) == "gone-confirmed"


def test_while_another_column_of_its_source_ails_a_withdrawal_takes_two_weeks(desk: Desk) -> None:
    _, sibling = column(desk.ledger, name="b")
    with desk.ledger.begin() as uow:
        uow.episodes.begin(sibling, Ailment.DRIFTED, {}, uow.now())
        uow.commit()
    look_at_listing(desk.ledger, desk.target, shows=False)
    assert find_gone(desk, SLOW) == "gone-while-a-sibling-ails"
    desk.process(desk.brought("整改任务共十二项。"))
    with desk.ledger.begin() as uow:
        row = uow.frontier.by_id(desk.target.id)
        assert row is not None
        row.listed_at = uow.now() - timedelta(days=30)
        uow.commit()
    assert find_gone(desk, (14 * 24 + 1, *SLOW)) == "gone-confirmed"


def publish(desk: Desk, other: Target) -> None:
    shown: dict[str, Any] = {"digest": desk.blobs.put(page(f"任务{other.id}。")), "content_type": "text/html"}
    desk.process(fetch(desk.ledger, other.id, **shown))


@pytest.mark.parametrize(("others", "rule"), [(3, "gone-with-many-others"), (2, "gone-confirmed")])
def test_many_notices_that_leave_a_listing_within_one_look_are_a_redesign_until_long_confirmed(
    desk: Desk, others: int, rule: str
) -> None:
    siblings = [target(desk.ledger, f"other-{number}.html") for number in range(others + 4)]
    for one in siblings:
        publish(desk, one)
    for number, one in enumerate(siblings):
        look_at_listing(desk.ledger, one, shows=number >= others)
    look_at_listing(desk.ledger, desk.target, shows=False)
    with desk.ledger.begin() as uow:  # those that are shown were shown by the last look
        for one in siblings[others:]:
            row = uow.frontier.by_id(one.id)
            assert row is not None
            row.listed_at = uow.now()
        uow.commit()
    assert find_gone(desk, QUICK) == rule


def test_many_pages_of_a_column_that_are_gone_at_once_are_too_whatever_its_listing_shows(desk: Desk) -> None:
    for number in range(4):
        one = target(desk.ledger, f"other-{number}.html")
        publish(desk, one)
        with desk.ledger.begin() as uow:
            row = uow.frontier.by_id(one.id)
            assert row is not None
            row.last_outcome, row.last_fetch_at = Outcome.GONE, uow.now()
            uow.commit()
    look_at_listing(desk.ledger, desk.target, shows=False, covered_from="2026-05-01")
    assert find_gone(desk, SLOW) == "gone-with-many-others"


ERROR = "<html><head><title>清源区人民政府</title></head><body><p>对不起，您访问的页面不存在或已删除</p></body></html>"
NAV = "".join(f"<li><a href='/c{n}/'>栏目之{n}</a></li>" for n in range(80))
HOME = f"<html><head><title>清源区人民政府</title></head><body><ul>{NAV}</ul></body></html>"


@pytest.mark.parametrize("page", [ERROR, HOME])
def test_an_error_page_that_only_the_worker_knows_counts_as_absence_and_is_no_revision(desk: Desk, page: str) -> None:
    look_at_listing(desk.ledger, desk.target, shows=False)
    shown: dict[str, Any] = {"digest": desk.blobs.put(page.encode()), "content_type": "text/html"}
    absences = [desk.fetch(started_at=later(desk.ledger, -3600 * ago), **shown) for ago in QUICK]
    desk.process(*absences)
    assert [rule for _, rule in desk.decisions()[1:]] == ["gone-unconfirmed"] * 2 + ["gone-confirmed"]
    assert desk.told() == [("notice.published", "revision/1"), ("notice.withdrawn", absences[-1])]
    desk.process(desk.fetch(**shown))
    assert desk.decisions()[-1] == ("unchanged", "still-gone")
    desk.process(back := desk.brought("整改任务共十二项。"))
    assert desk.told()[-1] == ("notice.restored", back)


def test_after_an_error_page_with_status_200_the_next_visit_brings_the_whole_page(desk: Desk) -> None:
    with desk.ledger.begin() as uow:
        target = uow.frontier.by_id(desk.target.id)
        assert target is not None
        target.digest, target.etag = "d" * 64, '"x"'
        uow.commit()
    desk.process(desk.fetch(digest=desk.blobs.put(ERROR.encode()), content_type="text/html"))
    (target,) = rows(desk.ledger, Target, id=desk.target.id)
    assert (target.digest, target.etag) == (None, None)


def test_visits_that_brought_the_same_error_page_again_count_too(desk: Desk) -> None:
    look_at_listing(desk.ledger, desk.target, shows=False)
    shown = {"digest": desk.blobs.put(ERROR.encode()), "content_type": "text/html"}
    first = desk.fetch(started_at=later(desk.ledger, -3600 * 7), **shown)
    desk.process(first)
    desk.fetch(started_at=later(desk.ledger, -3600 * 4), outcome=Outcome.UNCHANGED, rung_at=None)
    assert find_gone(desk, [1]) == "gone-confirmed"


def test_a_page_that_was_up_in_between_starts_the_count_anew(desk: Desk) -> None:
    look_at_listing(desk.ledger, desk.target, shows=False)
    find_gone(desk, (9, 8))
    desk.fetch(outcome=Outcome.CAPTURED, rung_at=None, started_at=now(desk.ledger) - timedelta(hours=7))
    assert find_gone(desk, (5, 1)) == "gone-unconfirmed"
