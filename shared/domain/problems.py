"""How notices speak of problems: the values by which one is told from another, and by which it stands."""

from typing import NamedTuple


class Naming(NamedTuple):
    """How one notice names a problem."""

    number: int
    """Runs on through the notice, from 1."""
    printed_number: int | None
    title: str
    problem_id: str | None = None
    """None where nothing is known yet of which problem it is."""


class Told(NamedTuple):
    """What one notice says of a problem, and when it was signed and published (ISO 8601)."""

    problem_id: str
    notice_id: str
    signed_on: str | None
    published_at: str | None
    title: str
    status: str | None
    status_text: str | None
    due: str | None
    due_by: str | None
    """The first day that it promises, by its commitments."""
    due_precision: str | None
