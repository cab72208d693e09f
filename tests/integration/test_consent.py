"""Consent: a new endpoint is asked first, and called once a minute where it does not say that it wants to be."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.desk.delivering import ask_again
from services.desk.subscribing import Webhook, find, subscribe
from shared.db import Ledger
from shared.db.models import Delivery, Subscription
from shared.domain.states import Consent, DeliveryState
from shared.http import DEFAULT_LIMITS, NOWHERE, AllowList, Limits, Request, Response
from tests.integration.scene import BOX, event, now, rows
from tests.integration.test_courier import courier
from tests.integration.test_deliveries import owe
from tests.servers.subscriber import Sink
from worker.deliver.consent import Asking, Given, Withheld, allowed, ask, echoes
from worker.deliver.courier import Courier
from worker.deliver.sign import new_secret
from worker.relay import Relay


class Endpoint:
    """An endpoint that answers OPTIONS with some headers, and POSTs with a status, or with the challenge in a form."""

    def __init__(self, options: dict[str, str] | None = None, echo: str | None = None, status: int = 200) -> None:
        self.options, self.echo, self.status = options or {}, echo, status
        self.asked: list[Request] = []

    def exchange(self, request: Request, *, limits: Limits = DEFAULT_LIMITS, allow: AllowList = NOWHERE) -> Response:
        self.asked.append(request)
        if request.method == "OPTIONS":
            return Response(request.url, self.status, self.options, b"", 0.0, 0.0)
        token = json.loads(request.body or b"{}").get("challenge")
        body = self.echo.format(token=token).encode() if self.echo and token else b"ok"
        return Response(request.url, self.status, {}, body, 0.0, 0.0)

    @property
    def events(self) -> list[Request]:
        """The POSTs that were no challenge."""
        return [one for one in self.asked if one.method == "POST" and b"challenge" not in (one.body or b"")]


def made(ledger: Ledger, **wish: int) -> Subscription:
    return subscribe(ledger, BOX, Webhook("https://hook.example/x", **wish))[0]  # type: ignore[arg-type]


def settle_down(one: Courier) -> None:
    """Bring until nothing is under way and nothing more begins."""
    while one.bring() or one.busy:
        continue


@pytest.mark.parametrize(
    ("answers", "how"),
    [
        ({"options": {"webhook-allowed-origin": "*"}}, "it answered the handshake"),
        (
            {"options": {"webhook-allowed-origin": "LOCALHOST", "webhook-allowed-rate": "*"}},
            "it answered the handshake",
        ),
        ({"echo": "{token}\n"}, "it sent the challenge back"),
        ({"echo": '{{"challenge": "{token}"}}'}, "it sent the challenge back"),
    ],
)
def test_who_consents_is_asked_once_and_then_called_at_will(ledger: Ledger, answers: dict[str, Any], how: str) -> None:
    to, endpoint = made(ledger), Endpoint(**answers)
    owe(ledger, "ntc_1", "ntc_2", "ntc_3")
    one = courier(ledger, endpoint)
    settle_down(one)
    one.close()
    kept = find(ledger, to.id)
    assert (kept.consent, kept.consent_reason, kept.consent_ask_at) == (Consent.GIVEN, how, None)
    assert len(endpoint.events) == 3
    assert [request.method for request in endpoint.asked].count("OPTIONS") == 1
    for name in ("webhook-request-origin", "origin"):  # by the specification as it is now, and as it was in 1.0
        assert {request.headers[name] for request in endpoint.events} == {"localhost"}


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"options": {"webhook-allowed-origin": "somebody.example"}},
        {"echo": "another"},
        {"status": 405},
    ],
)
def test_who_does_not_consent_is_flagged_and_called_once_a_minute(ledger: Ledger, answers: dict[str, Any]) -> None:
    to, endpoint = made(ledger), Endpoint(**answers)
    owe(ledger, "ntc_1", "ntc_2", "ntc_3")
    one = courier(ledger, endpoint)
    settle_down(one)
    kept = find(ledger, to.id)
    assert kept.consent == Consent.REFUSED
    assert "without WebHook-Allowed-Origin for localhost" in (kept.consent_reason or "")
    assert kept.consent_ask_at is not None
    assert kept.consent_ask_at > now(ledger) + timedelta(hours=23)
    assert endpoint.events == []
    for brought in (1, 2):
        let_a_minute_pass(ledger, to.id)
        settle_down(one)
        assert len(endpoint.events) == brought
    one.close()


def let_a_minute_pass(ledger: Ledger, name: str) -> None:
    with ledger.begin() as uow:
        waits = uow.subscriptions.hold([name])[name].next_request_at
        assert waits is not None
        assert waits > uow.now() + timedelta(seconds=50)
        uow.subscriptions.change(name, {"next_request_at": uow.now()})
        uow.commit()


def test_who_is_asked_again_by_hand_and_consents_then_hears_everything(ledger: Ledger) -> None:
    to, endpoint = made(ledger), Endpoint()
    owe(ledger, "ntc_1", "ntc_2")
    one = courier(ledger, endpoint)
    settle_down(one)
    endpoint.options = {"webhook-allowed-origin": "*"}
    ask_again(ledger, to.id)
    settle_down(one)
    one.close()
    assert find(ledger, to.id).consent == Consent.GIVEN
    assert {delivery.state for delivery in rows(ledger, Delivery)} == {DeliveryState.DELIVERED}


def test_two_questions_within_one_second_are_two_and_an_answer_to_the_one_is_none_to_the_other() -> None:
    to = Subscription(url="https://hook.example/x", allow=[])
    first, second = Endpoint(echo="{token}"), Endpoint()
    at, asking = datetime(2026, 3, 1, tzinfo=UTC), Asking("wire.example", "noticewire/0")
    keys = [new_secret()]
    assert isinstance(ask(first, to, keys, asking, at), Given)
    token = json.loads(first.asked[1].body or b"")["challenge"]
    second.echo = token
    assert isinstance(ask(second, to, keys, asking, at), Withheld)
    stamps, ids = (
        {one.asked[1].headers[name] for one in (first, second)} for name in ("webhook-timestamp", "webhook-id")
    )
    assert (len(stamps), len(ids)) == (1, 2)


def test_an_endpoint_that_is_down_is_asked_again_soon(ledger: Ledger) -> None:
    to = made(ledger)
    one = courier(ledger, Endpoint(status=503))
    settle_down(one)
    one.close()
    kept = find(ledger, to.id)
    assert kept.consent_ask_at is not None
    assert kept.consent_ask_at < now(ledger) + timedelta(minutes=6)


def test_the_rate_that_is_wanted_is_asked_for_and_the_one_allowed_is_kept(ledger: Ledger) -> None:
    to = made(ledger, rate_per_minute=120)
    endpoint = Endpoint({"webhook-allowed-origin": "*", "webhook-allowed-rate": "60"})
    owe(ledger, "ntc_1", "ntc_2", "ntc_3")
    one = courier(ledger, endpoint)
    settle_down(one)
    one.close()
    assert endpoint.asked[0].headers["webhook-request-rate"] == "120"
    kept = find(ledger, to.id)
    assert kept.allowed_rate == 60
    assert len(endpoint.events) <= 2  # one a second


def test_no_more_requests_run_at_a_time_than_were_agreed(ledger: Ledger) -> None:
    made(ledger, concurrency=1)
    other = made(ledger)
    with ledger.begin() as uow:
        for held in uow.subscriptions.hold_all():
            uow.subscriptions.change(held.id, {"consent": Consent.GIVEN})
        uow.commit()
    owe(ledger, "ntc_1", "ntc_2", "ntc_3")
    one = courier(ledger, Endpoint())
    assert one.bring() == 3
    leased = [delivery.subscription_id for delivery in rows(ledger, Delivery) if delivery.lease]
    assert leased.count(other.id) == 2
    settle_down(one)
    one.close()


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as one:
        yield one


@pytest.mark.timeout(60)
def test_the_simulated_subscriber_consents_over_the_guarded_way_out(ledger: Ledger, sink: Sink) -> None:
    to, secret = subscribe(ledger, BOX, Webhook(sink.url, allow=["127.0.0.0/8"]))
    sink.set_secret(secret)
    event(ledger, "ntc_1")
    Relay(ledger).relay()
    one = courier(ledger)
    settle_down(one)
    one.close()
    assert find(ledger, to.id).consent == Consent.GIVEN
    assert [receipt.accepted for receipt in sink.receipts()] == [True]


def test_consent_is_read_from_headers_and_never_from_a_status() -> None:
    assert allowed({}, "wire.example") is None
    assert allowed({"webhook-allowed-origin": "wire.example", "webhook-allowed-rate": "0"}, "wire.example") == Given(
        "it answered the handshake"
    )
    assert allowed({"webhook-allowed-origin": "*", "webhook-allowed-rate": "9"}, "wire.example") == Given(
        "it answered the handshake", 9
    )
    assert not echoes(b"", "token")
    assert not echoes(b'["token"]', "token")
    assert not echoes(b"[" * 4000, "token")
