"""What `read` and `listing` are given: files, standard input, or URLs, which are asked for as politely as the crawler
would: with a contact, in the host's turn, after robots.txt, and never at a private address.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from services.cli.opening import opened
from shared.errors import NotFound, Refused, Transient
from shared.urls import canonical, host_of

if TYPE_CHECKING:
    from crawler.discover import Call
    from crawler.manners import Broken, Forbidden, Reached, Site, Step
    from services.wiring import Wiring

PATIENCE_SECONDS = 30.0
"""Longest a command waits for a host's pause."""


@dataclass(frozen=True)
class Snapshot:
    """The bytes of an input, and what is known of where they come from."""

    content: bytes
    url: str | None
    content_type: str | None


class Inputs:
    """Fetches inputs by name; the ledger is opened with the first URL, and closed at the end of the `with`."""

    def __init__(self, data: Path | None, url: str | None) -> None:
        """`url` is where the files were found, for all of them alike; raises `Invalid` if it is none."""
        self._data = data
        self._url = canonical(url) if url else None
        self._asker: Asker | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Inputs:
        """Begin; nothing is opened yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close what was opened."""
        self._stack.__exit__(kind, error, trace)

    def get(self, name: str) -> Snapshot:
        """Return the bytes of one input; raises OSError for a file, and an error of `shared.errors` for a URL."""
        if name == "-":
            return Snapshot(sys.stdin.buffer.read(), self._url, None)
        if not name.lower().startswith(("http://", "https://")):
            path = Path(name)
            plain = "text/plain" if path.suffix.lower() == ".txt" else None
            return Snapshot(path.read_bytes(), self._url, plain)
        if self._asker is None:
            self._asker = Asker(self._stack.enter_context(opened(self._data, make=True)))
        return self._asker.ask(canonical(name))


class Asker:
    """Asks for single pages with the crawler's own manners."""

    def __init__(self, wiring: Wiring) -> None:
        """Wire a guest; raises `Invalid` without a contact."""
        from crawler.guest import Guest
        from crawler.politeness import user_agent
        from services.processes.crawling import manners_of, turns_of
        from services.wiring import VERSION

        settings = wiring.settings
        manners = manners_of(settings, user_agent(VERSION, settings.contact))
        self._ledger = wiring.ledger
        self._turns = turns_of(wiring)
        self._guest = Guest(wiring.ledger, self._turns, wiring.http, manners)

    def ask(self, url: str, *, call: Call | None = None, site: Site | None = None) -> Snapshot:
        """Return the page at a canonical URL; raises `Refused`, `Transient` or `NotFound` where there is none.

        With `call` the request is that one, to the same URL. `site` is what the operator says of a new source.
        """
        from crawler.manners import Broken, Forbidden, Step

        step = Step(url, 0, {}, call.method, call.body) if call else Step(url, 0, {})
        reply = self._follow(step, site or self._site(url))
        if isinstance(reply, Broken):
            raise reply.error
        if isinstance(reply, Forbidden):
            raise Refused(f"robots.txt does not allow {url}: {reply.rule}")
        if reply.response.status != 200:
            raise NotFound(f"{url} answered {reply.response.status}")
        return Snapshot(reply.response.body, reply.url, reply.response.headers.get("content-type"))

    def _follow(self, step: Step, site: Site) -> Reached | Forbidden | Broken:
        """Take one step after the other, each in its host's turn; raises `Transient` where a pause is too long."""
        from crawler.manners import NotYet, Redirected, Step

        while True:
            with self._turns.take(host_of(step.url)) as turn:
                if turn is None:
                    raise Transient(f"{host_of(step.url)} is being asked by a crawler just now; try again")
                wait = turn.wait_seconds()
                reply = NotYet(wait, "its pause") if wait > 0 else self._guest.take_step(turn, step, site)
            if isinstance(reply, Redirected):
                step = Step(reply.url, step.hops + 1, {}, reply.method, step.body)
            elif isinstance(reply, NotYet):
                if reply.seconds > PATIENCE_SECONDS:
                    left = f"is to be left alone for {reply.seconds:.0f} s more"
                    raise Transient(f"{host_of(step.url)} {left}: {reply.reason}")
                self._ledger.clock.sleep(reply.seconds)
            else:
                return reply

    def _site(self, url: str) -> Site:
        """Return what the operator said of the source, if the host is one."""
        from crawler.manners import Site, site_of
        from shared.http import NOWHERE

        with self._ledger.reading() as uow:
            source = uow.sources.by_host(host_of(url))
        return site_of(source) if source else Site(None, NOWHERE, verify_tls=True)
