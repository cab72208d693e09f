"""A notice that goes on over several pages: one notice, one event for each text, in whatever order its pages come."""

import itertools
import json
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.orm import Session

from services.cli.story import story_of
from services.cli.summary import summary
from services.desk.recrawling import recrawl
from services.desk.watching import Watch, watch
from services.simulation.site import DisclosureSite
from shared.blobs import FolderBlobs
from shared.db import Ledger
from shared.db.models import Fetch, Notice, Revision, Target
from shared.domain.states import NoticeState, Outcome, TargetKind
from tests.integration.scene import (
    HOST,
    RecordingBell,
    events,
    fetch,
    later,
    look_at_listing,
    now,
    rows,
    target,
    together,
)
from tests.integration.test_capture import Hand
from tests.integration.test_guest import HOME, Crawl
from tests.integration.test_processing import IMPATIENT, RULES, Brittle, BrittleBlobs, Crash
from tests.invariants import entries_are_of_the_latest_revision, nothing_is_owed, one_event_per_cause
from worker.again import read_all_again
from worker.process import Processor, ProcessRules
from worker.see import PART_LOST
from worker.waiting import FORMER_AWAITED

TITLE = "关于云岭镇巡察整改进展情况的通报"


def page(body: str, script: str = "") -> bytes:
    """Return one page; the label with its title stands on all of them."""
    head = f"<meta charset='utf-8'><title>{TITLE}</title><meta name='ArticleTitle' content='{TITLE}'>"
    top = f"<h1>{TITLE}</h1><p>发布时间：2026-03-04</p>"
    return (
        f"<html><head>{head}</head><body>{top}<div id='zoom'><p>{body}</p></div><script>{script}</script></body></html>"
    ).encode()


def text(number: int, version: int = 0, name: str = "t1") -> str:
    """Return the body of a page, other than that of any other page, version or notice."""
    return f"第{number}部分的整改任务共{10 + version}项，已经逐项核对台账，编号{name}。"


class Article:
    """A notice of several pages, the fetches of each, and workers."""

    def __init__(self, ledger: Ledger, folder: Path, name: str = "t1", pages: int = 3) -> None:
        self.ledger, self.folder, self.name, self.pages = ledger, folder, name, pages
        self.blobs = FolderBlobs(folder)
        self.bell = RecordingBell()
        mine = "" if name == "t1" else f"（{name}）"  # of one title they would be namesakes, and wait for each other
        self.first = target(ledger, f"{name}.html", title=f"关于整改进展情况的通报{mine}")
        self.fetched: dict[str, int] = {}

    def url(self, number: int) -> str:
        return f"https://{HOST}/a/{self.name}{f'_{number - 1}' if number > 1 else ''}.html"

    def page(self, number: int) -> Target:
        (found,) = rows(self.ledger, Target, url=self.url(number))
        assert isinstance(found, Target)
        return found

    def body(self, number: int, version: int = 0) -> bytes:
        script = f"createPageHTML({self.pages}, {number - 1}, '{self.name}', 'html');"
        return page(text(number, version, self.name), script if self.pages > 1 else "")

    def bring(self, number: int, version: int = 0) -> str:
        return self.fetch(number, digest=self.blobs.put(self.body(number, version)), content_type="text/html")

    def fetch(self, number: int, **values: Any) -> str:
        one = self.page(number)
        self.fetched[one.id] = self.fetched.get(one.id, 0) + 1
        return fetch(self.ledger, one.id, self.fetched[one.id], url=one.url, **values)

    def process(self, *fetch_ids: str, rules: ProcessRules = RULES) -> None:
        for one in fetch_ids:
            Processor(self.ledger, self.blobs, self.bell, rules).process(one)

    def settle(self, rules: ProcessRules = IMPATIENT) -> None:
        """Process whatever is owed, as the sweep would have it."""
        while owed := self.owed():
            self.process(*owed, rules=rules)

    def owed(self) -> list[str]:
        with self.ledger.reading() as uow:
            return [one.id for one in uow.fetches.owed(uow.now(), rung_before=later(self.ledger, 9), limit=100)]

    def publish(self) -> None:
        self.process(self.bring(1))
        self.process(*(self.bring(number) for number in range(2, self.pages + 1)))

    def told(self) -> list[str]:
        notices = [one.id for one in rows(self.ledger, Notice, target_id=self.first.id)]
        return [f"{one.type} {one.cause}" for one in events(self.ledger) if one.subject in notices]

    def notice(self) -> Notice:
        (found,) = rows(self.ledger, Notice)
        assert isinstance(found, Notice)
        return found

    def revisions(self) -> list[Revision]:
        notices = [one.id for one in rows(self.ledger, Notice, target_id=self.first.id)]
        found = [one for one in rows(self.ledger, Revision) if one.notice_id in notices]
        return sorted(found, key=lambda one: one.number)

    def texts(self) -> list[str]:
        return [one.document["body"] for one in self.revisions()]

    def rule(self, fetch_id: str) -> str | None:
        return str(rows(self.ledger, Fetch, id=fetch_id)[0].decision_rule)

    def promises_hold(self) -> None:
        with Session(self.ledger.engine) as session:
            broken = [
                *one_event_per_cause(session),
                *nothing_is_owed(session),
                *entries_are_of_the_latest_revision(session),
            ]
        assert not broken
        assert rows(self.ledger, Notice, url=self.url(2)) == []


