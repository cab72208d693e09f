"""Pages that change at every visit, on a real ledger: muted with a reason, bounded, and heard again."""

from pathlib import Path

import pytest

from shared.db import Ledger
from shared.db.models import Revision, Target
from tests.integration.scene import now, rows
from tests.integration.test_processing import Desk
from worker.decide import RESTLESS_VISITS


@pytest.fixture
def desk(ledger: Ledger, tmp_path: Path) -> Desk:
    return Desk(ledger, tmp_path / "blobs")


def counted(desk: Desk, visits: int, body: str = "整改任务共十二项，均已落实到各责任单位，并逐月督办。") -> None:
    """Let visits bring a page with a counter that no rule knows."""
    desk.process(*(desk.brought(f"{body}</p><p>本页热度{100 + desk.number}") for _ in range(visits)))


def test_a_page_that_changes_at_every_visit_is_muted_with_a_reason_and_stored_no_more(desk: Desk) -> None:
    counted(desk, RESTLESS_VISITS + 20)
    notice = desk.notice()
    assert notice.muted_at is not None
    assert "(本页热度…)" in str(notice.muted_reason)
    assert len(rows(desk.ledger, Revision)) == len(desk.told()) == RESTLESS_VISITS + 1
    assert [rule for _, rule in desk.decisions()][-2:] == ["still-muted"] * 2
    (target,) = rows(desk.ledger, Target, id=desk.target.id)
    assert target.digest is None, "it must be seen whole, or nobody would notice that it holds still"
    assert target.due_at > now(desk.ledger), "nor need it be visited often"


def test_a_change_elsewhere_is_told_and_the_notice_is_heard_again(desk: Desk) -> None:
    counted(desk, RESTLESS_VISITS + 3)
    counted(desk, 1, "整改任务共十三项，均已落实到各责任单位，并逐月督办。")
    assert desk.decisions()[-1] == ("revised", "change-elsewhere")
    assert desk.notice().muted_at is None
    assert "十三项" in str(rows(desk.ledger, Revision, number=RESTLESS_VISITS + 2)[0].document["body"])


def test_a_page_that_holds_still_is_heard_again_and_its_text_stored(desk: Desk) -> None:
    counted(desk, RESTLESS_VISITS + 3)
    body = f"整改任务共十二项，均已落实到各责任单位，并逐月督办。</p><p>本页热度{99 + desk.number}"
    desk.process(desk.brought(body), desk.brought(body))
    assert desk.decisions()[-2:] == [("muted", "still-muted"), ("revised", "held-still")]
    assert desk.notice().muted_reason is None
    desk.process(desk.brought(body))
    assert desk.decisions()[-1] == ("unchanged", "same-text")


def test_a_page_that_was_still_once_in_between_is_not_muted(desk: Desk) -> None:
    counted(desk, RESTLESS_VISITS)
    desk.process(desk.brought("整改任务共十二项，均已落实到各责任单位，并逐月督办。</p><p>本页热度103"))
    counted(desk, RESTLESS_VISITS - 1)
    assert desk.notice().muted_at is None


def test_a_notice_whose_text_is_really_worked_on_is_not_muted(desk: Desk) -> None:
    for number in range(RESTLESS_VISITS + 3):
        desk.process(desk.brought(f"整改任务共十二项。</p><p>{'新增一项措施。' * number}"))
    assert desk.notice().muted_at is None
    assert len(rows(desk.ledger, Revision)) == RESTLESS_VISITS + 3
