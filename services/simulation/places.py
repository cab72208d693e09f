"""Hosts and publishers: a host is a name that is visited (one robots file each), a publisher is a body that uses it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from services.simulation.board import Board, Column, Notice
from services.simulation.pages import FAMILIES, USUAL, Family
from services.simulation.pages.facts import PublisherFacts
from services.simulation.vocabulary import CITIES

COLUMNS = (("巡视整改", "/xxgk/xszg/"), ("通知公告", "/xxgk/tzgg/"), ("监督曝光", "/xxgk/jdbg/"))


@dataclass
class RobotsFile:
    """What a host answers for its robots file; `location` makes it a redirect."""

    status: int
    body: str
    location: str | None = None
    content_type: str = "text/plain; charset=utf-8"


@dataclass
class SuppliedPage:
    """A page that a test brought along, served as it is; `changed` is the sequence number of its last change."""

    body: bytes
    content_type: str
    changed: int
    status: int = 200
    location: str | None = None


@dataclass
class Publisher:
    """One publishing body: its family of pages, its columns, and the prefix of its paths on the host."""

    key: str
    host: str
    family: Family
    facts: PublisherFacts
    columns: list[Column]

    def manner(self, column: Column) -> Family:
        """The family in whose manner a column is dressed."""
        return next((family for family in FAMILIES if family.name == column.manner), self.family)

    def path_maker(self, column: Column) -> Any:
        """A function (number, published_at) → path, for notices of `column`."""
        return partial(self.family.notice_path, column.path)


@dataclass
class Host:
    """A name that is visited, with everything served under it."""

    name: str
    base_url: str
    robots: RobotsFile
    publishers: list[Publisher] = field(default_factory=list)
    pages: dict[str, SuppliedPage] = field(default_factory=dict)
    calls: dict[tuple[str, str], SuppliedPage] = field(default_factory=dict)
    """Answers to a POST of the second to the first."""
    robots_paths: set[str] = field(default_factory=lambda: {"/robots.txt"})

    def notice_at(self, path: str) -> Notice | None:
        """The notice whose present or former address is `path`."""
        for publisher in self.publishers:
            for column in publisher.columns:
                for notice in column.notices:
                    if path == notice.path or path in notice.previous_paths:
                        return notice
        return None


def default_robots(prefixes: list[str], crawl_delay: float | None) -> RobotsFile:
    """Everything is allowed but `/internal/` of each publisher; a Crawl-delay in seconds if one is wished."""
    lines = ["User-agent: *", *(f"Disallow: {prefix}/internal/" for prefix in prefixes)]
    if crawl_delay is not None:
        lines.append(f"Crawl-delay: {crawl_delay:g}")
    return RobotsFile(200, "\n".join(lines) + "\n")


def make_publisher(
    board: Board, host: tuple[str, str], place: tuple[int, str, str], columns: int, families: Sequence[str] = ()
) -> Publisher:
    """Publisher number `place[0]`, called `place[1]`, under prefix `place[2]` of `host` (name, base URL).

    `families` are used in turn.
    """
    number, key, prefix = place
    facts = PublisherFacts(CITIES[number % len(CITIES)], number + 1, host[1], prefix)
    made = [Column(name, f"{prefix}{path}", host[0]) for name, path in COLUMNS[:columns]]
    board.columns.extend(made)
    names = families or USUAL
    family = next(one for one in FAMILIES if one.name == names[number % len(names)])
    return Publisher(key, host[0], family, facts, made)


def path_of(url_or_path: str) -> str:
    """The path (with its query) of a URL, or the path itself."""
    parts = urlsplit(url_or_path)
    return parts.path + (f"?{parts.query}" if parts.query else "")
