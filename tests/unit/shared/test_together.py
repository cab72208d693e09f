"""Serving together: nobody waits for company, who comes meanwhile is served at once, and each gets its own answer."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from shared.together import MOST, Together

PATIENCE = 30.0


class Counter:
    """Serves by doubling, and remembers who was served with whom; the first who comes is kept waiting for a word."""

    def __init__(self) -> None:
        self.begun = Event()
        self.word = Event()
        self.served: list[Sequence[int]] = []
        self.together = Together(self._serve)

    def _serve(self, asked: Sequence[int]) -> Sequence[int]:
        self.served.append(asked)
        if len(self.served) == 1:
            self.begun.set()
            assert self.word.wait(PATIENCE)
        if 13 in asked:
            raise ValueError("thirteen is not served")
        return [2 * one for one in asked]


def wait_for(fact: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE
    while not fact():
        assert time.monotonic() < ends, "it never came to be"
        time.sleep(0.001)


def ask_all(counter: Counter, first: int, others: Sequence[int]) -> list[int | str]:
    """Let `others` come while `first` is served; return what all of them hear."""

    def ask(one: int) -> int | str:
        try:
            return counter.together.ask(one)
        except ValueError as error:
            return str(error)

    with ThreadPoolExecutor(1 + len(others)) as pool:
        heard = [pool.submit(ask, first)]
        assert counter.begun.wait(PATIENCE)
        heard += [pool.submit(ask, other) for other in others]
        wait_for(lambda: len(counter.together._waiting) == len(others))
        counter.word.set()
        return [one.result(PATIENCE) for one in heard]


@pytest.mark.timeout(60)
def test_who_comes_while_another_is_served_is_served_with_all_who_came() -> None:
    counter = Counter()
    assert ask_all(counter, 1, [2, 3, 4]) == [2, 4, 6, 8]
    assert [sorted(asked) for asked in counter.served] == [[1], [2, 3, 4]]


def test_who_comes_alone_is_served_alone() -> None:
    counter = Counter()
    counter.word.set()
    assert [counter.together.ask(one) for one in (1, 2, 3)] == [2, 4, 6]
    assert counter.served == [[1], [2], [3]]


@pytest.mark.timeout(60)
def test_no_more_are_served_at_once_than_may_wait_for_each_other() -> None:
    counter = Counter()
    assert ask_all(counter, 1, range(100, 100 + MOST + 3))[-1] == 2 * (102 + MOST)
    assert [len(asked) for asked in counter.served] == [1, MOST, 3]


@pytest.mark.timeout(60)
def test_trouble_is_told_to_all_that_it_befell_and_to_nobody_else() -> None:
    counter = Counter()
    said = "thirteen is not served"
    assert ask_all(counter, 1, [13, 3]) == [2, said, said]
    assert counter.together.ask(5) == 10
