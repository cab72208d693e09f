"""What is asked of the API, each question many times with other words, and how long the answers take."""

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from statistics import median, quantiles
from typing import NamedTuple
from urllib.parse import quote

from sqlalchemy import text

from services.api.app import create_app
from services.desk.tokens import create_token
from services.wiring import Wiring
from shared.domain.states import Scope
from tests.bench.growth.casts import Foundry
from tests.integration.api.asgi import Client

TIMES = 40


class Answered(NamedTuple):
    """How long a question took to answer, in milliseconds, and how many items it found on the median."""

    p50: float
    p95: float
    """By the clock, as whoever asks waits."""
    cpu: float
    """On the mean, the database server's included: what else the machine does is no part of it."""
    items: float


Ask = Callable[[Random], str]


def ask_all(wiring: Wiring, foundry: Foundry, spent: Callable[[], float], times: int = TIMES) -> Mapping[str, Answered]:
    """Ask everything `times` times (twice at least), counting by `spent`; raises where an answer is not 200."""
    client = Client(create_app(wiring), create_token(wiring.ledger, name="bench", scopes=[Scope.ADMIN], days=1)[1])
    return {name: _asked(client, ask, spent, times) for name, ask in questions(wiring, foundry)}


def _asked(client: Client, ask: Ask, spent: Callable[[], float], times: int) -> Answered:
    chance = Random(9)
    took, items, before = [], [], 0.0
    for turn in range(times + 2):
        path = ask(chance)
        if turn == 2:
            before = spent()
        began = time.perf_counter()
        answer = client.get(path)
        if turn >= 2:  # the first ones prepare statements
            took.append(1000 * (time.perf_counter() - began))
        assert answer.status in (200, 503), (path, answer.status, answer.body[:300])  # it is not ready: no relay leads
        body = answer.json() if answer.body[:1] == b"{" else {}
        items.append(len(body.get("items", "1")))
    cpu = 1000 * (spent() - before) / times
    return Answered(median(took), quantiles(took, n=20)[-1], cpu, median(items))


def questions(wiring: Wiring, foundry: Foundry) -> Iterator[tuple[str, Ask]]:
    """Yield the questions: what each is called, and what makes one."""
    known = _Known(wiring, foundry)
    yield from _of_notices(known)
    yield from _searches(known)
    yield from _of_problems(known)
    yield from _of_the_wire(known)


