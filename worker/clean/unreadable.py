"""The one way in which reading fails."""

from shared.errors import Permanent


class Unreadable(Permanent):
    """The bytes are no text (binary, a hazardous encoding, too much garbage) or hold no text at all."""
