"""Which addresses are never asked, as a table, and the exceptions that only an operator can make.

`ipaddress.is_global` is not used: in Python 3.11 it passes several of these networks.
"""

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.errors import Invalid
from shared.urls import host_of

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# The IANA special-purpose registries (IPv4 and IPv6), with multicast, the reserved rest and what was deprecated. Of
# IPv6 only 2000::/3 is given out as global unicast (RFC 4291, 2.4). The last three rows are all else, with what no row
# names (translated addresses, RFC 2765); those that lie in them stand here all the same, to be found. Mapped addresses
# are judged by the one inside alone.
DENIED: tuple[Network, ...] = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
        "::/3",
        "4000::/2",
        "8000::/1",
    )
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def address_of(text: str) -> Address:
    """Return the address that a resolver or a socket spelled as `text`, without a zone. Raises ValueError."""
    return ipaddress.ip_address(text.partition("%")[0])


def embedded(address: Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that an IPv6 address stands for: mapped, 6to4 or NAT64 (RFC 4291, 3056, 6052)."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def is_denied(address: Address) -> bool:
    """Say whether the address lies in a denied network; a mapped address is judged by the one inside."""
    inner = embedded(address)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return _listed(address.ipv4_mapped)
    return (inner is not None and _listed(inner)) or _listed(address)


def _listed(address: Address) -> bool:
    return any(address.version == network.version and address in network for network in DENIED)


@dataclass(frozen=True)
class _Opening:
    """One entry: a network or a host name, on one port or (None) on all."""

    network: Network | None
    host: str | None
    port: int | None

    def fits(self, port: int) -> bool:
        return self.port is None or self.port == port


@dataclass(frozen=True)
class AllowList:
    """Private addresses, and ports other than 80 and 443, that an operator has opened; empty by default."""

    openings: tuple[_Opening, ...] = ()
    entries: tuple[str, ...] = ()
    """What it was read from."""

    @classmethod
    def parse(cls, entries: Sequence[str]) -> "AllowList":
        """Read entries such as `127.0.0.2`, `10.1.2.0/24:8080`, `[fd00::/8]:8080` or `internal.example:8080`.

        Without a port, every port is opened. A name is trusted whatever it resolves to, so it should be one's own.
        Raises Invalid.
        """
        return cls(tuple(_opening(entry.strip()) for entry in entries), tuple(entries))

    def permits(self, address: Address, port: int) -> bool:
        """Say whether the operator opened this address on this port."""
        inner = embedded(address)
        if inner is not None and is_denied(inner) and not self.permits(inner, port):
            return False
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
            return self.permits(address.ipv4_mapped, port)
        networks: Iterable[Network] = (o.network for o in self.openings if o.network is not None and o.fits(port))
        return any(address.version == network.version and address in network for network in networks)

    def permits_host(self, host: str, port: int) -> bool:
        """Say whether the operator opened this host by its name."""
        name = host.rstrip(".").lower()
        return any(opening.host == name and opening.fits(port) for opening in self.openings)

    def opens_port(self, port: int) -> bool:
        """Say whether any network is opened on this port, so that resolving a name is worth while."""
        return any(opening.network is not None and opening.fits(port) for opening in self.openings)


NOWHERE = AllowList()


def _opening(entry: str) -> _Opening:
    name, port = _name_and_port(entry)
    try:
        return _Opening(ipaddress.ip_network(name), None, port)
    except ValueError as error:
        # What only looks like an address (127.1, 300.0.0.1, 10.0.0.1/24) must not silently become a host name.
        if "/" in name or ":" in name or re.fullmatch(r"(0x[0-9a-f]*|\d*)(\.(0x[0-9a-f]*|\d*))*", name.lower()):
            raise Invalid(f"allow-list: {entry!r} is not an address or a network ({error})") from error
    return _Opening(None, host_of(f"http://{name}/"), port)


def _name_and_port(entry: str) -> tuple[str, int | None]:
    bracketed = re.fullmatch(r"\[([^\[\]]+)\](?::(\d{1,5}))?", entry)
    plain = re.fullmatch(r"([^:\[\]@?#\s]+)(?::(\d{1,5}))?", entry)
    found = bracketed or plain
    if found is None:
        if entry.count(":") > 1 and "[" not in entry:
            return entry, None
        raise Invalid(f"allow-list: {entry!r} is neither an address, a network nor a host name")
    port = int(found[2]) if found[2] else None
    if port is not None and not 0 < port < 65536:
        raise Invalid(f"allow-list: {entry!r} has no port between 1 and 65535")
    return found[1], port
