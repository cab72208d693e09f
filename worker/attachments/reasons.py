"""Why a file has no text: the closed set of reasons, and how a reader says one."""

from typing import Final

SCANNED: Final = "scanned"
"""Its pages are pictures; nothing here reads pictures."""
ENCRYPTED: Final = "encrypted"
EMPTY: Final = "empty"
BROKEN: Final = "broken"
UNSUPPORTED: Final = "unsupported"
TOO_LARGE: Final = "too_large"
"""It unpacks to more than is allowed, or needs more memory."""
TOO_SLOW: Final = "too_slow"
CRASHED: Final = "crashed"
"""It ended the process that read it."""

REASONS = (SCANNED, ENCRYPTED, EMPTY, BROKEN, UNSUPPORTED, TOO_LARGE, TOO_SLOW, CRASHED)


class NoText(Exception):
    """A reader's word that there is no text; its one argument is the reason."""

    @property
    def reason(self) -> str:
        """One of `REASONS`."""
        return str(self.args[0])
