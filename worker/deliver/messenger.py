"""Messengers: each message to a chat or mailbox is sent by a child process, in which the guard judges every address.

apprise looks names up by itself, some of its services twice, and obeys proxies and passwords of the environment. In a
process of its own, both can be had out of its hands: the child gets nothing of our environment, and its only way from a
name to an address is the guard's. What hangs is ended with its process.
"""

import json
import os
import subprocess
import sys

from shared.errors import Misled, NoticewireError, Refused, TimedOut, Unavailable, Unreachable
from shared.http import AllowList
from worker.deliver.services import SEND_SECONDS, Chat

GRACE_SECONDS = 15
"""For the child to start, and to say what came of it."""
MOST_BYTES = 64 * 1024
_ERRORS = {kind.__name__: kind for kind in (Refused, Misled, TimedOut, Unreachable)}


def send(chat: Chat, title: str, body: str, allow: AllowList) -> str | None:
    """Send one message of plain text; return why it was not taken, in words without a secret; None if it was.

    Raises `Refused`, `Misled`, `Unreachable` or `TimedOut` where its server may not, or cannot, be asked, and
    `Unavailable` where this machine cannot start a process.
    """
    asked = {"url": chat.url, "title": title, "body": body, "allow": list(allow.entries)}
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "worker.deliver.messenger_child"],
            input=json.dumps(asked).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            timeout=SEND_SECONDS + GRACE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TimedOut(f"{chat.service.name} did not take the message within {SEND_SECONDS} s") from error
    except OSError as error:
        raise Unavailable(f"no process could be started to send a message: {error.strerror}") from error
    return _told(done.stdout[:MOST_BYTES], chat)


def _environment() -> dict[str, str]:
    """Return the child's environment: no proxy, no home with passwords in it (`.netrc`), no setting of ours."""
    return {
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "PYTHONUTF8": "1",
        "HOME": os.devnull,
        "NO_PROXY": "*",
    }


def _told(said: bytes, chat: Chat) -> str | None:
    try:
        told = json.loads(said)
        kind, error = told["kind"], told["error"]
    except (ValueError, KeyError, TypeError):
        return f"the process that sends to {chat.service.name} broke off"
    raised: type[NoticewireError] | None = _ERRORS.get(kind)
    if raised is not None:
        raise raised(str(error))
    return None if error is None else str(error)
