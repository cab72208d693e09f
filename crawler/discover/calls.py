"""A request that brings a page of a list, where the page itself does not show it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Call:
    """One HTTP request: an absolute URL, and for POST the form-encoded body."""

    method: str
    url: str
    body: str | None = None
