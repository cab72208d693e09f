"""The played sites as the crawler's way out: an `Exchange` without a socket, which takes time and writes a log."""

from collections.abc import Sequence
from random import Random
from urllib.parse import urlsplit

from services.simulation.places import path_of
from services.simulation.troubles import DELIVERIES
from services.simulation.visits import House
from shared.errors import TimedOut, Unreachable
from shared.http import AllowList, Limits, Request, Response
from shared.http.addresses import NOWHERE
from shared.http.exchange import DEFAULT_LIMITS
from tests.month.clock import PlayedClock
from tests.month.story import Story

SHORTEST_SECONDS, LONGEST_SECONDS = 0.05, 0.8


class Net:
    """See `shared.http.Exchange`; each request is a connection of its own, as ours are."""

    def __init__(self, houses: Sequence[House], clock: PlayedClock, told: Story) -> None:
        """Know the houses by their names, and when nobody does."""
        self._houses = {house.host.name: house for house in houses}
        self._clock = clock
        self._dark = [spell for spell in told.spells if spell.kind == "dark"]
        self._random = Random(f"net/{told.seed}")
        self.requests = 0

    def exchange(self, request: Request, *, limits: Limits = DEFAULT_LIMITS, allow: AllowList = NOWHERE) -> Response:
        """See `Exchange.exchange`."""
        name = urlsplit(request.url).hostname or ""
        if any(spell.key == name and spell.begins <= self._clock.seconds < spell.ends for spell in self._dark):
            self._clock.sleep(LONGEST_SECONDS)
            raise Unreachable(f"no such name: {name}")
        house = self._houses.get(name)
        if house is None:
            raise Unreachable(f"there is no {request.url} in this play")
        self.requests += 1
        log, began = house.log, self._clock.seconds
        headers = {name.lower(): value for name, value in request.headers.items()}
        connection = log.connected(began)
        one = log.began(house.host.name, (request.method, path_of(request.url)), headers, connection, began)
        one.posted = request.body.decode() if request.body else None
        answer, trouble = house.reply(one)
        refused = trouble is not None and trouble.kind in DELIVERIES
        self._clock.sleep(limits.total_seconds if refused else self._random.uniform(SHORTEST_SECONDS, LONGEST_SECONDS))
        if not refused:
            log.answering(one, answer.status, answer.headers)
        log.ended(one)
        log.disconnected(connection)
        if refused:
            raise TimedOut(f"no answer within {limits.total_seconds:.0f} s")
        return Response(
            request.url,
            answer.status,
            {name.lower(): value for name, value in answer.headers.items()},
            answer.body,
            began,
            self._clock.seconds - began,
            fields=tuple(answer.headers.items()),
        )
