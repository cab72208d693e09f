"""A guest beside a server that answers by path, and turns that never keep it waiting."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlalchemy.orm import Session

from crawler.guest import Guest
from crawler.manners import Manners, Reply, Site, Step
from crawler.robots import Policy
from shared.db import Ledger
from shared.db.models import RobotsFile
from shared.db.turns import open_turns
from shared.http import AllowList, Exchange, Http, Limits
from tests.servers.hostile import Server, answer, serving

MANNERS = Manners("noticewire/0 (+https://wire.example)", Limits(total_seconds=5.0), 0.0, 0.0, 1.0, 2.0, Policy())
SITE = Site(1.0, AllowList.parse(["127.0.0.0/8"]), verify_tls=True)
PAGE = answer(b"<html><body><p>page</p></body></html>", "Content-Type: text/html")


class FreeTurn:
    """A turn that is never waited for, and remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, float]] = []

    def wait_seconds(self) -> float:
        return 0.0

    def begin(self, seconds: float) -> bool:
        self.told.append(("begin", seconds))
        return True

    def hold_for(self, seconds: float) -> None:
        self.told.append(("hold", seconds))

    @property
    def pause(self) -> float:
        """For how long the host is left alone after the last request."""
        return self.told[-1][1]


class Asker:
    """A guest that takes steps."""

    def __init__(self, ledger: Ledger, folder: Path, http: Exchange | None = None, **manners: Any) -> None:
        self.ledger = ledger
        self.turn = FreeTurn()
        self.guest = Guest(ledger, open_turns(ledger, folder), http or Http(), replace(MANNERS, **manners))

    def steps(self, url: str, count: int = 2, site: Site = SITE) -> Reply:
        """Take steps towards a page, its robots file first; return the last one's reply."""
        for _ in range(count):
            reply = self.guest.take_step(self.turn, Step(url, 0, {}), site)
        return reply

    def ask(self, url: str, site: Site = SITE) -> Any:
        return self.guest.ask(self.turn, Step(url, 0, {}), site, None)

    def age_robots(self, **age: float) -> None:
        """Let the stored robots files be older than they are."""
        with self.ledger.reading() as uow:
            at = uow.now() - timedelta(**age)
        with Session(self.ledger.engine) as session:
            session.execute(update(RobotsFile).values(fetched_at=at, failed_at=None))
            session.commit()


class Answering:
    """A server with an answer for each path, PAGE for all others; `paths` is what it was asked for."""

    def __init__(self, answers: Mapping[str, bytes]) -> None:
        self.answers = dict(answers)
        self.server: Server | None = None

    @property
    def heads(self) -> list[str]:
        assert self.server is not None
        return [head.decode() for head in self.server.heads]

    @property
    def paths(self) -> list[str]:
        return [head.split()[1] for head in self.heads]

    def url(self, path: str = "/a/page.html") -> str:
        assert self.server is not None
        return self.server.url(path)

    def reply(self, peer: Any) -> None:
        peer.sendall(self.answers.get(self.paths[-1], PAGE))


@contextmanager
def answering(answers: Mapping[str, bytes] | None = None) -> Iterator[Answering]:
    """Serve `answers` by path."""
    made = Answering(answers or {"/robots.txt": answer(b"", status="404 Not Found")})
    with serving(made.reply) as server:
        made.server = server
        yield made


def noon_zone(now: datetime) -> str:
    """Return a time zone in which it is about noon at `now`, so that no test runs over the end of a day."""
    behind = now.astimezone(ZoneInfo("UTC")).hour - 12
    return f"Etc/GMT{behind:+d}"
