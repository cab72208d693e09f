"""Chat and mail through apprise: which services, under which parameters, and how one message is sent.

apprise knows a hundred services, and generic ones among them that ask any address or read files. Only what stands in
the table is taken: services with an address of their own, which no URL can change, and mail. Messages are sent by a
child process (`messenger`), in which the guard judges every address.
"""

import logging
import re
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import apprise

with warnings.catch_warnings():
    # It imports a module that Python has deprecated, and brings a replacement for when that is gone.
    warnings.simplefilter("ignore", DeprecationWarning)
    import apprise.utils.pgp

from shared.errors import Invalid

LONGEST_URL = 2000
SEND_SECONDS = 60
SHORTEST_SECRET = 5
"""Parts of a URL that are shorter are not cut out of what a service answered."""


@dataclass(frozen=True)
class Service:
    """A service: what people call it, how its URL is written, what that may say, and how often it takes a message."""

    name: str
    form: str
    params: frozenset[str] = frozenset()
    rate_per_minute: int = 20
    mail: bool = False


_MAIL = frozenset({"to", "from", "name", "cc", "bcc", "reply", "smtp", "user", "pass", "mode"})
SERVICES: Mapping[str, Service] = {
    "wecombot": Service("企业微信", "wecombot://KEY"),
    "dingtalk": Service("钉钉", "dingtalk://SECRET@TOKEN"),
    "feishu": Service("飞书", "feishu://TOKEN"),
    "lark": Service("Lark", "lark://TOKEN"),
    "tgram": Service("Telegram", "tgram://BOT_TOKEN/CHAT_ID", frozenset({"topic", "thread", "silent"})),
    "mailto": Service("mail", "mailto://USER:PASSWORD@HOST?to=ADDRESS", _MAIL, mail=True),
    "mailtos": Service("mail", "mailtos://USER:PASSWORD@HOST?to=ADDRESS", _MAIL, mail=True),
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

    @property
    def longest(self) -> int:
        """Characters that a message should have at most."""
        return int(min(self.plugin.body_maxlen, 20_000)) - 200

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
    return Chat(service, url, plugin)


def notify(chat: Chat, title: str, body: str) -> str | None:
    """Send one message of plain text from this process; return why it was not taken, without a secret; None if it was.

    Only for a process whose every address is judged: apprise looks names up by itself.
    """
    sender = apprise.Apprise(asset=_ASSET)
    sender.add(chat.plugin)
    with _heard(chat.url) as heard:
        taken = sender.notify(title=title, body=body, body_format=apprise.NotifyFormat.TEXT, timeout=SEND_SECONDS)
    if taken:
        return None
    return "; ".join(heard)[:400] or f"{chat.service.name} did not take the message"


@contextmanager
def _heard(url: str) -> Iterator[list[str]]:
    """Collect what apprise says in this thread, without the parts of `url`."""
    secrets = sorted({one for one in re.split(r"[^\w-]+", url) if len(one) >= SHORTEST_SECRET}, key=len, reverse=True)
    heard: list[str] = []
    thread = threading.get_ident()

    class Ears(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.thread == thread:
                said = record.getMessage()
                for one in secrets:
                    said = said.replace(one, "…")
                heard.append(said[:200])

    ears = Ears(logging.WARNING)
    _LOG.addHandler(ears)
    try:
        yield heard
    finally:
        _LOG.removeHandler(ears)
