"""`subscribe`, `subscriptions`, `subscription`, `deliveries`, `redrive` and `token`."""

from datetime import timedelta

import pytest

from services.desk.tokens import authenticate
from shared.domain.states import Consent, DeliveryState
from shared.ids import new_id
from shared.secrets import SecretBox
from tests.integration.scene import claimed, settled
from tests.unit.cli.desk import Desk, add_notice

HOOK = "https://hook.example/in"


def _park_everything(desk: Desk) -> list[str]:
    with desk.ledger.begin() as uow:
        now = uow.now()
        parked = {
            "state": DeliveryState.PARKED,
            "parked_reason": "answered 400",
            "attempts": 1,
            "next_attempt_at": None,
        }
        ids = []
        # One after the other: a notice's second delivery waits for its first.
        while taken := claimed(uow, now + timedelta(seconds=5), 60, 1):
            name = taken[0].delivery.id
            attempt = {"id": new_id("att"), "delivery_id": name, "number": 1, "started_at": now, "answer": "no"}
            uow.errands.record_attempts([attempt | {"duration_seconds": 0.1, "status": 400, "error": None}])
            assert settled(uow, taken[0], **parked)
            ids.append(name)
        uow.commit()
    return ids


def test_a_subscription_shows_its_secret_once(desk: Desk) -> None:
    made = desk("subscribe", "webhook", HOOK, "--name", "ours", "--type", "notice.revised", "--json").record
    assert made["secret"].startswith("whsec_")
    assert (made["name"], made["types"], made["state"]) == ("ours", ["notice.revised"], "active")
    listed = desk("subscriptions", "--json")
    assert [one["id"] for one in listed.records] == [made["id"]]
    assert made["secret"] not in listed.out
    assert "not shown again" in desk("subscribe", "webhook", HOOK).err
    assert HOOK in desk("subscriptions").out


@pytest.mark.parametrize(
    ("url", "warned"),
    [
        (HOOK, False),
        ("http://hook.example/in", True),
        ("HTTP://10.1.2.3/in", True),
        ("http://127.0.0.1/in", False),
        ("http://localhost/in", False),
    ],
)
def test_a_webhook_that_can_be_read_on_the_way_is_made_with_a_warning(desk: Desk, url: str, warned: bool) -> None:
    words = ("subscribe", "webhook", url, "--allow", "10.1.2.3", "--allow", "127.0.0.1")
    assert ("not encrypted" in desk(*words).err) is warned
    told = desk(*words, "--json")
    assert (bool(told.record["warnings"]), told.record["state"]) == (warned, "active")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nonsense"], "not an absolute http or https URL"),
        ([HOOK, "--type", "notice.eaten"], "unknown event type"),
        ([HOOK, "--allow", "300.1.1.1"], "allow-list"),
    ],
)
def test_a_wrong_subscription_is_refused(desk: Desk, words: list[str], told: str) -> None:
    answer = desk("subscribe", "webhook", *words)
    assert (answer.code, answer.out) == (1, "")
    assert told in answer.err


def test_a_subscription_is_paused_resumed_and_removed(desk: Desk) -> None:
    name = desk("subscribe", "webhook", HOOK, "--json").record["id"]
    assert desk("subscription", "pause", name, "--json").record["state"] == "paused"
    assert desk("subscription", "resume", name, "--json").record["state"] == "active"
    assert "is active" in desk("subscription", "resume", name).out
    assert desk("subscription", "remove", name).code == 0
    assert desk("subscriptions", "--json").records == []
    for verb in ("pause", "resume", "remove"):
        answer = desk("subscription", verb, name)
        assert answer.code == 1
        assert "no subscription" in answer.err


def test_a_key_is_rotated_and_a_public_one_shown(desk: Desk) -> None:
    made = desk("subscribe", "webhook", HOOK, "--json").record
    turned = desk("subscription", "rotate", made["id"], "--json").record
    assert turned["secret"].startswith("whsec_")
    assert turned["secret"] != made["secret"]
    assert turned["old_keys_until"] > made["created_at"]
    changed = desk("subscription", "rotate", made["id"], "--sign", "v1a")
    assert "whpk_" in changed.out
    listed = desk("subscriptions", "--json").record
    assert (listed["scheme"], listed["public_key"][:5]) == ("v1a", "whpk_")
    asymmetric = desk("subscribe", "webhook", HOOK, "--sign", "v1a", "--json").record
    assert (asymmetric["secret"], asymmetric["public_key"][:5]) == (None, "whpk_")
    assert "not shown again" not in desk("subscribe", "webhook", HOOK, "--sign", "v1a").err


