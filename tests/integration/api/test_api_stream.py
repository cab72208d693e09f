"""The event stream through a real server: each position once and in order, whatever is cut off in between."""

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random
from urllib.parse import quote, urlsplit

import pytest

from services.api.app import create_app
from services.api.frames import Reader, read_page
from services.api.serve import Server
from services.api.tail import Rhythm, Tail
from services.desk import filtering
from services.desk.subscribing import Webhook, subscribe, unsubscribe
from services.desk.tokens import revoke, rotate
from shared.chime import STAMPED
from shared.domain.filters import Filter
from shared.domain.states import Scope
from shared.envelope import envelope
from tests.integration.api.live import Listener, dispatched, serving, wait_until
from tests.integration.api.world import World, open_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path) as world:
        yield world


@pytest.fixture
def server(world: World) -> Iterator[Server]:
    with serving(world) as server:
        yield server


@pytest.fixture
def bearer(world: World) -> dict[str, str]:
    return {"Authorization": f"Bearer {world.token(Scope.READ)[1]}"}


def tail_of(world: World) -> Tail:
    tail: Tail = world.app.state.tail
    return tail


def test_a_reader_hears_of_what_happens_from_now_on(world: World, server: Server, bearer: dict[str, str]) -> None:
    world.publish("before")
    with Listener(server.address, headers=bearer) as listener:
        assert listener.response.status == 200
        assert listener.response.headers["content-type"].startswith("text/event-stream")
        assert listener.response.headers["cache-control"] == "no-store"
        world.publish("a", "b")
        heard = listener.take(2)
    assert [told.id for told in heard] == ["2", "3"]
    assert {told.event for told in heard} == {"org.noticewire.notice.published"}
    with world.ledger.reading() as uow:
        assert [told.data for told in heard] == [json.loads(envelope(event)) for event in uow.events.after(1)]


def test_the_data_is_the_envelope_byte_for_byte(world: World, server: Server, bearer: dict[str, str]) -> None:
    world.publish("a")
    with world.ledger.reading() as uow:
        wanted = b"data: " + envelope(uow.events.after(0)[0])
    with Listener(server.address, "?after=0", bearer) as listener:
        line = next(line for line in listener.lines() if line.startswith("data:"))
    assert line.encode() == wanted


def test_last_event_id_wins_over_the_address_for_the_address_stays_as_it_was(
    world: World, server: Server, bearer: dict[str, str]
) -> None:
    world.publish(*"abcd")
    with Listener(server.address, "?after=0", bearer | {"Last-Event-ID": "2"}) as listener:
        assert [told.id for told in listener.take(2)] == ["3", "4"]


def test_a_reader_cut_off_at_random_bytes_hears_each_position_once_and_in_order(
    world: World, server: Server, bearer: dict[str, str]
) -> None:
    random, last_id, published = Random(7), "0", 0
    heard: list[str] = []
    for _ in range(200):
        fresh = [f"n{published + number}" for number in range(random.randint(1, 6))] if published < 60 else []
        published += len(fresh)
        with Listener(server.address, headers=bearer | {"Last-Event-ID": last_id}) as listener:
            world.publish(*fresh)
            whole = [told.id for told in dispatched(listener.part(random.randint(1, 2500)))]
            listener.cut()
        heard += whole
        last_id = heard[-1] if heard else last_id
        if len(heard) == published >= 60:
            break
    assert heard == [str(position) for position in range(1, published + 1)]


def test_a_reader_cut_off_before_its_first_event_resumes_from_where_it_joined(
    world: World, server: Server, bearer: dict[str, str]
) -> None:
    world.publish("before")
    with Listener(server.address, headers=bearer) as listener:
        lines = listener.lines()
        opening = [next(lines), next(lines), next(lines)]
    assert opening == ["retry: 3000", "id: 1", ""]
    world.publish("missed")
    with Listener(server.address, headers=bearer | {"Last-Event-ID": "1"}) as listener:
        assert listener.take(1)[0].id == "2"


def test_a_position_that_was_never_handed_out_resets_the_reader_to_now(
    world: World, server: Server, bearer: dict[str, str]
) -> None:
    world.publish("a")
    with Listener(server.address, "?after=9", bearer) as listener:
        reset = listener.take(1)[0]
        assert (reset.event, reset.id) == ("reset", "1")
        assert (reset.data["asked"], reset.data["after"], reset.data["last_position"]) == (9, 1, 1)
        world.publish("b")
        assert listener.take(1)[0].id == "2"


def test_only_the_types_asked_for_are_streamed(world: World, server: Server, bearer: dict[str, str]) -> None:
    world.notice("a", ["first", "second"])
    world.relay()
    with Listener(server.address, "?after=0&type=notice.revised", bearer) as listener:
        assert listener.take(1)[0].id == "2"
        world.publish("b")
        world.notice("c", ["first", "second"])
        world.relay()
        heard = listener.take(1)[0]
    assert (heard.id, heard.event) == ("5", "org.noticewire.notice.revised")


