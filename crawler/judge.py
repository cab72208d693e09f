"""What one exchange means for its target: captured, unchanged, gone, blocked or failed, and the rule that said so.

The rules are a table, tried from top to bottom. A page that was served with status 200 may still be an error page, a
challenge or a login: its words decide (shared/pagewords.py), but only where there are few of them, since a notice may
quote any phrase.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from crawler.page import decode, title_of, tree_of, visible_text
from shared.domain.states import Outcome
from shared.errors import NoticewireError, Refused, TimedOut, TooLarge, Unreachable
from shared.pagewords import (
    CAPTCHA,
    CHALLENGE,
    LOGIN_TITLE,
    MAINTENANCE,
    NOT_FOUND,
    NOT_FOUND_TITLE,
    PASSWORD,
    WALL,
    Words,
)


@dataclass(frozen=True)
class Evidence:
    """One answered exchange, and what is remembered of the target."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    digest: str
    """Of `body`."""
    last_digest: str | None = None
    """Of the last captured body."""
    last_outcome: Outcome | None = None


@dataclass(frozen=True)
class Judgment:
    """The outcome of a fetch, and the name of the rule that decided."""

    outcome: Outcome
    rule: str


class Page:
    """Evidence, read as far as the rules need it."""

    # Pages above this size are never short; reading them would cost much and decide nothing.
    READABLE_BYTES = 256 * 1024

    def __init__(self, evidence: Evidence) -> None:
        """Read nothing yet."""
        self.evidence = evidence
        self.status = evidence.status
        self.type = evidence.headers.get("content-type", "").partition(";")[0].strip().lower()

    @cached_property
    def html(self) -> str:
        """The page as text, or nothing if it is large."""
        body = self.evidence.body
        return decode(body, self.evidence.headers.get("content-type")) if len(body) <= self.READABLE_BYTES else ""

    @cached_property
    def words(self) -> tuple[str, str]:
        """The title and the visible text."""
        tree = tree_of(self.html) if self.html.strip() else None
        return (title_of(tree), visible_text(tree)) if tree is not None else ("", "")

    def says(self, words: Words) -> bool:
        """Say whether the page is short and says so; of a large page nothing is known."""
        return bool(self.html) and words.found_in(*self.words, self.html)


@dataclass(frozen=True)
class Rule:
    """One row of the table."""

    name: str
    outcome: Outcome
    fits: Callable[[Page], bool]


_SEEN = (Outcome.CAPTURED, Outcome.UNCHANGED)
_BINARY = (
    b"%PDF-",
    b"PK\x03\x04",
    b"\x89PNG\r\n",
    b"GIF8",
    b"\xff\xd8\xff",
    b"\x1f\x8b",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\xd0\xcf\x11\xe0",  # the container of old office files
    b"wOFF",
    b"wOF2",
)
_TEXTUAL = re.compile(r"|text/(?!css|javascript|csv|calendar)\S+|\S*\bx?html\b\S*|\S*[/+]xml|application/octet-stream")
_MARKUP = re.compile(rb"<(!doctype|html|head|body|meta|div|table|script|p|\?xml)\b", re.IGNORECASE)

_RATE_LIMITED = 429


def _same_bytes(page: Page) -> bool:
    evidence = page.evidence
    return page.status == 200 and evidence.digest == evidence.last_digest and evidence.last_outcome in _SEEN


def _wrong_type(page: Page) -> bool:
    start = page.evidence.body[:1024].lstrip()
    if start.startswith(_BINARY):
        return True
    return not _TEXTUAL.fullmatch(page.type) and not _MARKUP.search(start)


def _truncated(page: Page) -> bool:
    # Proxies and crippled servers cut at a full buffer; any other page without an end may have been written so.
    body = page.evidence.body
    full_buffer = bool(body) and len(body) % 16_384 == 0
    return full_buffer and b"<html" in body[:4096].lower() and not re.search(rb"</(html|body)", body[-2048:].lower())


