"""The outbound guard: which URLs may be asked, and at which addresses (against server-side request forgery).

The URL is read by urllib3's parser, the one that then connects, and a URL that another parser reads differently is
refused. A name is resolved once; every address it has is judged; the connection goes to one of those.
"""

import re
import socket
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from urllib3.exceptions import HTTPError
from urllib3.util import parse_url

from shared.errors import Misled, Refused, TimedOut, Unreachable
from shared.http.addresses import Address, AllowList, address_of, is_denied

Resolver = Callable[[str, int], Sequence[str]]
"""From a host and a port to its addresses as text; raises OSError or ValueError where there is none."""

_WEB_PORTS = {"http": 80, "https": 443}
_USUAL = frozenset(_WEB_PORTS.values())
_LONGEST_URL = 8192
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+")
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f\\]")


@dataclass(frozen=True)
class Destination:
    """Where a URL leads, as the connecting parser reads it; an IPv6 host is without brackets."""

    scheme: str
    host: str
    port: int


def system_resolver(host: str, port: int) -> Sequence[str]:
    """Ask the operating system."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def check_form(url: str) -> None:
    """Raise Refused for a URL that no honest page needs and that parsers are known to disagree on."""
    if len(url) > _LONGEST_URL:
        raise Refused(f"the URL is longer than {_LONGEST_URL} characters")
    if _FORBIDDEN.search(url):
        raise Refused("the URL holds a space, a control character or a backslash")
    if not url.lower().startswith(("http://", "https://")):
        raise Refused("only http and https URLs are asked")


def destination_of(url: str) -> Destination:
    """Return where `url` leads. Raises Refused for schemes, user names and forms that are not accepted."""
    check_form(url)
    try:
        read, other = parse_url(url), urlsplit(url)
        other_host, other_port = other.hostname or "", other.port
    except (HTTPError, ValueError) as error:
        raise Refused("not a URL that can be asked") from error
    scheme, host = read.scheme or "", (read.host or "").strip("[]").lower()
    if scheme not in _WEB_PORTS or not host or host.startswith((".", "*")):
        raise Refused("only http and https URLs with a host are asked")
    if read.auth is not None or "@" in other.netloc:
        raise Refused("a URL with a user name or password is not asked")
    if _plain(other_host) != _plain(host) or other_port != read.port:
        raise Refused("the URL can be read in two ways")
    port = _WEB_PORTS[scheme] if read.port is None else read.port
    return Destination(scheme, host, port)


def check_admissible(url: str, allow: AllowList) -> None:
    """Raise Refused, with a sentence for the person who named `url`, if it could never be asked.

    Judges its form, its port and an address written out; what a name leads to is judged at each request.
    """
    destination = destination_of(url)
    host, port = destination.host, destination.port
    if allow.permits_host(host, port):
        return
    _check_port(port, allow)
    try:
        address = address_of(host)
    except ValueError:
        return
    if is_denied(address) and not allow.permits(address, port):
        raise Refused(f"{host} is a private or reserved address; an operator can allow it")


def _check_port(port: int, allow: AllowList, usual: Collection[int] = _USUAL) -> None:
    if port not in usual and not allow.opens_port(port):
        raise Refused(f"port {port} is not asked; an operator can allow it")


def _plain(host: str) -> str:
    return host.strip("[]").replace("%25", "%")


def admit(
    destination: Destination,
    allow: AllowList,
    resolve: Resolver,
    seconds: float,
    usual: Collection[int] = _USUAL,
) -> list[Address]:
    """Return the addresses that may be connected to, in the resolver's order; at least one.

    Raises Refused if the port, or an address written out, is not permitted, and Misled if any address of a name is not:
    what a name server says may be another word soon (a captive network, a parked name, split horizons). Unreachable
    without an address; TimedOut after `seconds` (the system's lookup knows no limit of its own). `usual` are the ports
    that need no leave.
    """
    host, port = destination.host, destination.port
    trusted = allow.permits_host(host, port)
    if not trusted:
        _check_port(port, allow, usual)
    addresses = [_read(text) for text in _resolved(host, port, resolve, seconds)]
    if not addresses:
        raise Unreachable(f"{host} has no address")
    if not trusted and not all(allow.permits(a, port) or (port in usual and not is_denied(a)) for a in addresses):
        raise (Refused if _is_number(host) else Misled)(
            f"{host} leads to a place that is not asked; an operator can allow it"
        )
    return addresses


def _read(text: str) -> Address:
    try:
        return address_of(text)
    except ValueError:
        raise Misled("the name has an address that cannot be judged") from None


def _is_number(host: str) -> bool:
    """Tell whether a host is an address written out, also as the system alone reads it (0x7f.1); no name ends so."""
    return _is_address(host) or _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]) is not None


def _is_address(host: str) -> bool:
    try:
        address_of(host)
    except ValueError:
        return False
    return True


def _resolved(host: str, port: int, resolve: Resolver, seconds: float) -> Sequence[str]:
    if _is_address(host):
        return [host]
    answers: list[Sequence[str] | Exception] = []

    def look_up() -> None:
        try:
            answers.append(resolve(host, port))
        except (OSError, ValueError) as error:
            answers.append(error)

    # A thread, because getaddrinfo cannot be interrupted; a hung one ends with the resolver's own patience.
    thread = threading.Thread(target=look_up, name="resolve", daemon=True)
    thread.start()
    thread.join(seconds)
    if not answers:
        raise TimedOut(f"looking up {host} took too long")
    answer = answers[0]
    if isinstance(answer, Exception):
        raise Unreachable(f"the name {host} cannot be resolved") from None
    return answer
