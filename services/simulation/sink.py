"""A subscriber: an HTTP server that verifies every delivery, keeps a receipt, and fails when it is told to.

with Sink(secret="whsec_…") as sink:
    subscribe(sink.url)
    sink.wait_for(3, deadline_seconds=10)
    sink.fail("status", times=2, status=503, retry_after=1)
"""

import threading
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from services.simulation.receipts import Receipt
from services.simulation.serving import Handler, Server
from services.simulation.sockets import peer_left

FAILURES = ("status", "hang", "reset", "slow", "acknowledge_and_reset")
LONGEST_HANG_SECONDS = 120.0
SECRET_GRACE_SECONDS = 2.0


@dataclass
class Failure:
    """A scripted failure: `times` deliveries (None: all) of `subject` (None: any) meet it.

    status: answered with `status` (and Retry-After, Location if given). hang: no answer for `seconds`. slow: an answer
    after `seconds`. reset: the connection breaks off. acknowledge_and_reset: the usual answer, then it breaks off.
    """

    kind: str
    times: int | None = 1
    subject: str | None = None
    status: int = 503
    retry_after: str | int | None = None
    location: str | None = None
    seconds: float = LONGEST_HANG_SECONDS

    def __post_init__(self) -> None:
        """Refuse unknown kinds and bound the time."""
        if self.kind not in FAILURES:
            raise ValueError(f"unknown failure {self.kind!r}: one of {list(FAILURES)}")
        self.seconds = min(self.seconds, LONGEST_HANG_SECONDS)

    def headers(self) -> dict[str, str]:
        """The extra headers of its answer."""
        wishes = {"Retry-After": self.retry_after, "Location": self.location}
        return {name: str(value) for name, value in wishes.items() if value is not None}


class Sink:
    """See the module. Secrets may come after the start: a delivery that is early waits a moment for one."""

    def __init__(self, secret: str | None = None, bind: str = "127.0.0.9", port: int = 0, consent: bool = True) -> None:
        """Bind at once; `consent` is the answer to the CloudEvents handshake (OPTIONS)."""
        self.consent = consent
        self._changed = threading.Condition()
        self._secrets: dict[str | None, list[str]] = {None: [secret] if secret else []}
        self._receipts: list[Receipt] = []
        self._failures: list[Failure] = []
        self._server = Server((bind, port), SinkHandler)
        self._server.context = self
        self.port = self._server.server_port
        self.base_url = f"http://{bind}:{self.port}"
        self.url = f"{self.base_url}/hook"

    def start(self) -> Self:
        """Serve."""
        self._server.start()
        return self

    def stop(self) -> None:
        """Stop serving; every connection is closed and every thread has ended afterwards."""
        self._server.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def set_secret(self, *secrets: str, path: str | None = None) -> None:
        """Verify with these secrets from now on, for one path or (None) for every path without its own."""
        with self._changed:
            self._secrets[path] = list(secrets)
            self._changed.notify_all()

    def secrets(self, path: str | None = None) -> list[str]:
        """What deliveries are verified with."""
        with self._changed:
            return list(self._secrets.get(path) or self._secrets[None])

    def fail(self, kind: str, **options: Any) -> None:
        """Add a failure; options: the other fields of `Failure`. The oldest that fits a delivery is met first."""
        with self._changed:
            self._failures.append(Failure(kind, **options))

    def calm(self) -> None:
        """Fail no longer."""
        with self._changed:
            self._failures.clear()

    def receipts(self, after: int = 0) -> list[Receipt]:
        """The receipts numbered above `after`, in order of arrival, whatever was answered."""
        with self._changed:
            return self._receipts[after:]

    def wait_for(self, count: int, deadline_seconds: float) -> list[Receipt]:
        """Wait until `count` deliveries with distinct ids were accepted; all accepted ones, or TimeoutError."""

        def accepted() -> list[Receipt]:
            return [receipt for receipt in self._receipts if receipt.accepted]

        with self._changed:
            if self._changed.wait_for(lambda: len({each.webhook_id for each in accepted()}) >= count, deadline_seconds):
                return accepted()
            found = [(each.webhook_id, each.type, each.status, each.reason) for each in self._receipts]
        raise TimeoutError(f"{count} deliveries were awaited for {deadline_seconds:g} s; received: {found}")

    # For the handler --------------------------------------------------------------------------------------------------

    def receive(self, path: str, headers: dict[str, str], body: bytes) -> tuple[Receipt, Failure | None]:
        """Keep the receipt of one POST, verified, with the failure it is to meet."""
        deadline = time.monotonic() + SECRET_GRACE_SECONDS
        with self._changed:
            receipt = Receipt(len(self._receipts) + 1, path, headers, body)
            self._receipts.append(receipt)
            while not (secrets := self._secrets.get(path) or self._secrets[None]) and time.monotonic() < deadline:
                self._changed.wait(max(0.0, deadline - time.monotonic()))
            receipt.verify(secrets)
            return receipt, self._failure_for(receipt)

    def answered(self, receipt: Receipt, status: int) -> None:
        """An answer is about to be given."""
        with self._changed:
            receipt.status = status
            self._changed.notify_all()

    def _failure_for(self, receipt: Receipt) -> Failure | None:
        for failure in self._failures:
            if failure.times != 0 and failure.subject in (None, receipt.subject):
                if failure.times is not None:
                    failure.times -= 1
                return failure
        return None


def usual_status(receipt: Receipt) -> int:
    """Return what whoever verifies answers: 204 to what is genuine."""
    return 204 if receipt.verified else (503 if receipt.reason == "no secret is known" else 401)


class SinkHandler(Handler):
    """One connection of a deliverer."""

    server: Server

    def do_POST(self) -> None:  # noqa: N802 - the name is the base class's
        """Verify, keep, answer: 204 if genuine, 401 if not, or whatever failure is due."""
        sink: Sink = self.server.context
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.body()
        if len(body) < int(headers.get("content-length") or 0):
            # Its sender was killed while it spoke (RFC 9112, 8): half a message says nothing.
            self.close_connection = True
            return
        receipt, failure = sink.receive(self.path, headers, body)
        if failure is not None and not self._fail(sink, receipt, failure):
            return
        status = usual_status(receipt)
        sink.answered(receipt, status)
        self.reply(status, {})

    def _fail(self, sink: Sink, receipt: Receipt, failure: Failure) -> bool:
        """Act out the failure; True if the ordinary answer is to follow."""
        if failure.kind == "status":
            sink.answered(receipt, failure.status)
            self.reply(failure.status, failure.headers())
            return False
        if failure.kind == "slow":
            return not peer_left(self.connection, failure.seconds)
        if failure.kind == "hang":
            peer_left(self.connection, failure.seconds)
        else:
            if failure.kind == "acknowledge_and_reset":
                status = usual_status(receipt)  # whoever forgets still takes nothing that is not genuine
                sink.answered(receipt, status)
                self.reply(status, {})
            self.server.break_connection(self.request)
        self.close_connection = True
        return False

    def do_OPTIONS(self) -> None:  # noqa: N802 - the name is the base class's
        """The handshake of the CloudEvents webhook specification, §4."""
        sink: Sink = self.server.context
        origin = self.headers.get("WebHook-Request-Origin")
        if not sink.consent or origin is None:
            self.reply(405, {"Allow": "POST"})
            return
        rate = {"WebHook-Allowed-Rate": "*"} if self.headers.get("WebHook-Request-Rate") else {}
        self.reply(200, {"WebHook-Allowed-Origin": "*", "Allow": "POST, OPTIONS"} | rate)
