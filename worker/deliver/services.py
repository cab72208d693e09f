"""Chat and mail through apprise: which services, under which parameters, and how one message is sent.

apprise knows a hundred services, and generic ones among them that ask any address or read files. Only what stands in
the table is taken: services with an address of their own, which no URL can change, and mail. Messages are sent by a
child process (`messenger`), in which the guard judges every address.
"""

import json
import logging
import re
import threading
import warnings
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import apprise

with warnings.catch_warnings():
    # It imports a module that Python has deprecated, and brings a replacement for when that is gone.
    warnings.simplefilter("ignore", DeprecationWarning)
    import apprise.utils.pgp

from shared.errors import Invalid
from shared.http.overhearing import overheard

LONGEST_URL = 2000
SEND_SECONDS = 60
SHORTEST_SECRET = 5
"""Parts of a URL that are shorter are not cut out of what a service answered."""


def _in_utf8(text: str) -> int:
    return len(text.encode())


def _in_json(text: str) -> int:
    """Return how many bytes a text takes in a body of JSON that keeps to ASCII: six for a Chinese character."""
    return len(json.dumps(text))


@dataclass(frozen=True)
class Room:
    """How long a message may be, title and body together, and by which measure."""

    most: int
    weigh: Callable[[str], int] = len

    def share(self, parts: int, of: int) -> "Room":
        """Return so many parts of it."""
        return Room(self.most * parts // of, self.weigh)

    def cut(self, text: str) -> str:
        """Return as much of the beginning of a text as there is room for."""
        if self.weigh(text) <= self.most:
            return text
        return (
            text[: bisect_right(range(1, len(text) + 1), self.most, key=lambda end: self.weigh(text[:end] + "…"))] + "…"
        )


_JSON_ROOM = Room(19_000, _in_json)


@dataclass(frozen=True)
class Service:
    """A service: what people call it, how its URL is written, what that may say, and how often it takes a message.

    `room` is what it takes, less some for the frame: 企业微信 2,048 bytes of UTF-8, 钉钉 and 飞书 a body of 20,000
    bytes, Telegram 4,096 characters. `code` and `words` name the members of its answer that say why a message was not
    taken: bots of 企业微信, 钉钉 and 飞书 answer 200 also then, with a code other than 0, which apprise ignores.
    """

    name: str
    form: str
    params: frozenset[str] = frozenset()
    rate_per_minute: int = 20
    mail: bool = False
    room: Room = _JSON_ROOM
    code: str = ""
    words: str = ""


_MAIL = frozenset({"to", "from", "name", "cc", "bcc", "reply", "smtp", "user", "pass", "mode"})
SERVICES: Mapping[str, Service] = {
    "wecombot": Service("企业微信", "wecombot://KEY", room=Room(2_000, _in_utf8), code="errcode", words="errmsg"),
    "dingtalk": Service("钉钉", "dingtalk://SECRET@TOKEN", code="errcode", words="errmsg"),
    "feishu": Service("飞书", "feishu://TOKEN", code="code", words="msg"),
    "lark": Service("Lark", "lark://TOKEN", code="code", words="msg"),
    "tgram": Service(
        "Telegram",
        "tgram://BOT_TOKEN/CHAT_ID",
        frozenset({"topic", "thread", "silent"}),
        room=Room(3_900),
        code="error_code",
        words="description",
    ),
    "mailto": Service("mail", "mailto://USER:PASSWORD@HOST?to=ADDRESS", _MAIL, mail=True, room=Room(20_000)),
    "mailtos": Service("mail", "mailtos://USER:PASSWORD@HOST?to=ADDRESS", _MAIL, mail=True, room=Room(20_000)),
}
_ASSET = apprise.AppriseAsset(
    app_id="noticewire",
    app_desc="noticewire",
    app_url="",
    storage_mode=apprise.PersistentStoreMode.MEMORY,
    http_redirects=False,
)
# What it logs may hold what stands in a URL; it is heard by `_heard` alone.
_LOG = logging.getLogger("apprise")
_LOG.propagate = False
_LOG.setLevel(logging.WARNING)
_LOG.addHandler(logging.NullHandler())


@dataclass(frozen=True)
class Chat:
    """A place to send to; its URL is a secret, and so is whatever is made of it."""

    service: Service
    url: str
    plugin: Any

    def __repr__(self) -> str:
        """Name the service, and no more."""
        return f"Chat({self.service.name})"


def chat_of(url: str) -> Chat:
    """Return the chat that an apprise URL names; raises `Invalid`, which never repeats the URL."""
    scheme = url.partition("://")[0].lower()
    service = SERVICES.get(scheme)
    if service is None or len(url) > LONGEST_URL or not url.isprintable():
        forms = ", ".join(one.form for one in SERVICES.values())
        raise Invalid(f"the address names no service that is taken; those are {forms}")
    wrong = Invalid(f"this is no address of {service.name}; write {service.form}")
    try:
        named = {name.lower() for name, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True)}
    except ValueError as error:
        raise wrong from error
    if foreign := sorted(named - service.params):
        raise Invalid(f"an address of {service.name} may not say {foreign[0][:20]!r} here")
    with _heard(url):
        plugin: Any = apprise.Apprise.instantiate(url, asset=_ASSET)
    if plugin is None or (service.mail and not plugin.targets):
        raise wrong
    plugin.request_rate_per_sec = 0.0  # ours is kept in rows; Lark's would have each message wait 5.5 s for itself
    if scheme == "dingtalk":
        _sign_once(plugin)
    return Chat(service, url, plugin)


