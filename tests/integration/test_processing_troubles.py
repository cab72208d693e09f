"""Fetches that cannot be processed: set aside with their reason, or owed until the trouble of ours is over."""

from pathlib import Path

import pytest

from shared.db import Ledger
from shared.db.models import Fetch
from shared.errors import Unavailable
from tests.integration.scene import rows
from tests.integration.test_processing import RULES, Desk
from worker.process import ProcessRules


@pytest.fixture
def desk(ledger: Ledger, tmp_path: Path) -> Desk:
    return Desk(ledger, tmp_path / "blobs")


def test_an_unreadable_page_is_set_aside_with_its_reason_and_others_go_on(desk: Desk) -> None:
    broken = desk.fetch(digest=desk.blobs.put(b"\x89PNG\r\n\x00\x01"), content_type="image/png")
    following = desk.brought("一")
    desk.process(broken)
    (aside,) = [one for one in rows(desk.ledger, Fetch) if one.id == broken]
    assert aside.quarantine_reason == "Unreadable: the snapshot is a PNG image, not a page"
    assert desk.bell.rung == [following]
    desk.process(following)
    assert desk.told() == [("notice.published", "revision/1")]


def test_a_fetch_whose_snapshot_is_missing_is_set_aside_with_its_reason(desk: Desk) -> None:
    desk.process(desk.fetch(digest="0" * 64), desk.fetch(digest=None))
    reasons = [one.quarantine_reason for one in rows(desk.ledger, Fetch)]
    assert reasons[0].startswith("NotFound: no snapshot 0000")
    assert reasons[1] == "NotFound: a captured fetch names no snapshot"


def test_a_page_that_kills_its_readers_is_set_aside_after_its_tries(desk: Desk) -> None:
    deadly = desk.brought("一")

    class Deadly:
        def put(self, content: bytes) -> str:
            raise AssertionError

        def get(self, digest: str) -> bytes:
            raise SystemExit

    rules = ProcessRules(lease_seconds=-1, leases=3, withdrawal=RULES.withdrawal)
    for _ in range(3):
        with pytest.raises(SystemExit):
            desk.processor(rules, blobs=Deadly()).process(deadly)
    desk.processor(rules, blobs=Deadly()).process(deadly)
    assert rows(desk.ledger, Fetch)[0].quarantine_reason == "not read in 3 tries"


def test_after_its_tries_the_next_fetch_of_the_target_is_rung_for(desk: Desk) -> None:
    deadly, following = desk.brought("一"), desk.brought("二")
    with desk.ledger.begin() as uow:
        uow.fetches.by_id(deadly).leases = RULES.leases  # type: ignore[union-attr]
        uow.commit()
    desk.process(deadly)
    assert desk.bell.rung == [following]


class Away:
    """A store that does not answer."""

    def put(self, content: bytes) -> str:
        raise AssertionError

    def get(self, digest: str) -> bytes:
        raise Unavailable("cannot read a snapshot: Input/output error")


def test_a_store_that_is_down_costs_a_fetch_none_of_its_tries(desk: Desk) -> None:
    one = desk.brought("一")
    for _ in range(RULES.leases + 2):
        with pytest.raises(Unavailable):
            desk.processor(blobs=Away()).process(one)
    (owed,) = rows(desk.ledger, Fetch)
    assert (owed.leases, owed.lease, owed.quarantined_at) == (0, None, None)
    desk.process(one)
    assert desk.told() == [("notice.published", "revision/1")]


def test_a_fetch_whose_snapshot_is_damaged_is_set_aside_and_others_go_on(desk: Desk, tmp_path: Path) -> None:
    one, following = desk.brought("一"), desk.brought("二")
    (snapshot,) = (tmp_path / "blobs").rglob(f"{rows(desk.ledger, Fetch, id=one)[0].digest}.zst")
    snapshot.write_bytes(b"damaged")
    desk.process(one)
    (aside,) = rows(desk.ledger, Fetch, id=one)
    assert "is damaged" in aside.quarantine_reason
    assert desk.bell.rung == [following]
