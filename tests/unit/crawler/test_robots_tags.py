"""What a page itself asks of robots, in its headers and in its head."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.robots import wishes_of_page

PLAIN = b"<html><head><title>x</title></head><body>robots: noarchive</body></html>"
BOTH = {"noarchive", "nofollow"}


def wishes(header: str | None = None, body: bytes = PLAIN) -> set[str]:
    headers = {} if header is None else {"x-robots-tag": header}
    return set(wishes_of_page(headers | {"content-type": "text/html; charset=utf-8"}, body, "noticewire"))


def head(*metas: str) -> bytes:
    return f"<html><head>{''.join(metas)}</head><body>文</body></html>".encode()


HEADERS = [
    (None, set()),
    ("", set()),
    ("all", set()),
    ("noindex", set()),
    ("noarchive", {"noarchive"}),
    ("NoArchive , NOFOLLOW", BOTH),
    ("none", BOTH),
    ("noticewire: noarchive", {"noarchive"}),
    ("NoticeWire : nofollow", {"nofollow"}),
    ("*: noarchive", {"noarchive"}),
    ("otherbot: noarchive", set()),
    ("otherbot: noindex, noarchive", set()),
    ("otherbot: noarchive, noticewire: nofollow, noarchive", BOTH),
    ("otherbot: noarchive\nnofollow", {"nofollow"}),
    ("otherbot: noarchive\nnoticewire: none", BOTH),
    ("unavailable_after: Wed, 25 Jun 2026 15:00:00 GMT, noarchive", {"noarchive"}),
    ("max-snippet: 20, nofollow", {"nofollow"}),
    ("noarchives", set()),
]


@pytest.mark.parametrize(("header", "found"), HEADERS)
def test_a_header_asks(header: str | None, found: set[str]) -> None:
    assert wishes(header) == found


METAS = [
    ('<meta name="robots" content="noarchive">', {"noarchive"}),
    ("<META NAME=Robots CONTENT='NoFollow, NoArchive'>", BOTH),
    ('<meta content="none" name="noticewire">', BOTH),
    ('<meta name="otherbot" content="none">', set()),
    ('<!-- <meta name="robots" content="none"> -->', set()),
    ('<meta name="robots" content="noindex"><meta name="noticewire" content="nofollow">', {"nofollow"}),
    ('<meta name="robots">', set()),
    ('<meta property="robots" content="none">', set()),
]


@pytest.mark.parametrize(("metas", "found"), METAS)
def test_a_head_asks(metas: str, found: set[str]) -> None:
    assert wishes(body=head(metas)) == found


def test_the_sterner_of_header_and_head_wins() -> None:
    assert wishes("nofollow", head('<meta name="robots" content="noarchive, follow">')) == BOTH


def test_a_page_in_utf_16_may_ask_too() -> None:
    body = head('<meta name="robots" content="noarchive">').decode().encode("utf-16")
    assert wishes_of_page({"content-type": "text/html"}, body, "noticewire") == {"noarchive"}


@given(st.text(max_size=60), st.binary(max_size=200))
def test_whatever_is_sent_something_is_understood(header: str, body: bytes) -> None:
    assert wishes(header, b"<meta name=robots " + body) <= BOTH