# One line a rule: the order is the meaning. A changed line wants a fixture in the tests.
RULES: tuple[Rule, ...] = (
    Rule("not-modified-after-gone", Outcome.FAILED, lambda p: p.status == 304 and p.evidence.last_outcome == "gone"),
    Rule("not-modified-unasked", Outcome.FAILED, lambda p: p.status == 304 and p.evidence.last_digest is None),
    Rule("not-modified", Outcome.UNCHANGED, lambda p: p.status == 304),
    Rule("redirect-unfollowed", Outcome.FAILED, lambda p: 300 <= p.status < 400),
    Rule("same-bytes", Outcome.UNCHANGED, _same_bytes),
    Rule("gone-404", Outcome.GONE, lambda p: p.status == 404),
    Rule("gone-410", Outcome.GONE, lambda p: p.status == 410),
    Rule("challenge-js", Outcome.BLOCKED, lambda p: p.says(CHALLENGE)),
    Rule("challenge-captcha", Outcome.BLOCKED, lambda p: p.says(CAPTCHA)),
    Rule("blocked-401", Outcome.BLOCKED, lambda p: p.status == 401),
    Rule("blocked-403", Outcome.BLOCKED, lambda p: p.status == 403),
    Rule("blocked-412", Outcome.BLOCKED, lambda p: p.status == 412),  # how one common wall announces its challenge
    Rule("blocked-451", Outcome.BLOCKED, lambda p: p.status == 451),
    Rule("blocked-521", Outcome.BLOCKED, lambda p: p.status == 521),  # and another
    Rule("rate-limited", Outcome.FAILED, lambda p: p.status == _RATE_LIMITED),
    Rule("rate-limited", Outcome.FAILED, lambda p: p.status == 503 and "retry-after" in p.evidence.headers),
    Rule("server-error", Outcome.FAILED, lambda p: p.status >= 500),
    Rule("client-error", Outcome.FAILED, lambda p: p.status >= 400),
    Rule("partial-content", Outcome.FAILED, lambda p: p.status == 206),
    Rule("interim-status", Outcome.FAILED, lambda p: p.status < 200),
    Rule("empty-body", Outcome.FAILED, lambda p: not p.evidence.body.strip(b"\xef\xbb\xbf \t\r\n\x00")),
    Rule("wrong-type", Outcome.FAILED, _wrong_type),
    Rule("login-wall", Outcome.BLOCKED, lambda p: p.says(LOGIN_TITLE) and p.says(PASSWORD)),
    Rule("block-page", Outcome.BLOCKED, lambda p: p.says(WALL)),
    Rule("soft-404-title", Outcome.GONE, lambda p: p.says(NOT_FOUND_TITLE)),
    Rule("soft-404", Outcome.GONE, lambda p: p.says(NOT_FOUND)),
    Rule("maintenance", Outcome.FAILED, lambda p: p.says(MAINTENANCE)),
    Rule("truncated", Outcome.FAILED, _truncated),
)

_ERRORS: tuple[tuple[type[NoticewireError], str], ...] = (
    (TooLarge, "too-large"),
    (TimedOut, "timed-out"),
    (Unreachable, "unreachable"),
    (Refused, "refused"),
)


def judge(evidence: Evidence) -> Judgment:
    """Return what an answered exchange means; the last word, if no rule objects, is captured.

    After a gone outcome, ask without validators: "not modified" would not tell whether the page is back.
    """
    page = Page(evidence)
    for rule in RULES:
        if rule.fits(page):
            return Judgment(rule.outcome, rule.name)
    return Judgment(Outcome.CAPTURED, "captured")


def judge_error(error: NoticewireError, *, redirected: bool = False) -> Judgment:
    """Return what an exchange that ended in an error means; `redirected` if it was not the first hop."""
    for kind, rule in _ERRORS:
        if isinstance(error, kind):
            refused_hop = redirected and kind is Refused
            return Judgment(Outcome.FAILED, "redirect-refused" if refused_hop else rule)
    return Judgment(Outcome.FAILED, "error")
