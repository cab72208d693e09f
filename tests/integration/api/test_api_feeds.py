"""Feeds over the API: valid, complete with their archives, and cheap for those who come again."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from lxml import etree

from services.api import feeds
from services.api.feeds import Shelf
from services.desk import feeding, filtering
from services.desk.tokens import revoke
from shared.db.models import Event
from shared.domain.filters import Filter
from shared.domain.states import Scope
from shared.syndication import ATOM, HISTORY
from tests.integration.api.asgi import Answer, Client
from tests.integration.api.world import World, open_world
from tests.standards.jsonfeed import flaws_of

SCHEMA = etree.RelaxNG(etree.parse(Path(__file__).parents[2] / "standards" / "atom.rng"))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path) as world:
        yield world


@pytest.fixture
def client(world: World) -> Client:
    return world.client(Scope.READ)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Archives of four positions, and a newest document of at least three entries."""
    monkeypatch.setattr(feeding, "SPAN", 4)
    monkeypatch.setattr(feeding, "NEWEST", 3)


def feed(answer: Answer) -> etree._Element:
    assert answer.status == 200, answer.body
    assert answer.headers["content-type"] == "application/atom+xml"
    found = etree.fromstring(answer.body)
    SCHEMA.assertValid(found)
    return found


def ids(found: etree._Element) -> list[str]:
    return [str(one.text) for one in found.iterfind(f"{{{ATOM}}}entry/{{{ATOM}}}id")]


def link(found: etree._Element, relation: str) -> str | None:
    [one] = found.xpath(f"a:link[@rel='{relation}']/@href", namespaces={"a": ATOM}) or [None]
    return one and str(one).replace("http://127.0.0.1", "")


def wanted(world: World, **types: object) -> list[str]:
    with world.ledger.reading() as uow:
        events = uow.events.after(0, limit=500)
    return [f"urn:uuid:{one.id}" for one in events if not types or one.type in types["types"]]  # type: ignore[operator]


def test_a_feed_shows_events_as_entries_the_newest_first(world: World, client: Client) -> None:
    world.publish("a", "b")
    found = feed(client.get("/v1/feeds/all.atom"))
    assert ids(found) == wanted(world)[::-1]
    assert found.findtext(f"{{{ATOM}}}entry/{{{ATOM}}}title") == "发布：《公告 b》"
    assert feed(client.get("/v1/feeds/all.atom?lang=en")).findtext(f".//{{{ATOM}}}entry/{{{ATOM}}}title") == (
        "Published: 公告 b"
    )


def test_the_json_feed_tells_the_same(world: World, client: Client) -> None:
    world.publish("a", "b")
    answer = client.get("/v1/feeds/all.json")
    told = json.loads(answer.body)
    assert (answer.headers["content-type"], flaws_of(told)) == ("application/feed+json", [])
    assert [item["id"] for item in told["items"]] == wanted(world)[::-1]
    assert urlsplit(told["feed_url"]).path == "/v1/feeds/all.json"


def test_a_feed_holds_what_its_saved_filter_wants(world: World, client: Client) -> None:
    filtering.save(world.ledger, "revisions", Filter.parse({"types": ["notice.revised"]}))
    world.notice("a", ["first", "second"])
    world.relay()
    assert ids(feed(client.get("/v1/feeds/revisions.atom"))) == wanted(world, types=["notice.revised"])
    filtering.change(world.ledger, "revisions", Filter.parse({"types": ["notice.published"]}))
    assert ids(feed(client.get("/v1/feeds/revisions.atom"))) == wanted(world, types=["notice.published"])
    assert client.get("/v1/feeds/nobody.atom").status == 404
    assert client.get("/v1/feeds/all.rss").status == 404


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("count", [0, 1, 3, 4, 5, 8, 15])
def test_newest_and_archives_together_hold_every_event_once(world: World, client: Client, count: int) -> None:
    world.publish(*(f"n{number}" for number in range(count)))
    found = feed(client.get("/v1/feeds/all.atom"))
    read = ids(found)
    assert found.find(f"{{{HISTORY}}}archive") is None
    while (older := link(found, "prev-archive")) is not None:
        found = feed(client.get(older))
        assert found.find(f"{{{HISTORY}}}archive") is not None
        assert link(found, "current") == "/v1/feeds/all.atom"
        read += ids(found)
    assert read == wanted(world)[::-1]


