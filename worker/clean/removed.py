"""What was cut from a page, and by which rule."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Removed:
    """One cut: the name of the rule, and the text as it stood on the page."""

    rule: str
    text: str
