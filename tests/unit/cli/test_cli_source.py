"""`source`: watching, pausing and forgetting at the command line."""

from pathlib import Path

import pytest

from tests.unit.cli.desk import COLUMN_URL, NOTICE_URL, Desk, add_notice


def test_a_column_is_watched_by_its_url_alone(desk: Desk) -> None:
    added = desk("source", "add", "HTTP://GOV.example:80/tzgg/", "--json").record
    assert added["new"] is True
    assert added["column"]["url"] == COLUMN_URL
    assert added["source"]["host"] == "gov.example"
    again = desk("source", "add", COLUMN_URL, "--json", "--yes").record
    assert again == again | {"new": False, "source_id": added["source_id"], "column_id": added["column_id"]}


def test_what_the_operator_says_of_a_source_is_kept(desk: Desk) -> None:
    words = ("--name", "示例", "--delay", "7.5", "--allow", "127.0.0.1", "--allow", "10.0.0.0/8:8080", "--insecure")
    source = desk("source", "add", COLUMN_URL, *words, "--json").record["source"]
    assert (source["name"], source["delay_seconds"], source["verify_tls"]) == ("示例", 7.5, False)
    assert source["allow"] == ["10.0.0.0/8:8080", "127.0.0.1"]


def test_the_first_command_needs_no_other_before_it(bare: Path, desk: Desk) -> None:
    (bare / "noticewire.db").unlink()
    added = desk("source", "add", COLUMN_URL)
    assert added.code == 0
    assert "Watched from now on." in added.out
    assert "gov.example" in desk("source", "list").out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["ftp://gov.example/"], "not an absolute http or https URL"),
        (["http://user:word@gov.example/"], "user name or password"),
        ([COLUMN_URL, "--delay", "-1"], "between 0 and 86400"),
        ([COLUMN_URL, "--allow", "10.0.0.1/8"], "allow-list"),
    ],
)
def test_a_wrong_wish_is_refused_with_a_reason_and_nothing_is_kept(desk: Desk, words: list[str], told: str) -> None:
    refused = desk("source", "add", *words)
    assert refused.code == 1
    assert refused.out == ""
    assert told in refused.err
    assert desk("source", "list", "--json").records == []


def test_a_source_is_listed_and_shown_with_its_columns(desk: Desk) -> None:
    add_notice(desk.ledger)
    (listed,) = desk("source", "list", "--json").records
    assert [column["url"] for column in listed["columns"]] == [COLUMN_URL]
    for name in (listed["id"], "gov.example", "GOV.EXAMPLE", NOTICE_URL):
        shown = desk("source", "show", name, "--json").record
        assert (shown["id"], shown["targets"], shown["host_state"]) == (listed["id"], 2, None)
    told = desk("source", "show", "gov.example").out
    assert listed["id"] in told
    assert COLUMN_URL in told


def test_a_source_is_paused_and_resumed(desk: Desk) -> None:
    add_notice(desk.ledger)
    assert desk("source", "pause", "gov.example", "--json").record["paused_at"] is not None
    assert desk("source", "resume", "gov.example", "--json").record["paused_at"] is None
    assert "is crawled again" in desk("source", "resume", "gov.example").out


def test_a_source_is_forgotten_only_with_a_yes(desk: Desk) -> None:
    add_notice(desk.ledger)
    unasked = desk("source", "remove", "gov.example")
    assert unasked.code == 2
    assert "--yes" in unasked.err
    assert len(desk("notices", "--json").records) == 1
    assert desk("source", "remove", "gov.example", "--yes").code == 0
    assert desk("source", "list", "--json").records == []
    assert len(desk("events", "--json").records) == 2


def test_an_unknown_source_is_an_error_that_says_where_to_look(desk: Desk) -> None:
    for verb in ("show", "pause", "resume", "remove"):
        answer = desk("source", verb, "nowhere.example")
        assert answer.code == 1
        assert "noticewire source list" in answer.err
