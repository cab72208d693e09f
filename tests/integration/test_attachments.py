"""The files of a notice: one event tells of them all; other bytes are a change, and a late arrival is none."""

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.orm import Session

from services.desk.watching import Watch, watch
from services.simulation.files import docx, pdf
from services.simulation.site import DisclosureSite
from shared.blobs import FolderBlobs
from shared.db import Ledger
from shared.db.files import Extracted
from shared.db.models import Fetch, FileText, Revision, Target
from shared.db.notices import NoticeQuery
from shared.domain.states import Outcome, TargetKind
from tests.integration.scene import HOST, events, later, rows, target
from tests.integration.test_guest import HOME, Crawl
from tests.integration.test_parts import PUBLISHED, REVISED, TITLE, Article, text
from tests.integration.test_processing import IMPATIENT, RULES, Brittle, BrittleBlobs, Crash
from tests.invariants import files_are_told_as_extracted
from worker.again import read_all_again
from worker.attachments import EXTRACTOR
from worker.process import Processor
from worker.sweep import Sweeper, SweepRules

SAID = "关于云岭镇整改情况的附表，逐项列明责任单位和完成时限，版本{}。"


class Dossier(Article):
    """A notice of one page with files, the fetches of each, and workers; what the files say is known beforehand."""

    def __init__(self, ledger: Ledger, folder: Path, name: str = "t1", files: int = 2) -> None:
        super().__init__(ledger, folder, name, pages=1)
        self.files = files
        self.links = ""
        self.says = f"<p>{text(1, 0, name)}</p>"

    def file_url(self, number: int) -> str:
        return f"https://{HOST}/a/{self.name}-{number}.pdf"

    def body(self, number: int, version: int = 0) -> bytes:
        links = "".join(f"<p><a href='{self.file_url(n)}'>附件{n}.pdf</a></p>" for n in range(1, self.files + 1))
        says = self.says.replace("10项", f"{10 + version}项")
        head = f"<meta charset='utf-8'><title>{TITLE}</title><meta name='ArticleTitle' content='{TITLE}'>"
        body = f"<h1>{TITLE}</h1><p>发布时间：2026-03-04</p><div id='zoom'>{says}{links}{self.links}</div>"
        return f"<html><head>{head}</head><body>{body}</body></html>".encode()

    def file(self, number: int) -> Target:
        (found,) = rows(self.ledger, Target, url=self.file_url(number))
        assert isinstance(found, Target)
        return found

    def content(self, number: int, version: int = 0) -> bytes:
        return f"%PDF-{self.name} {number} {version}".encode()

    def bring_file(self, number: int, version: int = 0, **extracted: Any) -> str:
        content = self.content(number, version)
        digest = self.blobs.put(content)
        told = Extracted(**({"kind": "pdf", "text": SAID.format(version), "reason": None} | extracted))
        with self.ledger.begin() as uow:
            uow.files.keep(digest, told, EXTRACTOR, uow.now())
            uow.commit()
        return self.fetch_file(number, digest=digest, size=len(content))

    def fetch_file(self, number: int, **values: Any) -> str:
        return self.fetch(-number, **values)

    def page(self, number: int) -> Target:
        return super().page(number) if number > 0 else self.file(-number)

    def publish(self) -> None:
        self.process(self.bring(1))
        self.process(*(self.bring_file(number) for number in range(1, self.files + 1)))

    def promises_hold(self) -> None:
        super().promises_hold()
        with Session(self.ledger.engine) as session:
            assert not [*files_are_told_as_extracted(session)]

    def attachments(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.revisions()[-1].document["attachments"]
        return found

    def facts(self, name: str) -> list[Any]:
        return [one.get(name) for one in self.attachments()]

    def let_time_pass(self) -> None:
        """Make the page's fetch two hours old, which is longer than a notice waits for its files."""
        with Session(self.ledger.engine) as session:
            session.execute(update(Fetch).values(started_at=later(self.ledger, -7200)))
            session.commit()


@pytest.fixture
def dossier(ledger: Ledger, tmp_path: Path) -> Dossier:
    return Dossier(ledger, tmp_path / "blobs")


def test_a_notice_and_its_files_are_one_event_in_whatever_order_they_come(ledger: Ledger, tmp_path: Path) -> None:
    for place, order in enumerate(((1, 2, 3), (3, 1, 2), (2, 3, 1))):
        dossier = Dossier(ledger, tmp_path / "blobs", f"t{place}", files=3)
        dossier.process(first := dossier.bring(1))
        assert dossier.rule(first) == "attachments-awaited"
        for number in order:
            assert dossier.told() == []
            dossier.process(dossier.bring_file(number))
        assert dossier.told() == [PUBLISHED]
        assert dossier.facts("status") == ["read"] * 3
        assert dossier.facts("digest") == [dossier.blobs.put(dossier.content(number)) for number in (1, 2, 3)]
        dossier.promises_hold()


def test_files_are_targets_of_their_own_that_belong_to_the_notice(dossier: Dossier) -> None:
    dossier.process(dossier.bring(1))
    for number in (1, 2):
        one = dossier.file(number)
        assert (one.kind, one.page, one.parent_id) == (TargetKind.ATTACHMENT, number, dossier.first.id)
        assert one.due_at is not None


@pytest.mark.parametrize("outcome", [Outcome.GONE, Outcome.FAILED, Outcome.BLOCKED])
def test_a_file_that_cannot_be_had_holds_nothing_up_and_the_notice_says_why(dossier: Dossier, outcome: Outcome) -> None:
    dossier.process(dossier.bring(1))
    dossier.process(dossier.bring_file(1))
    with Session(dossier.ledger.engine) as session:
        session.execute(update(Target).where(Target.url == dossier.file_url(2)).values(last_rule="the-rule"))
        session.commit()
    dossier.process(nothing := dossier.fetch_file(2, outcome=outcome))
    assert dossier.rule(nothing) == f"attachment-{outcome}"
    dossier.settle()
    assert dossier.told() == [PUBLISHED]
    assert (dossier.facts("status"), dossier.facts("reason")) == (["read", "not_fetched"], [None, "the-rule"])
    dossier.promises_hold()


def test_a_file_that_arrives_after_the_notice_was_published_is_no_revision(dossier: Dossier) -> None:
    dossier.process(dossier.bring(1))
    dossier.process(dossier.bring_file(1), dossier.fetch_file(2, outcome=Outcome.FAILED))
    dossier.settle()
    before = dossier.revisions()
    dossier.process(late := dossier.bring_file(2))
    assert dossier.rule(late) == "same-text-read-anew"
    assert dossier.told() == [PUBLISHED]
    assert [one.id for one in dossier.revisions()] == [one.id for one in before]
    assert dossier.facts("status") == ["read", "read"]
    assert found(dossier, "逐项列明") == 1
    dossier.process(changed := dossier.bring_file(2, 1))
    assert dossier.rule(changed) == "other-text"
    assert dossier.told() == [PUBLISHED, REVISED]
    dossier.promises_hold()


def found(dossier: Dossier, question: str) -> int:
    with dossier.ledger.reading() as uow:
        return uow.notices.count(NoticeQuery(q=question))


def test_other_bytes_under_the_same_address_are_a_revision_that_names_the_file(dossier: Dossier) -> None:
    dossier.publish()
    dossier.process(dossier.bring_file(2, 1))
    assert dossier.told() == [PUBLISHED, REVISED]
    old, new = json.loads(events(dossier.ledger)[-1].data)["diff"]["fields"]["attachments"]
    assert [[one["url"] for one in side] for side in (old, new)] == [[dossier.file_url(2)]] * 2
    assert old[0]["digest"] != new[0]["digest"]
    assert found(dossier, "版本1") == 1
    dossier.process(back := dossier.bring_file(2, 0))
    assert dossier.rule(back) == "other-text"
    assert len(dossier.told()) == 3
    dossier.promises_hold()


def test_a_file_that_is_gone_later_stays_as_it_was(dossier: Dossier) -> None:
    dossier.publish()
    dossier.process(dossier.fetch_file(2, outcome=Outcome.GONE))
    dossier.settle()
    dossier.process(dossier.bring(1, 1))
    assert dossier.facts("status") == ["read", "read"]
    assert dossier.told() == [PUBLISHED, REVISED]


def test_a_notice_does_not_wait_for_its_files_for_ever(dossier: Dossier) -> None:
    dossier.process(first := dossier.bring(1))
    dossier.process(dossier.bring_file(1))
    sweeper = Sweeper(dossier.ledger, dossier.bell, SweepRules(ring_again_seconds=20))
    assert sweeper.sweep() == 0
    dossier.let_time_pass()
    assert sweeper.sweep() == 1
    assert dossier.bell.rung[-1] == first
    dossier.process(first)
    assert dossier.told() == [PUBLISHED]
    assert dossier.facts("reason") == [None, "not-yet"]
    assert sweeper.sweep() == 0
    dossier.process(dossier.bring_file(2))
    assert dossier.told() == [PUBLISHED]
    assert dossier.facts("status") == ["read", "read"]
    dossier.promises_hold()


def test_a_notice_that_waits_no_longer_is_not_read_again(dossier: Dossier) -> None:
    dossier.publish()
    dossier.let_time_pass()
    assert Sweeper(dossier.ledger, dossier.bell, SweepRules(ring_again_seconds=20)).sweep() == 0


def test_only_so_many_files_are_asked_for_and_none_of_another_host(dossier: Dossier) -> None:
    dossier.files = 25
    dossier.links = "<p><a href='https://files.example/a.pdf'>附件26.pdf</a></p>"
    dossier.process(dossier.bring(1))
    assert len(rows(dossier.ledger, Target, kind=TargetKind.ATTACHMENT)) == 20
    dossier.let_time_pass()
    Sweeper(dossier.ledger, dossier.bell, SweepRules(ring_again_seconds=20)).sweep()
    dossier.settle()
    assert dossier.facts("reason") == ["not-yet"] * 20 + ["too-many"] * 5 + ["other-host"]


def test_a_file_that_is_another_notices_is_known_by_name(ledger: Ledger, tmp_path: Path) -> None:
    dossier = Dossier(ledger, tmp_path / "blobs", files=1)
    other = target(ledger, "t1-1.pdf")
    dossier.process(dossier.bring(1))
    assert dossier.told() == [PUBLISHED]
    assert dossier.facts("reason") == ["elsewhere"]
    assert rows(ledger, Target, url=dossier.file_url(1))[0].id == other.id


def test_a_file_named_no_longer_is_not_looked_at_any_more(dossier: Dossier) -> None:
    dossier.publish()
    dossier.files = 1
    dossier.process(dossier.bring(1))
    assert dossier.file(2).due_at is None
    assert dossier.told() == [PUBLISHED, REVISED]
    dossier.process(late := dossier.bring_file(2, 1))
    assert dossier.rule(late) == "attachment-not-named"
    assert len(dossier.told()) == 2


def test_a_notice_that_only_has_a_file_is_read_from_it(dossier: Dossier) -> None:
    dossier.files, dossier.says = 1, "<p>详见附件。</p>"
    said = "\n".join(
        [
            "一、整改落实情况",
            "（一）党的建设方面",
            "1.关于“学习不深入”的问题。",
            "整改情况：一是制定学习计划。二是组织专题研讨。",
            "整改状态：已完成并长期坚持",
        ]
    )
    dossier.process(dossier.bring(1))
    dossier.process(dossier.bring_file(1, text=said))
    (revision,) = dossier.revisions()
    assert revision.document["body_from_attachment"] == 1
    assert revision.document["title"] == TITLE
    assert "组织专题研讨" in revision.document["body"]
    (problem,) = [one for aspect in revision.document["aspects"] for one in aspect["problems"]]
    assert problem["status"] == "completed_sustained"
    assert found(dossier, "专题研讨") == 1
    assert [one.changed for one in read_all_again(dossier.ledger, dossier.blobs, apply=False)] == [()]
    dossier.promises_hold()


def bring_in_place_of_the_page(dossier: Dossier, content: bytes, text: str | None) -> str:
    digest = dossier.blobs.put(content)
    with dossier.ledger.begin() as uow:
        uow.files.keep(digest, Extracted("pdf", text, None if text else "image-only"), EXTRACTOR, uow.now())
        uow.commit()
    return dossier.fetch(1, digest=digest, size=len(content), content_type="application/pdf")


def test_a_file_to_which_a_listing_links_straight_is_a_notice_that_is_read_from_it(dossier: Dossier) -> None:
    first, second = SAID.format(1), SAID.format(2)
    dossier.process(bring_in_place_of_the_page(dossier, b"%PDF-1.7 one", first))
    (revision,) = dossier.revisions()
    document = revision.document
    assert (document["title"], document["published_at"]) == ("关于整改进展情况的通报", "2026-03-04")
    assert (document["page"]["rule"], document["body_from_attachment"]) == ("file", 1)
    assert first.splitlines()[-1] in document["body"]
    assert dossier.facts("digest") == [revision.digest]
    dossier.process(bring_in_place_of_the_page(dossier, b"%PDF-1.7 two", second))
    assert dossier.told() == ["notice.published revision/1", "notice.revised revision/2"]
    assert [one.changed for one in read_all_again(dossier.ledger, dossier.blobs, apply=False)] == [()]
    dossier.promises_hold()


def test_a_file_without_a_text_is_a_notice_all_the_same(dossier: Dossier) -> None:
    dossier.process(bring_in_place_of_the_page(dossier, b"%PDF-1.7 scanned", None))
    (revision,) = dossier.revisions()
    assert (revision.document["body"], dossier.facts("reason")) == ("", ["image-only"])


def test_no_file_is_asked_for_that_a_page_wishes_to_be_left_alone(dossier: Dossier) -> None:
    body = dossier.blobs.put(dossier.body(1))
    dossier.process(dossier.fetch(1, digest=body, content_type="text/html", asked_of_robots="nofollow"))
    assert dossier.told() == ["notice.published revision/1"]
    assert dossier.facts("reason") == ["nofollow"] * dossier.files
    assert rows(dossier.ledger, Target, kind=TargetKind.ATTACHMENT) == []
    dossier.process(dossier.bring(1))
    assert len(rows(dossier.ledger, Target, kind=TargetKind.ATTACHMENT)) == dossier.files


def test_a_file_without_a_text_says_why(dossier: Dossier) -> None:
    dossier.process(dossier.bring(1))
    dossier.process(dossier.bring_file(1, text=None, reason="scanned"), dossier.bring_file(2))
    assert (dossier.facts("status"), dossier.facts("reason")) == (["no_text", "read"], ["scanned", None])


def test_a_notice_read_before_files_were_fetched_is_completed_and_not_revised(dossier: Dossier) -> None:
    dossier.publish()
    (revision,) = dossier.revisions()
    plain = [{"url": one["url"], "title": one["title"]} for one in dossier.attachments()]
    with Session(dossier.ledger.engine) as session:
        document = revision.document | {"attachments": plain}
        session.execute(update(Revision).values(files=None, document=document, fingerprint="0" * 64))
        session.commit()
    dossier.process(
        again := dossier.fetch(1, digest=dossier.blobs.put(dossier.body(1) + b" "), content_type="text/html")
    )
    assert dossier.rule(again) == "same-text-read-anew"
    assert dossier.told() == [PUBLISHED]
    assert dossier.facts("status") == ["read", "read"]


def test_a_worker_killed_at_any_step_leaves_files_that_a_second_run_completes(ledger: Ledger, tmp_path: Path) -> None:
    folder, crashes = tmp_path / "blobs", 0
    for dies_at in range(1, 200, 4):
        dossier = Dossier(ledger, folder, f"t{dies_at}")
        brittle = Brittle(ledger, dies_at)
        doomed = Processor(brittle, BrittleBlobs(folder, brittle), dossier.bell, IMPATIENT)
        crashed = False
        try:
            doomed.process(dossier.bring(1))
            doomed.process(dossier.bring_file(1))
            doomed.process(dossier.fetch_file(2, outcome=Outcome.FAILED))
            for one in dossier.owed():
                doomed.process(one)
            doomed.process(dossier.bring_file(2))
        except Crash:
            crashed = True
        dossier.settle()
        for number in (1, 2):
            dossier.process(dossier.bring_file(number), rules=IMPATIENT)
        dossier.settle()
        assert dossier.told() == [PUBLISHED], dies_at
        assert dossier.facts("status") == ["read", "read"], dies_at
        dossier.promises_hold()
        if not crashed:
            break
        crashes += 1
    assert crashes >= 10


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("file"), st.integers(1, 3), st.integers(0, 2)),
        st.tuples(st.just("nothing"), st.integers(1, 3), st.sampled_from([Outcome.GONE, Outcome.FAILED])),
        st.tuples(st.just("page"), st.integers(0, 3), st.integers(0, 2)),
        st.tuples(st.just("process"), st.integers(0, 5), st.just(0)),
    ),
    max_size=15,
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_happens_in_between_the_newest_bytes_are_what_is_told(
    ledger: Ledger, tmp_path: Path, steps: list[tuple[str, int, Any]]
) -> None:
    dossier = Dossier(ledger, tmp_path / "blobs", f"t{len(rows(ledger, Target))}", files=3)
    for step, number, value in [("page", 3, 0), *steps]:
        if step == "page":
            dossier.files = number
            dossier.bring(1, value)
        elif step == "process":
            if owed := dossier.owed():
                dossier.process(owed[number % len(owed)], rules=IMPATIENT)
        elif rows(ledger, Target, url=dossier.file_url(number)):
            if step == "file":
                dossier.bring_file(number, value)
            elif dossier.file(number).id not in dossier.fetched:
                dossier.fetch_file(number, outcome=value)
    dossier.files = 3
    dossier.bring(1, 1)
    dossier.settle()
    for number in (1, 2, 3):
        dossier.bring_file(number, number)
    dossier.settle()
    assert dossier.facts("digest") == [dossier.blobs.put(dossier.content(number, number)) for number in (1, 2, 3)]
    assert dossier.told()[0] == PUBLISHED
    assert len(dossier.told()) == len(dossier.revisions())
    fingerprints = [one.fingerprint for one in dossier.revisions()]
    assert all(one != other for one, other in itertools.pairwise(fingerprints))
    dossier.promises_hold()