class _Known:
    """Ids that are there, by noun, evenly over the ledger's life; and words by how frequent they are."""

    def __init__(self, wiring: Wiring, foundry: Foundry) -> None:
        self.foundry = foundry
        self._wiring = wiring
        self.notices, self.problems, self.deliveries = (self._ids(one) for one in ("notices", "problems", "deliveries"))
        self.subscriptions = self._ids("subscriptions")
        self.events = foundry.runs["positions"]

    def _ids(self, table: str, number: int = 200) -> list[str]:
        with self._wiring.ledger.engine.connect() as connection:
            total = connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
            every = max(1, total // number)
            ids = connection.execute(text(f"SELECT id FROM {table} ORDER BY id")).scalars()
            return [one for place, one in enumerate(ids) if place % every == 0]

    def source(self, chance: Random) -> str:
        return chance.choice(self.foundry.places[1:]).source_id

    def column(self, chance: Random) -> str:
        return chance.choice(self.foundry.places[1:]).column_id

    def word(self, chance: Random, first: int, last: int, length: tuple[int, ...]) -> str:
        """Return a word by its rank of frequency, of one of these lengths."""
        fit = [one for one in self.foundry.press.language.words[first:last] if len(one) in length]
        return quote(chance.choice(fit))


def _ago(**spans: float) -> str:
    return quote((datetime.now(UTC) - timedelta(**spans)).isoformat(timespec="seconds"))


def _of_notices(known: _Known) -> Iterator[tuple[str, Ask]]:
    great = known.foundry.places[0]
    towns = known.foundry.towns
    yield "notices", lambda _: "/v1/notices"
    yield "notices, anywhere", lambda chance: f"/v1/notices?after={chance.choice(known.notices)}"
    yield "notices of a source", lambda chance: f"/v1/notices?source={known.source(chance)}"
    yield (
        "notices of the great source, anywhere",
        lambda chance: f"/v1/notices?source={great.source_id}&after={chance.choice(known.notices)}",
    )
    yield "notices of a column", lambda chance: f"/v1/notices?column={known.column(chance)}"
    yield (
        "notices of the great column, anywhere",
        lambda chance: f"/v1/notices?column={great.column_id}&after={chance.choice(known.notices)}",
    )
    yield (
        "notices that are withdrawn, anywhere",
        lambda chance: f"/v1/notices?state=withdrawn&after={chance.choice(known.notices)}",
    )
    yield (
        "notices of a kind, anywhere",
        lambda chance: f"/v1/notices?kind=rectification&after={chance.choice(known.notices)}",
    )
    yield "notices of a kind that none is", lambda _: "/v1/notices?kind=inspection"
    yield (
        "notices about a body",
        lambda chance: f"/v1/notices?inspected={quote(chance.choice(towns) + '镇')}",
    )
    yield "notices changed in the last hour", lambda _: f"/v1/notices?since={_ago(hours=1)}"
    yield "notices changed in the last days", lambda chance: f"/v1/notices?since={_ago(days=chance.randint(2, 200))}"
    yield "a source's, of a kind", lambda chance: f"/v1/notices?source={known.source(chance)}&kind=rectification"
    yield "a notice", lambda chance: f"/v1/notices/{chance.choice(known.notices)}"
    yield "a notice's revisions", lambda chance: f"/v1/notices/{chance.choice(known.notices)}/revisions"


def _searches(known: _Known) -> Iterator[tuple[str, Ask]]:
    frequent, usual, rare = (0, 50), (100, 2_000), (5_000, 20_000)
    for name, ranks in (("frequent", frequent), ("usual", usual), ("rare", rare)):
        for length, words in (((2,), "two"), ((3, 4), "three or four")):
            yield f"search: a {name} word of {words} characters", partial(_search, known, ranks, length)
    yield (
        "search: two usual words",
        lambda chance: f"/v1/notices?q={known.word(chance, *usual, (3, 4))}+{known.word(chance, *usual, (2, 3))}",
    )
    yield (
        "search: a word that is nowhere",
        lambda chance: f"/v1/notices?q={quote('龘' + chr(0x9000 + chance.randrange(99)))}",
    )
    yield (
        "search: a usual word, of a source",
        lambda chance: f"/v1/notices?source={known.source(chance)}&q={known.word(chance, *usual, (2, 3))}",
    )


def _search(known: _Known, ranks: tuple[int, int], length: tuple[int, ...], chance: Random) -> str:
    return f"/v1/notices?q={known.word(chance, *ranks, length)}"


def _of_problems(known: _Known) -> Iterator[tuple[str, Ask]]:
    today = known.foundry.today
    towns = known.foundry.towns
    yield "problems, anywhere", lambda chance: f"/v1/problems?after={chance.choice(known.problems)}"
    yield "problems under way", lambda chance: f"/v1/problems?status=in_progress&after={chance.choice(known.problems)}"
    yield "problems with a status that none has", lambda _: "/v1/problems?status=conditions_lacking"
    yield "problems overdue", lambda _: f"/v1/problems?due_before={today}"
    yield (
        "problems under way and overdue, anywhere",
        lambda chance: f"/v1/problems?status=in_progress&due_before={today}&after={chance.choice(known.problems)}",
    )
    yield "problems due long ago", lambda _: "/v1/problems?due_before=2020-01-01"
    yield "problems of a source", lambda chance: f"/v1/problems?source={known.source(chance)}"
    yield "problems of a body", lambda chance: f"/v1/problems?inspected={quote(chance.choice(towns) + '镇')}"
    yield "search: problems, a usual word", lambda chance: f"/v1/problems?q={known.word(chance, 100, 2_000, (2, 3, 4))}"
    yield "a problem", lambda chance: f"/v1/problems/{chance.choice(known.problems)}"


def _of_the_wire(known: _Known) -> Iterator[tuple[str, Ask]]:
    def at(chance: Random) -> int:
        return chance.randrange(max(1, known.events))

    kinds = "org.noticewire.notice.revised"
    yield "events after a position", lambda chance: f"/v1/events?after={at(chance)}"
    yield "events of a type", lambda chance: f"/v1/events?after={at(chance)}&type={kinds}"
    yield "events of a type that none has", lambda _: "/v1/events?type=org.noticewire.notice.moved"
    yield "events of a source", lambda chance: f"/v1/events?source={known.source(chance)}"
    yield "the last events", lambda _: f"/v1/events?after={known.events - 10}"
    yield "deliveries, anywhere", lambda chance: f"/v1/deliveries?after={chance.choice(known.deliveries)}"
    yield (
        "deliveries of a subscription, anywhere",
        lambda chance: f"/v1/deliveries?subscription={known.subscriptions[0]}&after={chance.choice(known.deliveries)}",
    )
    yield "deliveries that are parked", lambda _: "/v1/deliveries?state=parked"
    yield "deliveries that are due", lambda _: "/v1/deliveries?state=due"
    yield "a delivery", lambda chance: f"/v1/deliveries/{chance.choice(known.deliveries)}"
    yield "sources", lambda _: "/v1/sources"
    yield "a source", lambda chance: f"/v1/sources/{known.source(chance)}"
    yield "columns", lambda _: "/v1/columns"
    yield "readiness", lambda _: "/readyz"
    yield "metrics", lambda _: "/metrics"
