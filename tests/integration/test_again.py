"""Reading again: a new reader is no change of any notice, and in bulk it refreshes what is stored, killed or not."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared.db import Ledger
from shared.db.models import Fetch, Notice, Revision, Searchable, Target
from shared.domain.states import NoticeState
from tests.integration.scene import events, rows
from tests.integration.telling import Teller, document, problem
from tests.integration.test_processing import Brittle, BrittleBlobs, Crash, Desk, page
from worker.again import BATCH, Again, Reread, read_all_again, refresh
from worker.enter import held

OLD = {"title": "旧读法", "body": "旧读法的正文", "attachments": [], "removed": []}
"""A document as an earlier release wrote it, which knew few fields and read others otherwise."""


@pytest.fixture
def desk(ledger: Ledger, tmp_path: Path) -> Desk:
    return Desk(ledger, tmp_path / "blobs")


def age(ledger: Ledger, **values: Any) -> None:
    """Let every revision be as an earlier reader left it."""
    given = {"document": OLD, "fingerprint": "0" * 64} | values
    with Session(ledger.engine) as session:
        session.execute(update(Revision).values(**given))
        session.execute(update(Notice).values(kind=None, title="旧读法"))
        session.commit()


def revision(desk: Desk) -> Revision:
    found = sorted(rows(desk.ledger, Revision, notice_id=desk.notice().id), key=lambda one: one.number)
    assert isinstance(found[-1], Revision)
    return found[-1]


def test_a_text_that_only_the_reader_reads_otherwise_is_not_revised_but_refreshed(desk: Desk) -> None:
    desk.process(desk.brought("整改任务共十二项。"))
    before, notice = revision(desk), desk.notice()
    age(desk.ledger)
    desk.process(desk.brought("整改任务共十二项。"))
    assert desk.decisions()[-1] == ("unchanged", "same-text-read-anew")
    assert desk.told() == [("notice.published", "revision/1")]
    after = revision(desk)
    assert (after.id, after.document, after.fingerprint) == (before.id, before.document, before.fingerprint)
    assert (desk.notice().title, desk.notice().kind) == (notice.title, notice.kind)
    assert desk.notice().changed_at == notice.changed_at
    desk.process(desk.brought("整改任务共十二项。"))
    assert desk.decisions()[-1] == ("unchanged", "same-text")


def framed(text: str) -> bytes:
    menu = "".join(f"<li><a href='/c{number}/'>栏目{number}</a></li>" for number in range(40))
    return page(text).replace(b"<h1>", f"<ul>{menu}</ul><div class='main'><h1>".encode())


def test_what_a_reading_by_template_left_aside_is_neither_a_change_nor_told_as_one(desk: Desk, tmp_path: Path) -> None:
    other = Desk(desk.ledger, tmp_path / "blobs", "2.html")
    with Session(desk.ledger.engine) as session:
        # A line of its own on the listing: this is no notice that moved.
        session.execute(update(Target).where(Target.id == other.target.id).values(hint_title="另一份通报"))
        session.commit()
    worker = desk.processor()
    for each, text in ((desk, "整改任务共十二项。"), (other, "整改任务共十三项。")):
        worker.process(each.fetch(digest=each.blobs.put(framed(text)), content_type="text/html"))
    assert ["栏目7" in str(revision(each).document["removed"]) for each in (desk, other)] == [True, False]
    assert [told.changed for told in read_all_again(desk.ledger, desk.blobs, apply=False)] == [(), ()]


def test_a_notice_that_is_known_is_read_whole_so_that_no_template_revises_it(desk: Desk) -> None:
    worker = desk.processor()
    for text in ("整改任务共十二项。", "整改任务共十三项。"):
        worker.process(desk.fetch(digest=desk.blobs.put(framed(text)), content_type="text/html"))
    assert "栏目7" in str(revision(desk).document["removed"])


def test_other_furniture_in_other_bytes_is_still_the_same_text_read_anew(desk: Desk) -> None:
    desk.process(desk.brought("整改任务共十二项。"))
    age(desk.ledger)
    again = desk.blobs.get(revision(desk).digest).replace(b"</body>", "<p>浏览次数：12</p></body>".encode())
    desk.process(desk.fetch(digest=desk.blobs.put(again), content_type="text/html"))
    assert desk.decisions()[-1] == ("unchanged", "same-text-read-anew")
    assert revision(desk).digest != rows(desk.ledger, Fetch, number=2)[0].digest


def test_a_text_that_changed_is_held_against_the_old_one_as_it_is_read_today(desk: Desk) -> None:
    desk.process(desk.brought("整改任务共十二项。"))
    age(desk.ledger)
    desk.process(desk.brought("整改任务共十三项。"))
    assert desk.decisions()[-1] == ("revised", "other-text")
    diff = json.loads(events(desk.ledger)[-1].data)["diff"]
    assert diff["fields"] == {}
    assert [line for line in diff["text"] if line[0] in "+-"] == ["-整改任务共十二项。", "+整改任务共十三项。"]


def test_where_the_old_bytes_are_gone_the_text_counts_as_changed(desk: Desk) -> None:
    desk.process(desk.brought("整改任务共十二项。"))
    age(desk.ledger, digest="0" * 64)
    with Session(desk.ledger.engine) as session:
        session.execute(update(Fetch).where(Fetch.number == 1).values(digest="0" * 64))
        session.commit()
    desk.process(desk.brought("整改任务共十二项。"))
    assert desk.decisions()[-1] == ("revised", "other-text")
    assert "-旧读法的正文" in json.loads(events(desk.ledger)[-1].data)["diff"]["text"]


def test_a_withdrawn_notice_comes_back_as_it_was_though_the_reader_is_another(desk: Desk) -> None:
    desk.process(desk.brought("整改任务共十二项。"))
    age(desk.ledger)
    desk.unlist()
    desk.process(*(desk.gone(hours_ago=hours) for hours in (9, 5, 1)))
    desk.process(desk.brought("整改任务共十二项。"))
    assert desk.decisions()[-1] == ("restored", "back-read-anew")
    assert [kind for kind, _ in desk.told()][-1] == "notice.restored"
    assert desk.notice().state == NoticeState.LIVE
    assert "十二项" in revision(desk).document["body"]


SOFT = "<html><head><title>页面不存在</title></head><body><p>您访问的页面不存在，5秒后自动跳转到首页</p></body></html>"
WALL = "<html><head><title>安全验证</title></head><body><p>请输入验证码以继续访问</p></body></html>"


def test_an_error_page_that_says_it_is_well_is_neither_published_nor_a_revision(desk: Desk) -> None:
    soft = desk.blobs.put(SOFT.encode())
    desk.process(desk.fetch(digest=soft, content_type="text/html"))
    assert desk.decisions() == [("unchanged", "never-published")]
    desk.process(desk.brought("整改任务共十二项。"), desk.fetch(digest=soft, content_type="text/html"))
    assert desk.decisions()[1:] == [("published", "first-text"), ("unchanged", "gone-while-its-listing-fails")]
    assert desk.told() == [("notice.published", "revision/1")]


def test_a_block_page_is_set_aside_with_what_it_is_and_which_rule_says_so(desk: Desk) -> None:
    desk.process(desk.fetch(digest=desk.blobs.put(WALL.encode()), content_type="text/html"))
    (aside,) = rows(desk.ledger, Fetch)
    assert aside.quarantine_reason == "Unreadable: the page is blocked, by the rule challenge_captcha"
    assert rows(desk.ledger, Notice) == []


@dataclass
class Many:
    """Several notices of an earlier reader."""

    ledger: Ledger
    folder: Path
    desks: list[Desk]

    def again(self, *, apply: bool, **given: Any) -> list[Reread]:
        return list(read_all_again(self.ledger, self.desks[0].blobs, apply=apply, **given))

    def stored(self) -> list[tuple[str, dict[str, Any], str, str | None, str | None]]:
        notices = {one.id: one for one in rows(self.ledger, Notice)}
        return [
            (one.notice_id, one.document, one.fingerprint, notices[one.notice_id].title, notices[one.notice_id].kind)
            for one in sorted(rows(self.ledger, Revision), key=lambda one: one.id)
        ]


@pytest.fixture
def many(ledger: Ledger, tmp_path: Path) -> Many:
    desks = [Desk(ledger, tmp_path / "blobs", f"{number}.html") for number in range(3)]
    for number, desk in enumerate(desks):
        desk.process(desk.brought(f"整改任务共{number}项。"))
    return Many(ledger, tmp_path / "blobs", desks)


def test_reading_all_again_first_tells_what_would_change_and_changes_nothing(many: Many) -> None:
    fresh = many.stored()
    assert [one.changed for one in many.again(apply=False)] == [(), (), ()]
    age(many.ledger)
    aged = many.stored()
    told = many.again(apply=False)
    assert many.stored() == aged != fresh
    assert [one.notice_id for one in told] == [notice_id for notice_id, *_ in fresh]
    for one in told:
        assert {"body", "title", "page", "fingerprint"} <= set(one.changed)
        assert one.titles == ("旧读法", "关于督察整改进展情况的通报")
        assert (one.problems, one.trouble) == ((0, 0), None)


def test_applied_it_refreshes_everything_and_makes_no_event_and_no_revision(many: Many) -> None:
    fresh, told = many.stored(), len(events(many.ledger))
    age(many.ledger)
    many.again(apply=True)
    assert many.stored() == fresh
    assert len(events(many.ledger)) == told
    assert len(rows(many.ledger, Searchable)) == 3
    assert [one.changed for one in many.again(apply=True)] == [(), (), ()]


def test_a_missing_snapshot_and_one_that_cannot_be_read_are_told_and_others_go_on(many: Many) -> None:
    age(many.ledger)
    broken = many.desks[0].blobs.put(b"\x89PNG\r\n")
    wall = many.desks[0].blobs.put(SOFT.encode())
    digests = {desk.notice().id: digest for desk, digest in zip(many.desks, ("0" * 64, broken, wall), strict=True)}
    with Session(many.ledger.engine) as session:
        for one in session.scalars(select(Revision)):
            one.digest = digests[one.notice_id]
            session.execute(update(Fetch).where(Fetch.id == one.fetch_id).values(digest=one.digest))
        session.commit()
    aged = many.stored()
    missing, unreadable, other = many.again(apply=True)
    assert missing.trouble is not None
    assert missing.trouble.startswith("NotFound: no snapshot 000")
    assert unreadable.trouble == "Unreadable: the snapshot is a PNG image, not a page"
    assert other.trouble is not None
    assert other.trouble.startswith("NoNotice: the page now reads as soft_404")
    assert many.stored() == aged


def test_it_can_be_taken_up_after_any_notice(many: Many) -> None:
    first, second, third = (one.notice_id for one in many.again(apply=False))
    assert [one.notice_id for one in many.again(apply=False, after=first)] == [second, third]
    assert many.again(apply=False, after=third) == []


def test_notices_beyond_a_batch_are_read_too(ledger: Ledger, tmp_path: Path) -> None:
    for number in range(BATCH + 2):
        desk = Desk(ledger, tmp_path / "blobs", f"{number}.html")
        desk.process(desk.brought(f"整改任务共{number}项。"))
    assert len({one.notice_id for one in read_all_again(ledger, desk.blobs, apply=False)}) == BATCH + 2


def test_killed_at_any_step_a_second_run_completes_it(many: Many) -> None:
    fresh, told = many.stored(), len(events(many.ledger))
    crashes = 0
    for dies_at in range(1, 100):
        age(many.ledger)
        brittle = Brittle(many.ledger, dies_at)
        try:
            list(read_all_again(brittle, BrittleBlobs(many.folder, brittle), apply=True))
        except Crash:
            crashes += 1
        many.again(apply=True)
        assert many.stored() == fresh
        assert len(rows(many.ledger, Searchable)) == 3
        if crashes < dies_at:
            break
    assert crashes >= 10
    assert len(events(many.ledger)) == told


def test_a_revision_that_came_in_between_is_left_alone(many: Many) -> None:
    age(many.ledger)
    desk = many.desks[0]

    class Meanwhile:
        """A store, while another worker records what came."""

        def put(self, content: bytes) -> str:
            raise AssertionError

        def get(self, digest: str) -> bytes:
            if len(desk.told()) == 3:
                desk.process(desk.brought("整改任务共一百项。"))
            return desk.blobs.get(digest)

    run = read_all_again(many.ledger, Meanwhile(), apply=True)
    overtaken = next(run)
    assert overtaken.trouble == "Overtaken: another revision was recorded meanwhile, by today's reader"
    assert "一百项" in revision(desk).document["body"]
    assert [one.trouble for one in run] == [None, None]


def test_a_status_that_reads_otherwise_now_is_corrected_and_is_no_news(ledger: Ledger) -> None:
    teller = Teller(ledger)
    teller.tell(document(problem(1, "账实不符", "staged"), problem(2, "往来款未清")))
    told, before = len(events(ledger)), teller.problems()["账实不符"]
    read_anew = document(problem(1, "账实不符", "in_progress"), problem(2, "往来款未清", "completed"))
    with ledger.begin() as uow:
        notice = held(uow, teller.notice().target_id, read_anew)
        assert notice is not None
        latest = uow.notices.latest_revision(notice.id)
        assert latest is not None
        refresh(uow, notice, latest, Again(latest.id, read_anew, "f" * 64))
        uow.commit()
    after = teller.problems()
    assert (after["账实不符"].id, after["账实不符"].status) == (before.id, "in_progress")
    assert after["账实不符"].changed_at == before.changed_at
    assert after["往来款未清"].status == "completed"
    assert (teller.history("账实不符"), teller.history("往来款未清")) == (["in_progress"], ["completed"])
    assert len(events(ledger)) == told
