"""A seeded timeline: what happens on the site and when. The same seed and story decide the same, step by step."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from services.simulation.site import DisclosureSite


@dataclass(frozen=True)
class Step:
    """At `at_seconds` after the start (before pace) do `action` on publisher number `place`, on notice `pick` of it.

    `pick` counts through the notices that are up, oldest first, and wraps around.
    """

    at_seconds: float
    action: str
    place: int = 0
    pick: int = 0
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Rates:
    """How often, relative to each other, each action is drawn, and the mean pause between two (seconds)."""

    publish: float = 5
    edit: float = 4
    cosmetic: float = 2
    withdraw: float = 0.5
    restore: float = 0.5
    too_many: float = 0.5
    block: float = 0.5
    mean_seconds: float = 4.0


# A minute that shows everything once: what is new, what changes, what only seems to, what goes and comes back, and a
# site that asks for patience. `times` makes sure that a trouble is met, whenever the crawler happens to come by.
DEMO = (
    Step(3, "publish", 0),
    Step(7, "edit", 1, 0, {"kind": "status"}),
    Step(11, "publish", 2),
    Step(14, "cosmetic", 0, 1),
    Step(17, "publish", 1),
    Step(20, "withdraw", 0, 0),
    Step(23, "fault", 2, 0, {"kind": "429", "retry_after": 3, "times": 1, "seconds": 12}),
    Step(27, "edit", 2, 1, {"kind": "sentence"}),
    Step(31, "publish", 0),
    Step(34, "fault", 1, 0, {"kind": "block", "seconds": 5, "times": 2}),
    Step(38, "edit", 0, 2, {"kind": "status"}),
    Step(42, "publish", 2),
    Step(45, "restore", 0),
    Step(49, "edit", 1, 2, {"kind": "sentence"}),
    Step(53, "publish", 1),
    Step(57, "cosmetic", 2, 0),
)


def demo(seed: int) -> Iterator[Step]:
    """The minute above, then a random life."""
    yield from DEMO
    yield from random_life(seed, Rates(), first_at=62.0)


def random_life(seed: int, rates: Rates, first_at: float = 0.0) -> Iterator[Step]:
    """An endless life of a site, drawn from `rates`."""
    rng = Random(f"timeline/{seed}")  # noqa: S311 - reproducible, not secret
    weights = {name: getattr(rates, name) for name in ("publish", "edit", "cosmetic", "withdraw", "restore")}
    weights |= {"429": rates.too_many, "block": rates.block}
    at = first_at
    for _ in itertools.count():
        at += rng.uniform(0.3, 1.7) * rates.mean_seconds
        action = rng.choices(list(weights), list(weights.values()))[0]
        place, pick = rng.randrange(1000), rng.randrange(1000)
        if action == "429":
            yield Step(at, "fault", place, pick, {"kind": "429", "retry_after": rng.randrange(1, 4), "times": 1})
        elif action == "block":
            yield Step(at, "fault", place, pick, {"kind": "block", "seconds": 5, "times": 2})
        else:
            yield Step(at, action, place, pick)


STORIES: dict[str, Callable[[int], Iterator[Step]]] = {"demo": demo, "random": lambda seed: random_life(seed, Rates())}


class Script:
    """Plays steps on a site in a thread; `pace` 2 plays twice as fast."""

    def __init__(self, site: DisclosureSite) -> None:
        self._site = site
        self._guard = threading.Lock()
        self._halt = threading.Event()
        self._thread: threading.Thread | None = None
        self.played: list[dict[str, Any]] = []

    def start(self, steps: Iterator[Step], pace: float = 1.0) -> None:
        """Begin; a timeline that is under way ends first."""
        self.stop(calm=False)
        with self._guard:
            self._halt = threading.Event()
            self._thread = threading.Thread(target=self._play, args=(steps, pace, self._halt), daemon=True)
            self._thread.start()

    def stop(self, calm: bool = True) -> None:
        """Change nothing any more; with `calm` all troubles end too, so that everything can settle."""
        with self._guard:
            self._halt.set()
            thread, self._thread = self._thread, None
        if thread is not None:
            thread.join()
        if calm:
            self._site.calm()

    def state(self) -> dict[str, Any]:
        """Whether it plays, and what it has played."""
        thread = self._thread
        return {"playing": thread is not None and thread.is_alive(), "played": list(self.played)}

    def command(self, action: str, name: str = "demo", pace: float = 1.0) -> dict[str, Any]:
        """The control door's wish: "start" a story by its name, or "stop"."""
        if action == "start":
            if name not in STORIES:
                raise ValueError(f"no story {name!r}: one of {sorted(STORIES)}")
            self.start(STORIES[name](self._site.layout.seed), pace)
        elif action == "stop":
            self.stop()
        else:
            raise ValueError(f"unknown action {action!r}: start or stop")
        return self.state()

    def _play(self, steps: Iterator[Step], pace: float, halt: threading.Event) -> None:
        began = time.monotonic()
        for step in steps:
            if halt.wait(max(0.0, began + step.at_seconds / pace - time.monotonic())):
                return
            self.played.append(perform(self._site, step))


def perform(site: DisclosureSite, step: Step) -> dict[str, Any]:
    """Do one step now; what was done, to which URL. A step that finds nothing to act on does nothing."""
    keys = list(site.publishers)
    key = keys[step.place % len(keys)]
    done: dict[str, Any] = {"at_seconds": step.at_seconds, "action": step.action, "host": key, "url": None}
    if step.action == "publish":
        done["url"] = site.publish(key)
    elif step.action in _PLACES:
        _PLACES[step.action](site)(key, **step.options)
    else:
        candidates = site.withdrawn_urls(key) if step.action == "restore" else site.urls(key)
        if candidates:
            done["url"] = candidates[step.pick % len(candidates)]
            _ACTIONS[step.action](site)(done["url"], **step.options)
    return done


_PLACES: dict[str, Callable[[DisclosureSite], Callable[..., object]]] = {
    "fault": lambda site: site.fault,
    "redesign": lambda site: site.redesign,
}
_ACTIONS: dict[str, Callable[[DisclosureSite], Callable[..., object]]] = {
    "edit": lambda site: site.edit,
    "cosmetic": lambda site: site.cosmetic,
    "withdraw": lambda site: site.withdraw,
    "restore": lambda site: site.restore,
    "move": lambda site: site.move,
    "readdress": lambda site: site.readdress,
    "pin": lambda site: site.pin,
    "stir": lambda site: site.stir,
}
