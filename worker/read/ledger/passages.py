"""A piece of a body in two spellings: as it is printed, and as it is searched."""

from typing import NamedTuple


class Passage(NamedTuple):
    """A paragraph, or a piece of one, as printed and narrowed (`worker.clean.text.narrow`): offsets agree."""

    text: str
    plain: str
