"""Overhearing: what servers answered to requests that some other library made with requests in this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests


@contextmanager
def overheard() -> Iterator[list[bytes]]:
    """Collect the bodies of the answers to every session, as long as the `with` lasts.

    For a process that does nothing else meanwhile: sessions have no hook that would be common to all of them.
    """
    answers: list[bytes] = []
    plain = requests.Session.send

    def send(session: requests.Session, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        answer = plain(session, request, **options)
        answers.append(answer.content)
        return answer

    requests.Session.send = send  # type: ignore[method-assign,assignment]
    try:
        yield answers
    finally:
        requests.Session.send = plain  # type: ignore[method-assign]
