"""How one column is read: facts that can be stored, shown and edited, instead of being detected on each visit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crawler.discover.calls import Call
from crawler.discover.listing import Listing


@dataclass(frozen=True)
class Profile:
    """The facts of a column; whatever is None or empty is detected."""

    family: str | None = None
    link_pattern: str | None = None
    """A glob over the path of an item's URL, `*` for any run of characters: `/xxgk/zgtb/content/post_*.html`."""
    container: str | None = None
    """The block that holds the items: `tag.class` or `#id`."""
    calls: tuple[Call, ...] = ()
    """The calls that bring the list, its first page first, where the page itself does not show it."""
    kinds: tuple[str, ...] = ()
    """The kinds of notice that the column is expected to bring; empty: any."""

    @classmethod
    def of(cls, listing: Listing) -> Profile:
        """Return what was detected when `listing` was read."""
        return cls(listing.family, None, listing.container, listing.requests)

    def as_json(self) -> dict[str, Any]:
        """Return the profile as a JSON object; `from_json` reads it back."""
        raise NotImplementedError

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Profile:
        """Read a stored or edited profile. Raises Invalid for an unknown key or a value of the wrong kind."""
        raise NotImplementedError
