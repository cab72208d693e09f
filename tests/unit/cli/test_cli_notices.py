"""`notices`, `notice` and `why`: what is stored, how it changed, and why."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.cli.summary import summary
from shared.db.models import FileText, Revision, Target
from tests.unit.cli.desk import COLUMN_URL, MORNING, NOTICE_URL, Desk, add_fetch, add_notice, add_target


def test_notices_are_listed_by_source_state_and_time(desk: Desk) -> None:
    notice = add_notice(desk.ledger)

    def ids(*words: str) -> list[str]:
        return [found["id"] for found in desk("notices", "--json", *words).records]

    assert ids() == ids("--source", "gov.example") == ids("--state", "live") == [notice.id]
    assert ids("--state", "withdrawn") == []
    assert ids("--since", "2026-01-05") == ids("--since", "2026-01-05T16:30+08:00") == [notice.id]
    assert ids("--since", "2026-01-06") == []
    told = desk("notices").out
    assert NOTICE_URL in told
    assert notice.id in told


@pytest.mark.parametrize(
    ("words", "code"),
    [(["--since", "yesterday"], 2), (["--state", "eaten"], 2), (["--source", "nowhere.example"], 1)],
)
def test_a_wrong_question_about_notices_is_refused(desk: Desk, words: list[str], code: int) -> None:
    answer = desk("notices", *words)
    assert (answer.code, answer.out) == (code, "")
    assert answer.err


def test_a_notice_is_shown_by_id_or_url_with_its_newest_document(desk: Desk) -> None:
    notice = add_notice(desk.ledger)
    by_id, by_url = desk("notice", notice.id, "--json").record, desk("notice", NOTICE_URL + "#top", "--json").record
    assert by_id == by_url
    assert (by_id["revision"]["number"], by_id["document"]["body"]) == (2, "第二稿")
    assert "revisions" not in by_id
    assert "第二稿" in desk("notice", notice.id).out


def test_every_revision_and_what_changed_between_them(desk: Desk) -> None:
    notice = add_notice(desk.ledger, ["甲\n乙", "甲\n丙", "丁\n丙"])
    shown = desk("notice", notice.id, "--revisions", "--diff", "--json").record
    assert [(one["number"], one["document"]["body"]) for one in shown["revisions"]] == [
        (1, "甲\n乙"),
        (2, "甲\n丙"),
        (3, "丁\n丙"),
    ]
    assert [(one["from"], one["to"]) for one in shown["diffs"]] == [(1, 2), (2, 3)]
    assert {"-乙", "+丙"} <= set(shown["diffs"][0]["text"])
    told = desk("notice", notice.id, "--diff").out
    assert "Revision 1 → 2" in told
    assert "+丙" in told


def test_an_unknown_notice_is_an_error(desk: Desk) -> None:
    missing = desk("notice", "ntc_" + "0" * 26)
    assert (missing.code, missing.out) == (1, "")
    assert "no notice" in missing.err
    elsewhere = desk("notice", COLUMN_URL)
    assert elsewhere.code == 1
    assert "noticewire why" in elsewhere.err
    assert "id of a source" in desk("notice", "src_" + "0" * 26).err


def test_an_escape_sequence_of_a_page_never_reaches_the_terminal(desk: Desk) -> None:
    notice = add_notice(desk.ledger, ["red \x1b[31malert\x9b2J [bold]kept[/bold]"])
    told = desk("notice", notice.id).out
    assert "\x1b" not in told
    assert "\x9b" not in told
    assert "[bold]kept[/bold]" in told


def test_what_other_programs_take_for_a_line_end_is_escaped(desk: Desk) -> None:
    body = "one\u2028two\u2029three\x85four"
    notice = add_notice(desk.ledger, [body])
    assert desk("notice", notice.id, "--json").record["document"]["body"] == body


def test_why_tells_everything_known_of_a_url(desk: Desk) -> None:
    notice = add_notice(desk.ledger)
    with desk.ledger.begin() as uow:
        text = b"User-agent: *\nDisallow: /secret\nAllow: /tzgg/\nCrawl-delay: 3\n"
        robots = {"origin": "http://gov.example", "status": 200, "body": text, "fetched_at": uow.now(), "failures": 0}
        uow.hosts.save_robots(robots)
        uow.hosts.record_answer("gov.example", failures=2, error="timed out", at=uow.now())
        uow.hosts.set_next_allowed("gov.example", uow.now() + timedelta(hours=1))
        uow.commit()
    story = desk("why", NOTICE_URL, "--json").record
    assert story["source"]["host"] == "gov.example"
    assert story["column"]["url"] == COLUMN_URL
    assert story["target"]["due_reason"] == "new"
    assert (story["robots"]["verdict"], story["robots"]["rule"]) == ("allowed", "Allow: /tzgg/")
    assert story["robots"]["crawl_delay_seconds"] == 3
    assert (story["host"]["failures"], story["host"]["last_error"]) == (2, "timed out")
    assert [fetch["number"] for fetch in story["fetches"]] == [2, 1]
    assert story["fetches"][0]["decision_rule"] == "first-text"
    assert story["notice"]["id"] == notice.id
    assert [revision["number"] for revision in story["revisions"]] == [1, 2]
    assert [event["position"] for event in story["events"]] == [2, 1]
    told = desk("why", NOTICE_URL).out
    for sentence in story["summary"]:
        assert sentence in told
    assert any("left alone until" in sentence for sentence in story["summary"])
    assert desk("why", notice.id, "--json").record["url"] == NOTICE_URL


def test_why_says_that_robots_forbids_a_url(desk: Desk) -> None:
    add_target(desk.ledger)
    with desk.ledger.begin() as uow:
        robots = {"origin": "http://gov.example", "status": 200, "body": b"User-agent: *\nDisallow: /tz"}
        uow.hosts.save_robots(robots | {"fetched_at": uow.now(), "failures": 0})
        uow.commit()
    assert "robots.txt forbids it: Disallow: /tz" in desk("why", NOTICE_URL).out


def test_why_explains_a_url_that_no_listing_showed(desk: Desk) -> None:
    add_target(desk.ledger)
    story = desk("why", "http://gov.example/other.html", "--json").record
    assert (story["target"], story["fetches"]) == (None, [])
    assert "has shown this URL" in story["summary"][0]


def test_why_of_a_host_nobody_heard_of_is_an_error(desk: Desk) -> None:
    answer = desk("why", "http://nowhere.example/")
    assert (answer.code, answer.out) == (1, "")
    assert "noticewire source add" in answer.err
    assert desk("why", "not a url").code == 1
    assert "no URL of its own" in desk("why", "sub_" + "0" * 26).err


def test_why_names_what_waits_and_what_is_set_aside(desk: Desk) -> None:
    target = add_target(desk.ledger)
    waits: dict[str, Any] = {"processed_at": None, "decision": None, "decision_rule": None}
    waiting = add_fetch(desk.ledger, target, number=2, **waits)
    aside = add_fetch(
        desk.ledger, target, number=1, quarantined_at=MORNING, quarantine_reason="Unreadable: no text", **waits
    )
    told = desk("why", NOTICE_URL).out
    assert f"{waiting.id} waits for a worker" in told
    assert f"noticewire reprocess {aside.id}" in told
    assert "Unreadable: no text" in told


def test_a_summary_of_a_listing_that_is_paused_and_held_says_so() -> None:
    listing = dict.fromkeys((column.key for column in Target.__table__.columns), None)
    story: dict[str, Any] = {
        "now": "2026-01-05T09:00:00Z",
        "source": {"name": "示例网", "host": "gov.example", "paused_at": "2026-01-05T08:00:00Z"},
        "column": {"url": COLUMN_URL, "family": "trs", "warning": "no items"},
        "target": listing | {"kind": "listing", "page": 1, "leased_until": "2026-01-05T09:01:00Z", "due_reason": "x"},
        "robots": None,
        "host": {"failures": 0, "next_allowed_at": None, "remark": "robots.txt is an HTML page"},
        "budget": {
            "day": "2026-01-05",
            "time_zone": "UTC",
            "requests": 7,
            "bytes": 9,
            "quiet_seconds": 60,
            "daily_requests": 7,
            "daily_bytes": None,
        },
        "recrawl": {"requested_by": "me", "created_at": "2026-01-05T08:59:00Z", "reason": "it is wrong"},
        "fetches": [],
        "notice": None,
        "document": None,
        "learned": [],
        "follows": None,
        "followed_by": [],
        "republishes": None,
        "republished_by": [],
    }
    told = "\n".join(summary(story))
    for words in (
        "read as trs",
        "no items",
        "paused since",
        "holds it just now",
        "not due until",
        "(it is wrong)",
        "HTML page",
        "for 60 s more",
        "counted: 7 of 7 requests.",
    ):
        assert words in told


def test_an_attachment_is_listed_with_its_notice_and_its_text_is_shown(desk: Desk) -> None:
    notice = add_notice(desk.ledger, ["详见附件"])
    digest = "a" * 64
    told = {"url": "http://gov.example/1.pdf", "title": "附件1", "status": "read", "reason": None}
    with Session(desk.ledger.engine) as session:
        (revision,) = session.scalars(select(Revision))
        files = [
            told | {"digest": digest, "size": 9, "type": "pdf"},
            {"url": "http://gov.example/2.pdf", "title": "附件2"},
        ]
        revision.document = revision.document | {"attachments": files}
        session.add(FileText(digest=digest, extractor=1, kind="pdf", text="逐项列明责任单位", created_at=MORNING))
        session.commit()
    assert "附件1" in desk("notice", notice.id).out
    shown = desk("notice", notice.id, "--attachment", "1", "--json").record
    assert (shown["number"], shown["text"], shown["type"]) == (1, "逐项列明责任单位", "pdf")
    assert "逐项列明责任单位" in desk("notice", notice.id, "--attachment", "1").out
    assert desk("notice", notice.id, "--attachment", "2", "--json").record["text"] is None
    absent = desk("notice", notice.id, "--attachment", "3")
    assert absent.code == 1
    assert "it has 2" in absent.err


def test_tables_are_written_to_a_file_or_to_standard_output(desk: Desk) -> None:
    notice = add_notice(desk.ledger)
    printed = desk("export", "jsonl", "notices", "--kind", "notice")
    assert (printed.code, printed.out) == (0, "")
    out = desk.folder / "notices.csv"
    assert desk("export", "csv", "notices", "--source", "gov.example", "--bom", "-o", str(out)).code == 0
    assert notice.id in out.read_text("utf-8-sig")
    assert desk("export", "xlsx", "events", "--after", "1", "-o", str(desk.folder / "e.xlsx")).code == 0
    assert desk("export", "csv", "problems", "--status", "none", "--out", str(desk.folder / "p.csv")).code == 0
    assert "--status" in desk("export", "csv", "notices", "--status", "none").err
    assert desk("export", "jsonl", "events", "--bom").code == 2
    assert [one["id"] for one in desk("export", "jsonl", "notices").records] == [notice.id]
