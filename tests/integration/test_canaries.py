"""Every way in which somebody else names an address, tried with canaries behind it: none is ever asked (I11)."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.capture import Capture
from crawler.guest import Guest
from crawler.loop import CrawlLoop
from crawler.manners import Broken, Redirected, Site, Step
from crawler.schedule import Cadence
from services.desk.watching import Watch, watch
from services.simulation.sink import Sink
from shared.blobs import FolderBlobs
from shared.clock import SystemClock
from shared.db import Ledger
from shared.db.errands import ClaimedDelivery
from shared.db.models import Delivery, Event, Intent, RobotsFile, Subscription, Target
from shared.db.turns import open_turns
from shared.domain.states import Channel, Outcome
from shared.errors import Misled, Refused, Unreachable
from shared.http import AllowList, Http, KeptHttp, Request
from shared.http.guard import system_resolver
from shared.ids import new_id
from tests.integration.asking import MANNERS, Asker, answering
from tests.integration.scene import BOX, RecordingBell, rows
from tests.servers.canaries import HOME, Canaries, listening
from tests.servers.hostile import answer
from worker.deliver.consent import Asking, Withheld, ask
from worker.deliver.hub import Hub, HubRules
from worker.deliver.messenger import send
from worker.deliver.messenger_child import GuardedNames
from worker.deliver.post import Postman, PostRules
from worker.deliver.retry import Delivered, Parked, RetryIn
from worker.deliver.services import chat_of
from worker.deliver.websub import Details

# The operator allows one address on this machine, on every port, so that nothing but the address can be refused.
ALLOWED = ["127.0.0.1"]
SITE = Site(1.0, AllowList.parse(ALLOWED), verify_tls=True)
NOT_FOUND = answer(b"", status="404 Not Found")
FORMS = ("dotted", "decimal", "hexadecimal", "octal", "short", "mapped", "IPv6", "a name", "one of two")
NAMES = ("a name", "one of two")
"""Of these: what leads to a canary only by what a name server says."""
SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SECRET = "whsec_" + "c2VjcmV0" * 5
ASKING = Asking("wire.example", "noticewire/0")


@pytest.fixture
def canaries() -> Iterator[Canaries]:
    with listening() as canaries:
        yield canaries


def resolver(canaries: Canaries) -> Callable[[str, int], Sequence[str]]:
    """Return a lookup that knows the canaries' names, and numbers as the system does."""
    return lambda host, port: canaries.names.get(host) or system_resolver(host, port)


@SQLITE
def test_no_page_file_feed_or_call_leads_to_a_private_address(
    ledger: Ledger, tmp_path: Path, canaries: Canaries
) -> None:
    asker = Asker(ledger, tmp_path, Http(resolve=resolver(canaries)))
    page = Step("", 0, {})
    kinds = (page, replace(page, is_file=True), replace(page, feed=True), replace(page, method="POST", body="a=1"))
    for form, kind in zip(FORMS, itertools.cycle(kinds), strict=False):
        step = replace(kind, url=f"http://{canaries.forms[form]}/a/")
        with pytest.raises(Misled if form in NAMES else Refused):
            asker.guest.ask(asker.turn, step, SITE, None)


@SQLITE
def test_no_redirect_leads_to_a_private_address(ledger: Ledger, tmp_path: Path, canaries: Canaries) -> None:
    asker = Asker(ledger, tmp_path, Http(resolve=resolver(canaries)))
    with answering({"/robots.txt": NOT_FOUND}) as site:
        for form in FORMS:
            location = f"Location: http://{canaries.forms[form]}/robots.txt"
            path = f"/{form.replace(' ', '-')}"
            site.answers[path] = answer(b"", location, status="302 Found")
            reply = asker.steps(site.url(path), site=SITE)
            assert isinstance(reply, Redirected)
            # What follows is another round's; a robots file is always allowed, so that its own is not asked first.
            with pytest.raises(Misled if form in NAMES else Refused):
                asker.guest.ask(asker.turn, Step(reply.url, 1, {}), SITE, None)
        for form in ("file:///etc/passwd", "gopher://127.0.0.1:1/_", "ftp://127.0.0.1/", "data:text/html,x"):
            site.answers["/other"] = answer(b"", f"Location: {form}", status="302 Found")
            assert isinstance(asker.steps(site.url("/other"), 1, SITE), Broken)


