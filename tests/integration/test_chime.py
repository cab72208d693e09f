"""The chime through a real queue server, one that is frozen, and one that is not there."""

import socket
from collections.abc import Callable, Iterator
from threading import Event

import pytest
from redis import Redis

from shared.chime import RECORDED, STAMPED, Chime, Ear


class Heard:
    """How often somebody heard."""

    def __init__(self) -> None:
        self._flag = Event()

    def __call__(self) -> None:
        self._flag.set()

    def again(self) -> bool:
        """Wait for the next time."""
        heard = self._flag.wait(20)
        self._flag.clear()
        return heard


@pytest.fixture
def chime_at() -> Iterator[Callable[[str], Chime]]:
    made: list[Chime] = []

    def make(url: str) -> Chime:
        made.append(Chime(url))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def ear_at() -> Iterator[Callable[[str, Callable[[], None]], Ear]]:
    made: list[Ear] = []

    def make(url: str, heard: Callable[[], None]) -> Ear:
        made.append(Ear(url, STAMPED, heard))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.mark.timeout(60)
def test_what_is_struck_is_heard_by_everybody_who_listens_for_it(
    queue_url: str, chime_at: Callable[[str], Chime], ear_at: Callable[[str, Callable[[], None]], Ear]
) -> None:
    both = Heard(), Heard()
    for heard in both:
        ear_at(queue_url, heard)
        assert heard.again(), "one looks once when one begins to listen"
    chime = chime_at(queue_url)
    for _ in range(3):
        chime.strike(STAMPED)
        assert all(heard.again() for heard in both)
    chime.strike(RECORDED)
    chime.strike(STAMPED)
    assert all(heard.again() for heard in both)


@pytest.mark.timeout(60)
def test_an_ear_that_was_cut_off_listens_again(
    queue_url: str, ear_at: Callable[[str, Callable[[], None]], Ear]
) -> None:
    heard = Heard()
    ear_at(queue_url, heard)
    assert heard.again()
    with Redis.from_url(queue_url) as redis:
        redis.client_kill_filter(_type="pubsub")
    assert heard.again(), "something may have been struck meanwhile"


@pytest.mark.timeout(30)
@pytest.mark.parametrize("frozen", [True, False])
def test_a_stroke_at_a_server_that_does_not_answer_holds_nobody_up(
    frozen: bool, chime_at: Callable[[str], Chime]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1] if frozen else 1
        chime = chime_at(f"redis://127.0.0.1:{port}/0")
        for _ in range(1000):
            chime.strike(STAMPED)
