"""What one exchange means for its target: captured, unchanged, gone, blocked or failed, and the rule that said so.

The rules are a table, tried from top to bottom. A page that was served with status 200 may still be an error page, a
challenge or a login: its words decide (shared/pagewords.py), but only where there are few of them, since a notice may
quote any phrase. Every page is judged before it is kept, so a rule first asks what costs nothing (shared/glance.py).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.exhibit import Evidence, Page
from shared.domain.states import Outcome, TargetKind
from shared.errors import Misled, NoticewireError, Refused, TimedOut, TooLarge, Unreachable
from shared.glance import is_root
from shared.pagewords import (
    CAPTCHA,
    CHALLENGE,
    LOGIN_TITLE,
    MAINTENANCE,
    NOT_FOUND,
    NOT_FOUND_TITLE,
    PASSWORD,
    WALL,
    WITHDRAWN,
)


@dataclass(frozen=True)
class Judgment:
    """The outcome of a fetch, and the name of the rule that decided."""

    outcome: Outcome
    rule: str


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
_JSON = re.compile(r"\S*\bjson\b\S*|(text|application)/(x-)?javascript")  # the latter is what old systems call it
_FILE = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|wps|et|ofd|zip|rar|7z|jpe?g|png|gif)$", re.IGNORECASE)
# Where sites send those who ask for what is not there, and those whom they would know first.
_ERROR_PATH = re.compile(
    r"/(?:(?:page)?404|410|(?:not|page)[-_]?(?:not)?found|err(?:or)?(?:page)?)(?:[/.]|$)", re.IGNORECASE
)
_LOGIN_PATH = re.compile(
    r"/(?:log-?in|sign-?in|sso|cas|passport|authserver|oauth2?|captcha|verify|waf\w{0,20})(?:[/.]|$)", re.IGNORECASE
)
_SENT_HOME = re.compile(
    r"(?:http-equiv\s*=\s*[\"']?refresh[^<>]{0,80}url\s*=|\blocation(?:\.href)?\s*=|\blocation\.(?:replace|assign)\()"
    r"\s*[\"']{0,2}\s*(?:https?://([\w.:-]{1,100}))?/?(?:(?:index|default|home|main)\.\w{3,5})?[\"']",
    re.IGNORECASE,
)
_SHOWN_OTHERWISE = re.compile(r"<(?:img|iframe|frame|embed|object|canvas|video)\b", re.IGNORECASE)
_COOKIE = re.compile(r"cookie", re.IGNORECASE)
_AGAIN = re.compile(r"location|reload|\beval\s*\(", re.IGNORECASE)
_SENDER_BYTES = 8 * 1024
_SENDER_TEXT = 300

_RATE_LIMITED = 429


def _same_bytes(page: Page) -> bool:
    evidence = page.evidence
    # Bytes that another address answered are read again: the notice may have moved.
    known = evidence.digest == evidence.last_digest and evidence.last_outcome in _SEEN and not evidence.redirected
    return page.status == 200 and known


def _wrong_type(page: Page) -> bool:
    start = page.body[:1024].lstrip()
    if page.evidence.kind is TargetKind.ATTACHMENT:
        # An error page, a login or a viewer in the place of a file: whatever else arrives is told by the extractor.
        return not start.startswith(_BINARY) and page.is_markup
    if page.evidence.kind is TargetKind.DETAIL and page.is_document:
        return False
    if start.startswith(_BINARY):
        return True
    if page.evidence.called and _JSON.fullmatch(page.type):
        return False
    return not _TEXTUAL.fullmatch(page.type) and not page.is_markup


def names_file(url: str) -> bool:
    """Tell whether an address names a file, which may be larger than a page."""
    return _FILE.search(urlsplit(url).path) is not None


def _page_for_file(page: Page) -> bool:
    return names_file(page.evidence.url) and page.is_markup


def _redirected_to(page: Page, paths: re.Pattern[str]) -> bool:
    if not page.evidence.redirected:
        return False
    asked, final = (urlsplit(url).path for url in (page.evidence.url, page.evidence.final_url))
    return paths.search(final) is not None and paths.search(asked) is None


def _redirected_home(page: Page) -> bool:
    evidence = page.evidence
    return evidence.redirected and is_root(evidence.final_url) and not is_root(evidence.url)


def _is_bare_challenge(page: Page) -> bool:
    """Tell whether the page is nothing but a script that sets a cookie and asks again."""
    source = page.glance.source
    if not source or "<script" not in source[:20_000].lower() or page.glance.text or page.glance.title:
        return False
    return _COOKIE.search(source) is not None and _AGAIN.search(source) is not None


def _sends_home(page: Page) -> bool:
    # A page that does only this is small; larger ones may send home whoever does something on them.
    if not page.is_notice or len(page.body) > _SENDER_BYTES or len(page.glance.text) > _SENDER_TEXT:
        return False
    found = _SENT_HOME.search(page.glance.source)
    own = urlsplit(page.evidence.final_url or page.evidence.url).netloc
    return found is not None and found[1] in (None, own)


def _is_home(page: Page) -> bool:
    return page.is_notice and not is_root(page.evidence.url) and page.glance.is_home


def _is_empty(page: Page) -> bool:
    """Tell whether there is nothing to be seen in place of a notice; a script may fill it, but not for us."""
    source = page.glance.source
    return page.is_notice and page.is_markup and bool(source) and not page.glance.text and not _shows_otherwise(source)


def _shows_otherwise(source: str) -> bool:
    return _SHOWN_OTHERWISE.search(source) is not None


def _truncated(page: Page) -> bool:
    body, headers = page.body, page.evidence.headers
    declared = headers.get("content-length", "")
    if declared.isdecimal() and "content-encoding" not in headers and len(body) < int(declared[:18]):
        return True
    if b"<html" not in body[:4096].lower() or re.search(rb"</(html|body)", body[-2048:].lower()):
        return False
    # Proxies and crippled servers cut at a full buffer; any other page without an end may have been written so, unless
    # it ends inside a tag, a comment or a script.
    return len(body) % 16_384 == 0 or _ends_inside(body)


def _ends_inside(body: bytes) -> bool:
    if body.rfind(b"<!--") > body.rfind(b"-->") or body.rfind(b"<script") > body.rfind(b"</script"):
        return True
    return body.rfind(b"<") > body.rfind(b">")


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
    Rule("challenge-bare-script", Outcome.BLOCKED, _is_bare_challenge),
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
    Rule("empty-body", Outcome.FAILED, lambda p: not p.body.strip(b"\xef\xbb\xbf \t\r\n\x00")),
    Rule("wrong-type", Outcome.FAILED, _wrong_type),
    Rule("redirected-to-login", Outcome.BLOCKED, lambda p: _redirected_to(p, _LOGIN_PATH)),
    Rule("login-wall", Outcome.BLOCKED, lambda p: p.says(LOGIN_TITLE) and p.says(PASSWORD)),
    Rule("block-page", Outcome.BLOCKED, lambda p: p.says(WALL)),
    Rule("redirected-home", Outcome.GONE, _redirected_home),
    Rule("redirected-to-error", Outcome.GONE, lambda p: _redirected_to(p, _ERROR_PATH)),
    Rule("soft-404-title", Outcome.GONE, lambda p: p.says(NOT_FOUND_TITLE)),
    Rule("soft-404", Outcome.GONE, lambda p: p.says(NOT_FOUND)),
    Rule("soft-410", Outcome.GONE, lambda p: p.is_notice and p.says(WITHDRAWN)),
    Rule("sent-home", Outcome.GONE, _sends_home),
    Rule("home-page", Outcome.GONE, _is_home),
    Rule("maintenance", Outcome.FAILED, lambda p: p.says(MAINTENANCE)),
    Rule("page-for-file", Outcome.FAILED, _page_for_file),
    Rule("truncated", Outcome.FAILED, _truncated),
    Rule("empty-page", Outcome.FAILED, _is_empty),
)

ERRORS: tuple[tuple[type[NoticewireError], str], ...] = (
    (TooLarge, "too-large"),
    (TimedOut, "timed-out"),
    (Unreachable, "unreachable"),
    (Refused, "refused"),
    (Misled, "refused"),
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
    for kind, rule in ERRORS:
        if isinstance(error, kind):
            refused_hop = redirected and rule == "refused"
            return Judgment(Outcome.FAILED, "redirect-refused" if refused_hop else rule)
    return Judgment(Outcome.FAILED, "error")
