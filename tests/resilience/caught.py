"""Which promise catches each planted defect, and after how many faults: `make faults DEFECTS=1`.

Each is tried twice: in its own trial, where one fault is enough, and in the fault lab's run of the whole line, where it
has to be met by chance. A defect that needs two things to happen at one moment may not be met there.
"""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.resilience.defects import DEFECTS, Defect
from tests.resilience.lab import Lab
from tests.resilience.place import private_place
from tests.resilience.rig import open_rig
from tests.resilience.table import chosen
from tests.resilience.trials import try_out

ROUNDS = (1, 5)
"""Of each kind of blow, in one run of the lab, and in the next if that has caught nothing."""


class Catch(NamedTuple):
    """What caught a defect; None: nothing did."""

    defect: Defect
    database: str
    trial: str | None
    sound: Sequence[str]
    """What its trial finds without it."""
    faults: int
    line: str | None
    """What the lab found first, after so many faults."""

    @property
    def holds(self) -> bool:
        """Whether its own trial catches it, and nothing else."""
        return self.trial is not None and not self.sound


def catch(defect: Defect, database: str, seed: int, pause_seconds: float) -> Catch:
    """Try a defect out."""
    with private_place(database) as place:
        trial = _first(defect, try_out(defect.name, place, planted=True))
    with private_place(database) as place:
        sound = try_out(defect.name, place, planted=False)
    line, faults = None, 0
    for rounds in ROUNDS:
        if line is None:
            faults, line = _in_the_lab(defect, database, seed, [pause_seconds] * rounds)
    return Catch(defect, database, trial, sound, faults, line)


def _in_the_lab(defect: Defect, database: str, seed: int, pauses: Sequence[float]) -> tuple[int, str | None]:
    with (
        tempfile.TemporaryDirectory(prefix="noticewire-lab-") as folder,
        open_rig(Path(folder), database, seed, defect.name) as rig,
    ):
        lab = Lab(rig, seed, chosen(defect.met_by, database))
        try:
            lab.begin()
            for pause in pauses:
                lab.each_once(pause)
            lab.settle()
        finally:
            lab.gauges.stop()
    return len(lab.log), _first(defect, lab.broken)


def _first(defect: Defect, broken: Sequence[str]) -> str | None:
    return next((line for line in broken if line.startswith(f"{defect.breaks} ")), None)


def lines(found: Sequence[Catch]) -> Iterator[str]:
    """Yield the table, in Markdown."""
    yield "| defect | replaces | database | promise | its trial | in the lab |"
    yield "|---|---|---|---|---|---|"
    for one in found:
        trial = "caught, and nothing without it" if one.holds else f"**not caught** ({'; '.join(one.sound)})"
        lab = f"after {one.faults} faults" if one.line else f"not met within {one.faults} faults"
        replaced = f"`{one.defect.replaces}`"
        yield f"| {one.defect.name} | {replaced} | {one.database} | {one.defect.breaks} | {trial} | {lab} |"


def catch_all(databases: Sequence[str], seed: int, pause_seconds: float) -> list[Catch]:
    """Try every defect on every database where it can do harm, and print what comes of it."""
    found = []
    for defect in DEFECTS:
        for database in databases:
            if database in defect.databases:
                found.append(catch(defect, database, seed, pause_seconds))
                print(list(lines(found))[-1], flush=True)
    print("\n".join(lines(found)))
    return found
