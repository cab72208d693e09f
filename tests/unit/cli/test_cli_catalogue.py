"""`source export` and `source import`: columns in a file of JSON lines."""

import json
from pathlib import Path

from tests.unit.cli.desk import COLUMN_URL, Desk

OTHER = {"url": "http://yunling.example/tzgg/", "unverified": True, "reason": "not asked yet"}


def test_columns_go_out_to_a_file_and_come_in_from_it(desk: Desk, tmp_path: Path) -> None:
    desk("source", "add", COLUMN_URL, "--name", "示例", "--delay", "7.5")
    written = desk("source", "export").out
    assert json.loads(written) == {"url": COLUMN_URL, "name": "示例", "source_name": "示例", "delay_seconds": 7.5}
    file = tmp_path / "columns.jsonl"
    file.write_text(written + "\n" + json.dumps(OTHER) + "\n", encoding="utf-8")
    assert desk("source", "import", str(file), "--json").record == {"added": 1, "changed": 0, "unchanged": 1}
    assert "0 added" in desk("source", "import", "-", stdin=file.read_bytes()).out
    assert desk("source", "export", "yunling.example").record == OTHER
    assert "not asked yet" in desk("source", "show", "yunling.example").out


def test_a_file_with_something_wrong_is_refused_whole(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "columns.jsonl"
    file.write_text(json.dumps(OTHER) + '\n{"url": "nowhere"}\n', encoding="utf-8")
    refused = desk("source", "import", str(file))
    assert refused.code == 1
    assert "line 2: url" in refused.err
    assert desk("source", "list", "--json").records == []


def test_a_profile_is_shown_with_its_column(desk: Desk) -> None:
    entry = {"url": COLUMN_URL, "profile": {"family": "trs"}}
    desk("source", "import", "-", stdin=json.dumps(entry).encode())
    assert desk("source", "show", "gov.example", "--json").record["columns"][0]["profile"]["family"] == "trs"
    assert '"family": "trs"' in desk("source", "show", "gov.example").out


def test_an_unknown_source_cannot_be_exported(desk: Desk) -> None:
    assert "noticewire source list" in desk("source", "export", "nowhere.example").err
