"""The other end of `messenger`: a process that sends one message, and reaches judged addresses alone."""

import json
import socket
import sys
from collections.abc import Callable, Sequence
from typing import Any

from shared.errors import NoticewireError
from shared.http import AllowList
from shared.http.guard import Destination, admit
from worker.deliver.services import chat_of, notify

LOOK_UP_SECONDS = 5.0
HTTPS = frozenset({443})
MAIL_PORTS = frozenset({25, 465, 587, 2525})

LookUp = Callable[..., list[Any]]


class GuardedNames:
    """Stands where the system's lookup stood: what it returns was judged, and what is not permitted has no address."""

    def __init__(self, look_up: LookUp, allow: AllowList, ports: frozenset[int]) -> None:
        """Judge what `look_up` finds; `ports` need no leave."""
        self._look_up = look_up
        self._allow = allow
        self._ports = ports
        self.refusal: NoticewireError | None = None
        """Why the last name has no address."""

    def __call__(self, host: Any, port: Any, *args: Any, **kwargs: Any) -> list[Any]:
        """Do as `socket.getaddrinfo` does."""
        name = (host.decode() if isinstance(host, bytes) else str(host or "")).strip("[]").lower()
        try:
            number = int(port or 0)
            judged = admit(Destination("", name, number), self._allow, self._found, LOOK_UP_SECONDS, self._ports)
        except NoticewireError as error:
            self.refusal = error
            raise socket.gaierror(socket.EAI_NONAME, "no address that may be asked") from None
        return [entry for one in judged for entry in self._look_up(str(one), number, type=socket.SOCK_STREAM)]

    def _found(self, host: str, port: int) -> Sequence[str]:
        return [str(entry[4][0]) for entry in self._look_up(host, port, type=socket.SOCK_STREAM)]


def answer(asked: dict[str, Any]) -> dict[str, str | None]:
    """Send what is asked for; return what came of it. From now on this process reaches what the guard permits."""
    chat = chat_of(asked["url"])
    names = GuardedNames(
        socket.getaddrinfo, AllowList.parse(asked["allow"]), MAIL_PORTS if chat.service.mail else HTTPS
    )
    socket.getaddrinfo = names
    # The plugin is made anew by `chat_of`, so nothing was looked up before.
    error = notify(chat, asked["title"], asked["body"])
    if error is not None and names.refusal is not None:
        return {"kind": type(names.refusal).__name__, "error": str(names.refusal)}
    return {"kind": "answer", "error": error}


def main() -> None:
    """Read what is asked on standard input, and answer on standard output."""
    told = answer(json.loads(sys.stdin.buffer.read()))
    sys.stdout.write(json.dumps(told))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