def test_a_quiet_stream_says_that_it_lives(world: World, server: Server, bearer: dict[str, str]) -> None:
    with Listener(server.address, headers=bearer) as listener:
        comments = [line for _, line in zip(range(8), listener.lines(), strict=False) if line.startswith(":")]
    assert comments


def test_a_read_only_token_in_the_address_will_do(world: World, server: Server) -> None:
    world.publish("a")
    with Listener(server.address, f"?after=0&token={world.token(Scope.READ)[1]}") as listener:
        assert listener.take(1)[0].id == "1"


def test_a_stream_ends_soon_after_its_token_was_revoked(world: World, server: Server) -> None:
    token, text = world.token(Scope.READ)
    with (
        Listener(server.address, f"?token={text}") as listener,
        Listener(server.address, f"?token={world.token(Scope.READ)[1]}") as other,
    ):
        revoke(world.ledger, token.id)
        assert list(listener.told()) == []
        world.publish("a")
        assert other.take(1)[0].id == "1"


def test_a_stream_opened_with_an_old_secret_ends_when_that_does_and_not_before(world: World, server: Server) -> None:
    kept, old = world.token(Scope.READ)
    gone, useless = world.token(Scope.READ)
    with (
        Listener(server.address, f"?token={old}") as overlapping,
        Listener(server.address, f"?token={useless}") as ended,
    ):
        rotate(world.ledger, kept.id, overlap_seconds=3600)
        rotate(world.ledger, gone.id)
        assert list(ended.told()) == []
        world.publish("a")
        assert overlapping.take(1)[0].id == "1"


@pytest.mark.parametrize("position", ["x", "-1", "1.5", "١", "9" * 30])
def test_a_last_event_id_that_is_no_position_is_refused(server: Server, bearer: dict[str, str], position: str) -> None:
    headers = bearer | {"Last-Event-ID": position.encode().decode("latin-1")}
    with Listener(server.address, headers=headers) as listener:
        assert listener.response.status == 422
        assert listener.response.headers["content-type"] == "application/problem+json"


def test_a_reader_that_does_not_read_holds_nobody_up(world: World, server: Server, bearer: dict[str, str]) -> None:
    host, port = urlsplit(server.address).hostname, urlsplit(server.address).port
    with ExitStack() as stack:
        sleeper = stack.enter_context(socket.create_connection((host, port)))
        sleeper.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        head = f"GET /v1/events/stream HTTP/1.1\r\nHost: x\r\nAuthorization: {bearer['Authorization']}\r\n\r\n"
        sleeper.sendall(head.encode())
        readers = [stack.enter_context(Listener(server.address, headers=bearer)) for _ in range(20)]
        wait_until(lambda: tail_of(world).readers == 21)
        names = [f"n{number}" for number in range(30)]
        world.publish(*names)
        for reader in readers:
            assert [told.id for told in reader.take(30)] == [str(number) for number in range(1, 31)]
    wait_until(lambda: tail_of(world).readers == 0)


@pytest.mark.timeout(60)
def test_a_reader_that_reads_late_gets_everything_once_and_in_order(
    world: World, server: Server, bearer: dict[str, str]
) -> None:
    with Listener(server.address, headers=bearer) as late, Listener(server.address, headers=bearer) as prompt:
        world.publish("a")
        assert [late.take(1)[0].id, prompt.take(1)[0].id] == ["1", "1"]
        world.publish_bulky(120, 100_000)
        for name in "bcd":
            world.publish(name)
            prompt.take(1)
        prompt.take(120)
        world.publish("e")
        assert [told.id for told in late.take(124)] == [str(number) for number in range(2, 126)]


def test_a_reader_of_http_1_0_is_sent_no_chunks(world: World, server: Server, bearer: dict[str, str]) -> None:
    host, port = urlsplit(server.address).hostname, urlsplit(server.address).port
    with socket.create_connection((host, port), timeout=10) as reader, reader.makefile("rb") as answer:
        reader.sendall(f"GET /v1/events/stream HTTP/1.0\r\nAuthorization: {bearer['Authorization']}\r\n\r\n".encode())
        while answer.readline().strip():
            continue
        assert [answer.readline(), answer.readline(), answer.readline()] == [b"retry: 3000\n", b"id: 0\n", b"\n"]
        world.publish("a")
        lines = iter(answer.readline, b"")
        assert next(line for line in lines if not line.startswith(b":") and line.strip()) == b"id: 1\n"


def test_a_reader_far_behind_catches_up_from_the_ledger(world: World, server: Server, bearer: dict[str, str]) -> None:
    with world.ledger.begin() as uow:
        assert uow.events.last_position() == 0
    world.notice("a", [f"text {number}" for number in range(120)])
    world.relay()
    with Listener(server.address, headers=bearer), Listener(server.address, "?after=0", bearer) as listener:
        assert [told.id for told in listener.take(120)] == [str(number) for number in range(1, 121)]