def whole(*versions: int, name: str = "t1") -> str:
    """Return the text of a notice by the versions of its pages."""
    return "\n".join(text(number, version, name) for number, version in enumerate(versions, start=1))


PUBLISHED, REVISED = "notice.published revision/1", "notice.revised revision/2"


@pytest.fixture
def article(ledger: Ledger, tmp_path: Path) -> Article:
    return Article(ledger, tmp_path / "blobs")


def test_three_pages_are_one_notice_and_one_event_in_whatever_order_they_come(ledger: Ledger, tmp_path: Path) -> None:
    orders = itertools.permutations(["bring 2", "bring 3", "process 2", "process 3"])
    sensible = [one for one in orders if all(one.index(f"bring {n}") < one.index(f"process {n}") for n in (2, 3))]
    for place, order in enumerate(sensible):
        article = Article(ledger, tmp_path / "blobs", f"t{place}")
        article.process(first := article.bring(1))
        assert article.rule(first) == "parts-awaited"
        brought: dict[str, str] = {}
        for step, number in (one.split() for one in order):
            if step == "bring":
                brought[number] = article.bring(int(number))
            else:
                assert article.told() == []
                article.process(brought[number])
        assert article.told() == [PUBLISHED], order
        assert article.texts() == [whole(0, 0, 0, name=article.name)]
        article.promises_hold()


def test_pages_that_are_named_are_looked_at_now_as_parts_of_their_notice(article: Article) -> None:
    article.process(article.bring(1))
    for number in (2, 3):
        one = article.page(number)
        assert (one.kind, one.page, one.parent_id) == (TargetKind.PART, number, article.first.id)
        assert (one.source_id, one.column_id) == (article.first.source_id, article.first.column_id)
        assert one.due_at is not None
        assert one.due_at <= now(article.ledger)
    assert rows(article.ledger, Notice) == []


def test_a_part_that_a_listing_shows_stays_a_part(article: Article) -> None:
    article.process(article.bring(1))
    assert target(article.ledger, "t1_1.html").kind == TargetKind.PART
    article.process(article.bring(2), article.bring(3))
    assert len(rows(article.ledger, Notice)) == 1


