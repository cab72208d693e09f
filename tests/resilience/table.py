"""The table of all blows, by the groups that they are in; new rows come in files of their kind, and are named here."""

from collections.abc import Collection

from tests.resilience import on_clocks, on_database, on_health, on_origin, on_processes, on_queue, on_receivers
from tests.resilience.blow import Blow

BLOWS: tuple[Blow, ...] = (
    *on_processes.BLOWS,
    *on_queue.BLOWS,
    *on_database.BLOWS,
    *on_origin.BLOWS,
    *on_clocks.BLOWS,
    *on_health.BLOWS,
    *on_receivers.BLOWS,
)
GROUPS = tuple(dict.fromkeys(blow.group for blow in BLOWS))


def chosen(groups: Collection[str], database: str) -> list[Blow]:
    """Return the blows of these groups (none: of all) that can fall on this kind of database."""
    unknown = set(groups) - set(GROUPS)
    if unknown:
        raise ValueError(f"no such groups of blows: {sorted(unknown)}; there are {list(GROUPS)}")
    return [blow for blow in BLOWS if blow.group in (groups or GROUPS) and blow.only in (None, database)]