def test_a_webhooks_content_mode_is_chosen_shown_and_changed(desk: Desk) -> None:
    assert desk("subscribe", "webhook", HOOK, "--json").record["content_mode"] == "structured"
    name = desk("subscribe", "webhook", HOOK, "--mode", "binary", "--json").record["id"]
    assert desk("subscription", "show", name, "--json").record["content_mode"] == "binary"
    assert "structured" in desk("subscription", "mode", name, "structured").out
    assert desk("subscription", "mode", name, "binary", "--json").record["content_mode"] == "binary"
    assert "structured" in desk("subscription", "mode", name, "batch").err
    with desk.ledger.begin() as uow:
        uow.subscriptions.change(name, {"kind": "chat"})
        uow.commit()
    refused = desk("subscription", "mode", name, "structured")
    assert refused.code == 1
    assert "is no webhook" in refused.err


def test_deliveries_are_listed_and_parked_ones_redriven(desk: Desk) -> None:
    name = desk("subscribe", "webhook", HOOK, "--json").record["id"]
    add_notice(desk.ledger)
    assert [one["state"] for one in desk("deliveries", "--json").records] == ["due", "due"]
    first, second = _park_everything(desk)
    parked = desk("deliveries", "--subscription", name, "--state", "parked", "--json").records
    assert {one["id"] for one in parked} == {first, second}
    assert {one["parked_reason"] for one in parked} == {"answered 400"}
    assert "answered 400" in desk("deliveries").out
    assert desk("redrive", first, "--json").record == {"redriven": [first]}
    again = desk("redrive", first)
    assert again.code == 1
    assert "not parked" in again.err
    assert desk("redrive", name).out.split() == [second]
    assert "Nothing is parked" in desk("redrive", name).out


def test_a_delivery_shows_its_attempts(desk: Desk) -> None:
    desk("subscribe", "webhook", HOOK)
    add_notice(desk.ledger)
    first, _ = _park_everything(desk)
    shown = desk("delivery", first, "--json").record
    assert [(one["number"], one["status"], one["answer"]) for one in shown["history"]] == [(1, 400, "no")]
    assert "0.100" in desk("delivery", first).out
    assert desk("delivery", "dlv_" + "0" * 26).code == 1


def test_events_are_replayed_and_redriven_in_part(desk: Desk) -> None:
    name = desk("subscribe", "webhook", HOOK, "--json").record["id"]
    add_notice(desk.ledger)
    assert desk("replay", name, "--after", "0", "--json").record["already_owed"] == 2
    first, _ = _park_everything(desk)
    assert desk("redrive", name, "--until", "1", "--json").record == {"redriven": [first]}
    assert desk("replay", name, "--after", "1", "--json").record["again"] == 1
    assert desk("replay", name, "--since", "2020-01-01").out.startswith("0 events")
    event = desk("deliveries", "--json").records[0]["event_id"]
    assert desk("replay", name, "--event", event, "--json").record["already_owed"] == 1
    nothing = desk("replay", name)
    assert (nothing.code, nothing.out) == (1, "")
    assert "say which events" in nothing.err
    assert desk("replay", name, "--since", "yesterday").code == 2


def test_a_replay_from_before_what_is_kept_brings_nothing_and_says_from_where_on_it_may_be(desk: Desk) -> None:
    name = desk("subscribe", "webhook", HOOK, "--json").record["id"]
    add_notice(desk.ledger)
    _park_everything(desk)
    with desk.ledger.begin() as uow:
        assert uow.retention.drop_events(uow.now(), 1) == 1
        uow.commit()
    for words in (("--since", "2020-01-01"), ("--after", "0")):
        refused = desk("replay", name, *words)
        assert (refused.code, refused.out) == (1, "")
        assert "events up to position 1 are no longer kept; ask for after=1" in refused.err
    assert desk("replay", name, "--after", "1", "--json").record["again"] == 1


def test_what_means_nothing_to_a_chat_is_refused_and_its_rate_is_in_messages(desk: Desk) -> None:
    name = desk("subscribe", "webhook", HOOK, "--json").record["id"]
    with desk.ledger.begin() as uow:
        uow.subscriptions.change(name, {"kind": "chat", "consent": Consent.GIVEN})
        uow.commit()
    refused = desk("subscription", "verify", name)
    assert (refused.code, refused.out) == (1, "")
    assert "only webhooks are asked" in refused.err
    assert "one message at a time" in desk("subscription", "limit", name, "--concurrency", "2").err
    assert "gets 5 messages a minute" in desk("subscription", "limit", name, "--rate", "5").out
    assert "as many messages as its service takes" in desk("subscription", "limit", name).out


