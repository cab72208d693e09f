"""The story of a month: columns with habits and fates, hosts with spells, and acts in order of time. All seeded.

Nothing here knows of a crawler: the same seed tells the same story whoever looks on.
"""

import heapq
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from math import exp, log
from random import Random
from urllib.parse import urlsplit

from crawler.schedule.hours import bin_of, hours_at
from services.simulation.premises import Premises
from tests.bench.columns import TRUE_HOURS
from tests.month.clock import BEGIN

HOUR, DAY = 3600.0, 86_400.0
COLUMNS_A_HOST = 3
SLOWEST, BUSIEST = 0.02, 10.0
BACKLOG = 12
LONGEST_BURST = 6
FAMILIES = ("trs", "guangdong", "hanweb")


@dataclass(frozen=True)
class Character:
    """A column: `rate` notices a working day and a half or so, in office hours, and what becomes of it on a day."""

    key: str
    column: int
    rate: float
    fate: str = "lives"
    """Or: dies (publishes no more), drifts (its listing is filled by a script), redesigned (reads well still), closes
    (its address, and all below it, answers 404)."""
    fated_at: float = 0.0


@dataclass(frozen=True)
class Spell:
    """What befalls a host for some days.

    block (a challenge for every page), 503, dark (nobody knows its name), robots (a column is forbidden), delay.
    """

    key: str
    kind: str
    begins: float
    ends: float
    column: int | None = None