@pytest.mark.usefixtures("short")
def test_every_page_of_a_json_feed_is_valid_and_together_they_hold_every_event_once(
    world: World, client: Client
) -> None:
    world.notice("a", ["first", "second"])
    world.publish(*(f"n{number}" for number in range(8)))
    read, address = [], "/v1/feeds/all.json?lang=en"
    while address:
        told = json.loads(client.get(address).body)
        assert flaws_of(told) == []
        read += [item["id"] for item in told["items"]]
        there = urlsplit(told.get("next_url", ""))
        address = f"{there.path}?{there.query}" if there.path else ""
    assert read == wanted(world)[::-1]


@pytest.mark.usefixtures("short")
def test_an_archive_stays_as_it_is_whatever_happens_later(world: World, client: Client) -> None:
    world.publish(*"abcdefgh")
    before = client.get("/v1/feeds/all.atom?archive=0")
    world.publish(*"ijklmnopq")
    after = client.get("/v1/feeds/all.atom?archive=0")
    assert (after.body, after.headers["etag"]) == (before.body, before.headers["etag"])
    assert "not whole yet" in client.get("/v1/feeds/all.atom?archive=4").detail


def stamp(world: World, position: int, at: datetime) -> None:
    """Let an event have got its position at a time."""
    with world.ledger.begin() as uow:
        uow._session.query(Event).where(Event.position == position).update({"stamped_at": at})
        uow.commit()


def test_a_change_within_the_second_of_the_last_one_is_never_hidden_by_its_date(world: World, client: Client) -> None:
    """HTTP dates know only seconds: a document has none while another change may still fall into the same one."""
    world.publish("a")
    assert "last-modified" not in client.get("/v1/feeds/all.atom").headers
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    world.publish("b")
    stamp(world, 1, noon)
    stamp(world, 2, noon + timedelta(seconds=0.2))
    world.app.state.shelf = Shelf()
    dated = {"if-modified-since": client.get("/v1/feeds/all.atom").headers["last-modified"]}
    assert dated == {"if-modified-since": "Sun, 01 Mar 2026 12:00:01 GMT"}
    assert client.get("/v1/feeds/all.atom", headers=dated).status == 304
    world.publish("c")
    stamp(world, 3, noon + timedelta(seconds=1))
    assert client.get("/v1/feeds/all.atom", headers=dated).status == 200


def test_who_comes_again_is_told_that_nothing_has_changed(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "SETTLED", timedelta(minutes=-1))
    filtering.save(world.ledger, "revisions", Filter.parse({"types": ["notice.revised"]}))
    world.notice("a", ["first", "second"])
    world.relay()
    for name in ("revisions.atom", "revisions.json", "all.atom"):
        first = client.get(f"/v1/feeds/{name}")
        assert first.headers["cache-control"] == "private, no-cache"
        for condition in (
            {"if-none-match": first.headers["etag"]},
            {"if-modified-since": first.headers["last-modified"]},
        ):
            again = client.get(f"/v1/feeds/{name}", headers=condition)
            assert (again.status, again.body, again.headers["etag"]) == (304, b"", first.headers["etag"])
    etag = client.get("/v1/feeds/revisions.atom").headers["etag"]
    world.publish("b")  # nothing that this filter wants
    assert client.get("/v1/feeds/revisions.atom", headers={"if-none-match": f'"x", W/{etag}'}).status == 304
    world.notice("c", ["first", "second"])
    world.relay()
    assert client.get("/v1/feeds/revisions.atom", headers={"if-none-match": etag}).status == 200


def test_a_read_only_token_in_the_address_opens_feeds_and_stands_in_their_links(world: World) -> None:
    world.publish("a")
    token, text = world.token(Scope.READ)
    nobody = Client(world.app)
    found = feed(nobody.get(f"/v1/feeds/all.atom?token={text}"))
    assert link(found, "self") == f"/v1/feeds/all.atom?token={text}"
    assert nobody.get("/v1/feeds/all.atom").status == 401
    assert nobody.get(f"/v1/notices?token={text}").status == 401
    assert nobody.get(f"/v1/feeds/all.atom?token={world.token(Scope.ADMIN)[1]}").status == 403
    revoke(world.ledger, token.id)
    assert nobody.get(f"/v1/feeds/all.atom?token={text}").status == 401


def test_links_are_those_of_the_public_address_if_there_is_one(tmp_path: Path) -> None:
    with open_world(tmp_path, public_url="https://wire.example/notices/") as world:
        found = feed(world.client(Scope.READ).get("/v1/feeds/all.atom?lang=en"))
        assert link(found, "self") == "https://wire.example/notices/v1/feeds/all.atom?lang=en"