@pytest.mark.timeout(60)
def test_a_chime_brings_an_event_without_waiting_for_the_next_look(tmp_path: Path, queue_url: str) -> None:
    with open_world(tmp_path, redis_url=queue_url) as world:
        world.app = create_app(world.wiring, Rhythm(look_seconds=600))
        bearer = {"Authorization": f"Bearer {world.token(Scope.READ)[1]}"}
        with serving(world) as server, Listener(server.address, headers=bearer) as listener:
            for name in "ab":
                world.publish(name)
                world.wiring.chime.strike(STAMPED)
            assert [told.id for told in listener.take(2)] == ["1", "2"]


def test_a_stream_shows_what_a_saved_filter_wants(world: World, server: Server, bearer: dict[str, str]) -> None:
    filtering.save(world.ledger, "revisions", Filter.parse({"types": ["notice.revised"]}))
    filtering.save(world.ledger, "b-only", Filter.parse({"keywords": ["公告 b"]}))
    world.notice("a", ["first", "second"])
    world.relay()
    with (
        Listener(server.address, "?after=0&filter=revisions", bearer) as one,
        Listener(server.address, "?after=0&filter=b-only&type=notice.published", bearer) as other,
    ):
        assert one.take(1)[0].id == "2"
        world.notice("b", ["first", "second"])
        world.relay()
        assert one.take(1)[0].id == "4"
        assert other.take(1)[0].id == "3"


def test_a_reader_far_behind_finds_the_few_events_that_its_filter_wants(
    world: World, server: Server, bearer: dict[str, str]
) -> None:
    filtering.save(world.ledger, "published", Filter.parse({"types": ["notice.published"]}))
    world.notice("a", [f"text {number}" for number in range(120)])
    world.publish("b")
    with Listener(server.address, headers=bearer), Listener(server.address, "?after=1&filter=published", bearer) as two:
        assert two.take(1)[0].id == "121"


def test_a_stream_takes_the_conditions_of_the_events_by_cursor(
    world: World, server: Server, bearer: dict[str, str]
) -> None:
    world.publish("a", "b")
    asked = f"keyword={quote('公告 b')}"
    with Listener(server.address, f"?after=0&{asked}&type=notice.published", bearer) as listener:
        assert listener.take(1)[0].id == "2"
        world.publish("c")
        world.publish("b2")
        assert listener.take(1)[0].id == "4"
    for wrong in (f"{asked}&filter=mine", f"{asked}&subscription=sub_1", "due_from=soon"):
        with Listener(server.address, f"?{wrong}", bearer) as listener:
            assert listener.response.status == 422


def test_a_stream_follows_its_filter_and_ends_with_it(world: World, server: Server, bearer: dict[str, str]) -> None:
    filtering.save(world.ledger, "mine", Filter.parse({"types": ["notice.revised"]}))
    with Listener(server.address, "?after=0&filter=mine", bearer) as listener:
        filtering.change(world.ledger, "mine", Filter.parse({"types": ["notice.published"]}))
        reader = next(iter(wait_for_readers(world)))
        wait_until(lambda: reader.asked and reader.asked.wanted.types == ("notice.published",))
        world.publish("a")
        assert listener.take(1)[0].id == "1"
        filtering.remove(world.ledger, "mine")
        assert list(listener.told()) == []
    with Listener(server.address, "?filter=mine", bearer | {"Last-Event-ID": "1"}) as listener:
        assert listener.response.status == 204
    with Listener(server.address, "?filter=mine", bearer) as listener:
        assert listener.response.status == 404
    with Listener(server.address, "?filter=mine&subscription=sub_1", bearer) as listener:
        assert listener.response.status == 422


def wait_for_readers(world: World) -> set[Reader]:
    wait_until(lambda: tail_of(world).readers)
    return set(tail_of(world)._readers)


def test_a_stream_of_a_subscription_shows_what_that_wants_and_is_gone_with_it(
    world: World, server: Server, bearer: dict[str, str]
) -> None:
    wanted = Filter.parse({"types": ["notice.revised"]})
    made, _ = subscribe(world.ledger, world.wiring.box, Webhook("https://hook.example/in", wanted=wanted))
    world.notice("a", ["first", "second"])
    world.relay()
    with Listener(server.address, f"?after=0&subscription={made.id}", bearer) as listener:
        assert listener.take(1)[0].id == "2"
        unsubscribe(world.ledger, made.id)
        assert list(listener.told()) == []
    with Listener(server.address, f"?subscription={made.id}&after=2", bearer) as listener:
        assert listener.response.status == 204


def test_a_reader_whose_next_events_are_no_longer_kept_is_told_so(
    world: World, server: Server, bearer: dict[str, str]
) -> None:
    world.notice("a", [f"text {number}" for number in range(5)])
    world.relay()
    with world.ledger.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM events WHERE position <= 3")
    with Listener(server.address, "?after=1", bearer) as listener:
        reset, first = listener.take(2)
    assert (reset.event, reset.id, reset.data["first_position"]) == ("reset", "3", 4)
    assert first.id == "4"
    page = read_page(world.ledger, 1, Reader("key"))
    assert page.lost
