"""The starter file: real columns, to be taken in by choice; every one says why it is not verified. Nobody is asked."""

from pathlib import Path

from services.desk.catalogue import read_entries
from tests.unit.cli.desk import Desk

FOLDER = Path(__file__).parents[3] / "deploy" / "sources"


def test_every_entry_is_valid_and_says_why_it_is_unverified_and_where_its_address_was_seen() -> None:
    files = sorted(FOLDER.glob("*.jsonl"))
    assert files
    for file in files:
        entries = read_entries(file.read_bytes().splitlines())
        assert len(entries) >= 2
        for entry in entries:
            assert entry.unverified, entry.url
            assert entry.reason, entry.url
            assert entry.confirmed_from, entry.url
            assert not entry.allow, entry.url


def test_the_starter_file_is_taken_in_as_it_is(desk: Desk) -> None:
    starter = str(FOLDER / "starter.jsonl")
    count = len(Path(starter).read_text(encoding="utf-8").splitlines())
    assert desk("source", "import", starter, "--json").record == {"added": count, "changed": 0, "unchanged": 0}
    written = desk("source", "export").records
    assert sum(bool(entry.get("unverified")) for entry in written) == count
