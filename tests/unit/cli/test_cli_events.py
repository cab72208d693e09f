"""`events`: the wire by position, in order, as CloudEvents."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from types import SimpleNamespace
from typing import Any, cast

import pytest

from services.cli.events import Reader
from shared.clock import SystemClock
from shared.db import Ledger
from shared.domain.filters import Filter
from shared.errors import Unavailable
from tests.unit.cli.desk import NOTICE_URL, Desk, add_notice


def test_events_come_in_order_of_position_as_cloudevents(desk: Desk) -> None:
    notice = add_notice(desk.ledger)
    first, second = desk("events", "--json").records
    assert (first["specversion"], first["type"]) == ("1.0", "org.noticewire.notice.published")
    assert first["subject"] == second["subject"] == notice.id
    assert [int(event["sequence"]) for event in (first, second)] == [1, 2]
    assert first["data"]["notice"]["url"] == NOTICE_URL


def test_a_reader_goes_on_where_it_was(desk: Desk) -> None:
    add_notice(desk.ledger, ["a", "b", "c", "d"])

    def positions(*words: str) -> list[int]:
        return [int(event["sequence"]) for event in desk("events", "--json", *words).records]

    assert positions("--after", "2") == [3, 4]
    assert positions("--after", "4") == []
    assert positions("--limit", "3") == [1, 2, 3]
    assert positions("--after", "1", "--limit", "1", "--follow") == [2]


def test_who_asks_for_what_is_no_longer_kept_is_told_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    add_notice(desk.ledger, ["a", "b", "c", "d"])
    monkeypatch.setattr("shared.db.events.Events.first_position", lambda _: 3)
    assert "events up to position 2 are no longer kept" in desk("events", "--after", "1").err
    for words in ((), ("--after", "2")):
        assert "no longer kept" not in desk("events", *words).err


def test_events_of_a_type_are_named_with_or_without_the_prefix(desk: Desk) -> None:
    add_notice(desk.ledger, ["a", "b", "c"])
    for name in ("notice.revised", "org.noticewire.notice.revised"):
        found = desk("events", "--type", name, "--json").records
        assert [int(event["sequence"]) for event in found] == [2, 3]
    unknown = desk("events", "--type", "notice.eaten")
    assert unknown.code == 1
    assert "known are notice.published" in unknown.err


def test_people_get_one_line_an_event(desk: Desk) -> None:
    notice = add_notice(desk.ledger)
    lines = desk("events").out.splitlines()
    assert len(lines) == 2
    assert notice.id in lines[0]
    assert "整改公告" in lines[0]


class Script:
    """A clock whose n-th sleep does the n-th step, and a ledger's door that is shut on demand."""

    def __init__(self, ledger: Ledger, steps: list[Callable[[], object]]) -> None:
        self._ledger = ledger
        self._steps = iter(steps)
        self.shut = False

    def now(self) -> datetime:
        return SystemClock().now()

    def monotonic(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        next(self._steps)()

    @contextmanager
    def reading(self) -> Iterator[Any]:
        if self.shut:
            raise Unavailable("the database does not answer")
        with self._ledger.reading() as uow:
            yield uow

    def follow(self, types: tuple[str, ...] = ()) -> Reader:
        wanted = Filter.parse({"types": types})
        return Reader(cast(Ledger, SimpleNamespace(reading=self.reading)), self, wanted, follow=True)


def test_following_shows_what_comes_later(desk: Desk) -> None:
    script = Script(desk.ledger, [lambda: None, lambda: add_notice(desk.ledger)])
    assert [event.position for event in islice(script.follow().after(0), 2)] == [1, 2]


def test_following_passes_over_other_types_and_misses_none(desk: Desk) -> None:
    script = Script(desk.ledger, [lambda: add_notice(desk.ledger, ["a", "b"])])
    (revised,) = islice(script.follow(("notice.revised",)).after(0), 1)
    assert revised.position == 2


def test_following_survives_a_database_that_is_down_for_a_while(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    def shut() -> None:
        script.shut = True

    def open_again() -> None:
        script.shut = False
        add_notice(desk.ledger)

    script = Script(desk.ledger, [shut, lambda: None, lambda: None, open_again, lambda: None])
    assert [event.position for event in islice(script.follow().after(0), 2)] == [1, 2]
    told = capsys.readouterr().err
    assert told.count("waiting for it") == 1
    assert "answers again" in told


def test_without_following_a_database_that_is_down_is_an_error(desk: Desk) -> None:
    script = Script(desk.ledger, [])
    script.shut = True
    reader = Reader(cast(Ledger, SimpleNamespace(reading=script.reading)), script, Filter(), follow=False)
    with pytest.raises(Unavailable):
        next(reader.after(0))
