"""What may travel on the queue: a claim check, never a body."""

import re

PROCESS_FETCH = "noticewire.process_fetch"
QUEUE = "noticewire.fetches"
MOST_TOLD = 10
"""Fetches that one message tells of: few enough that none waits long for the others, which one worker takes in turn."""

_FETCH_ID = re.compile(r"fet_[0-9a-z]{26}")


def is_fetch_id(value: object) -> bool:
    """Tell whether a message's only argument has the form of a fetch id; queue messages are hostile until shown so."""
    return isinstance(value, str) and _FETCH_ID.fullmatch(value) is not None