@SQLITE
def test_no_robots_file_is_fetched_from_a_private_address(ledger: Ledger, tmp_path: Path, canaries: Canaries) -> None:
    asker = Asker(ledger, tmp_path, Http(resolve=resolver(canaries)))
    for form in ("decimal", "mapped", "a name", "one of two"):
        location = f"Location: http://{canaries.forms[form]}/robots.txt"
        with answering({"/robots.txt": answer(b"", location, status="301 Moved Permanently")}) as site:
            asker.steps(site.url(), 3, SITE)
            assert set(site.paths) == {"/robots.txt"}
    copies = rows(ledger, RobotsFile)
    assert len([one for one in copies if one.error]) == 4
    assert not [one for one in copies if HOME in (one.error or "")]


@SQLITE
def test_no_listing_or_sitemap_leads_to_a_private_address(ledger: Ledger, tmp_path: Path, canaries: Canaries) -> None:
    hosts = list(canaries.forms.values())
    links = "".join(
        f"<li><a href='http://{host}/{n}.html'>整改通报{n}</a>2026-03-04</li>" for n, host in enumerate(hosts)
    )
    index = "".join(f"<sitemap><loc>http://{host}/map.xml</loc></sitemap>" for host in hosts)
    answers = {
        "/robots.txt": answer("\n".join(f"Sitemap: http://{host}/map.xml" for host in hosts).encode()),
        "/a/": answer(f"<ul>{links}</ul>".encode(), "Content-Type: text/html; charset=utf-8"),
        "/map.xml": answer(f"<sitemapindex>{index}</sitemapindex>".encode(), "Content-Type: application/xml"),
    }
    turns = open_turns(ledger, tmp_path / "turns")
    guest = Guest(ledger, turns, Http(resolve=resolver(canaries)), MANNERS)
    cadence = Cadence(listing=1800.0, detail_first=3600.0, detail_last=86400.0, gone_again=3600.0)
    capture = Capture(ledger, FolderBlobs(tmp_path / "blobs"), RecordingBell(), cadence, pages=5)
    loop = CrawlLoop(ledger, turns, guest, capture, lease_seconds=30.0)
    with answering(answers) as site:
        for path in ("/a/", "/map.xml"):
            watch(ledger, Watch(site.url(path), allow=ALLOWED, hosts=["*"]))
        for _ in range(4 * len(hosts)):
            for name in {one.host for one in rows(ledger, Target)}:
                with turns.take(name) as turn:
                    assert turn is not None, "the host's turn is free"
                    turn.hold_for(0.0)
            loop.round()
    named = [one for one in rows(ledger, Target) if str(canaries.port) in one.url]
    assert named, "they were found"
    assert Outcome.CAPTURED not in {one.last_outcome for one in named}


@pytest.mark.parametrize("form", FORMS)
def test_no_webhook_and_no_question_of_consent_reaches_a_private_address(canaries: Canaries, form: str) -> None:
    http, at = KeptHttp(4, resolve=resolver(canaries)), SystemClock().now()
    to = Subscription(
        id="sub_1",
        kind=Channel.WEBHOOK,
        url=f"http://{canaries.forms[form]}/",
        allow=ALLOWED,
        secret=BOX.seal("whsec_eA=="),
    )
    answered = ask(http, to, ["whsec_eA=="], ASKING, at)
    assert isinstance(answered, Withheld)
    event = Event(id="e", type="notice.published", subject="n", source_id="s", occurred_at=at, data="{}", position=1)
    one = ClaimedDelivery(Delivery(id="dlv_1", attempts=0, attempts_before=0), event, to)
    ended = Postman(http, BOX, SystemClock(), ASKING, PostRules(5.0, 1.0)).attempt(one)
    verdict = RetryIn if form in NAMES else Parked
    assert isinstance(ended.verdict, verdict), "what is written out stays so; a name may be mended"
    assert ended.attempt is not None
    for said in (answered.reason, ended.attempt["error"]):
        assert HOME in to.url or HOME not in said


