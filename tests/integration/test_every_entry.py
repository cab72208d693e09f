"""Every spelling of a place that may not be asked, at every entry by which somebody else names an address (I11).

The spellings are the table of `tests.forbidden`. The canary is the interpreter itself, which tells of each connection
that is begun: but for the site's own address there is none.
"""

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from crawler.discover import read_listing
from crawler.manners import Redirected, Site, Step
from shared.clock import SystemClock
from shared.db import Ledger
from shared.db.errands import ClaimedDelivery
from shared.db.models import Delivery, Event, Intent, RobotsFile, Subscription
from shared.domain.states import Channel
from shared.errors import Invalid, Misled, Refused, Unreachable
from shared.http import AllowList, Http, KeptHttp
from shared.ids import new_id
from shared.urls import canonical, join
from tests.forbidden import FORBIDDEN, resolve
from tests.integration.asking import Answering, Asker, answering
from tests.integration.scene import BOX, rows
from tests.servers.hostile import answer
from worker.deliver.consent import Asking, Withheld, ask
from worker.deliver.hub import Hub, HubRules
from worker.deliver.messenger_child import GuardedNames
from worker.deliver.post import Postman, PostRules
from worker.deliver.retry import Parked, RetryIn
from worker.deliver.websub import Details

CLOSED_SITE = Site(1.0, AllowList.parse([]), verify_tls=True)


def spelled(url: str) -> bool:
    """Tell whether a URL is one."""
    try:
        return bool(canonical(url))
    except Invalid:
        return False


ASKING = Asking("wire.example", "noticewire/0")
CLOSED = (Refused, Misled, Invalid)
LISTING = "http://public.example/a/index.html"


def is_repaired(url: str) -> bool:
    """Tell whether a place that nobody may name is a public one once it was read as a reference on a page."""
    try:
        found = urlsplit(join(LISTING, url))
    except Invalid:
        return False
    return found.hostname == "public.example" and found.port is None


IN_A_HEADER = {
    name: url
    for name, url in FORBIDDEN.items()
    if not any(ord(one) < 32 for one in url)
    and not is_repaired(url)
    and not is_repaired(url.encode().decode("latin-1"))
}
CALLBACKS = [url for url in FORBIDDEN.values() if spelled(url)]
"""What is no address at all is refused when somebody subscribes."""
SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
_connected: list[list[Any]] = []


