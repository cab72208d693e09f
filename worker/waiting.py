"""What a fetch waits for instead of being recorded, and for how long: rules that the sweep knows, too."""

from dataclasses import dataclass

AWAITED = "parts-awaited"
FILES_AWAITED = "attachments-awaited"
FORMER_AWAITED = "former-address-asked-first"
WAITING = (AWAITED, FILES_AWAITED)
"""The rules by which a page waits for others of its notice."""
OVERDUE = (FILES_AWAITED, FORMER_AWAITED)
"""The rules by which a notice waits for what may never come; not for ever (`FileRules.wait_seconds`)."""


@dataclass(frozen=True)
class FileRules:
    """How many files of a notice are asked for, and how long it waits for them to be tried."""

    most: int = 20
    wait_seconds: float = 3600.0


USUAL = FileRules()