def _sign_once(plugin: Any) -> None:
    """Have a signature percent-encoded once: apprise 2.2.0 does it, and then requests; 钉钉 finds no match in that."""
    signature = plugin.get_signature

    def as_it_is() -> tuple[str, str]:
        timestamp, quoted = signature()
        return timestamp, unquote(quoted)

    plugin.get_signature = as_it_is


def notify(chat: Chat, title: str, body: str) -> str | None:
    """Send one message of plain text from this process; return why it was not taken, without a secret; None if it was.

    Only for a process whose every address is judged: apprise looks names up by itself.
    """
    sender = apprise.Apprise(asset=_ASSET)
    sender.add(chat.plugin)
    with _heard(chat.url) as heard, overheard() as answers:
        taken = sender.notify(title=title, body=body, body_format=apprise.NotifyFormat.TEXT, timeout=SEND_SECONDS)
    refusals = [_without(chat.url, one) for answer in answers if (one := _refusal(chat.service, answer))]
    if taken and not refusals:
        return None
    return "; ".join([*heard, *refusals])[:400] or f"{chat.service.name} did not take the message"


def _refusal(service: Service, answer: bytes) -> str | None:
    """Return in its own words why a service did not take a message; None if it did."""
    try:
        told = json.loads(answer)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        return f"what answered is not {service.name}"  # a page of somebody in between
    code = told.get(service.code)
    return f"{service.name} says {code}: {told.get(service.words)}" if code not in (None, 0) else None


@contextmanager
def _heard(url: str) -> Iterator[list[str]]:
    """Collect what apprise says in this thread, without the parts of `url`."""
    heard: list[str] = []
    thread = threading.get_ident()

    class Ears(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.thread == thread:
                heard.append(_without(url, record.getMessage()))

    ears = Ears(logging.WARNING)
    _LOG.addHandler(ears)
    try:
        yield heard
    finally:
        _LOG.removeHandler(ears)


def _without(url: str, said: str) -> str:
    """Return the beginning of what was said, without the parts of `url`."""
    secrets = {one for one in re.split(r"[^\w-]+", url) if len(one) >= SHORTEST_SECRET}
    for one in sorted(secrets, key=len, reverse=True):
        said = said.replace(one, "…")
    return said[:200]
