"""Who takes part: for each contender the work that is timed, and how its title, date and body are got at.

A peer does its default work. What it needs beyond that to tell a title and a date is asked for outside the clock, so
that nobody is slowed down by being marked.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from tests.bench.pages import Page


class Answer(NamedTuple):
    """What a contender says of one page; `error` names the exception where it said nothing."""

    body: str = ""
    title: str | None = None
    published: str | None = None
    error: str | None = None


class Method(NamedTuple):
    """`work` is timed, `answer` makes of its result what can be marked, untimed."""

    work: Callable[[Page], Any]
    answer: Callable[[Page, Any], Answer]


class Contender(NamedTuple):
    """`prepare` imports what is needed and raises ImportError where it is not there; it is given the pages to come."""

    name: str
    package: str  # whose version is told
    prepare: Callable[[Sequence[Page]], Method]


def _said(_page: Page, json: dict[str, Any]) -> Answer:
    return Answer(json["body"], json["title"], json["published_at"])


def _noticewire(_pages: Sequence[Page]) -> Method:
    from worker.read import read

    return Method(lambda page: read(page.snapshot, url=page.url).as_json(), _said)


def _noticewire_known(pages: Sequence[Page]) -> Method:
    """Our reader with a memory of templates, each page's column already known: the only place that uses `Templates`."""
    from worker.read import Templates, read

    templates = Templates()

    def work(page: Page) -> Any:
        # Pages to warm up on have made-up hosts, too; a name is each page's own.
        return read(page.snapshot, url=page.url, templates=templates, column=page.name).as_json()

    for page in pages:
        work(page)
    return Method(work, _said)


def _trafilatura(_pages: Sequence[Page]) -> Method:
    import trafilatura

    def answer(page: Page, text: str | None) -> Answer:
        known = trafilatura.extract_metadata(page.snapshot, default_url=page.url)
        # It rules its tables with bars, which are no text of the page.
        return Answer((text or "").replace("|", " "), known.title, known.date)

    return Method(lambda page: trafilatura.extract(page.snapshot, url=page.url), answer)


def _readability(_pages: Sequence[Page]) -> Method:
    from lxml.html import fromstring
    from readability import Document

    def answer(page: Page, summary: str) -> Answer:
        # The cleaned title is the better one of its two; it knows no date.
        return Answer(fromstring(summary).text_content(), Document(page.snapshot).short_title())

    return Method(lambda page: Document(page.snapshot).summary(), answer)


def _gne(pages: Sequence[Page]) -> Method:
    from gne import GeneralNewsExtractor

    from worker.clean.decode import decode

    # It takes text only: our decoder lends a hand, before the clock starts.
    texts = {page.name: decode(page.snapshot, None).text for page in pages}

    def work(page: Page) -> dict[str, Any]:
        text = texts.get(page.name) or decode(page.snapshot, None).text
        found: dict[str, Any] = GeneralNewsExtractor().extract(text)
        return found

    return Method(work, lambda _, said: Answer(said["content"], said["title"], said["publish_time"]))


OURS = ("noticewire", "noticewire-template")
CONTENDERS = (
    Contender("noticewire", "noticewire", _noticewire),
    Contender("noticewire-template", "noticewire", _noticewire_known),
    Contender("trafilatura", "trafilatura", _trafilatura),
    Contender("readability", "readability-lxml", _readability),
    Contender("gne", "gne", _gne),
)
