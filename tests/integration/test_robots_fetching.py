"""RFC 9309, section 2.3.1, on real servers: what each way in which a robots file can(not) be had lets us ask."""

import socket
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from crawler.manners import Forbidden, NotYet, Reached, Reply
from crawler.robots import Policy
from shared.db import Ledger
from shared.db.models import Host, RobotsFile
from shared.http import Http, Limits
from tests.integration.asking import Asker, answering
from tests.servers.hostile import answer, dripping, serving

CLOSED = answer(b"User-agent: *\nDisallow: /", "Content-Type: text/plain")
OPEN = answer(b"User-agent: *\nDisallow: /b\nCrawl-delay: 2", "Content-Type: text/plain")


def status(line: str, body: bytes = b"User-agent: *\nDisallow: /") -> bytes:
    return answer(body, status=line)


@pytest.fixture
def asker(ledger: Ledger, tmp_path: Path) -> Asker:
    return Asker(ledger, tmp_path / "turns", limits=Limits(total_seconds=1.0))


def is_unknown(reply: Reply) -> bool:
    return isinstance(reply, NotYet) and reply.by_robots and reply.seconds > 100


def test_what_a_robots_file_answers_decides_what_may_be_asked(asker: Asker, tmp_path: Path) -> None:
    rows: list[tuple[bytes, Callable[[Reply], bool]]] = [
        (CLOSED, lambda reply: reply == Forbidden("Disallow: /")),
        (OPEN, lambda reply: isinstance(reply, Reached)),
        *((status(f"{code} x"), lambda reply: isinstance(reply, Reached)) for code in (400, 404, 410, 451)),
        *((status(f"{code} x"), lambda reply: isinstance(reply, Forbidden)) for code in (401, 403)),
        *((status(f"{code} x"), is_unknown) for code in (408, 429, 500, 502, 503, 599)),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nUser-agent: *", is_unknown),
        (b"no HTTP at all\r\n\r\n", is_unknown),
    ]
    for robots, expected in rows:
        with answering({"/robots.txt": robots}) as server:
            reply = asker.steps(server.url())
            assert expected(reply), (robots, reply)
            asked = ["/robots.txt", "/a/page.html"] if isinstance(reply, Reached) else ["/robots.txt"]
            assert server.paths == asked
    lenient = Asker(asker.ledger, tmp_path / "turns", robots=Policy(closed_means_disallowed=False))
    with answering({"/robots.txt": status("403 Forbidden")}) as server:
        assert isinstance(lenient.steps(server.url()), Reached)


def test_a_robots_file_that_never_ends_or_nobody_serves_closes_the_site(asker: Asker, tmp_path: Path) -> None:
    with serving(dripping(b"HTTP/1.1 200 OK\r\n", b"X-Drip: 1\r\n")) as server:
        assert is_unknown(asker.steps(server.url("/a")))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert is_unknown(asker.steps(f"http://127.0.0.1:{port}/a"))
    with answering() as plain:
        assert is_unknown(asker.steps(plain.url().replace("http:", "https:")))

    def no_name(host: str, port: int) -> Sequence[str]:
        raise OSError("no such name")

    nameless = Asker(asker.ledger, tmp_path / "turns", Http(resolve=no_name))
    assert is_unknown(nameless.steps("http://moss.example/a"))


def hops(count: int, last: bytes) -> dict[str, bytes]:
    """Lead a robots file over `count` redirects to `last`."""
    names = ["/robots.txt", *(f"/hop{number}" for number in range(1, count + 1))]
    moved = {here: answer(b"", f"Location: {there}", status="301 Moved") for here, there in pairwise(names)}
    return moved | {names[-1]: last}


@pytest.mark.parametrize(("count", "expected"), [(5, Forbidden), (6, Reached)])
def test_five_redirects_are_followed_and_more_mean_no_rules(
    asker: Asker, count: int, expected: type[Forbidden] | type[Reached]
) -> None:
    with answering(hops(count, CLOSED)) as server:
        assert isinstance(asker.steps(server.url(), 8), expected)
        assert [path for path in server.paths if "hop" in path] == [f"/hop{number}" for number in range(1, 6)]


def test_a_copy_serves_for_a_day_and_while_its_site_is_ill_for_thirty(asker: Asker) -> None:
    with answering({"/robots.txt": OPEN}) as server:
        asker.steps(server.url())
        asker.age_robots(hours=23)
        assert isinstance(asker.steps(server.url(), 1), Reached)
        asker.age_robots(hours=25)
        assert isinstance(asker.steps(server.url(), 2), Reached)
        assert server.paths.count("/robots.txt") == 2
        server.answers["/robots.txt"] = status("503 Ill")
        asker.age_robots(days=29)
        assert isinstance(asker.steps(server.url(), 2), Reached)
        assert asker.steps(server.url("/b/c"), 1) == Forbidden("Disallow: /b")
        asker.age_robots(days=31)
        assert is_unknown(asker.steps(server.url(), 2))
    with Session(asker.ledger.engine) as session:
        host = session.get(Host, "127.0.0.1")
        assert host is not None
        assert "for 30 days, so nothing is asked" in (host.remark or "")


def test_an_operator_is_told_of_a_web_page_in_the_place_of_a_robots_file(asker: Asker) -> None:
    page = b"<!DOCTYPE html><html><body>\nUser-agent: *\nDisallow: /a\n</body></html>"
    with answering({"/robots.txt": answer(page, "Content-Type: text/html")}) as server:
        assert asker.steps(server.url()) == Forbidden("Disallow: /a")
    with asker.ledger.reading() as uow:
        assert [host.remark for host in uow.hosts.remarked()] == [
            "robots.txt is an HTML page; its lines were read all the same"
        ]


def test_of_a_long_file_as_much_is_read_as_the_standard_asks_for(asker: Asker) -> None:
    head = b"User-agent: *\nDisallow: /a\n"
    long = head + b"# filling\n" * 60_000 + b"Allow: /a/page.html\n"
    with answering({"/robots.txt": answer(long)}) as server:
        assert asker.steps(server.url()) == Forbidden("Disallow: /a")
    with Session(asker.ledger.engine) as session:
        (row,) = session.query(RobotsFile).all()
        assert len(row.body or b"") >= 500 * 1024