def test_limits_consent_and_what_is_parked_are_shown(desk: Desk) -> None:
    name = desk("subscribe", "webhook", HOOK, "--rate", "60", "--concurrency", "2", "--json").record["id"]
    shown = desk("subscription", "show", name, "--json").record
    assert (shown["rate_per_minute"], shown["concurrency"], shown["consent"], shown["parked"]) == (60, 2, "unasked", 0)
    assert "60 requests a minute" in desk("subscription", "limit", name, "--rate", "60").out
    assert desk("subscription", "show", name, "--json").record["concurrency"] is None
    wrong = desk("subscription", "limit", name, "--concurrency", "1000")
    assert wrong.code == 1
    assert "between 1 and 64" in wrong.err
    assert desk("subscription", "verify", name, "--json").record["consent"] == "unasked"
    assert "unasked" in desk("subscription", "show", name).out
    with desk.ledger.begin() as uow:
        uow.subscriptions.change(name, {"consent": Consent.REFUSED, "consent_reason": "it said no"})
        uow.commit()
    assert "once a minute at most" in desk("subscriptions").out


def test_who_resumes_may_have_what_was_parked_at_once(desk: Desk) -> None:
    name = desk("subscribe", "webhook", HOOK, "--json").record["id"]
    add_notice(desk.ledger)
    _park_everything(desk)
    told = desk("subscription", "resume", name)
    assert f"2 deliveries are parked; bring them with: noticewire redrive {name}" in told.err
    resumed = desk("subscription", "resume", name, "--redrive", "--json").record
    assert (resumed["parked"], resumed["redriven"]) == (0, 2)


def test_why_tells_what_became_of_the_deliveries_of_a_notices_events(desk: Desk) -> None:
    desk("subscribe", "webhook", HOOK)
    notice = add_notice(desk.ledger)
    story = desk("why", notice.id, "--json").record
    assert [(one["position"], one["state"]) for one in story["deliveries"]] == [(2, "due"), (1, "due")]
    _park_everything(desk)
    told = desk("why", notice.id).out
    assert "Of its newest events' deliveries are: parked 2." in told
    assert "answered 400" in told


def test_unknown_deliveries_and_states_are_refused(desk: Desk) -> None:
    assert desk("redrive", "dlv_" + "0" * 26).code == 1
    assert desk("deliveries", "--state", "lost").code == 2
    unknown = desk("deliveries", "--subscription", "sub_x")
    assert unknown.code == 1
    assert "no subscription" in unknown.err


def test_a_token_is_printed_alone_so_that_a_script_can_take_it(desk: Desk) -> None:
    made = desk("token", "create", "--scope", "read", "--scope", "recrawl", "--name", "ours", "--days", "2")
    text = made.out.strip()
    token = authenticate(desk.ledger, text)
    assert token is not None
    assert (token.scopes, token.name) == (["read", "recrawl"], "ours")
    assert token.expires_at is not None
    assert token.id in made.err
    listed = desk("token", "list", "--json")
    assert [one["id"] for one in listed.records] == [token.id]
    assert text.split("_", 2)[2] not in listed.out + desk("token", "list").out
    assert desk("token", "revoke", token.id, "--json").record == {"revoked": token.id}
    assert authenticate(desk.ledger, text) is None
    again = desk("token", "revoke", token.id)
    assert again.code == 1
    assert "no live token" in again.err


def test_a_token_needs_known_scopes(desk: Desk) -> None:
    assert desk("token", "create").code == 2
    wrong = desk("token", "create", "--scope", "everything")
    assert wrong.code == 2
    assert "'read'" in wrong.err
    assert desk("token", "create", "--scope", "admin", "--json").record["token"].startswith("nw_")


def test_a_fresh_key_seals_secrets(desk: Desk) -> None:
    one, other = desk("token", "key").out.strip(), desk("token", "key", "--json").record["key"]
    assert one != other
    assert SecretBox(one).open(SecretBox(one).seal("whisper")) == "whisper"


def test_republications_are_told_of_on_request(desk: Desk) -> None:
    made = desk("subscribe", "webhook", HOOK, "--republications", "--type", "notice.published", "--json").record
    assert (made["republications"], made["types"]) == (True, ["notice.published", "notice.republished"])
    assert desk("subscribe", "webhook", HOOK, "--json").record["republications"] is False
    assert "republications" in desk("subscribe", "webhook", HOOK, "--republications").out
