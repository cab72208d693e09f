"""What the WebSub hub is asked: read, judged, and kept as an intent until the callback itself has confirmed it."""

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs, unquote, urlsplit

from services.desk import feeding
from services.desk.audit import note
from services.wiring import Wiring
from shared.db.models import Intent
from shared.errors import Invalid, Refused, Unavailable
from shared.http import AllowList, check_admissible
from shared.ids import new_id
from worker.deliver.websub import LONGEST_LEASE, SHORTEST_LEASE, USUAL_LEASE, WRITERS, Details, Topic

LONGEST_ADDRESS = 2000
LONGEST_SECRET = 199
"""Bytes: the standard says fewer than 200 (5.1)."""
MOST_INTENTS = 1000


def ask(wiring: Wiring, form: Mapping[str, str], token_key: str) -> Intent:
    """Keep what somebody, known by the key of a token, asks of the hub in a form.

    Raises `Invalid`, naming the parameter, and `Unavailable` where too much waits."""
    mode = form.get("hub.mode", "")
    if mode not in ("subscribe", "unsubscribe"):
        raise Invalid("hub.mode: write subscribe or unsubscribe")
    topic = _topic(form.get("hub.topic", ""))
    secret = form.get("hub.secret") or None
    if secret is not None and len(secret.encode()) > LONGEST_SECRET:
        raise Invalid(f"hub.secret: it may have {LONGEST_SECRET} bytes at most")
    allow = (wiring.settings.websub_allow or "").split()
    details = Details(topic.address, secret, token_key)
    callback, lease = _callback(form.get("hub.callback", ""), allow), _lease(form.get("hub.lease_seconds"))
    with wiring.ledger.begin() as uow:
        if feeding.topic(uow, topic.feed) is None:
            raise Invalid(f"hub.topic: there is no feed {topic.feed[:64]!r}")
        if uow.intents.count() >= MOST_INTENTS:
            raise Unavailable("the hub has enough to verify; ask again later")
        now = uow.now()
        intent = Intent(
            id=new_id("int"),
            callback=callback,
            mode=mode,
            manner={"feed": topic.feed, "form": topic.form, "language": topic.language},
            details=wiring.box.seal(details.to_text()),
            lease_seconds=lease,
            next_attempt_at=now,
            created_at=now,
        )
        uow.intents.add(intent)
        note(uow, "hub.asked", intent.id, mode=mode, feed=topic.feed, callback=callback)
        uow.commit()
    return intent


def _topic(address: str) -> Topic:
    """Return what a feed's address says; where it is found is ours to know, so only its path counts."""
    wrong = Invalid("hub.topic: it is no feed of this hub; take the address from the feed's link `self`")
    if not address or len(address) > LONGEST_ADDRESS or not address.isprintable() or not address.isascii():
        raise wrong
    try:
        parts = urlsplit(address)
        query = parse_qs(parts.query, max_num_fields=10)
    except ValueError as error:
        raise wrong from error
    _, slash, name = parts.path.partition("/v1/feeds/")
    feed, dot, form = unquote(name).rpartition(".")
    if parts.scheme not in ("http", "https") or not (slash and dot and feed) or form not in WRITERS:
        raise wrong
    language = query.get("lang", ["zh"])[0]
    if language not in ("zh", "en") or "archive" in query:
        raise wrong
    return Topic(address, feed, form, "en" if language == "en" else "zh")


def _callback(address: str, allow: Sequence[str]) -> str:
    if not address or len(address) > LONGEST_ADDRESS:
        raise Invalid(f"hub.callback: write an address of at most {LONGEST_ADDRESS} characters")
    try:
        check_admissible(address, AllowList.parse(allow))
    except Refused as error:
        raise Invalid(f"hub.callback: {error}") from error
    return address


def _lease(text: str | None) -> int:
    if not text:
        return USUAL_LEASE
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise Invalid("hub.lease_seconds: write a number of seconds")
    return min(max(int(text), SHORTEST_LEASE), LONGEST_LEASE)
