"""What reads the bytes of strangers, each as a target: whatever it is given, it answers within bounds or refuses.

A target returns; it raises nothing but what its reader may raise (`shared.errors`, and `Unreadable` of the reader), and
AssertionError where an answer is not bounded, not text that can be stored, or not the same each time.
"""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime

from crawler.discover import Call, read_listing
from crawler.discover.feeds import gunzipped, read_feed
from crawler.exhibit import Evidence
from crawler.judge import judge
from crawler.robots import wishes_of_page
from crawler.robots.rules import RobotsText
from services.api.stream import _position as position_of
from shared.domain.filters import Filter
from shared.domain.states import Outcome
from shared.errors import Invalid
from shared.retry_after import parse as parse_retry_after
from shared.urls import canonical
from worker.attachments.child import answer as extracted
from worker.clean.decode import decode
from worker.read import Unreadable, read

NOW = datetime(2026, 9, 14, tzinfo=UTC)
URL = "http://site.example/column/index.html"
MOST_TEXT = 4
"""Characters of an answer for each byte that was asked about, at most; and some that are ours."""
OURS = 20_000


def decoding(content: bytes) -> None:
    """Bytes of a page become text."""
    head, _, body = content.partition(b"\n")
    try:
        text = decode(body, head.decode("latin-1") or None).text
    except Unreadable:
        return
    storable(text, content)


def reading(content: bytes) -> None:
    """A page becomes a document."""
    try:
        document = read(content)
    except Unreadable:
        return
    told = json.dumps(document.as_json(), ensure_ascii=False)
    storable(told, content)
    assert told == json.dumps(read(content).as_json(), ensure_ascii=False), "the same bytes, the same document"


def listings(content: bytes) -> None:
    """A page, an answer to a call, or a feed becomes a list."""
    call = Call("POST", URL, content[:200].decode("latin-1"))
    for brought_by in (None, call):
        listing = read_listing(content, URL, "text/html", today=date(2026, 9, 14), call=brought_by)
        assert listing.items or listing.next or listing.warnings
        for item in listing.items:
            assert item.url.startswith(("http://", "https://"))
            storable(item.title, content)


def feeds(content: bytes) -> None:
    """Feeds and sitemaps, plain and packed."""
    for source in (content, gunzipped(content)[0]):
        entries = read_feed(source)
        assert len(entries.rows) <= 50_000
        for address, title, _ in entries.rows:
            storable(address + title, source)


def robots(content: bytes) -> None:
    """A robots file decides for any path."""
    text = RobotsText(content)
    for path in ("", "index.html", content[:40].decode("latin-1")):
        rule = text.rule_for("noticewire", f"http://site.example/{path}")
        assert rule is None or str(rule).startswith(("Allow: ", "Disallow: "))


def wishes(content: bytes) -> None:
    """What a page asks of robots, in a header and in its head."""
    header, _, body = content.partition(b"\n")
    headers = {"x-robots-tag": header.decode("latin-1"), "content-type": "text/html"}
    assert wishes_of_page(headers, body, "noticewire") <= {"noarchive", "nofollow"}


def judging(content: bytes) -> None:
    """An answer is judged."""
    head, _, body = content.partition(b"\n")
    status = 100 + sum(head[:2]) % 500
    assert judge(Evidence(status, {"content-type": head.decode("latin-1")}, body, "d")).outcome in Outcome


def retry_after(content: bytes) -> None:
    """How long to stay away."""
    wait = parse_retry_after(content.decode("latin-1"), NOW)
    assert wait is None or 0 <= wait <= 86_400


def urls(content: bytes) -> None:
    """An address, as somebody wrote it."""
    try:
        url = canonical(content.decode("utf-8", "replace"))
    except Invalid:
        return
    assert canonical(url) == url
    assert url.isascii()


def filters(content: bytes) -> None:
    """The conditions of a subscription."""
    try:
        told = json.loads(content)
    except (ValueError, RecursionError):
        return
    if isinstance(told, dict):
        try:
            wanted = Filter.parse(told)
        except Invalid:
            return
        assert Filter.stored(wanted.to_json()) == wanted


def cursors(content: bytes) -> None:
    """The id from which a stream's reader resumes."""
    try:
        assert 0 <= position_of(content.decode("latin-1")) < 2**63
    except Invalid:
        return


def files(content: bytes) -> None:
    """A file that a notice links to, as its reader in a child process sees it."""
    told = extracted(content, 10_000)
    assert ("text" in told) != ("reason" in told)
    assert len(told.get("text", "")) <= 10_000


def storable(text: str, source: bytes) -> None:
    """Raise AssertionError if a text cannot be stored, or is out of proportion to its source."""
    text.encode("utf-8")  # which has no lone surrogates
    assert "\x00" not in text
    assert len(text) <= MOST_TEXT * len(source) + OURS


TARGETS: dict[str, Callable[[bytes], None]] = {
    one.__name__: one
    for one in (
        decoding,
        reading,
        listings,
        feeds,
        robots,
        wishes,
        judging,
        retry_after,
        urls,
        filters,
        cursors,
        files,
    )
}
