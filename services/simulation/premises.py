"""What a disclosure site consists of and everything that can be done to it: its premises, which nobody serves yet."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from services.simulation import truth
from services.simulation.answers import Desk
from services.simulation.board import Board, Notice
from services.simulation.log import AccessLog
from services.simulation.moment import Clock, now
from services.simulation.pages import FAMILIES
from services.simulation.pages.odd import plain_listing
from services.simulation.places import (
    Host,
    Publisher,
    RobotsFile,
    SuppliedPage,
    default_robots,
    make_publisher,
    path_of,
)
from services.simulation.troubles import Trouble, Troubles
from services.simulation.visits import House

DEFAULT_HOSTS = ("127.0.0.2", "127.0.0.3", "127.0.0.4")


@dataclass(frozen=True)
class Layout:
    """How a site is laid out; with `bind` and `name` all publishers share one address and one name, by path prefix.

    `crawl_delay` (seconds) is written into robots.txt if given; `notices` are up per publisher from the start.
    `families` are given to the publishers in turn; without any, the usual ones are.
    """

    hosts: Sequence[str] = DEFAULT_HOSTS
    port: int = 0
    seed: int = 7
    columns: int = 1
    page_size: int = 10
    notices: int = 0
    crawl_delay: float | None = None
    bind: str | None = None
    name: str | None = None
    families: Sequence[str] = ()


class Premises:
    """Hosts with their publishers, and every change that can be made to them; hosts are named by `Layout.hosts`."""

    def __init__(self, layout: Layout, clock: Clock = now) -> None:
        """Furnish nothing yet: `furnish` adds a host."""
        self.layout = layout
        self.board = Board(layout.seed, clock)
        self.troubles = Troubles(clock)
        self._desk = Desk(self.board, layout.page_size)
        self._log = AccessLog(clock)
        self.hosts: list[Host] = []
        self.publishers: dict[str, Publisher] = {}

    def furnish(self, name: str, base_url: str, keys: Sequence[str]) -> House:
        """Add a host called `name`, with a publisher for each of `keys`; what answers for it."""
        prefixes = [f"/s{number}" for number in range(1, len(keys) + 1)] if len(keys) > 1 else [""]
        host = Host(name, base_url, default_robots(prefixes, self.layout.crawl_delay))
        for key, prefix in zip(keys, prefixes, strict=True):
            place = (len(self.publishers), key, prefix)
            families = self.layout.families
            self.publishers[key] = make_publisher(self.board, (name, base_url), place, self.layout.columns, families)
            host.publishers.append(self.publishers[key])
        self.hosts.append(host)
        return House(host, self._desk, self.troubles, self._log)

    # Where things are -------------------------------------------------------------------------------------------------

    def host(self, name: str) -> Host:
        """The host of that name, or the one that carries the publisher of that key."""
        wanted = self.publishers[name].host if name in self.publishers else name
        for host in self.hosts:
            if host.name == wanted:
                return host
        raise ValueError(f"no such host: {name!r}; there are {[host.name for host in self.hosts]}")

    def listing_url(self, host: str, column: int = 0) -> str:
        """The first listing page of a column."""
        publisher = self._publisher(host)
        return publisher.facts.base_url + publisher.columns[column].path + "index.html"

    def listing_urls(self) -> list[str]:
        """The first listing page of every column of every publisher."""
        return [self.listing_url(key, column) for key in self.publishers for column in range(self.layout.columns)]

    def urls(self, host: str) -> list[str]:
        """The notices of a publisher that are up, oldest first."""
        return self._urls(host, withdrawn=False)

    def withdrawn_urls(self, host: str) -> list[str]:
        """The notices of a publisher that are withdrawn, oldest first."""
        return self._urls(host, withdrawn=True)

    # Changes ----------------------------------------------------------------------------------------------------------

    def publish(self, host: str, column: int = 0, dated: datetime | None = None) -> str:
        """Put up the next notice, which bears the time `dated` (None: an invented one); its URL."""
        publisher = self._publisher(host)
        chosen = publisher.columns[column]
        notice = self.board.publish(chosen, publisher.facts.city, publisher.path_maker(chosen), dated)
        return publisher.facts.base_url + notice.path

    def edit(self, url: str, kind: str | None = None) -> int:
        """Serve another text from now on; the revision's number. Kinds: see `Board.edit`."""
        return self.board.edit(self._notice(url), kind).number

    def cosmetic(self, url: str) -> None:
        """Change the bytes and not the meaning."""
        self.board.touch(self._notice(url))

    def withdraw(self, url: str, soft: bool = False, home: bool = False) -> None:
        """Take a notice down, out of its listing too: 404, or with status 200 an error page or the front page."""
        self.board.withdraw(self._notice(url), soft, home)

    def restore(self, url: str) -> None:
        """Put a withdrawn notice up again."""
        self.board.restore(self._notice(url))

    def move(self, url: str, status: int = 301) -> str:
        """Give a notice another address, to which the old one redirects (301 or 302); the new URL."""
        notice = self._notice(url)
        stem, dot, ending = notice.path.rpartition(".")
        self.board.move(notice, f"{stem}_v{len(notice.previous_paths) + 2}{dot}{ending}", status)
        return urljoin(url, notice.path)

    def readdress(self, url: str) -> str:
        """Give a notice another path with the id that it had; the old one is gone (404); the new URL."""
        notice = self._notice(url)
        folder, _, name = notice.path.rpartition("/")
        self.board.move(notice, f"{folder}/v{len(notice.moves) + 2}/{name}", 404)
        return urljoin(url, notice.path)

    def pin(self, url: str, pinned: bool = True) -> None:
        """Show a notice above all others of its listing, or in its place again."""
        self.board.pin(self._notice(url), pinned)

    def stir(self, url: str, restless: bool = True) -> None:
        """Let a notice's text change at every visit by a counter, or hold still again."""
        self.board.stir(self._notice(url), restless)

    def redesign(self, host: str, column: int = 0, manner: str | None = None, scripted: bool = False) -> None:
        """Dress a column in another family's manner (its name), or (`scripted`) let a script fill its listing."""
        if manner not in (None, *(family.name for family in FAMILIES)):
            raise ValueError(f"no family {manner!r}: one of {[family.name for family in FAMILIES]}")
        self.board.redesign(self._publisher(host).columns[column], manner, scripted)

    def fault(self, host: str, kind: str, **options: Any) -> None:
        """Let a trouble begin on a host; options: the fields of `Trouble` (seconds, times, retry_after, path …)."""
        self.troubles.add(self.host(host).name, Trouble(kind, **options))

    def calm(self, host: str | None = None) -> None:
        """End all troubles of a host, or of all."""
        self.troubles.clear(self.host(host).name if host else None)

    def set_robots(self, host: str, body: str = "", status: int = 200, location: str | None = None) -> None:
        """Replace the robots file of a host by any answer."""
        with self.board.guard:
            place = self.host(host)
            place.robots = RobotsFile(status, body, location)
            self.board.record("robots", place.name, "/robots.txt", status=status)

    def add_page(
        self, host: str, path: str, body: bytes, content_type: str = "text/html; charset=utf-8", status: int = 200
    ) -> str:
        """Serve these bytes at `path` (again: replace them); the URL."""
        with self.board.guard:
            place = self.host(host)
            action = "edit_page" if path in place.pages else "add_page"
            change = self.board.record(action, place.name, path, status=status)
            place.pages[path] = SuppliedPage(body, content_type, change.sequence, status)
            return place.base_url + path

    def add_call(
        self, host: str, path: str, posted: str, body: bytes, status: int = 200, location: str | None = None
    ) -> str:
        """Answer a POST of `posted` to `path` with these bytes, or with a redirect to `location`; the URL."""
        with self.board.guard:
            place = self.host(host)
            changed = self.board.record("call", place.name, path, status=status).sequence
            content_type = "application/json" if body[:1] in (b"{", b"[") else "text/html; charset=utf-8"
            place.calls[path, posted] = SuppliedPage(body, content_type, changed, status, location)
            return place.base_url + path

    def edit_page(self, host: str, path: str, body: bytes) -> None:
        """Replace the bytes of a supplied page, and nothing else of it."""
        page = self.host(host).pages[path]
        self.add_page(host, path, body, page.content_type, page.status)

    def remove_page(self, host: str, path: str) -> None:
        """Serve a supplied page no longer (404)."""
        with self.board.guard:
            place = self.host(host)
            del place.pages[path]
            self.board.record("remove_page", place.name, path)

    def add_listing(self, host: str, path: str, items: Iterable[tuple[str, str, str]]) -> str:
        """Serve a plain listing of (path, title, date as shown) at `path` (again: replace it); the URL."""
        return self.add_page(host, path, plain_listing(items).encode())

    # What is known ----------------------------------------------------------------------------------------------------

    def truth(self) -> dict[str, Any]:
        """See `truth.tell`."""
        return truth.tell(self.board, self._desk, self.hosts)

    def log(self, after: int = 0) -> list[dict[str, Any]]:
        """The exchanges numbered above `after`; see `log.Exchange` for the fields."""
        return self._log.entries(after)

    def exchanges(self) -> int:
        """How many exchanges there were so far: the number of the latest."""
        return len(self._log)

    def _publisher(self, key: str) -> Publisher:
        if key not in self.publishers:
            raise ValueError(f"no such publisher: {key!r}; there are {list(self.publishers)}")
        return self.publishers[key]

    def _urls(self, key: str, withdrawn: bool) -> list[str]:
        publisher = self._publisher(key)
        with self.board.guard:
            notices = [notice for column in publisher.columns for notice in column.notices]
            chosen = [notice for notice in notices if (notice.withdrawn is not None) == withdrawn]
            return [publisher.facts.base_url + notice.path for notice in sorted(chosen, key=lambda each: each.number)]

    def _notice(self, url: str) -> Notice:
        name = urlsplit(url).hostname or ""
        notice = self.host(name).notice_at(path_of(url))
        if notice is None:
            raise ValueError(f"no notice at {url}")
        return notice