def test_from_the_site_to_the_notice_with_its_files(ledger: Ledger, tmp_path: Path) -> None:
    links = "".join(f"<p><a href='/x/{name}'>附件{name}</a></p>" for name in ("1.pdf", "2.docx", "3.pdf"))
    page = f"<html><head><meta charset='utf-8'><title>{TITLE}</title></head><body><h1>{TITLE}</h1>"
    with DisclosureSite(notices=0) as site:
        crawl = Crawl(ledger, site, tmp_path)
        site.add_page(HOME, "/x/t1.html", f"{page}<div id='zoom'><p>{text(1)}</p>{links}</div></body></html>".encode())
        site.add_page(HOME, "/x/1.pdf", pdf(["清源区整改任务清单"]), content_type="application/pdf")
        site.add_page(HOME, "/x/2.docx", docx(["云岭镇责任分工"]), content_type="application/octet-stream")
        site.add_page(HOME, "/x/3.pdf", b"<html><body>please log in</body></html>")
        listing = site.add_listing(HOME, "/x/", [("/x/t1.html", TITLE, "2026-03-04")])
        watch(ledger, Watch(listing, allow=["127.0.0.0/8"]))
        processor = Processor(ledger, FolderBlobs(tmp_path / "blobs"), crawl.bell, RULES)
        for _ in range(8):
            crawl.rounds(1)
            while crawl.bell.rung:
                processor.process(crawl.bell.rung.pop())
    (revision,) = rows(ledger, Revision)
    told = [(one["status"], one["reason"], one["type"]) for one in revision.document["attachments"]]
    assert told == [("read", None, "pdf"), ("read", None, "docx"), ("not_fetched", "wrong-type", None)]
    assert sorted(one.text for one in rows(ledger, FileText)) == ["云岭镇责任分工", "清源区整改任务清单"]
    assert [one.type for one in events(ledger)] == ["notice.published"]
    with ledger.reading() as uow:
        assert [uow.notices.count(NoticeQuery(q=asked)) for asked in ("任务清单 责任分工", "无此词")] == [1, 0]
