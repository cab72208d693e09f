"""Some days in place of a year, with a day or two of retention in place of months: what must be flat is flat."""

from pathlib import Path

import pytest

from tests.month.year import GROWING, growing, lines, play, steady

RULES = dict.fromkeys(("keep_events_days", "keep_visits_days", "keep_snapshots_days", "keep_audit_days"), 2)


def test_what_must_be_flat_is_flat_and_what_grows_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.db.retention.KEPT_VISITS", 5)
    quarters = play(steady(1, 12, 1.0), tmp_path, RULES | {"keep_attempts_days": 1})
    assert growing(quarters) == {}, "\n".join(lines(quarters))
    first, *_, last = (one.rows for one in quarters)
    for name in ("events", "deliveries", "attempts", "fetches of listings", "let_go"):
        assert first[name] > 0, name
    assert last["notices"] > 2 * first["notices"]
    assert last.keys() >= GROWING.keys()
