"""`recrawl`, `reprocess`, `db` and `doctor`."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from services.cli.checks import Finding, findings
from shared.domain.states import Outcome
from shared.messages import QUEUE
from tests.unit.cli.desk import COLUMN_URL, MORNING, NOTICE_URL, Desk, add_fetch, add_notice, add_target
from worker.app import make_celery

ASIDE = {"processed_at": None, "quarantined_at": MORNING, "quarantine_reason": "Unreadable", "decision": None}


def _visit_as_a_crawler_would(desk: Desk) -> None:
    """Wait until somebody wishes for a visit, and make it."""
    for _ in range(500):
        with desk.ledger.begin() as uow:
            now = uow.now()
            target = uow.claims.claim_due("gov.example", now, 60)
            if target is not None and target.recrawl_id:
                assert uow.claims.settle(target, {"due_at": None, "last_outcome": Outcome.UNCHANGED})
                uow.recrawls.finish_if_done(target.recrawl_id, now)
                uow.commit()
                return
        desk.ledger.clock.sleep(0.02)


def test_a_recrawl_prints_its_requests_id_and_pressing_twice_does_no_harm(desk: Desk) -> None:
    notice = add_notice(desk.ledger)
    first = desk("recrawl", NOTICE_URL, "--reason", "it looks wrong", "--json").record
    assert (first["new"], first["subject"], first["targets"], first["waiting"]) == (True, notice.id, 1, 1)
    assert (first["reason"], first["finished_at"]) == ("it looks wrong", None)
    again = desk("recrawl", notice.id)
    assert again.out.strip() == first["id"]
    assert "already" in again.err
    assert desk("recrawl", "gov.example").code == 1
    assert "nothing is known" in desk("recrawl", "http://gov.example/x").err


def test_waiting_for_a_recrawl_ends_when_it_was_fetched_and_read(desk: Desk) -> None:
    target = add_target(desk.ledger)
    with desk.ledger.begin() as uow:
        listing = uow.frontier.by_url(COLUMN_URL)
        assert listing is not None
        listing.due_at = None  # so that the notice is what the crawler turns to
        uow.commit()
    crawler = threading.Thread(target=_visit_as_a_crawler_would, args=(desk,))
    crawler.start()
    done = desk("recrawl", target.id, "--wait", "--timeout", "20", "--json")
    crawler.join()
    assert done.code == 0
    assert done.record["finished_at"] is not None
    assert (done.record["waiting"], done.record["unprocessed"]) == (0, 0)
    assert done.err.splitlines()[-1] == "1 of 1 fetched"  # whether it was not at first, the crawler decides


def test_waiting_for_a_recrawl_is_bounded_and_says_what_is_missing(desk: Desk) -> None:
    add_target(desk.ledger)
    late = desk("recrawl", COLUMN_URL, "--wait", "--timeout", "0.3", "--json")
    assert late.code == 1
    assert (late.record["waiting"], late.record["finished_at"]) == (2, None)
    assert "2 of 2 targets wait" in late.err


def test_a_fetch_is_taken_out_of_quarantine(desk: Desk) -> None:
    target = add_target(desk.ledger)
    fetch = add_fetch(desk.ledger, target, **ASIDE)
    done = desk("reprocess", fetch.id)
    assert (done.code, done.out.strip()) == (0, fetch.id)
    assert "sweep" in done.err
    with desk.ledger.reading() as uow:
        assert uow.fetches.next_owed(target.id) == fetch.id
    again = desk("reprocess", fetch.id)
    assert again.code == 1
    assert "not in quarantine" in again.err
    assert desk("reprocess", "fet_nothing").code == 1


def test_everything_in_quarantine_is_taken_out_and_rung_for(
    desk: Desk, queue_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTICEWIRE_REDIS_URL", queue_url)
    target = add_target(desk.ledger)
    ids = [add_fetch(desk.ledger, target, number=number, **ASIDE).id for number in range(1, 4)]
    done = desk("reprocess", "--quarantined", "--json").record
    assert done == {"reprocessed": sorted(ids), "rung": 3}
    assert desk("reprocess", "--quarantined", "--json").record == {"reprocessed": [], "rung": 0}
    with make_celery(queue_url).connection_for_write() as connection:
        connection.SimpleQueue(QUEUE).clear()


def test_reprocess_wants_a_fetch_or_all_of_them(desk: Desk) -> None:
    assert desk("reprocess").code == 2
    assert desk("reprocess", "fet_x", "--quarantined").code == 2


def test_the_tables_are_made_and_checked(bare: Path, desk: Desk) -> None:
    assert desk("db", "check", "--json").record == {"current": True}
    (bare / "noticewire.db").unlink()
    missing = desk("db", "check")
    assert missing.code == 1
    assert "noticewire db upgrade" in missing.err
    assert not (bare / "noticewire.db").exists()
    made = desk("db", "upgrade", "--json").record
    assert made == desk("db", "upgrade", "--json").record
    assert desk("db", "check").code == 0


def test_a_database_of_another_kind_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTICEWIRE_DATABASE_URL", "mysql://localhost/x")
    answer = desk("notices")
    assert answer.code == 1
    assert "NOTICEWIRE_DATABASE_URL" in answer.err


def _states(found: list[dict[str, str]]) -> dict[str, str]:
    return {one["check"]: one["state"] for one in found}


def test_a_doctor_at_a_fresh_desk_names_what_is_missing(bare: Path, desk: Desk) -> None:
    (bare / "noticewire.db").unlink()
    answer = desk("doctor", "--json")
    assert answer.code == 1
    states = _states(answer.records)
    assert (states["settings"], states["contact"], states["database"]) == ("ok", "mend", "mend")
    assert "sources" not in states
    assert all(one["remedy"] for one in answer.records if one["state"] == "mend")
    assert not (bare / "noticewire.db").exists()


def test_a_doctor_has_nothing_to_mend_where_everything_runs(
    desk: Desk, queue_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTICEWIRE_CONTACT", "desk@noticewire.example")
    monkeypatch.setenv("NOTICEWIRE_REDIS_URL", queue_url)
    add_notice(desk.ledger)
    assert desk("token", "create", "--scope", "read").code == 0
    with desk.ledger.begin() as uow:
        uow.events.lock_positions()
        uow.events.beat(uow.now())
        uow.commit()
    answer = desk("doctor")
    assert answer.code == 0, answer.out
    assert "Everything is in order." in answer.out
    assert set(_states(desk("doctor", "--json").records).values()) == {"ok"}


def test_a_doctor_finds_what_is_broken(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTICEWIRE_REDIS_URL", "redis://127.0.0.1:1/0")
    monkeypatch.setenv("NOTICEWIRE_SECRET_KEY", "too short")
    monkeypatch.setenv("NOTICEWIRE_BLOBS_URL", "s3://bucket")
    add_fetch(desk.ledger, add_target(desk.ledger), **ASIDE)
    desk.folder.chmod(0o777)
    states = _states(desk("doctor", "--json").records)
    for name in ("data folder", "secret key", "snapshots", "queue", "relay"):
        assert states[name] == "mend", name
    assert (states["tokens"], states["quarantine"]) == ("note", "note")


def test_a_doctor_warns_of_a_key_that_others_may_read(desk: Desk) -> None:
    desk("subscribe", "webhook", "https://hook.example/")
    key = desk.folder / "secret.key"
    assert _named(desk.folder, "secret key").state == "ok"
    key.chmod(0o644)
    assert "chmod 600" in str(_named(desk.folder, "secret key").remedy)


def test_a_doctor_survives_wrong_settings(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTICEWIRE_CRAWL_THREADS", "many")
    answer = desk("doctor", "--json")
    assert answer.code == 1
    assert [one["check"] for one in answer.records] == ["settings"]
    assert "NOTICEWIRE_CRAWL_THREADS" in answer.record["detail"]


def _named(folder: Path, check: str) -> Finding:
    (found,) = [one for one in findings(folder) if one.check == check]
    return found


def test_what_was_fetched_is_exported_as_a_web_archive(desk: Desk, tmp_path: Path) -> None:
    target = add_target(desk.ledger)
    add_fetch(desk.ledger, target)
    out = tmp_path / "out.warc.gz"
    told = desk(
        "export", "warc", "--source", "gov.example", "--since", "2020-01-01", "--out", str(out), "--json"
    ).record
    assert (told["file"], told["response"]) == (str(out), 1)
    assert out.read_bytes().startswith(b"\x1f\x8b")
    assert "exists already" in desk("export", "warc", "--out", str(out)).err
    assert desk("export", "warc", "--source", "nobody.example").code == 1
    assert desk("export", "warc", "--since", "yesterday").code == 2


def test_a_recrawl_of_chosen_notices_is_counted_first(desk: Desk) -> None:
    notice = add_notice(desk.ledger)
    counted = desk("recrawl", "--source", "gov.example", "--since", "2026-01-01", "--dry-run", "--json").record
    assert counted["targets"] == 1
    made = desk("recrawl", "--source", "gov.example", "--since", "2026-01-01", "--json")
    assert "1 addresses" in made.err
    assert (made.record["targets"], made.record["waiting"], made.record["outcomes"]) == (1, 1, {})
    with desk.ledger.reading() as uow:
        target = uow.frontier.by_id(notice.target_id)
    assert target is not None
    assert target.recrawl_id == made.record["id"]
    entry = desk("audit", "--action", "recrawl.requested", "--json").record
    assert entry["actor"].startswith("cli:")
    assert desk("recrawl").code == 2
    assert desk("recrawl", NOTICE_URL, "--kind", "notice").code == 2
    assert desk("recrawl", "--kind", "poem").code == 2
