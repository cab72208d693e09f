"""Addresses that people name: refused at once, in a sentence, where the outbound guard would refuse them anyway."""

from collections.abc import Sequence

from shared.errors import Invalid, Refused
from shared.http import AllowList, check_admissible
from shared.urls import canonical


def admissible(url: str, allow: Sequence[str]) -> str:
    """Return the canonical form of `url`; raises `Invalid` if it could never be asked, even with `allow`."""
    address = canonical(url)
    try:
        check_admissible(address, AllowList.parse(allow))
    except Refused as error:
        raise Invalid(f"{address} cannot be asked: {error}") from error
    return address
