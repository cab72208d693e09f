"""One contender's turns, in its process and on one core: a timed pass whenever it is asked for one, then its answers.

It warms up on the project's own pages, and each timed pass is made in a fork of that warm process, which ends with it:
nothing that a contender remembers of the pages from one pass helps it in the next, so a page is never one that it has
seen (but for the contender who is meant to know, and learns in `prepare`).
"""

import multiprocessing
import os
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection

from tests.bench.contenders import CONTENDERS, Answer, Method
from tests.bench.pages import OWN_PAGES, Page, pages_in

PASS, ANSWERS = "pass", "answers"
_WARM_UPS = 3
_LONGEST_PASS_SECONDS = 300


def take_turns(name: str, pages: Sequence[Page], asked: Connection) -> None:
    """Say None when ready, or why not; then CPU seconds for each PASS, and for ANSWERS one `Answer` a page, the end."""
    _stay_on_one_core()
    contender = next(each for each in CONTENDERS if each.name == name)
    try:
        method = contender.prepare(pages)
    except ImportError as error:
        asked.send(str(error))
        return
    strangers = pages_in(OWN_PAGES)
    for _ in range(_WARM_UPS):
        _pass_seconds(method, strangers)
    asked.send(None)
    while asked.recv() == PASS:
        asked.send(_forked_pass(method, pages))
    asked.send([answer_of(method, page) for page in pages])


def _stay_on_one_core() -> None:
    # Not every system lets a process choose; a pass is one thread's CPU time there too.
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def _forked_pass(method: Method, pages: Sequence[Page]) -> float:
    context = multiprocessing.get_context("fork")
    receiving, sending = context.Pipe(duplex=False)
    child = context.Process(target=_send_pass, args=(method, pages, sending))
    child.start()
    sending.close()  # or the end of a child that dies would never be heard
    took: float = receiving.recv()
    child.join()
    return took


def _send_pass(method: Method, pages: Sequence[Page], sending: Connection) -> None:
    signal.alarm(_LONGEST_PASS_SECONDS)  # a contender that hangs dies of it, and is out of the contest
    sending.send(_pass_seconds(method, pages))


def _pass_seconds(method: Method, pages: Sequence[Page]) -> float:
    # CPU time: what else the machine does meanwhile is nobody's fault.
    started = time.process_time()
    for page in pages:
        with suppress(Exception):  # counted when the answers are asked for
            method.work(page)
    return time.process_time() - started


def answer_of(method: Method, page: Page) -> Answer:
    """Return what a contender says of a page; whatever exception it raises, it has said nothing."""
    try:
        return method.answer(page, method.work(page))
    except Exception as error:
        return Answer(error=type(error).__name__)
