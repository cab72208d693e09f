"""What a host answers to a path, without troubles: robots, listings, notices, supplied pages, redirects, 304s."""

import hashlib
import math
from dataclasses import dataclass, field
from email.utils import format_datetime

from services.simulation.board import Board, Column, Notice
from services.simulation.pages import odd
from services.simulation.pages.facts import DetailFacts, Item, ListingFacts
from services.simulation.places import Host, Publisher

HTML = "text/html; charset=utf-8"
LONG_EVERY = 3
"""Where a family has long notices, the first and then one in so many goes on over several pages."""


@dataclass
class Answer:
    """One answer; Content-Length, Date and Connection are added when it is sent."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    fault: str | None = None


def page(status: int, body: str | bytes, content_type: str = HTML) -> Answer:
    """An answer that is a page."""
    return Answer(status, {"Content-Type": content_type}, body if isinstance(body, bytes) else body.encode())


class Desk:
    """Looks a path up on the board and writes the answer; pages are pure functions of the board's state."""

    def __init__(self, board: Board, page_size: int) -> None:
        self._board = board
        self._page_size = page_size

    def answer(self, host: Host, path: str) -> Answer:
        """The full answer to GET `path` on `host`."""
        with self._board.guard:
            if path == "/robots.txt":
                return _robots(host)
            if path in host.pages:
                supplied = host.pages[path]
                return self._validated(page(supplied.status, supplied.body, supplied.content_type), supplied.changed)
            for publisher in host.publishers:
                if (found := self._of_publisher(publisher, path)) is not None:
                    return found
            return page(404, odd.not_found())

    def listing_paths(self, publisher: Publisher, column: Column) -> list[str]:
        """The paths of all pages of a column, first page first."""
        pages = max(1, math.ceil(len(column.listed()) / self._page_size))
        return [column.path + publisher.family.page_name(number) for number in range(pages)]

    def notice_paths(self, publisher: Publisher, notice: Notice) -> list[str]:
        """The paths of all pages of a notice, first page first."""
        part_path = publisher.family.part_path
        if part_path is None or notice.number % LONG_EVERY != 1:
            return [notice.path]
        return [part_path(notice.path, number) for number in range(len(notice.text.sheets()))]

    def forbidden_path(self, publisher: Publisher) -> str:
        """The page under /internal/ that every first listing page links to."""
        return f"{publisher.facts.prefix}/internal/exchange.html"

    def _of_publisher(self, publisher: Publisher, path: str) -> Answer | None:
        prefix = publisher.facts.prefix
        if path in (f"{prefix}/", f"{prefix}/index.html"):
            return page(200, odd.home(publisher.facts, [(column.name, column.path) for column in publisher.columns]))
        if path.startswith(f"{prefix}/internal/"):
            return page(200, odd.internal(publisher.facts))
        for column in publisher.columns:
            paths = self.listing_paths(publisher, column)
            wanted = path + "index.html" if path == column.path else path
            if wanted in paths:
                return self._listing(publisher, column, paths.index(wanted))
            for notice in column.notices:
                if path in notice.previous_paths:
                    return Answer(301, {"Location": publisher.facts.base_url + notice.path})
                paths = self.notice_paths(publisher, notice)
                if path in paths:
                    return self._notice(publisher, notice, (paths.index(path), len(paths)))
        return None

    def _listing(self, publisher: Publisher, column: Column, number: int) -> Answer:
        listed = column.listed()
        pinned = listed[-1] if publisher.family.pins_oldest and listed else None
        ordered = ([pinned] if pinned else []) + [notice for notice in listed if notice is not pinned]
        shown = ordered[number * self._page_size : (number + 1) * self._page_size]
        items = [Item(notice.path, notice.text.title, notice.text.published_at, notice is pinned) for notice in shown]
        if number == 0 and column is publisher.columns[0]:
            newest = listed[0].text.published_at if listed else self._board.opened.wall
            items.append(Item(self.forbidden_path(publisher), "内部工作交流", newest))
        facts = ListingFacts(
            publisher.facts,
            column.name,
            column.path,
            tuple(items),
            number,
            len(self.listing_paths(publisher, column)),
            len(listed),
        )
        return self._dressed(publisher, publisher.family.listing(facts), column.changed)

    def _notice(self, publisher: Publisher, notice: Notice, place: tuple[int, int]) -> Answer:
        gone = notice.withdrawn
        if gone is not None:
            return page(200, odd.soft_404(publisher.facts.site_name)) if gone.soft else page(404, odd.not_found())
        text = notice.text
        facts = DetailFacts(
            publisher=publisher.facts,
            column_name=notice.column.name,
            column_path=notice.column.path,
            url=publisher.facts.base_url + notice.path,
            number=notice.number,
            title=text.title,
            source=text.inspected,
            published_at=text.published_at,
            generated_at=self._board.modified_at(notice.changed),
            paragraphs=text.paragraphs() if place[1] == 1 else text.sheets()[place[0]],
            views=notice.views,
            page=place[0],
            pages=place[1],
        )
        return self._dressed(publisher, publisher.family.detail(facts), notice.changed)

    def _dressed(self, publisher: Publisher, text: str, changed: int) -> Answer:
        family = publisher.family
        return self._validated(page(200, text.encode(family.charset), family.content_type), changed, family.sends_etag)

    def _validated(self, answer: Answer, changed: int, etag: bool = True) -> Answer:
        if etag:
            answer.headers["ETag"] = f'"{hashlib.sha256(answer.body).hexdigest()[:20]}"'
        answer.headers["Last-Modified"] = format_datetime(self._board.modified_at(changed), usegmt=True)
        return answer


def _robots(host: Host) -> Answer:
    robots = host.robots
    answer = page(robots.status, robots.body, robots.content_type)
    if robots.location:
        answer.headers["Location"] = robots.location
    return answer


def conditional(answer: Answer, request_headers: dict[str, str]) -> Answer:
    """`answer`, or its 304. If-None-Match takes precedence (RFC 9110 §13.2.2); If-Modified-Since must be sent verbatim.

    Servers may demand the exact date they gave (nginx does by default): an invented one gets a full answer.
    """
    if answer.status != 200:
        return answer
    wanted = request_headers.get("if-none-match")
    if wanted is not None:
        tags = {tag.strip().removeprefix("W/") for tag in wanted.split(",")}
        fresh = "ETag" in answer.headers and ("*" in tags or answer.headers["ETag"] in tags)
    else:
        since = request_headers.get("if-modified-since")
        fresh = since is not None and since == answer.headers.get("Last-Modified")
    if not fresh:
        return answer
    kept = {name: value for name, value in answer.headers.items() if name in ("ETag", "Last-Modified")}
    return Answer(304, kept)