def _heard(event: str, told: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        for one in _connected:
            one.append(told[1])


sys.addaudithook(_heard)


@pytest.fixture(autouse=True)
def ours() -> Iterator[set[int]]:
    """Yield the ports of the test's own sites, which may be asked; nobody else is."""
    asked: list[Any] = []
    ports: set[int] = set()
    _connected.append(asked)
    yield ports
    _connected.remove(asked)
    assert [to for to in asked if isinstance(to, tuple) and (to[0] != "127.0.0.1" or to[1] not in ports)] == []


def test_the_table_is_long_enough() -> None:
    assert len(FORBIDDEN) >= 60
    assert len(IN_A_HEADER) >= 60


@SQLITE
@pytest.mark.parametrize("kind", ["a page", "a robots file", "a file", "a feed", "a call"])
def test_nothing_that_is_fetched_is_at_a_forbidden_place(ledger: Ledger, tmp_path: Path, kind: str) -> None:
    asker = Asker(ledger, tmp_path, Http(resolve=resolve))
    for url in FORBIDDEN.values():
        # A robots file may always be asked for; for what else there is, a host's robots file comes first.
        step = {
            "a page": Step(url, 0, {}),
            "a robots file": Step(url.partition("?")[0].rstrip("/") + "/robots.txt", 0, {}),
            "a file": Step(url, 0, {}, is_file=True),
            "a feed": Step(url, 0, {}, feed=True),
            "a call": Step(url, 0, {}, method="POST", body="a=1"),
        }[kind]
        with pytest.raises(CLOSED):
            asker.guest.ask(asker.turn, step, CLOSED_SITE, None)


def at(site: Answering, ours: set[int]) -> Site:
    """Return terms by which an operator has opened nothing but that very server."""
    assert site.server is not None
    ours.add(site.server.port)
    return Site(1.0, AllowList.parse([f"127.0.0.1:{site.server.port}"]), verify_tls=True)


@SQLITE
def test_no_redirect_and_no_robots_file_that_redirects_leads_to_a_forbidden_place(
    ledger: Ledger, tmp_path: Path, ours: set[int]
) -> None:
    asker = Asker(ledger, tmp_path, Http(resolve=resolve))
    with answering({"/robots.txt": answer(b"", status="404 Not Found")}) as site:
        opened = at(site, ours)
        for number, url in enumerate(IN_A_HEADER.values()):
            site.answers[f"/{number}"] = moved_to(url)
            reply = asker.steps(site.url(f"/{number}"), 2 if number == 0 else 1, opened)
            if isinstance(reply, Redirected):
                with pytest.raises(CLOSED):
                    asker.guest.ask(asker.turn, Step(reply.url, 1, {}), opened, None)
    for url in IN_A_HEADER.values():
        with answering({"/robots.txt": moved_to(url)}) as site:
            asker.steps(site.url("/page"), 1, at(site, ours))
            # Nothing at all, where its port was an earlier one's: what that said is remembered.
            assert set(site.paths) <= {"/robots.txt"}
    assert len(rows(ledger, RobotsFile)) >= 60


def moved_to(url: str) -> bytes:
    return answer(b"", f"Location: {url.encode().decode('latin-1')}", status="301 Moved Permanently")


@SQLITE
@pytest.mark.parametrize("form", ["a listing", "a sitemap", "a feed"])
def test_nothing_that_a_listing_sitemap_or_feed_names_is_at_a_forbidden_place(
    ledger: Ledger, tmp_path: Path, form: str
) -> None:
    asker = Asker(ledger, tmp_path, Http(resolve=resolve))
    body = {
        "a listing": "<ul>{}</ul>",
        "a sitemap": "<urlset>{}</urlset>",
        "a feed": "<rss><channel>{}</channel></rss>",
    }[form]
    one = {
        "a listing": "<li><a href='{}'>整改进展情况的通报</a>2026-03-04</li>",
        "a sitemap": "<url><loc>{}</loc></url>",
        "a feed": "<item><title>整改进展情况的通报</title><link>{}</link></item>",
    }[form]
    found = 0
    for url in IN_A_HEADER.values():
        shown = body.format(one.format(url.replace("&", "&amp;")))
        listing = read_listing(shown.encode(), LISTING, "text/html", today=date(2026, 3, 5))
        for item in listing.items:
            host = urlsplit(item.url).hostname
            # What a reference means that is no address is found below the listing; an address never is.
            if host == "public.example" and urlsplit(item.url).port is None:
                continue
            found += 1
            with pytest.raises(CLOSED):
                asker.guest.ask(asker.turn, Step(item.url, 0, {}), CLOSED_SITE, None)
    assert found >= 60


@pytest.mark.parametrize("name", FORBIDDEN)
def test_no_webhook_and_no_question_of_consent_is_sent_to_a_forbidden_place(name: str) -> None:
    http, at = KeptHttp(1, resolve=resolve), SystemClock().now()
    to = Subscription(id="sub_1", kind=Channel.WEBHOOK, url=FORBIDDEN[name], allow=[], secret=BOX.seal("whsec_eA=="))
    assert isinstance(ask(http, to, ["whsec_eA=="], ASKING, at), Withheld)
    event = Event(id="e", type="notice.published", subject="n", source_id="s", occurred_at=at, data="{}", position=1)
    one = ClaimedDelivery(Delivery(id="dlv_1", attempts=0, attempts_before=0), event, to)
    ended = Postman(http, BOX, SystemClock(), ASKING, PostRules(5.0, 1.0)).attempt(one)
    assert isinstance(ended.verdict, RetryIn | Parked)
    http.close()


@SQLITE
def test_no_callback_of_the_hub_is_asked_at_a_forbidden_place(ledger: Ledger) -> None:
    details = BOX.seal(Details("https://wire.example/v1/feeds/all.atom", None, "key").to_text())
    with ledger.begin() as uow:
        for url in CALLBACKS:
            uow.intents.add(
                Intent(
                    id=new_id("int"),
                    callback=url,
                    mode="subscribe",
                    manner={"feed": "all", "form": "atom", "language": "zh"},
                    details=details,
                    lease_seconds=600,
                    next_attempt_at=uow.now(),
                    created_at=uow.now(),
                )
            )
        uow.commit()
    hub = Hub(ledger, Http(resolve=resolve), BOX, HubRules(5.0, 1.0, "noticewire/0", []))
    while hub.tend():
        hub.settle()
    hub.close()
    assert rows(ledger, Subscription) == []


def test_no_chat_is_sent_to_a_forbidden_place() -> None:
    def look_up(host: str, port: int, **_: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        return [(2, 1, 6, "", (one, port)) for one in resolve(host, port)]

    tried = 0
    for url in FORBIDDEN.values():
        try:
            host, port = urlsplit(url).hostname, urlsplit(url).port or 443
        except ValueError:
            continue
        if not host or host == "public.example":
            continue
        tried += 1
        names = GuardedNames(look_up, AllowList.parse([]), frozenset({443}))
        with pytest.raises(OSError, match="no address"):
            names(host, port)
        assert isinstance(names.refusal, Refused | Misled | Unreachable)
    assert tried >= 60