def test_a_webhook_whose_name_leads_to_a_private_address_for_a_while_is_brought_once_it_does_not(
    canaries: Canaries,
) -> None:
    found = iter([[HOME], ["127.0.0.1", HOME], ["127.0.0.1"]])
    http, at = KeptHttp(4, resolve=lambda *_: next(found)), SystemClock().now()
    event = Event(id="e", type="notice.published", subject="n", source_id="s", occurred_at=at, data="{}", position=1)
    with Sink(SECRET, bind="127.0.0.1") as sink:
        to = Subscription(
            id="sub_1",
            kind=Channel.WEBHOOK,
            url=f"http://hook.example:{sink.port}/",
            allow=ALLOWED,
            secret=BOX.seal(SECRET),
        )
        one = ClaimedDelivery(Delivery(id="dlv_1", attempts=0, attempts_before=0), event, to)
        postman = Postman(http, BOX, SystemClock(), ASKING, PostRules(5.0, 1.0))
        verdicts = [type(postman.attempt(one).verdict) for _ in range(3)]
        http.close()
        assert [one.headers["webhook-id"] for one in sink.receipts()] == ["e"]
    assert verdicts == [RetryIn, RetryIn, Delivered]


def test_no_kept_connection_serves_a_name_that_has_moved_to_a_private_address(canaries: Canaries) -> None:
    found = iter([["127.0.0.1"], [HOME]])
    http = KeptHttp(4, resolve=lambda *_: next(found))
    with answering({"/": answer(b"x")}) as site:
        assert site.server is not None
        request = Request("POST", f"http://moving.example:{site.server.port}/")
        assert http.exchange(request, allow=AllowList.parse(ALLOWED)).status == 200
        http.close()
    elsewhere = Request("POST", f"http://moving.example:{canaries.port}/")
    with pytest.raises(Misled):
        http.exchange(elsewhere, allow=AllowList.parse(ALLOWED))


@SQLITE
def test_no_callback_of_the_hub_has_a_private_address(ledger: Ledger, canaries: Canaries) -> None:
    details = BOX.seal(Details("https://wire.example/v1/feeds/all.atom", None, "key").to_text())
    with ledger.begin() as uow:
        for form in FORMS:
            intent = Intent(
                id=new_id("int"),
                callback=f"http://{canaries.forms[form]}/callback",
                mode="subscribe",
                manner={"feed": "all", "form": "atom", "language": "zh"},
                details=details,
                lease_seconds=600,
                next_attempt_at=uow.now(),
                created_at=uow.now(),
            )
            uow.intents.add(intent)
        uow.commit()
    hub = Hub(ledger, Http(resolve=resolver(canaries)), BOX, HubRules(5.0, 1.0, "noticewire/0", ALLOWED))
    while hub.tend():
        hub.settle()
    hub.close()
    asked_again = {f"http://{canaries.forms[form]}/callback" for form in NAMES}
    assert {one.callback for one in rows(ledger, Intent)} == asked_again
    assert rows(ledger, Subscription) == []


@pytest.mark.timeout(120)
@pytest.mark.parametrize("host", [HOME, "2130706498"])
def test_no_mail_server_has_a_private_address(canaries: Canaries, host: str) -> None:
    chat = chat_of(f"mailto://{host}:{canaries.port}?mode=insecure&from=wire@notice.example&to=reader@there.example")
    with pytest.raises(Refused):
        send(chat, "title", "body", AllowList.parse(ALLOWED))


def test_a_messenger_reaches_no_address_that_was_not_judged() -> None:
    """Each lookup is judged by itself: what apprise looks up a second time, or is redirected to, is no way round."""
    answers = iter([["93.184.216.34"], [HOME], ["93.184.216.34", HOME]])
    asked: list[str] = []

    def look_up(host: str, port: int, **_: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        asked.append(host)
        literal = host[:1].isdigit()
        return [(2, 1, 6, "", (one, port)) for one in ([host] if literal else next(answers))]

    names = GuardedNames(look_up, AllowList.parse([]), frozenset({443}))
    assert [entry[4] for entry in names("chat.example", 443)] == [("93.184.216.34", 443)]
    assert names.refusal is None
    for host, port in [
        ("chat.example", 443),
        ("chat.example", 443),
        (HOME, 443),
        ("::1", 443),
        ("93.184.216.34", 8080),
    ]:
        with pytest.raises(OSError, match="no address"):
            names(host, port)
        assert isinstance(names.refusal, Refused | Misled | Unreachable)