def test_a_changed_part_is_one_revision_and_it_keeps_what_it_was_read_from(article: Article) -> None:
    article.publish()
    before = article.notice().fetch_number
    article.process(article.bring(3, 1), same := article.bring(3, 1))
    assert article.told() == [PUBLISHED, REVISED]
    assert article.texts() == [whole(0, 0, 0), whole(0, 0, 1)]
    diff = json.loads(events(article.ledger)[-1].data)["diff"]["text"]
    assert [line for line in diff if line[0] in "+-"] == [f"-{text(3)}", f"+{text(3, 1)}"]
    digests = [article.blobs.put(article.body(*each)) for each in ((1, 0), (2, 0), (3, 1))]
    latest = article.revisions()[-1]
    assert [latest.digest, *(latest.part_digests or ())] == digests
    assert article.rule(same) == "same-text"
    assert article.notice().fetch_number == before + 2
    article.promises_hold()


def test_every_text_of_a_part_is_told_though_several_wait(article: Article) -> None:
    article.publish()
    article.process(*(article.bring(2, version) for version in (1, 2, 1)))
    assert article.texts()[1:] == [whole(0, 1, 0), whole(0, 2, 0), whole(0, 1, 0)]


def test_reading_again_reads_the_same_pages(article: Article) -> None:
    article.publish()
    article.process(article.bring(2, 1))
    assert [one.changed for one in read_all_again(article.ledger, article.blobs, apply=False)] == [()]
    with Session(article.ledger.engine) as session:
        session.execute(update(Revision).values(document={"body": "旧读法"}, fingerprint="0" * 64))
        session.commit()
    (again,) = read_all_again(article.ledger, article.blobs, apply=True)
    assert "body" in again.changed
    assert article.texts()[-1] == whole(0, 1, 0)
    with Session(article.ledger.engine) as session:
        session.execute(update(Revision).values(document={"body": "旧读法"}, fingerprint="0" * 64))
        session.commit()
    article.process(one := article.fetch(3, digest=article.blobs.put(article.body(3) + b" ")))
    assert article.rule(one) == "same-text-read-anew"
    assert article.texts()[-1] == whole(0, 1, 0)


def lose(article: Article, number: int) -> str:
    """Let a part be found gone at its first visit."""
    gone = article.fetch(number, outcome=Outcome.GONE, rule="gone-404")
    with article.ledger.begin() as uow:
        part = uow.frontier.by_id(article.page(number).id)
        assert part is not None
        part.last_outcome, part.last_fetch_at = Outcome.GONE, uow.now()
        uow.commit()
    return gone


def test_before_half_a_text_is_told_page_1_is_asked_whether_it_names_the_lost_part_still(article: Article) -> None:
    article.process(first := article.bring(1))
    article.process(article.bring(2), lose(article, 3), first)
    assert (article.rule(first), article.told()) == (PART_LOST, [])
    asked = article.page(1)
    assert asked.due_at is not None
    assert asked.due_at <= now(article.ledger)
    article.process(article.bring(1))
    assert article.texts() == [f"{text(1)}\n{text(2)}"]


def test_an_article_that_left_while_its_parts_were_awaited_is_never_told_by_half(article: Article) -> None:
    article.process(first := article.bring(1))
    article.process(article.bring(2), lose(article, 3), first)
    article.process(article.fetch(1, outcome=Outcome.GONE, status=404, rule="gone-404"))
    assert article.told() == []


def test_the_parts_of_an_article_go_with_it_to_its_new_address(article: Article) -> None:
    article.publish()
    new = target(article.ledger, "x.html")
    with article.ledger.begin() as uow:
        left, seen_at = uow.frontier.by_id(article.first.id), uow.now()
        assert left is not None
        left.listed_at, left.due_at = seen_at - timedelta(days=1), seen_at + timedelta(days=3)
        uow.sources.record_listing(left.column_id, None, None, new.listed_at or seen_at)
        uow.commit()
    page_1 = {"digest": article.blobs.put(article.body(1)), "content_type": "text/html"}
    found = fetch(article.ledger, new.id, 1, **page_1)
    article.process(found)
    assert (article.rule(found), len(rows(article.ledger, Notice))) == (FORMER_AWAITED, 1)
    article.process(article.fetch(1, **page_1, final_url=new.url, moved_for_good=True), found)
    assert (article.notice().url, article.page(2).parent_id) == (new.url, new.id)
    assert [one.document["body"] for one in rows(article.ledger, Revision)] == [whole(0, 0, 0)]


