"""What a part of the benchmark tells: one row of the table."""

from typing import NamedTuple


class Figure(NamedTuple):
    """Something that was measured, beside what could be had at best (or would be had without it) in the same run."""

    what: str
    ours: float
    unit: str
    beside: str = ""
    """What `other` is."""
    other: float | None = None
    bar: str = ""
    """What is asked for."""
