"""Addresses that people name: refused at once, in a sentence, where the outbound guard would refuse them anyway."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from shared.errors import Invalid, Refused
from shared.http import AllowList, check_admissible
from shared.http.addresses import address_of
from shared.urls import canonical

OPENLY = (
    "http:// is not encrypted: whoever is on the way can read what is sent, though not change it, for it is signed; "
    "take https:// if the endpoint has it"
)


def admissible(url: str, allow: Sequence[str]) -> str:
    """Return the canonical form of `url`; raises `Invalid` if it could never be asked, even with `allow`."""
    address = canonical(url)
    try:
        check_admissible(address, AllowList.parse(allow))
    except Refused as error:
        raise Invalid(f"{address} cannot be asked: {error}") from error
    return address


def warnings_of(url: str) -> list[str]:
    """Return what whoever is to be sent events at `url` should know (decision 24); nothing of this machine itself."""
    there = urlsplit(url)
    return [OPENLY] if there.scheme == "http" and not _is_here(there.hostname or "") else []


def _is_here(host: str) -> bool:
    try:
        return address_of(host).is_loopback
    except ValueError:
        return host == "localhost"
