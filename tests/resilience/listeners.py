"""Listeners of the other windows that call by themselves: a feed's callback (WebSub), and a mailbox with its digests.

Each fails when told to, and tells of which events it took note, in order, with what came again.
"""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from lxml import etree
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.desk.channels import ChatWish, subscribe_chat
from services.wiring import Wiring
from shared.db.models import Event, Subscription
from shared.domain.filters import Filter
from shared.domain.states import Channel
from shared.syndication import ATOM
from tests.invariants import subscriber_was_told
from tests.servers.callback import Callback
from tests.servers.mailbox import Mailbox

SUBJECT = re.compile(r"ntc_\w+#\d+")
"""The title of the notice that an event is of, by which a letter tells them apart (`tests.resilience.writers`)."""
ANSWERS = (503, 500, 429, 404)
"""What the callback says when it fails; each is tried again."""


class Feed:
    """A subscriber of the feed of all events."""

    channel = Channel.WEBSUB

    def __init__(self) -> None:
        self._callback = Callback()
        self._callback.__enter__()

    def subscribe(self, api: str, token: str) -> None:
        """Ask the hub."""
        form = {"hub.callback": self._callback.url, "hub.mode": "subscribe", "hub.topic": f"{api}/v1/feeds/all.atom"}
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-www-form-urlencoded"}
        with urlopen(Request(f"{api}/v1/hub", urlencode(form).encode(), headers), timeout=10) as answer:
            assert answer.status == 202

    def fail(self) -> None:
        """Refuse the next few distributions."""
        self._callback.answers += ANSWERS

    def recover(self) -> None:
        """Be well."""
        self._callback.answers.clear()

    def told(self, _: Session) -> Sequence[str]:
        """Return the ids of the events that it took."""
        entries = [etree.fromstring(one.body) for one in self._callback.accepted if one.method == "POST"]
        found = [str(one.findtext(f"{{{ATOM}}}entry/{{{ATOM}}}id")) for one in entries]
        return [one.removeprefix("urn:uuid:") for one in found]

    def close(self) -> None:
        """Listen no more."""
        self._callback.__exit__(None, None, None)


class Letters:
    """A mailbox that is written to, several events in a letter."""

    channel = Channel.CHAT

    def __init__(self) -> None:
        self._mailbox = Mailbox()
        self._mailbox.__enter__()

    def subscribe(self, wiring: Wiring) -> None:
        """Subscribe to everything."""
        url = f"mailto://127.0.0.1:{self._mailbox.port}?mode=insecure&from=wire@notice.example&to=reader@notice.example"
        subscribe_chat(wiring, ChatWish(url, Filter(), rate_per_minute=600, allow=["127.0.0.1"]))

    def fail(self) -> None:
        """Take no letter."""
        self._mailbox.refusing = True

    def recover(self) -> None:
        """Be well."""
        self._mailbox.refusing = False

    def told(self, session: Session) -> Sequence[str]:
        """Return the ids of the events that stand in its letters."""
        rows = session.scalars(select(Event).where(Event.position.is_not(None)))
        ids = {f"{one.subject}#{one.cause.rpartition('_')[2]}": one.id for one in rows}
        return [ids[name] for one in self._mailbox.letters for name in SUBJECT.findall(str(one.get_content()))]

    def close(self) -> None:
        """Listen no more."""
        self._mailbox.__exit__(None, None, None)


Listener = Feed | Letters


def subscription_of(session: Session, listener: Listener) -> Subscription | None:
    """Return the subscription of the only listener of its channel; None as long as there is none."""
    return session.scalar(select(Subscription).where(Subscription.kind == listener.channel))


def broken(session: Session, listener: Listener) -> Iterator[str]:
    """Yield what a listener has missed, or was told in another order."""
    subscription = subscription_of(session, listener)
    if subscription is None:
        yield f"I4 the subscription of {listener.channel} is gone"
    else:
        yield from subscriber_was_told(session, subscription, listener.told(session))
