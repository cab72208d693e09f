"""`filter`, `--where` and `--filter`: tried before they are saved, and asked by every command alike."""

import pytest

from tests.unit.cli.desk import Desk, add_notice

HOOK = "https://hook.example/in"


def test_a_filter_is_tried_saved_listed_changed_and_removed(desk: Desk) -> None:
    add_notice(desk.ledger, ["a", "b", "c"])
    tried = desk("filter", "try", "--where", "type=notice.revised", "--json").record
    assert (tried["matched"], tried["of"]) == (2, 3)
    assert [one["position"] for one in tried["events"]] == [3, 2]
    saved = desk("filter", "save", "revisions", "--where", "type=notice.revised", "--json").record
    assert saved["filter"] == {"types": ["notice.revised"]}
    assert saved["trial"]["matched"] == 2
    first = desk("filter", "try", "--where", "type=notice.published").out
    assert "It would have matched 1 of the last 3 events." in first
    assert "types: notice.revised" in desk("filter", "list").out
    assert [int(one["sequence"]) for one in desk("events", "--filter", "revisions", "--json").records] == [2, 3]
    changed = desk("filter", "save", "revisions", "--where", "keyword=没有这个词", "--json").record
    assert (changed["id"], changed["trial"]["matched"]) == (saved["id"], 0)
    assert desk("events", "--filter", "revisions", "--json").records == []
    assert desk("filter", "remove", "revisions").code == 0
    gone = desk("events", "--filter", "revisions")
    assert (gone.code, gone.out) == (1, "")
    assert "no filter 'revisions'" in gone.err


def test_a_subscription_is_tried_before_it_is_made_and_told_what_it_would_have_heard(desk: Desk) -> None:
    add_notice(desk.ledger, ["a", "b"])
    tried = desk("subscribe", "webhook", HOOK, "--where", "source=gov.example", "--try")
    assert "It would have matched 2 of the last 2 events." in tried.out
    assert desk("subscriptions", "--json").records == []
    desk("filter", "save", "revisions", "--where", "type=notice.revised")
    made = desk("subscribe", "webhook", HOOK, "--filter", "revisions", "--json").record
    assert (made["filter"], made["trial"]["matched"]) == ({"types": ["notice.revised"]}, 1)
    name = made["id"]
    changed = desk("subscription", "filter", name, "--where", "due_before=2026-12-31", "--json").record
    assert changed["filter"] == {"due_before": "2026-12-31"}
    assert "hears of everything from now on" in desk("subscription", "filter", name).out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--where", "colour=red"], "write CONDITION=VALUE with one of type, source"),
        (["--where", "keyword="], "write CONDITION=VALUE"),
        (["--where", "republications=maybe"], "write republications=yes or republications=no"),
        (["--where", "status=done"], "statuses[0]: unknown status 'done'; known are completed"),
        (["--where", "source=other.example"], "sources[0]: 'other.example' is no id of a source"),
        (["--where", "type=notice.revised", "--filter", "x"], "not both"),
    ],
)
def test_wrong_conditions_are_told_with_what_would_be_right(desk: Desk, words: list[str], told: str) -> None:
    answer = desk("events", *words)
    assert (answer.code, answer.out) == (1, "")
    assert told in answer.err
