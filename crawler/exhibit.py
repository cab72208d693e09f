"""What an exchange is judged by: the answer with what is remembered of its target, read as far as the rules ask."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from crawler.page import decode
from shared.domain.states import Outcome, TargetKind
from shared.glance import Glance
from shared.pagewords import Words

_DOCUMENTS = (b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""PDF, and what the office files of today and of old are packed in."""
_MARKUP = re.compile(rb"<(!doctype|html|head|body|meta|div|table|script|p|\?xml)\b", re.IGNORECASE)


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
    called: bool = False
    """Whether a call was answered, which may be by data instead of a page."""
    url: str = ""
    """What was asked for: the target's own canonical URL; empty where it does not matter."""
    final_url: str = ""
    """The canonical URL that answered, where redirects led to another one."""
    kind: TargetKind | None = None

    @property
    def redirected(self) -> bool:
        """Whether another address than the target's answered."""
        return bool(self.final_url) and self.final_url != self.url


class Page:
    """Evidence, read as far as the rules need it."""

    # Pages above this size are never short; reading them would cost much and decide nothing.
    READABLE_BYTES = 256 * 1024

    def __init__(self, evidence: Evidence) -> None:
        """Read nothing yet."""
        self.evidence = evidence
        self.status = evidence.status
        self.body = evidence.body
        self.type = evidence.headers.get("content-type", "").partition(";")[0].strip().lower()
        self.is_notice = evidence.kind in (TargetKind.DETAIL, TargetKind.PART)

    @cached_property
    def glance(self) -> Glance:
        """The page as text, or nothing if it is large, or no page at all."""
        readable = len(self.body) <= self.READABLE_BYTES and not self.is_document
        return Glance(decode(self.body, self.evidence.headers.get("content-type")) if readable else "")

    def says(self, words: Words) -> bool:
        """Say whether the page is short, says so and is no notice; of a large page nothing is known."""
        page = self.glance
        return bool(page.source) and words.found_in(page.title, page.text, page.source) and not page.is_article

    @property
    def is_document(self) -> bool:
        """Whether it is an office's document, which a listing may link to in the place of a notice's page."""
        return self.body.startswith(_DOCUMENTS)

    @cached_property
    def is_markup(self) -> bool:
        """Whether the body begins as a page does."""
        return _MARKUP.search(self.body[:1024]) is not None
