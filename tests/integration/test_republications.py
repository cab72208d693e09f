"""The same text at several addresses: told once, linked to the earliest, and heard of again by who asked for that."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from services.desk.subscribing import Webhook, subscribe
from shared.blobs import FolderBlobs, digest_of
from shared.db import Ledger
from shared.db.models import Delivery, Event, Notice, Sketch, SketchBand
from shared.db.sketches import MOST_IN_A_BAND, MOST_OF_A_NOTICE
from shared.domain.events import NOTICE_PUBLISHED, NOTICE_REPUBLISHED, NOTICE_REVISED
from shared.domain.filters import Filter
from tests.integration.scene import BOX, RecordingBell, column, fetch, rows, target, together
from tests.integration.telling import Teller, document, kinds, problem, statements
from tests.integration.test_processing import RULES
from tests.invariants import (
    entries_are_of_the_latest_revision,
    followed_notices_are_earlier,
    one_event_per_cause,
    problems_stand_as_notices_say,
    republications_repeat_originals,
)
from worker.again import read_all_again
from worker.process import Processor
from worker.relay import Relay
from worker.sketch import sketch

HERE, THERE, ELSEWHERE = "here.example", "there.example", "elsewhere.example"
PROMISES = "\n".join(
    f"{n}.针对第{n}项反馈意见，已召开专题会议研究，明确时限，完成整改任务{n * 3}项。" for n in range(1, 25)
)


def told(body: str = PROMISES, **other: Any) -> dict[str, Any]:
    problems = [problem(1, "学习不够深入", "completed"), problem(2, "台账不够完整", "staged")]
    return document(*problems) | {"body": body} | other


@pytest.fixture
def teller(ledger: Ledger) -> Teller:
    return Teller(ledger)


def assert_invariants(ledger: Ledger) -> None:
    with Session(ledger.engine) as session:
        broken = [
            *one_event_per_cause(session),
            *entries_are_of_the_latest_revision(session),
            *problems_stand_as_notices_say(session),
            *followed_notices_are_earlier(session),
            *republications_repeat_originals(session),
        ]
    assert broken == []


def heard(teller: Teller, **wish: Any) -> Callable[[], list[str]]:
    """Subscribe, and return a way to see which types of events are owed to that subscription by now."""
    made, _ = subscribe(teller.ledger, BOX, Webhook("https://hook.example/x", wanted=Filter.parse(wish)))

    def owed() -> list[str]:
        Relay(teller.ledger).relay()
        types = {one.id: one.type for one in rows(teller.ledger, Event)}
        deliveries = rows(teller.ledger, Delivery, subscription_id=made.id)
        return [types[one.event_id] for one in sorted(deliveries, key=lambda one: one.position)]

    return owed


def test_a_text_found_elsewhere_is_a_republication_of_the_first(teller: Teller) -> None:
    assert kinds(teller.tell(told(), host=HERE)) == [NOTICE_PUBLISHED]
    (fact,) = teller.tell(told(f"来源：云岭镇\n{PROMISES}", published_at="2026-03-09"), host=THERE)
    original, copy = teller.notice(host=HERE), teller.notice(host=THERE)
    assert (fact.type, fact.subject, fact.cause) == (NOTICE_REPUBLISHED, copy.id, "revision/1")
    assert (original.republishes_id, copy.republishes_id) == (None, original.id)
    assert (fact.data["original"]["id"], fact.data["original"]["url"]) == (original.id, original.url)
    assert (fact.data["republication"]["id"], fact.data["republication"]["source_id"]) == (copy.id, copy.source_id)
    assert 0.9 < fact.data["similarity"] <= 1
    assert_invariants(teller.ledger)


def test_a_subscriber_hears_of_a_text_once_and_of_its_republications_on_request(teller: Teller) -> None:
    plain, asked = heard(teller), heard(teller, republications=True)
    by_type, others = heard(teller, types=["notice.republished"]), heard(teller, types=["notice.published"])
    for host in (HERE, THERE, ELSEWHERE):
        teller.tell(told(), host=host)
    assert plain() == others() == [NOTICE_PUBLISHED]
    assert asked() == [NOTICE_PUBLISHED, NOTICE_REPUBLISHED, NOTICE_REPUBLISHED]
    assert by_type() == [NOTICE_REPUBLISHED, NOTICE_REPUBLISHED]


def test_who_asks_for_some_types_and_for_republications_hears_of_those_too(teller: Teller) -> None:
    asked = heard(teller, types=["notice.published"], republications=True)
    for host in (HERE, THERE):
        teller.tell(told(), host=host)
    assert asked() == [NOTICE_PUBLISHED, NOTICE_REPUBLISHED]


def test_an_original_that_is_found_after_its_copies_becomes_what_they_repeat(teller: Teller) -> None:
    plain = heard(teller)
    teller.tell(told(published_at="2026-03-09"), host=THERE)
    teller.tell(told(published_at="2026-03-10"), host=ELSEWHERE)
    (fact,) = teller.tell(told(published_at="2026-03-04"), host=HERE)
    original = teller.notice(host=HERE)
    assert (fact.type, fact.subject) == (NOTICE_REPUBLISHED, original.id)
    assert fact.data["republication"]["url"] == teller.notice(host=THERE).url
    assert original.republishes_id is None
    assert {teller.notice(host=host).republishes_id for host in (THERE, ELSEWHERE)} == {original.id}
    assert plain() == [NOTICE_PUBLISHED]
    # From now on, it is the original that tells what becomes of the text.
    teller.tell(told(PROMISES + "\n逾期未完成的，追究责任。", published_at="2026-03-04"), host=HERE)
    assert plain() == [NOTICE_PUBLISHED, NOTICE_REVISED]
    assert_invariants(teller.ledger)


def test_two_columns_of_one_source_that_list_the_same_text_tell_of_it_once(teller: Teller) -> None:
    teller.tell(told(), "1.html", HERE)
    assert kinds(teller.tell(told(), "2.html", HERE)) == [NOTICE_REPUBLISHED]
    assert teller.notice("2.html", HERE).republishes_id == teller.notice("1.html", HERE).id


NEAR_TWINS = [
    {"inspection": {"inspected": "中共清河镇委员会"}},
    {"title": "关于督察整改进展情况的通报"},
    {"signed_on": "2025-03-04"},
    {"body": PROMISES.replace("任务9项", "任务8项")},
    {"body": PROMISES.replace("已召开专题会议", "清河镇已召开会议")},
]


@pytest.mark.parametrize("other", NEAR_TWINS)
def test_a_notice_of_the_same_template_is_published(teller: Teller, other: dict[str, Any]) -> None:
    teller.tell(told(), host=HERE)
    inspection = other.get("inspection")
    twin = document(inspection=inspection) if inspection else document()
    said = told() | {"inspection": twin["inspection"]} | {k: v for k, v in other.items() if k != "inspection"}
    assert kinds(teller.tell(said, host=THERE))[0] == NOTICE_PUBLISHED
    assert teller.notice(host=THERE).republishes_id is None


def test_a_republication_is_quiet_until_it_tells_something_else(teller: Teller) -> None:
    plain, asked = heard(teller), heard(teller, republications=True)
    teller.tell(told(), host=HERE)
    teller.tell(told(), host=THERE)
    teller.tell(told(f"{PROMISES}\n责任编辑：小周"), host=THERE)
    assert plain() == [NOTICE_PUBLISHED]
    assert asked() == [NOTICE_PUBLISHED, NOTICE_REPUBLISHED, NOTICE_REVISED]
    teller.tell(told(PROMISES.replace("任务9项", "任务8项")), host=THERE)
    assert teller.notice(host=THERE).republishes_id is None
    assert plain() == [NOTICE_PUBLISHED, NOTICE_REVISED]
    assert_invariants(teller.ledger)


def test_a_copy_of_what_the_original_told_earlier_is_still_a_republication(teller: Teller) -> None:
    teller.tell(told(), host=HERE)
    teller.tell(told(PROMISES.replace("任务9项", "任务8项")), host=HERE)
    assert kinds(teller.tell(told(), host=THERE)) == [NOTICE_REPUBLISHED]


def test_what_repeats_a_withdrawn_notice_repeats_it_all_the_same(teller: Teller) -> None:
    teller.tell(told(), host=HERE)
    with teller.ledger.begin() as uow:
        notice = uow.notices.by_url(teller.notice(host=HERE).url)
        assert notice is not None
        notice.state = "withdrawn"
        uow.commit()
    assert kinds(teller.tell(told(), host=THERE)) == [NOTICE_REPUBLISHED]
    assert teller.notice(host=THERE).republishes_id == notice.id


def test_a_copy_of_what_is_forgotten_stands_alone(teller: Teller) -> None:
    teller.tell(told(), host=HERE)
    teller.tell(told(), host=THERE)
    source, _ = column(teller.ledger, HERE)
    with teller.ledger.begin() as uow:
        uow.sources.remove(source.id)
        uow.commit()
    assert teller.notice(host=THERE).republishes_id is None
    assert len(rows(teller.ledger, Sketch)) == 1
    assert {one.sketch for one in rows(teller.ledger, SketchBand)} == {
        one.serial for one in rows(teller.ledger, Sketch)
    }


def test_the_problems_of_a_republication_are_those_of_its_original(teller: Teller) -> None:
    teller.tell(told(), host=HERE)
    before = {one.id for one in teller.problems().values()}
    teller.tell(told(published_at="2026-03-09"), host=THERE)
    assert {one.id for one in teller.problems().values()} == before
    assert teller.notice(host=THERE).follows_id is None
    later = document(problem(1, "台账不够完整", "completed"), on="2026-09-04")
    teller.tell(later, "later.html", ELSEWHERE)
    assert teller.notice("later.html", ELSEWHERE).follows_id == teller.notice(host=HERE).id
    assert_invariants(teller.ledger)


def test_a_short_text_is_a_republication_only_if_it_is_the_very_same(teller: Teller) -> None:
    short = told("经区委批准，区委第三巡察组进驻，受理来信来访，为期两个月。")
    teller.tell(short, host=HERE)
    assert kinds(teller.tell(short, host=THERE)) == [NOTICE_REPUBLISHED]
    assert kinds(teller.tell(short | {"body": short["body"] + "特此公告。"}, host=ELSEWHERE)) == [NOTICE_PUBLISHED]


def test_a_notice_that_is_revised_for_ever_keeps_few_sketches(teller: Teller) -> None:
    for number in range(MOST_OF_A_NOTICE + 3):
        teller.tell(told(f"{PROMISES}\n第{number}次更新"), host=HERE)
    assert sorted(one.number for one in rows(teller.ledger, Sketch)) == list(range(4, MOST_OF_A_NOTICE + 4))


def test_however_many_share_a_template_few_are_looked_at(teller: Teller) -> None:
    for number in range(MOST_IN_A_BAND + 5):
        teller.tell(told(title=f"第{number}号通报"), f"{number}.html", HERE)
    with teller.ledger.reading() as uow:
        sketched = sketch(told())
        assert sketched is not None
        assert len(uow.sketches.neighbours(sketched.bands, besides="")) == MOST_IN_A_BAND


def page(extra: str = "") -> bytes:
    paragraphs = "".join(f"<p>{line}</p>" for line in PROMISES.splitlines())
    title = "关于督察整改进展情况的通报"
    return (
        f"<html><head><meta charset='utf-8'><title>{title}</title></head><body><h1>{title}</h1>"
        f"<p>发布时间：2026-03-04</p><div id='zoom'>{paragraphs}{extra}</div></body></html>"
    ).encode()


def test_of_workers_that_read_the_same_text_at_one_moment_one_publishes_it(
    open_another: Callable[[], Ledger], tmp_path: Path
) -> None:
    first, blobs = open_another(), FolderBlobs(tmp_path / "blobs")
    hosts = [f"h{number}.example" for number in range(4)]
    owed = [
        fetch(
            first, target(first, host=host).id, digest=blobs.put(page(f"<p>来源：{host}</p>")), content_type="text/html"
        )
        for host in hosts
    ]
    workers = [Processor(open_another(), blobs, RecordingBell(), RULES) for _ in owed]
    together(*(lambda w=w, f=f: w.process(f) for w, f in zip(workers, owed, strict=True)))
    types = sorted(one.type for one in rows(first, Event))
    assert types == [NOTICE_PUBLISHED, *[NOTICE_REPUBLISHED] * 3]
    linked = {one.republishes_id for one in rows(first, Notice)}
    (original,) = linked - {None}
    assert len([one for one in rows(first, Notice) if one.republishes_id is None]) == 1
    assert [one.republishes_id for one in rows(first, Notice, id=original)] == [None]
    assert_invariants(first)


def test_pages_that_ask_not_to_be_kept_are_never_taken_for_one(ledger: Ledger, tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path / "blobs")
    for host in (HERE, THERE):
        asked: dict[str, Any] = {
            "digest": digest_of(page()),
            "content_type": "text/html",
            "asked_of_robots": "noarchive",
        }
        brought = fetch(ledger, target(ledger, host=host).id, **asked)
        with ledger.begin() as uow:
            uow.fetches.hand_over(brought, page())
            uow.commit()
        Processor(ledger, blobs, RecordingBell(), RULES).process(brought)
    assert [one.type for one in rows(ledger, Event)] == [NOTICE_PUBLISHED] * 2
    assert rows(ledger, Sketch) == []


def test_reading_again_links_what_an_older_release_stored_and_tells_nobody(ledger: Ledger, tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path / "blobs")
    for host in (HERE, THERE):
        one = target(ledger, host=host)
        Processor(ledger, blobs, RecordingBell(), RULES).process(
            fetch(ledger, one.id, digest=blobs.put(page()), content_type="text/html")
        )
        with ledger.begin() as uow:  # as the release before stored it
            notice = uow.notices.of_target(one.id)
            assert notice is not None
            notice.republishes_id = None
            uow.sketches.put(notice.id, 1, None, ())
            uow.commit()
    events = len(rows(ledger, Event))
    assert [one.changed for one in read_all_again(ledger, blobs, apply=False)] == [(), ()]
    assert rows(ledger, Sketch) == []
    list(read_all_again(ledger, blobs, apply=True))
    links = {one.url: one.republishes_id for one in rows(ledger, Notice)}
    (original,) = rows(ledger, Notice, republishes_id=None)
    assert sorted(links.values(), key=str) == sorted([None, original.id], key=str)
    assert (len(rows(ledger, Sketch)), len(rows(ledger, Event))) == (2, events)
    list(read_all_again(ledger, blobs, apply=True))
    assert {one.url: one.republishes_id for one in rows(ledger, Notice)} == links


def test_a_text_is_looked_up_in_few_statements(teller: Teller) -> None:
    teller.tell(told(), host=HERE)
    with teller.ledger.reading() as uow, statements(teller.ledger.engine) as seen:
        sketched = sketch(told())
        assert sketched is not None
        found = uow.sketches.neighbours(sketched.bands, besides="")
    assert [one.notice_id for one in found] == [teller.notice(host=HERE).id]
    assert len([one for one in seen if one.startswith("SELECT")]) == 2
