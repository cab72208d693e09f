"""Blows on the receiver: it fails in each of its ways, is gone for good and comes back, and gets other keys."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import select

from services.desk.delivering import redrive
from services.desk.keys import rotate
from services.desk.subscribing import resume
from shared.db.models import Subscription
from shared.errors import Invalid
from tests.resilience.blow import Blow, Fact, parts
from tests.resilience.receivers import WAYS, scripted

if TYPE_CHECKING:
    from tests.resilience.lab import Lab

RECEIVER = parts("receiver")
IN_THE_LAB = ("erring", "slow", "resetting", "forgetful", "busy", "redirecting")
"""Ways that the lab's one receiver can fail in; what takes several is in `delivery`."""


def fail(way: str, lab: "Lab") -> Iterator[float | Fact]:
    """Let it fail in a way for a while."""
    for number, failure in enumerate(WAYS[way]):
        how = scripted(number, failure, lab.rig.canaries.url)
        lab.rig.sink.fail(how.pop("kind"), **how)
    yield lab.random.uniform(2, 5)
    lab.rig.sink.calm()


def leave(lab: "Lab") -> Iterator[float | Fact]:
    """Let it answer 410 once, be enabled again, and what it missed be redriven."""
    seen, one = len(lab.rig.sink.receipts()), subscription_id(lab)
    lab.rig.sink.fail("status", status=410)
    yield lambda: any(receipt.status == 410 for receipt in lab.rig.sink.receipts(seen))
    lab.rig.sink.calm()
    yield 1.0
    resume(lab.rig.line.wiring.ledger, one)
    redrive(lab.rig.line.wiring.ledger, one)


def change_key(lab: "Lab") -> Iterator[float | Fact]:
    """Let its secret be rotated; the old one signs beside the new one for a while."""
    wiring, known = lab.rig.line.wiring, lab.rig.sink.secrets()
    try:
        _, secret = rotate(wiring.ledger, wiring.box, subscription_id(lab), grace_seconds=30)
    except Invalid:  # so many old ones sign already
        return
    lab.rig.sink.set_secret(str(secret), *known)
    yield 0.0


def subscription_id(lab: "Lab") -> str:
    """Return the id of the lab's subscription."""
    with lab.looking() as session:
        return session.scalars(select(Subscription.id).where(Subscription.url == lab.rig.sink.url)).one()


BLOWS = (
    *(Blow(f"receiver {way}", "receivers", partial(fail, way), RECEIVER) for way in IN_THE_LAB),
    Blow("receiver gone (410)", "receivers", leave, RECEIVER),
    Blow("receiver's key changed", "receivers", change_key, RECEIVER),
)
"""Rows of the table."""
