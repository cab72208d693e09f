"""How fast texts are sketched, and what it costs to look one up among many: flat, however many are stored.

python -m tests.bench.same [--stored 1000 10000 100000] [--database URL] [--json]

Texts are invented: sentences drawn at random, a tenth of the notices written from one template with its figures
changed, so that its bands are as crowded as those of a standard announcement.
"""

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import insert

from shared.clock import SystemClock
from shared.db import Ledger, open_ledger
from shared.db.models import Sketch, SketchBand
from shared.migrations import upgrade
from tests.bench.report import machine_line
from tests.integration.telling import Teller, document
from worker.sketch import Sketched, sketch

LENGTH = 1_500
"""Characters of a stored text."""
SIGNED = (500, 3_000, 13_000)
LOOKUPS = 300
_BATCH = 1_000
_WORDS = "整改任务责任单位专题会议研究制定方案逐项销号建立台账明确时限加强监督检查落实制度完善机制群众反映问题线索办结"
_TEMPLATE_EVERY = 10


def text(chance: random.Random, length: int) -> str:
    """Return invented sentences of about so many characters."""
    words = ("".join(chance.choices(_WORDS, k=chance.randint(6, 18))) for _ in range(length // 13))
    return "".join(f"{word}{chance.choice('，。；')}" for word in words)[:length]


def notices(chance: random.Random) -> Iterator[dict[str, Any]]:
    """Return invented notices without end."""
    template = text(chance, LENGTH)
    number = 0
    while True:
        number += 1
        shared = number % _TEMPLATE_EVERY == 0
        body = template[: LENGTH - 20] + f"共{number}件。" if shared else text(chance, LENGTH)
        yield {"title": f"第{number}号通报", "body": body}


def signed_a_second(chance: random.Random, length: int) -> float:
    """Return how many texts of a length one core sketches in a second of CPU time."""
    texts = [{"body": text(chance, length)} for _ in range(50)]
    count, began = 0, time.process_time()
    while (took := time.process_time() - began) < 1:
        for one in texts:
            sketch(one)
        count += len(texts)
    return count / took


def looked_up(ledger: Ledger, asked: Sequence[Sketched]) -> dict[str, float]:
    """Return milliseconds of CPU time for a lookup: the median, and what 95 in 100 stay below.

    SQLite works in this process, so that its time counts, and what else the machine does meanwhile does not.
    """
    took = []
    for one in (*asked[-10:], *asked):  # the first few find nothing in memory yet
        with ledger.reading() as uow:
            began = time.process_time()
            uow.sketches.neighbours(one.bands, besides="")
            took.append(1000 * (time.process_time() - began))
    took = took[10:]
    return {"median": statistics.median(took), "p95": statistics.quantiles(took, n=20)[-1]}


def store(ledger: Ledger, notice_id: str, first: int, texts: Sequence[Sketched]) -> None:
    """Store sketches as revisions of one notice, numbered from `first`: the index does not care whose they are."""
    sketches = [
        {"serial": first + at, "notice_id": notice_id, "number": first + at, "minima": one.minima}
        for at, one in enumerate(texts)
    ]
    bands = [{"sketch": first + at, "band": band} for at, one in enumerate(texts) for band in set(one.bands)]
    with ledger.engine.begin() as connection:
        connection.execute(insert(Sketch), sketches)
        connection.execute(insert(SketchBand), bands)


def measured(database: str, sizes: Sequence[int]) -> dict[str, Any]:
    """Return sketches per second by length, and lookup times by how many texts are stored."""
    chance = random.Random(4)
    told: dict[str, Any] = {"signed": {length: round(signed_a_second(chance, length)) for length in SIGNED}}
    ledger = open_ledger(database, SystemClock())
    upgrade(ledger)
    teller = Teller(ledger)
    teller.tell(document())
    notice_id, stored, source = teller.notice().id, 2, notices(chance)
    told["lookups_ms"] = {}
    for size in sorted(sizes):
        asked: list[Sketched] = []
        while stored < size:
            made = [one for one in (sketch(next(source)) for _ in range(min(_BATCH, size - stored))) if one]
            store(ledger, notice_id, stored, made)
            stored += len(made)
            asked = (asked + chance.sample(made, min(len(made), LOOKUPS // 10)))[-LOOKUPS // 2 :]
        asked += [one for one in (sketch(next(source)) for _ in range(LOOKUPS // 2)) if one]
        told["lookups_ms"][size] = looked_up(ledger, asked)
    ledger.close()
    medians = [one["median"] for one in told["lookups_ms"].values()]
    return told | {"ratio": medians[-1] / medians[0]}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.same", description="Sketches and their lookup.")
    parser.add_argument("--stored", type=int, nargs="+", default=[1_000, 10_000, 100_000], help="texts stored")
    parser.add_argument("--database", help="an empty database (default: a SQLite file)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        told = measured(asked.database or f"sqlite:///{folder}/bench.db", asked.stored)
    if asked.json:
        print(json.dumps(told, indent=2))
        return
    print(machine_line())
    for length, rate in told["signed"].items():
        print(f"texts of {length:>6,} characters: {rate:>6,} sketched a second")
    for size, one in told["lookups_ms"].items():
        print(f"among {size:>8,} stored texts: {one['median']:.2f} ms a lookup, 95 in 100 below {one['p95']:.2f} ms")
    print(f"the largest takes {told['ratio']:.2f} times as long as the smallest")


if __name__ == "__main__":
    main()