@pytest.mark.parametrize("outcome", [Outcome.GONE, Outcome.FAILED, Outcome.BLOCKED])
def test_a_part_that_brings_nothing_does_not_hold_its_notice_up(article: Article, outcome: Outcome) -> None:
    article.process(first := article.bring(1))
    article.process(article.bring(2), nothing := article.fetch(3, outcome=outcome, rule="test"))
    assert article.rule(nothing) == f"part-{outcome}"
    assert article.bell.rung == [first]
    article.process(first)
    assert article.texts() == [f"{text(1)}\n{text(2)}"]
    article.process(article.bring(3))
    assert article.told() == [PUBLISHED, REVISED]
    assert article.texts()[-1] == whole(0, 0, 0)
    article.promises_hold()


def test_a_part_that_is_gone_later_keeps_its_last_text(article: Article) -> None:
    article.publish()
    article.fetch(2, outcome=Outcome.GONE, rung_at=None)
    article.process(article.bring(1, 1))
    assert article.texts()[-1] == whole(1, 0, 0)


SOFT = "<html><head><title>页面不存在</title></head><body><p>您访问的页面不存在，5秒后自动跳转到首页</p></body></html>"
WALL = "<html><head><title>安全验证</title></head><body><p>请输入验证码以继续访问</p></body></html>"


@pytest.mark.parametrize(
    ("bytes_", "rule", "reason"),
    [
        (SOFT.encode(), "page-soft_404", None),
        (WALL.encode(), "None", "Unreadable: the page is blocked, by the rule challenge_captcha"),
        (b"%PDF-1.7 \x00", "None", "Unreadable: the snapshot is a PDF document, not a page"),
    ],
)
def test_a_part_that_is_no_page_of_a_notice_is_told_for_what_it_is_and_left_out(
    article: Article, bytes_: bytes, rule: str, reason: str | None
) -> None:
    article.process(first := article.bring(1))
    article.process(article.bring(2), odd := article.fetch(3, digest=article.blobs.put(bytes_)))
    (row,) = rows(article.ledger, Fetch, id=odd)
    assert (str(row.decision_rule), row.quarantine_reason) == (rule, reason)
    article.process(first)
    assert article.texts() == [f"{text(1)}\n{text(2)}"]
    article.process(article.bring(3), article.fetch(3, digest=article.blobs.put(bytes_)), article.bring(1, 1))
    assert article.texts()[-1] == whole(1, 0, 0)
    article.promises_hold()


def test_a_part_that_kills_its_readers_does_not_hold_its_notice_up(article: Article) -> None:
    article.process(first := article.bring(1))
    article.process(article.bring(3))
    deadly = article.bring(2)
    with article.ledger.begin() as uow:
        uow.fetches.by_id(deadly).leases = RULES.leases  # type: ignore[union-attr]
        uow.commit()
    article.process(deadly)
    assert article.bell.rung == [first]
    article.process(first)
    assert article.texts() == [f"{text(1)}\n{text(3)}"]


def test_a_short_last_page_with_nothing_but_a_signature_and_a_pager_is_a_part(article: Article) -> None:
    article.process(article.bring(1))
    script = "<script>createPageHTML(3, 2, 't1', 'html');</script>"
    last = f"<html><body><div id='zoom'><p>中共云岭镇委员会</p><p>2026年3月4日</p></div>{script}</body></html>"
    article.process(article.bring(2), article.fetch(3, digest=article.blobs.put(last.encode())))
    assert article.texts() == [f"{text(1)}\n{text(2)}\n中共云岭镇委员会\n2026年3月4日"]


