"""What a blow is: a named row that says what breaks, how it is broken, and when it must have been made up for.

A blow's `strike` is a generator, so that several can be under way in one thread: it does something and yields for how
many seconds, or for which fact, it waits before it goes on; when it ends, whatever it broke works again.

    def freeze(lab):
        lab.rig.queue.freeze()
        yield 5.0
        lab.rig.queue.thaw()
"""

from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING, NamedTuple, TypeVar

if TYPE_CHECKING:
    from tests.resilience.lab import Lab

T = TypeVar("T")
Fact = Callable[[], object]
Steps = Generator["float | Fact", None, T]
"""Steps of a blow that several kinds share; they return what they found."""
Strike = Callable[["Lab"], Iterator["float | Fact"]]


class Blow(NamedTuple):
    """One row of the table."""

    name: str
    group: str
    """The part of the world that breaks: `processes`, `queue`, `database`, `origin`, …"""
    strike: Strike
    takes: frozenset[str] = frozenset()
    """Parts that no other blow may touch meanwhile."""
    recovers: Callable[["Lab"], Fact] | None = None
    """Asked when the blow is over; the fact that then comes true when it has been made up for."""
    within_seconds: float = 30.0
    """How long that may take, where nothing else is broken."""
    only: str | None = None
    """The one database where it can be done; None: on both."""
    often: int = 1
    """How often it is in the deck that random blows are dealt from."""


WRITTEN = frozenset({"robots", "wishes"})
"""Parts that the lab itself writes to the database for: not while others hold it, or nobody would let go."""


def parts(*names: str) -> frozenset[str]:
    """Return the parts of these names."""
    return frozenset(names)
