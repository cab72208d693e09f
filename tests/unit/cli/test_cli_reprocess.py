"""`reprocess --notices`: stored notices read again; told first, written on a word, cut short without harm."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from shared.db.models import Revision
from tests.integration.scene import events, rows
from tests.integration.test_processing import Desk as Worker
from tests.unit.cli.desk import Desk

COMMAND = [sys.executable, "-m", "services.cli", "reprocess", "--notices"]
OLD = {"title": "旧读法 \x1b[31m[red]", "body": "旧读法的正文", "attachments": [], "removed": []}


@dataclass
class Shelf:
    """Notices as an earlier reader left them."""

    desk: Desk
    ids: list[str]

    def again(self, *words: str) -> list[dict[str, Any]]:
        return self.desk("reprocess", "--notices", "--json", *words).records

    def blob(self, number: int) -> Path:
        """Return the file that holds a notice's snapshot."""
        (revision,) = rows(self.desk.ledger, Revision, notice_id=self.ids[number])
        return next((self.desk.folder / "blobs").rglob(f"{revision.digest}*"))

    def titles(self) -> list[str]:
        found = sorted(rows(self.desk.ledger, Revision), key=lambda one: one.notice_id)
        return [one.document["title"] for one in found]


@pytest.fixture
def shelf(desk: Desk) -> Shelf:
    workers = [Worker(desk.ledger, desk.folder / "blobs", f"{number}.html") for number in range(3)]
    for number, worker in enumerate(workers):
        worker.process(worker.brought(f"整改任务共{number}项。"))
    with Session(desk.ledger.engine) as session:
        session.execute(update(Revision).values(document=OLD, fingerprint="0" * 64))
        session.commit()
    return Shelf(desk, [worker.notice().id for worker in workers])


def test_it_first_tells_what_would_change_and_writes_nothing(shelf: Shelf) -> None:
    *told, summary = shelf.again()
    assert [one["notice_id"] for one in told] == shelf.ids
    assert told[0]["titles"] == [OLD["title"], "关于督察整改进展情况的通报"]
    assert {"body", "page", "title"} <= set(told[0]["changed"])
    assert summary == {
        "notices": 3,
        "changed": 3,
        "same": 0,
        "unreadable": 0,
        "applied": False,
        "last": shelf.ids[-1],
    }
    assert shelf.titles() == [OLD["title"]] * 3
    people = shelf.desk("reprocess", "--notices")
    assert people.code == 0
    assert "Nothing was written; to write it down: noticewire reprocess --notices --apply" in people.out
    assert "Notices: 3; 3 would read otherwise, 0 the same." in people.out
    assert "\x1b" not in people.out + people.err
    assert "[red]" in people.out


def test_on_a_word_it_writes_and_makes_no_event(shelf: Shelf) -> None:
    before = len(events(shelf.desk.ledger))
    assert shelf.again("--apply")[-1]["applied"] is True
    assert shelf.titles() == ["关于督察整改进展情况的通报"] * 3
    assert len(events(shelf.desk.ledger)) == before
    *told, summary = shelf.again("--apply")
    assert [one["changed"] for one in told] == [[], [], []]
    assert summary["same"] == 3
    assert "3 the same" in shelf.desk("reprocess", "--notices").out


def test_one_notice_one_source_or_the_rest_can_be_asked_for(shelf: Shelf) -> None:
    def ids(*words: str) -> list[str]:
        return [one["notice_id"] for one in shelf.again(*words)[:-1]]

    assert ids("--notice", shelf.ids[1]) == shelf.ids[1:2]
    assert ids("--source", "gov.example") == shelf.ids
    assert ids("--after", shelf.ids[0]) == shelf.ids[1:]
    assert shelf.again("--after", shelf.ids[2]) == [
        {"notices": 0, "changed": 0, "same": 0, "unreadable": 0, "applied": False, "last": shelf.ids[2]}
    ]
    assert shelf.desk("reprocess", "--notices", "--source", "nowhere.example").code == 1
    assert shelf.desk("reprocess", "--notices", "--notice", "ntc_" + "0" * 26).code == 1


def test_what_cannot_be_read_is_told_and_the_others_go_on(shelf: Shelf) -> None:
    shelf.blob(0).unlink()
    answer = shelf.desk("reprocess", "--notices", "--apply", "--json")
    assert answer.code == 1
    broken, *_, summary = answer.records
    assert "no snapshot" in broken["trouble"]
    assert (summary["unreadable"], summary["changed"]) == (1, 2)
    assert "stays as it is: NotFound" in shelf.desk("reprocess", "--notices").out


@pytest.mark.parametrize(
    "words",
    [
        ["fet_x", "--notices"],
        ["--quarantined", "--notices"],
        ["--apply"],
        ["--quarantined", "--apply"],
        ["fet_x", "--source", "gov.example"],
        ["--notices", "--after", "fet_x"],
    ],
)
def test_options_that_do_not_go_together_are_misuse(desk: Desk, words: list[str]) -> None:
    assert desk("reprocess", *words).code == 2


def _reached(pipe: Path) -> int:
    """Wait until somebody reads from a pipe; return its writing end, which keeps them waiting."""
    deadline = time.monotonic() + 30
    while True:
        with suppress(OSError):  # ENXIO: nobody reads yet
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        assert time.monotonic() < deadline, "nobody reads"
        time.sleep(0.01)


def test_an_interrupt_leaves_whole_notices_and_says_how_to_go_on(shelf: Shelf) -> None:
    """The second snapshot is a pipe that nobody writes into, so the run stands still there, however fast it is."""
    blob = shelf.blob(1)
    kept = blob.read_bytes()
    blob.unlink()
    os.mkfifo(blob)
    process = subprocess.Popen(
        [*COMMAND, "--apply", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["notice_id"] == shelf.ids[0]
        pipe = _reached(blob)
        process.send_signal(signal.SIGINT)
        os.close(pipe)  # a read that begins just after the signal came would wait for more, and never hear of it
        _, told = process.communicate(timeout=30)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 130
    assert "Cut short after 1 of 3 notices" in told
    assert f"noticewire reprocess --notices --apply --after {shelf.ids[0]}" in told
    assert "Traceback" not in told
    assert shelf.titles() == ["关于督察整改进展情况的通报", OLD["title"], OLD["title"]]
    blob.unlink()
    blob.write_bytes(kept)
    assert shelf.again("--apply", "--after", shelf.ids[0])[-1]["changed"] == 2
    assert shelf.titles() == ["关于督察整改进展情况的通报"] * 3