def test_a_notice_that_shrinks_and_grows_is_revised_once_each(article: Article) -> None:
    article.publish()
    article.pages = 2
    article.process(article.bring(1))
    assert article.texts()[-1] == f"{text(1)}\n{text(2)}"
    assert article.page(3).due_at is None
    article.process(late := article.bring(3, 1))
    assert article.rule(late) == "part-not-named"
    article.pages = 1
    article.process(article.bring(1))
    assert article.texts()[-1] == text(1)
    article.pages = 3
    article.process(article.bring(1))
    assert article.texts()[-1] == whole(0, 0, 1)
    assert all(article.page(number).due_at is not None for number in (2, 3))
    assert len(article.told()) == 4
    article.pages = 4
    article.process(grown := article.bring(1, 1))
    assert article.rule(grown) == "parts-awaited"
    article.process(article.bring(4))
    assert article.texts()[-1] == whole(1, 0, 1, 0)
    assert len(article.told()) == 5
    article.promises_hold()


def test_the_others_are_looked_at_at_once_when_the_first_page_has_changed(article: Article) -> None:
    article.publish()
    with Session(article.ledger.engine) as session:
        session.execute(update(Target).values(due_at=later(article.ledger, 86400)))
        session.commit()
    article.process(article.fetch(1, digest=article.blobs.put(article.body(1) + b" ")))
    assert not any(article.page(number).due_at <= now(article.ledger) for number in (2, 3))  # type: ignore[operator]
    article.process(article.bring(1, 1))
    assert all(article.page(number).due_at <= now(article.ledger) for number in (2, 3))  # type: ignore[operator]


def test_a_withdrawn_notice_is_back_when_its_first_page_is(article: Article) -> None:
    article.publish()
    look_at_listing(article.ledger, article.first, shows=False)
    gone = {"outcome": Outcome.GONE, "status": 404, "rule": "gone-404"}
    ago = [later(article.ledger, -3600 * hours) for hours in (7, 4, 1)]
    article.process(*(article.fetch(1, started_at=at, **gone) for at in ago))
    assert article.notice().state == NoticeState.WITHDRAWN
    article.process(still := article.bring(2, 1))
    assert article.rule(still) == "still-withdrawn"
    article.process(back := article.bring(1))
    assert article.told()[-2:] == [f"notice.restored {back}", REVISED]
    assert article.texts()[-1] == whole(0, 1, 0)


def test_a_wish_for_a_notice_is_one_for_all_its_pages(article: Article) -> None:
    article.publish()
    article.pages = 2
    article.process(article.bring(1))
    request, _ = recrawl(article.ledger, article.url(1), by="test")
    assert request.targets == 2
    wished = {one.url for one in rows(article.ledger, Target, recrawl_id=request.id)}
    assert wished == {article.url(1), article.url(2)}


@pytest.mark.parametrize(
    "script",
    [
        "createPageHTML(3, 0, '../../other.example/x', 'html');",
        "createPageHTML(2, 0, 't1', 'html'); location = 'https://other.example/t1_1.html'",
    ],
)
def test_no_other_host_is_ever_asked_because_a_page_says_so(article: Article, script: str) -> None:
    base = b"<head><base href='https://other.example/a/'>"
    article.process(article.fetch(1, digest=article.blobs.put(page(text(1), script).replace(b"<head>", base))))
    assert {one.host for one in rows(article.ledger, Target)} == {HOST}
    assert article.texts() == [text(1)]


def test_a_page_that_names_thousands_gets_fifty_and_never_itself(article: Article) -> None:
    article.process(article.fetch(1, digest=article.blobs.put(page(text(1), "createPageHTML(9999, 0, 't1', 'html');"))))
    parts = rows(article.ledger, Target, kind=TargetKind.PART)
    assert sorted(one.page for one in parts) == list(range(2, 52))
    assert article.url(1) not in {one.url for one in parts}


def test_a_page_that_is_a_notice_of_its_own_stays_one_whoever_names_it(article: Article) -> None:
    other = Article(article.ledger, article.folder, "t1_1", pages=1)
    article.process(article.bring(1))
    assert article.page(2).kind == TargetKind.DETAIL
    article.process(article.bring(3))
    assert article.texts() == [f"{text(1)}\n{text(3)}"]
    other.process(other.bring(1))
    assert other.texts() == [text(1, name="t1_1")]


