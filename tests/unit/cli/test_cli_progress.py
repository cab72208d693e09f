"""Who waits without a terminal reads in the log how far it is: what changed, and not too often."""

from datetime import UTC, datetime

import pytest

from services.cli.progress import LINE_SECONDS, ProgressLines


class HandClock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def now(self) -> datetime:
        return datetime(2026, 1, 5, tzinfo=UTC)

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


def test_a_line_is_told_at_each_change_but_not_within_a_few_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    clock = HandClock()
    lines = ProgressLines(clock)
    for fetched in (0, 1, 1, 2, 2, 2, 3):
        lines.tell(f"fetched {fetched} of 4")
        clock.sleep(LINE_SECONDS / 2)
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines() == [f"fetched {fetched} of 4" for fetched in (0, 1, 2, 3)]


def test_the_last_line_is_told_at_once_and_once(capsys: pytest.CaptureFixture[str]) -> None:
    lines = ProgressLines(HandClock())
    lines.tell("fetched 0 of 1")
    lines.tell("fetched 1 of 1, 1 to be read")
    lines.tell("fetched 1 of 1", last=True)
    lines.tell("fetched 1 of 1", last=True)
    assert capsys.readouterr().err.splitlines() == ["fetched 0 of 1", "fetched 1 of 1"]


def test_a_terminal_that_shows_a_bar_gets_no_lines(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    ProgressLines(HandClock()).tell("fetched 0 of 1", last=True)
    assert capsys.readouterr().err == ""
