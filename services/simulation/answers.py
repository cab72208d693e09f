"""What a host answers to a path, without troubles: robots, listings, notices, their files, supplied pages, 304s."""

import hashlib
import math
from dataclasses import dataclass, field
from email.utils import format_datetime

from services.simulation import files
from services.simulation.board import Board, Column, Notice, Withdrawal
from services.simulation.pages import Family, jpage, odd
from services.simulation.pages.facts import DetailFacts, Item, ListingFacts
from services.simulation.places import Host, Publisher
from services.simulation.prose import SHEETS

HTML = "text/html; charset=utf-8"
LONG_EVERY = 3
"""Where a family has long notices, the first and then one in so many goes on over several pages."""
FILES_EVERY = 3
"""Where a family has files, one notice in so many has two."""
FILES = (("_1.pdf", "整改任务清单.pdf"), ("_2.docx", "整改任务台账.docx"))


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

    def answer_call(self, host: Host, path: str, posted: str) -> Answer | None:
        """The answer to a POST of `posted` to `path`; None where nothing is to be asked so."""
        with self._board.guard:
            if (path, posted) in host.calls:
                supplied = host.calls[path, posted]
                answer = page(supplied.status, supplied.body, supplied.content_type)
                if supplied.location is not None:
                    answer.headers["Location"] = supplied.location
                return answer
            asked = jpage.asked_for(path, posted)
            for publisher in host.publishers:
                if asked and publisher.family.behind_call and path.startswith(publisher.facts.prefix + jpage.PROXY):
                    return self._rows(publisher, *asked)
            return None

    def _rows(self, publisher: Publisher, column: int, first: int, last: int) -> Answer:
        listed = publisher.columns[column].listed() if 0 <= column < len(publisher.columns) else []
        items = tuple(Item(one.path, one.text.title, one.text.published_at) for one in listed[first - 1 : last])
        return page(200, jpage.answer(items, len(listed), self._page_size), "text/xml; charset=utf-8")

    def listing_paths(self, publisher: Publisher, column: Column) -> list[str]:
        """The paths of all pages of a column, first page first."""
        pages = max(1, math.ceil(len(column.listed()) / self._page_size))
        return [column.path + publisher.manner(column).page_name(number) for number in range(pages)]

    def notice_paths(self, publisher: Publisher, notice: Notice) -> list[str]:
        """The paths of all pages of a notice, first page first."""
        part_path = publisher.manner(notice.column).part_path
        if part_path is None or notice.number % LONG_EVERY != 1:
            return [notice.path]
        return [part_path(notice.path, number) for number in range(SHEETS)]

    def notice_files(self, publisher: Publisher, notice: Notice) -> dict[str, str]:
        """The paths of a notice's files, and their names; they stay what they were however the notice is edited."""
        if not publisher.family.attaches or notice.number % FILES_EVERY:
            return {}
        stem = notice.path.rpartition(".")[0]
        return {stem + ending: name for ending, name in FILES}

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
                if (left := next((move for move in notice.moves if move.path == path), None)) is not None:
                    if left.status == 404:
                        return page(404, odd.not_found())
                    return Answer(left.status, {"Location": publisher.facts.base_url + notice.path})
                paths = self.notice_paths(publisher, notice)
                if path in self.notice_files(publisher, notice):
                    return self._file(notice, path)
                if path in paths:
                    return self._notice(publisher, notice, (paths.index(path), len(paths)))
        return None

    def _listing(self, publisher: Publisher, column: Column, number: int) -> Answer:
        if column.scripted:
            return self._validated(page(200, odd.scripted_listing(publisher.facts)), column.changed)
        listed = column.listed()
        family = publisher.manner(column)
        pinned = [notice for notice in listed if notice.pinned] or (listed[-1:] if family.pins_oldest else [])
        ordered = pinned + [notice for notice in listed if notice not in pinned]
        shown = ordered[number * self._page_size : (number + 1) * self._page_size]
        items = [Item(notice.path, notice.text.title, notice.text.published_at, notice in pinned) for notice in shown]
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
            publisher.columns.index(column),
            self._page_size,
        )
        return self._dressed(family, family.listing(facts), column.changed)

    def _file(self, notice: Notice, path: str) -> Answer:
        first = notice.revisions[0].text
        rows = [["序号", "问题"], *([str(number), one.title] for number, one in enumerate(first.problems, start=1))]
        if path.endswith(".pdf"):
            body = files.pdf([f"{first.inspected}整改任务清单", *(" ".join(row) for row in rows)])
        else:
            body = files.docx([f"{first.inspected}整改任务台账"], rows)
        return self._validated(page(200, body, "application/octet-stream"), 1)

    def _notice(self, publisher: Publisher, notice: Notice, place: tuple[int, int]) -> Answer:
        gone = notice.withdrawn
        if gone is not None:
            return _gone(publisher, gone)
        text, family = notice.text, publisher.manner(notice.column)
        paragraphs = text.paragraphs() if place[1] == 1 else text.sheets()[place[0]]
        if notice.restless and place[0] == 0:
            notice.visits += 1
            paragraphs = (paragraphs[0], f"本页热度{notice.visits}", *paragraphs[1:])
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
            paragraphs=paragraphs,
            views=notice.views,
            page=place[0],
            pages=place[1],
            files=tuple(self.notice_files(publisher, notice).items()),
        )
        answer = self._dressed(family, family.detail(facts), notice.changed)
        if notice.restless:
            del answer.headers["Last-Modified"]
        return answer

    def _dressed(self, family: Family, text: str, changed: int) -> Answer:
        return self._validated(page(200, text.encode(family.charset), family.content_type), changed, family.sends_etag)

    def _validated(self, answer: Answer, changed: int, etag: bool = True) -> Answer:
        if etag:
            answer.headers["ETag"] = f'"{hashlib.sha256(answer.body).hexdigest()[:20]}"'
        answer.headers["Last-Modified"] = format_datetime(self._board.modified_at(changed), usegmt=True)
        return answer


def _gone(publisher: Publisher, gone: Withdrawal) -> Answer:
    if gone.home:
        return page(200, odd.front_page(publisher.facts))
    return page(200, odd.soft_404(publisher.facts.site_name)) if gone.soft else page(404, odd.not_found())


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
