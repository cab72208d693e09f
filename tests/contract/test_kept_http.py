"""Connections that are kept: used again, for the same place by the same leave only, and never trusted to be open."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from select import select

import pytest

from services.simulation.sink import Sink
from shared.errors import Refused, TooLarge, Unreachable
from shared.http import NOWHERE, AllowList, KeptHttp, Limits, Request
from tests.servers.hostile import answer, serving

SECRET = "whsec_" + "c2VjcmV0" * 5
LOOPBACK = AllowList.parse(["127.0.0.0/8"])
SHORT = Limits(total_seconds=5, max_bytes=1024, cut=True)


@pytest.fixture
def http() -> Iterator[KeptHttp]:
    one = KeptHttp(2)
    yield one
    one.close()


def post(http: KeptHttp, url: str, allow: AllowList = LOOPBACK) -> int:
    return http.exchange(Request("POST", url), limits=SHORT, allow=allow).status


class Talking:
    """A server that answers every request on a connection, and counts both."""

    def __init__(self, reply: bytes, times: int = 100) -> None:
        self.connections, self.requests = 0, 0
        self._reply, self._times = reply, times

    def __call__(self, peer: socket.socket) -> None:
        self.connections += 1
        for _ in range(self._times):
            self.requests += 1
            peer.sendall(self._reply)
            if not peer.recv(65536):
                return


def test_the_second_request_to_a_place_goes_over_the_same_connection(http: KeptHttp) -> None:
    with serving(talking := Talking(b"HTTP/1.1 204 No Content\r\n\r\n")) as server:
        assert [post(http, server.url()) for _ in range(5)] == [204] * 5
        http.close()
    assert (talking.connections, talking.requests) == (1, 5)


def test_a_connection_that_its_peer_closed_is_not_asked_and_the_request_is_made_once(http: KeptHttp) -> None:
    with serving(answer(b"x")) as server:
        assert [post(http, server.url()) for _ in range(4)] == [200] * 4
    assert len(server.heads) == 4


def test_a_receiver_that_answers_and_resets_is_asked_again_on_a_fresh_connection(http: KeptHttp) -> None:
    with Sink(SECRET) as sink:
        sink.fail("acknowledge_and_reset", times=3)
        for _ in range(4):
            http.exchange(Request("POST", sink.url, {}, b"{}"), limits=SHORT, allow=LOOPBACK)
        assert [one.status for one in sink.receipts()][:3] == [401] * 3
        assert len(sink.receipts()) == 4


def test_a_reset_instead_of_an_answer_is_told_and_nothing_is_kept(http: KeptHttp) -> None:
    with Sink(SECRET) as sink:
        sink.fail("reset", times=1)
        with pytest.raises(Unreachable):
            post(http, sink.url)
        assert post(http, sink.url) in (401, 503)


def test_a_connection_made_by_one_leave_serves_no_other(http: KeptHttp) -> None:
    with serving(talking := Talking(b"HTTP/1.1 204 No Content\r\n\r\n")) as server:
        assert post(http, server.url()) == 204
        with pytest.raises(Refused):
            post(http, server.url(), NOWHERE)
        http.close()
    assert talking.requests == 1


def test_an_answer_that_was_cut_ends_its_connection(http: KeptHttp) -> None:
    with serving(talking := Talking(answer(b"x" * 5000), times=1)) as server:
        assert [post(http, server.url()) for _ in range(2)] == [200, 200]
    assert talking.connections == 2


def test_no_more_connections_are_kept_than_agreed(http: KeptHttp) -> None:
    talkers = [Talking(b"HTTP/1.1 204 No Content\r\n\r\n") for _ in range(3)]
    with serving(talkers[0]) as first, serving(talkers[1]) as second, serving(talkers[2]) as third:
        for server in (first, second, third, first, third):
            assert post(http, server.url()) == 204
        http.close()
    assert [one.connections for one in talkers] == [2, 1, 1]


BROKEN_BODIES = {
    "a coding that is not known": lambda status: answer(b"x" * 40, "Content-Encoding: br", status=status),
    "a broken gzip stream": lambda status: answer(b"x" * 40, "Content-Encoding: gzip", status=status),
    "cut off": lambda status: answer(b"x", status=status, length=40),
    "a length too large": lambda status: answer(b"x", status=status, length=10**30),
}


@pytest.mark.parametrize("broken", BROKEN_BODIES)
@pytest.mark.parametrize("status", ["200 OK", "500 Internal Server Error"])
def test_where_the_status_is_what_counts_a_body_that_breaks_is_left_out(
    http: KeptHttp, broken: str, status: str
) -> None:
    with serving(BROKEN_BODIES[broken](status)) as server:
        request = Request("POST", server.url(), {}, b"{}")
        found = http.exchange(request, limits=replace(SHORT, excerpt=True), allow=LOOPBACK)
        assert (found.status, found.body, found.cut) == (int(status[:3]), b"", True)
        assert len(server.heads) == 1
        with pytest.raises((Unreachable, TooLarge)):
            http.exchange(request, limits=SHORT, allow=LOOPBACK)
        assert len(server.heads) == 2, "its connection was not kept"


def test_a_body_that_never_ends_takes_no_longer_than_is_granted_and_the_status_stays(http: KeptHttp) -> None:
    def drip(peer: socket.socket) -> None:
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while True:
            peer.sendall(b"x")
            if peer in select([peer], [], [], 0.05)[0]:
                return

    with serving(drip) as server:
        limits = Limits(total_seconds=0.5, max_bytes=1024, cut=True, excerpt=True)
        assert http.exchange(Request("POST", server.url()), limits=limits, allow=LOOPBACK).status == 200
