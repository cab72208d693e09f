"""What a part of the benchmark tells, in the form of the sheet: a figure, what it is held against, and its bar."""

import re
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

_BAR = re.compile(r"([≤≥]) ?([\d,.]+)(×)?")


@dataclass(frozen=True)
class Row:
    """One figure; with what was measured beside it in the same run, and what is asked for."""

    what: str
    value: float
    unit: str
    low: float | None = None
    """The least and the most of the runs, where there were several: `value` is their median."""
    high: float | None = None
    beside: str = ""
    """What `other` is: a peer, a floor, or the same on a smaller ledger."""
    other: float | None = None
    bar: str = ""
    """`≤ 2` or `≥ 5,000` in the figure's unit, or `≤ 0.5×` what is beside it; what follows explains. Empty: none."""
    ratio: float | None = None
    """The figure by what is beside it, where that is not simply their quotient (but a median of quotients)."""

    @property
    def times(self) -> float | None:
        """How many times what is beside it the figure is."""
        if self.ratio is not None:
            return self.ratio
        return self.value / self.other if self.other else None

    @property
    def met(self) -> bool | None:
        """Whether the bar is reached; None where there is none."""
        found = _BAR.match(self.bar)
        if found is None:
            return None
        held = self.times if found[3] else self.value
        if held is None:
            return None
        asked = float(found[2].replace(",", ""))
        return held <= asked if found[1] == "≤" else held >= asked

    def as_json(self) -> dict[str, Any]:
        """Return what is kept: whatever is not empty."""
        return {name: value for name, value in asdict(self).items() if value not in (None, "")}


def of_runs(what: str, values: list[float], unit: str, **more: Any) -> Row:
    """Return the row of several runs: their median, and the least and the most of them."""
    return Row(what, median(values), unit, min(values), max(values), **more)