@dataclass
class Story:
    """Who lives where, what befalls them, and the acts that are still to come."""

    seed: int
    days: int
    characters: list[Character]
    spells: list[Spell]
    backlog: int = BACKLOG
    """Notices of each column that are up when the month begins, dated by its own pace."""
    _acts: list[tuple[float, int, Callable[[Premises], None]]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def ends(self) -> float:
        """When the month is over, in seconds."""
        return self.days * DAY

    @property
    def keys(self) -> list[str]:
        """The hosts."""
        return list(dict.fromkeys(one.key for one in self.characters))

    def at(self, seconds: float, act: Callable[[Premises], None]) -> None:
        """Let something happen at a time; never after the end."""
        if seconds < self.ends:
            heapq.heappush(self._acts, (seconds, next(self._numbers), act))

    def next_at(self) -> float:
        """When the next act is due."""
        return self._acts[0][0] if self._acts else self.ends

    def play(self, premises: Premises, until: float) -> None:
        """Do what is due by `until`."""
        while self._acts and self._acts[0][0] <= until:
            heapq.heappop(self._acts)[2](premises)


def story(columns: int, days: int, seed: int, backlog: int = BACKLOG, busiest: float = BUSIEST) -> Story:
    """Tell the story of so many columns, of up to `busiest` notices a day."""
    rng = Random(f"month/{seed}/{columns}/{days}")
    told = Story(seed, days, _characters(columns, days, busiest, rng), [], backlog)
    told.spells += _spells(told, rng)
    for one in told.characters:
        _live(told, one)
    for spell in told.spells:
        _befall(told, spell)
    return told


def _characters(columns: int, days: int, busiest: float, rng: Random) -> list[Character]:
    rates = sorted((exp(rng.uniform(log(SLOWEST), log(busiest))) for _ in range(columns)), reverse=True)
    places = [(f"s{n // COLUMNS_A_HOST}.example", n % COLUMNS_A_HOST) for n in range(columns)]
    rng.shuffle(places)
    # Those that die are of the busier half: a silence of two notices a year means nothing in a month.
    busy = rng.sample(range(columns // 4), max(1, columns // 10))
    drifting, closing = max(1, columns // 25), columns // 20
    others = drifting + closing + max(1, columns // 12)
    rest = rng.sample(sorted(set(range(columns)) - set(busy)), others)
    fates = dict.fromkeys(busy, "dies") | dict.fromkeys(rest, "redesigned")
    fates |= dict.fromkeys(rest[:drifting], "drifts") | dict.fromkeys(rest[drifting : drifting + closing], "closes")
    return [
        Character(*places[n], rate, fates.get(n, "lives"), rng.uniform(0.3, 0.55) * days * DAY)
        for n, rate in enumerate(rates)
    ]


def _spells(told: Story, rng: Random) -> Iterator[Spell]:
    """Yield one spell each for about a third of the hosts; some only ask for a longer pause."""
    hosts = rng.sample(told.keys, len(told.keys))
    kinds = ["block", "503", "robots", "delay", "dark"]
    for number, key in enumerate(hosts[: max(5, len(hosts) // 3)]):
        kind = kinds[number % len(kinds)]
        begins = rng.uniform(0.1, 0.5) * told.ends
        longest = min(4.0 if kind == "block" else 9.0, told.days / 4) * DAY
        column = next(one.column for one in told.characters if one.key == key)
        yield Spell(key, kind, begins, begins + rng.uniform(0.5, 1.0) * longest, column)


def _befall(told: Story, spell: Spell) -> None:
    seconds = spell.ends - spell.begins
    if spell.kind in ("block", "503"):
        told.at(spell.begins, lambda site: site.fault(spell.key, spell.kind, seconds=seconds))
        return
    if spell.kind == "dark":
        return  # it is no doing of the site's (`tests.month.net`)
    rule = "Crawl-delay: 10"

    def post(site: Premises, *, on: bool) -> None:
        base = "User-agent: *\nDisallow: /internal/\n"
        path = site.publishers[spell.key].columns[spell.column or 0].path
        extra = f"Disallow: {path}\n" if spell.kind == "robots" else f"{rule}\n"
        site.set_robots(spell.key, base + extra if on else base)

    told.at(spell.begins, lambda site: post(site, on=True))
    told.at(spell.ends, lambda site: post(site, on=False))


def _live(told: Story, one: Character) -> None:
    rng = Random(f"life/{told.seed}/{one.key}/{one.column}")
    until = one.fated_at if one.fate == "dies" else told.ends
    for at in _moments(rng, one.rate, until):
        _publish_at(told, one, at, rng)
    if one.fate == "drifts":
        told.at(one.fated_at, lambda site: site.redesign(one.key, one.column, None, True))
    if one.fate == "closes":
        told.at(one.fated_at, partial(_close, one=one, seconds=told.ends))
    if one.fate == "redesigned":
        manner = rng.choice(FAMILIES)
        told.at(one.fated_at, lambda site: site.redesign(one.key, one.column, manner))


def _close(site: Premises, one: Character, seconds: float) -> None:
    path = site.publishers[one.key].columns[one.column].path
    site.fault(one.key, "status", status=404, path=path, seconds=seconds)


def open_up(told: Story, premises: Premises) -> None:
    """Put up what was published before the month began, oldest first."""
    for one in told.characters:
        rng = Random(f"backlog/{told.seed}/{one.key}/{one.column}")
        ages = sorted(itertools.accumulate(rng.expovariate(one.rate) for _ in range(told.backlog)), reverse=True)
        for age in ages:
            premises.publish(one.key, one.column, dated=_beijing(-min(age, 3000.0) * DAY))


def _beijing(seconds: float) -> datetime:
    return (BEGIN + timedelta(seconds=seconds, hours=8)).replace(tzinfo=None)


def _moments(rng: Random, rate: float, until: float) -> Iterator[float]:
    """Yield moments of publication: Poisson in office hours; one in six brings a burst."""
    start = int(hours_at(BEGIN))
    sittings = rate / 24 / (1 + (LONGEST_BURST / 2) / 6)
    for hour in range(int(until / HOUR) + 1):
        expected, at = sittings * TRUE_HOURS.weights[bin_of(start + hour)], 0.0
        while expected > 0 and (at := at + rng.expovariate(expected)) < 1:
            begun = (hour + at) * HOUR
            burst = rng.randint(1, LONGEST_BURST) if rng.random() < 1 / 6 else 1
            yield from (begun + 90.0 * n for n in range(burst) if begun + 90.0 * n < until)


def _publish_at(told: Story, one: Character, at: float, rng: Random) -> None:
    plan = _plan_of(rng)

    def publish(site: Premises) -> None:
        url = [site.publish(one.key, one.column, dated=_beijing(at))]
        for after, name, options in plan:
            told.at(at + after, partial(_do, url=url, name=name, options=options))

    told.at(at, publish)


def _plan_of(rng: Random) -> list[tuple[float, str, dict[str, object]]]:
    """Return what is done to one notice, as (seconds after its publication, act, options)."""

    def soon(days: float) -> float:
        return rng.expovariate(1 / (days * DAY))

    plan: list[tuple[float, str, dict[str, object]]] = []
    while rng.random() < 0.25:
        plan.append((soon(1.5), "edit", {}))
    if rng.random() < 0.1:
        plan.append((soon(1), "cosmetic", {}))
    if rng.random() < 0.06:
        gone = soon(1.5)
        plan.append((gone, "withdraw", rng.choice([{}, {"soft": True}, {"home": True}])))
        if rng.random() < 0.5:
            plan.append((gone + soon(5), "restore", {}))
    if rng.random() < 0.05:
        plan.append((soon(1), "move", {"status": rng.choice([301, 301, 302])}))
    elif rng.random() < 0.03:
        plan.append((soon(1), "readdress", {}))
    if rng.random() < 0.03:
        pinned = soon(0.5)
        plan += [(pinned, "pin", {}), (pinned + soon(10), "pin", {"pinned": False})]
    if rng.random() < 0.01:
        plan.append((soon(0.2), "stir", {}))
    return plan


def _do(site: Premises, url: list[str], name: str, options: dict[str, object]) -> None:
    """Do an act on the notice that lives at `url[0]`, if it makes sense there: what is withdrawn is not edited."""
    withdrawn = url[0] in site.withdrawn_urls(urlsplit(url[0]).hostname or "")
    if withdrawn != (name == "restore"):
        return
    moved = getattr(site, name)(url[0], **options)
    if name in ("move", "readdress"):
        url[0] = moved