def test_parts_that_are_larger_together_than_a_page_may_be_are_left_out(article: Article) -> None:
    article.process(article.bring(1))
    sizes = {2: 6 * 2**20, 3: 6 * 2**20}
    for number, size in sizes.items():
        article.process(article.fetch(number, digest=article.blobs.put(article.body(number)), size=size))
    assert article.texts() == [f"{text(1)}\n{text(2)}"]


def test_pages_processed_at_the_same_moment_are_one_notice_and_lose_nothing(ledger: Ledger, tmp_path: Path) -> None:
    for place in range(4):
        article = Article(ledger, tmp_path / "blobs", f"t{place}", pages=4)
        article.process(article.bring(1))
        brought = [article.bring(2), article.bring(3), article.bring(4), article.bring(1, 1)]
        together(*(partial(article.process, one) for one in brought))
        article.settle(RULES)
        assert article.texts()[-1] == whole(1, 0, 0, 0, name=article.name)
        assert article.told()[0] == PUBLISHED
        assert len(article.told()) == len(set(article.texts())) <= 2
        article.promises_hold()


def test_a_worker_killed_at_any_step_leaves_pages_that_a_second_run_completes(ledger: Ledger, tmp_path: Path) -> None:
    folder, crashes = tmp_path / "blobs", 0
    for dies_at in range(1, 200):
        article = Article(ledger, folder, f"t{dies_at}")
        brittle = Brittle(ledger, dies_at)
        doomed = Processor(brittle, BrittleBlobs(folder, brittle), article.bell, IMPATIENT)
        try:
            doomed.process(article.bring(1))
            doomed.process(article.bring(2))
            doomed.process(article.fetch(3, outcome=Outcome.FAILED))
            for one in article.owed():
                doomed.process(one)
            doomed.process(article.bring(3))
        except Crash:
            crashes += 1
        article.settle()
        for number in (2, 3):
            article.process(article.bring(number), rules=IMPATIENT)
        article.settle()
        assert article.texts()[-1] == whole(0, 0, 0, name=article.name), dies_at
        assert article.told() in ([PUBLISHED], [PUBLISHED, REVISED]), dies_at
        article.promises_hold()
        if crashes < dies_at:
            break
    assert crashes >= 40


def test_only_the_first_visit_of_a_part_is_told_whatever_it_brings_and_later_ones_by_a_text(
    ledger: Ledger, tmp_path: Path
) -> None:
    hand, article = Hand(ledger, tmp_path / "blobs"), Article(ledger, tmp_path / "blobs", pages=2)
    article.process(article.bring(1))
    part = article.page(2)
    with Session(ledger.engine) as session:
        session.execute(update(Target).where(Target.id != part.id).values(due_at=None))
        session.commit()
    for outcome in (Outcome.FAILED, Outcome.GONE, Outcome.CAPTURED, Outcome.UNCHANGED, Outcome.BLOCKED):
        recrawl(ledger, part.id, by="test")
        after = hand.see(outcome, article.body(2) if outcome is Outcome.CAPTURED else None, etag='"v1"')
    found = sorted(rows(ledger, Fetch, target_id=part.id), key=lambda one: one.number)
    assert [one.rung_at is not None for one in found] == [True, False, True, False, False]
    assert (after.etag, after.due_reason) == ('"v1"', "after blocked")


