"""The subscriber: it verifies with the published package, keeps receipts, and fails when told to."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from http.client import HTTPException
from typing import Any

import pytest
from standardwebhooks import Webhook

from services.simulation.sink import Sink
from tests.unit.simulation.client import Reply, ask, until

SECRET = "whsec_" + "c2ltdWxhdGVkLXNlY3JldC1vZi0zMi1ieXRlcyEhISE="
OTHER = "whsec_" + "YW5vdGhlci1zZWNyZXQtb2YtMzItYnl0ZXMtbG9uZyE="


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink(secret=SECRET) as running:
        yield running


def drain(client: socket.socket) -> None:
    """Read to the end."""
    while client.recv(1000):
        pass


def deliver(sink: Sink, number: int = 1, secret: str = SECRET, path: str = "/hook", **changes: Any) -> Reply:
    """Send one signed event about notice `subject` (a change) as a deliverer would."""
    event = {
        "specversion": "1.0",
        "id": f"evt-{number}",
        "source": "/noticewire",
        "type": "org.example.notice.published",
        "subject": "ntc_1",
        "partitionkey": "ntc_1",
        "sequence": f"{number:020d}",
        "data": {"title": "通报"},
    } | changes
    body = json.dumps({key: value for key, value in event.items() if value is not None}, ensure_ascii=False)
    moment = datetime.now(UTC)
    headers = {
        "Content-Type": "application/cloudevents+json; charset=utf-8",
        "webhook-id": f"evt-{number}",
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(secret).sign(f"evt-{number}", moment, body),
    }
    return ask(sink.base_url + path, headers, "POST", body.encode())


def test_a_genuine_delivery_is_kept_and_answered_204(sink: Sink) -> None:
    reply = deliver(sink)
    assert (reply.status, reply.body) == (204, b"")
    receipt = sink.wait_for(1, deadline_seconds=2)[0].plain()
    assert receipt["verified"]
    assert receipt["accepted"]
    assert receipt["flaws"] == []
    assert (receipt["webhook_id"], receipt["id"]) == ("evt-1", "evt-1")
    assert (receipt["subject"], receipt["sequence"]) == ("ntc_1", "00000000000000000001")
    assert receipt["data"] == {"title": "通报"}
    assert len(receipt["sha256"]) == 64
    assert abs(receipt["monotonic"] - time.monotonic()) < 60
    assert json.dumps(receipt)


def test_a_forged_delivery_is_kept_and_refused(sink: Sink) -> None:
    assert deliver(sink, secret=OTHER).status == 401
    assert ask(sink.url, {}, "POST", b"{}").status == 401
    assert ask(sink.url, {"webhook-id": "a", "webhook-timestamp": "x", "webhook-signature": "v1"}, "POST", b"{}").status
    forged = sink.receipts()
    assert len(forged) == 3
    assert not any(receipt.verified for receipt in forged)
    assert forged[0].reason == "No matching signature found"


def test_an_envelope_that_is_no_cloud_event_has_its_flaws_named(sink: Sink) -> None:
    deliver(sink, 1, type=None)
    deliver(sink, 2, specversion="0.3")
    ask(sink.url, {"Content-Type": "text/plain"}, "POST", b"not json")
    flaws = [receipt.flaws for receipt in sink.receipts()]
    assert flaws[0] == ["no type"]
    assert flaws[1] == ["specversion is not 1.0"]
    assert "no id" in flaws[2]
    assert "content type is not application/cloudevents+json" in flaws[2]


def test_a_delivery_that_comes_before_the_secret_waits_for_it() -> None:
    with Sink() as sink:
        replies: list[Reply] = []
        early = threading.Thread(target=lambda: replies.append(deliver(sink)))
        early.start()
        assert until(lambda: len(sink.receipts()) == 1)
        sink.set_secret(SECRET)
        early.join()
        assert replies[0].status == 204


def test_secrets_rotate_and_may_differ_by_path(sink: Sink) -> None:
    sink.set_secret(SECRET, OTHER)
    assert [deliver(sink, secret=each).status for each in (SECRET, OTHER)] == [204, 204]
    sink.set_secret(OTHER, path="/hook/b")
    assert [deliver(sink, secret=each, path="/hook/b").status for each in (SECRET, OTHER)] == [401, 204]
    assert deliver(sink).status == 204


def test_scripted_statuses_come_first_and_then_success(sink: Sink) -> None:
    sink.fail("status", times=2, status=503, retry_after=1)
    sink.fail("status", times=1, status=302, location="http://169.254.169.254/")
    sink.fail("status", times=1, status=410)
    replies = [deliver(sink) for _ in range(5)]
    assert [reply.status for reply in replies] == [503, 503, 302, 410, 204]
    assert replies[0].headers["retry-after"] == "1"
    assert replies[2].headers["location"] == "http://169.254.169.254/"
    assert [receipt.status for receipt in sink.receipts()] == [503, 503, 302, 410, 204]
    assert len(sink.wait_for(1, 1)) == 1


def test_one_subject_may_fail_among_good_ones_until_calmed(sink: Sink) -> None:
    sink.fail("status", times=None, subject="ntc_bad", status=500)
    assert [deliver(sink, subject=each).status for each in ("ntc_1", "ntc_bad", "ntc_2", "ntc_bad")] == [
        204,
        500,
        204,
        500,
    ]
    sink.calm()
    assert deliver(sink, subject="ntc_bad").status == 204


def test_no_answer_a_slow_answer_and_a_reset(sink: Sink) -> None:
    sink.fail("hang", seconds=0.2)
    with pytest.raises(ConnectionError):
        deliver(sink)
    sink.fail("slow", seconds=0.2)
    began = time.monotonic()
    assert deliver(sink).status == 204
    assert time.monotonic() - began >= 0.19
    sink.fail("reset")
    with pytest.raises(ConnectionResetError):
        deliver(sink)
    assert [receipt.status for receipt in sink.receipts()] == [0, 204, 0]


def test_an_answer_may_be_followed_by_a_reset_and_is_yes_only_to_what_is_genuine(sink: Sink) -> None:
    sink.fail("acknowledge_and_reset", times=2)
    with socket.create_connection(("127.0.0.9", sink.port), timeout=5) as client:
        client.sendall(b"POST /hook HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
        with pytest.raises(ConnectionResetError):
            drain(client)
    with suppress(OSError, HTTPException):
        deliver(sink)
    assert [(one.status, one.accepted) for one in sink.receipts()] == [(401, False), (204, True)]


def test_waiting_ends_with_what_was_received_instead(sink: Sink) -> None:
    deliver(sink, secret=OTHER)
    with pytest.raises(TimeoutError, match="evt-1"):
        sink.wait_for(1, deadline_seconds=0.05)


def test_repeats_of_one_id_count_once_when_waiting(sink: Sink) -> None:
    deliver(sink, 1)
    deliver(sink, 1)
    with pytest.raises(TimeoutError):
        sink.wait_for(2, deadline_seconds=0.05)
    deliver(sink, 2)
    assert len(sink.wait_for(2, deadline_seconds=1)) == 3


def test_the_handshake_gives_consent_or_withholds_it(sink: Sink) -> None:
    asked = {"WebHook-Request-Origin": "wire.example", "WebHook-Request-Rate": "120"}
    reply = ask(sink.url, asked, "OPTIONS")
    assert reply.status == 200
    assert reply.headers["webhook-allowed-origin"] == "*"
    assert reply.headers["webhook-allowed-rate"] == "*"
    assert ask(sink.url, {}, "OPTIONS").status == 405
    sink.consent = False
    assert ask(sink.url, asked, "OPTIONS").status == 405


def test_unknown_failures_are_refused(sink: Sink) -> None:
    with pytest.raises(ValueError, match="unknown failure"):
        sink.fail("nonsense")


def test_a_delivery_whose_sender_was_killed_in_the_middle_leaves_no_receipt(sink: Sink) -> None:
    with socket.create_connection(("127.0.0.9", sink.port), timeout=5) as client:
        client.sendall(b"POST /hook HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf a mess")
        client.shutdown(socket.SHUT_WR)
        drain(client)
    assert sink.receipts() == []
