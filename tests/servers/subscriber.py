"""The sink of the simulation as a stricter subscriber: what the standard's own schema refuses, it refuses.

So every delivery that a test waits for is a CloudEvent by that schema, besides being signed: `v1` by the word of the
package `standardwebhooks`, `v1a` by that of `cryptography` (`services/simulation/receipts.py`).
"""

from services.simulation import sink
from services.simulation.receipts import Receipt
from services.simulation.sink import Failure
from tests.standards.cloudevents import flaws_of

CHALLENGE = "challenge-"
"""How the id of a challenge begins, which is signed and no event."""


class Sink(sink.Sink):
    """See the module."""

    def receive(self, path: str, headers: dict[str, str], body: bytes) -> tuple[Receipt, Failure | None]:
        """See `sink.Sink.receive`."""
        receipt, failure = super().receive(path, headers, body)
        judge(receipt)
        return receipt, failure


def judge(receipt: Receipt) -> None:
    """Let the schema have its word: what it has anything against does not count as genuine."""
    if (receipt.webhook_id or "").startswith(CHALLENGE):
        return
    if found := flaws_of(receipt.event):
        receipt.flaws += found
        receipt.verified, receipt.reason = False, f"it is no CloudEvent: {'; '.join(found)}"