def test_why_a_part_is_there_is_told_by_the_notice_that_it_is_of(article: Article) -> None:
    article.process(article.bring(1))
    story = story_of(article.ledger, article.url(3))
    assert story["part_of"] == article.url(1)
    assert f"It is page 3 of the notice {article.url(1)} of the source" in " ".join(summary(story))
    assert story_of(article.ledger, article.url(1))["part_of"] is None


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("bring"), st.integers(1, 4), st.integers(0, 2)),
        st.tuples(st.just("nothing"), st.integers(2, 4), st.sampled_from([Outcome.GONE, Outcome.FAILED])),
        st.tuples(st.just("pages"), st.integers(1, 4), st.just(0)),
        st.tuples(st.just("process"), st.integers(0, 5), st.just(0)),
    ),
    max_size=25,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_happens_in_between_the_newest_pages_are_what_is_told(
    ledger: Ledger, tmp_path: Path, steps: list[tuple[str, int, Any]]
) -> None:
    article = Article(ledger, tmp_path / "blobs", f"t{len(rows(ledger, Target))}")
    for step, number, value in [("bring", 1, 0), *steps]:
        if step == "pages":
            article.pages = number
        elif step == "process":
            if owed := article.owed():
                article.process(owed[number % len(owed)], rules=IMPATIENT)
        elif rows(ledger, Target, url=article.url(number)):
            if step == "bring":
                article.bring(number, value)
            elif (part := article.page(number)).id not in article.fetched:
                article.fetch(number, outcome=value)
            else:
                assert part.kind == TargetKind.PART
    article.bring(1, 1)
    article.settle()
    for number in range(2, article.pages + 1):
        article.bring(number, number)
    article.settle()
    assert article.texts()[-1] == whole(1, *range(2, article.pages + 1), name=article.name)
    assert article.told()[0] == PUBLISHED
    assert len(article.told()) == len(article.texts())
    assert all(one != other for one, other in itertools.pairwise(article.texts()))
    article.promises_hold()


def crawled(crawl: Crawl, folder: Path, first: bytes) -> None:
    """Let a notice of three pages, `first` and two that robots may forbid, come by way of its listing."""
    site = crawl.site
    site.add_page(HOME, "/x/t1.html", first)
    for number in (2, 3):
        site.add_page(HOME, f"/x/t1_{number - 1}.html", page(text(number)))
    listing = site.add_listing(HOME, "/x/", [("/x/t1.html", TITLE, "2026-03-04")])
    watch(crawl.ledger, Watch(listing, allow=["127.0.0.0/8"]))
    processor = Processor(crawl.ledger, FolderBlobs(folder / "blobs"), crawl.bell, RULES)
    for _ in range(8):
        crawl.rounds(1)
        while crawl.bell.rung:
            processor.process(crawl.bell.rung.pop())


def test_pages_whose_robots_file_cannot_be_had_are_not_waited_for(ledger: Ledger, tmp_path: Path) -> None:
    first = page(text(1), "createPageHTML(3, 0, 't1', 'html');").replace(
        b"<head>", b"<head><base href='http://127.0.0.2:9/x/'>"
    )
    with DisclosureSite(notices=0) as site:
        crawled(Crawl(ledger, site, tmp_path), tmp_path, first)
    parts = rows(ledger, Target, kind=TargetKind.PART)
    assert [one.last_rule[:25] for one in parts] == ["robots: robots.txt unreac"] * 2
    (revision,) = rows(ledger, Revision)
    assert revision.document["body"] == text(1)


def test_from_the_site_to_the_notice_and_a_page_that_robots_forbids_is_not_waited_for(
    ledger: Ledger, tmp_path: Path
) -> None:
    with DisclosureSite(notices=0) as site:
        crawl = Crawl(ledger, site, tmp_path)
        site.set_robots(HOME, "User-agent: *\nDisallow: /x/t1_2.html")
        crawled(crawl, tmp_path, page(text(1), "createPageHTML(3, 0, 't1', 'html');"))
        assert site.log()[0]["path"] == "/robots.txt"
        assert crawl.paths().count("/x/t1_1.html") == 1
        assert "/x/t1_2.html" not in crawl.paths()
        (forbidden,) = [one for one in rows(ledger, Fetch) if one.url.endswith("/x/t1_2.html")]
        assert (forbidden.outcome, forbidden.rule[:7]) == (Outcome.BLOCKED, "robots:")
        (revision,) = rows(ledger, Revision)
        assert revision.document["body"] == f"{text(1)}\n{text(2)}"
        assert [one.type for one in events(ledger)] == ["notice.published"]
