"""Every known way to spell a forbidden place is refused before a connection is made."""

import ipaddress
import threading
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Invalid, Misled, Permanent, Refused, TimedOut, Transient, Unreachable
from shared.http import NOWHERE, AllowList, Exchange, Http, KeptHttp, Limits, Request, check_admissible
from shared.http.addresses import DENIED, address_of, is_denied
from shared.http.guard import Destination, admit, destination_of
from tests.forbidden import FORBIDDEN, NAMED, NAMES, NUMBERS, resolve

CLIENT = Http(resolve=resolve)
KEPT = KeptHttp(4, resolve=resolve)
PATIENCE = Limits(total_seconds=10)
EITHER = ("an international name",)
"""Which may be refused for how it is written, too."""
OTHERS = AllowList.parse(["172.20.0.0/24", "[fd12::/16]:443", "allowed.example:8443"])


@pytest.mark.parametrize("client", [CLIENT, KEPT], ids=["once", "kept"])
@pytest.mark.parametrize("name", FORBIDDEN)
def test_a_forbidden_place_is_refused_however_it_is_spelled(client: Exchange, name: str) -> None:
    url = FORBIDDEN[name]
    with pytest.raises((Refused, Misled)) as caught:
        client.exchange(Request("GET", url), limits=PATIENCE)
    told = str(caught.value)
    for addresses in [*NAMES.values(), *([address] for address in NUMBERS.values())]:
        assert not [one for one in addresses if one in told and one not in url], "an error reveals no address"


@pytest.mark.parametrize("name", FORBIDDEN)
def test_no_entry_of_an_allow_list_for_another_place_opens_a_forbidden_one(name: str) -> None:
    with pytest.raises((Refused, Misled)):
        CLIENT.exchange(Request("GET", FORBIDDEN[name]), limits=PATIENCE, allow=OTHERS)


@pytest.mark.parametrize("client", [CLIENT, KEPT], ids=["once", "kept"])
@pytest.mark.parametrize("name", [one for one in FORBIDDEN if one not in EITHER])
def test_only_what_a_name_leads_to_just_now_may_be_tried_again(client: Exchange, name: str) -> None:
    named = name in NAMED
    with pytest.raises(Misled if named else Refused) as caught:
        client.exchange(Request("GET", FORBIDDEN[name]), limits=PATIENCE)
    assert isinstance(caught.value, Transient if named else Permanent)


@pytest.mark.parametrize("client", [Http, lambda **more: KeptHttp(4, **more)], ids=["once", "kept"])
def test_a_name_that_is_public_first_and_private_then_is_judged_anew_for_each_connection(
    client: Callable[..., Exchange],
) -> None:
    answers = iter([["198.51.100.7", "127.0.0.1"], ["127.0.0.1"], ["::1"]])
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    http = client(resolve=rebinding)
    for _ in range(3):
        with pytest.raises(Misled):
            http.exchange(Request("GET", "http://rebinding.example/"), limits=PATIENCE)
    assert len(asked) == 3, "once for each exchange"


def test_every_forbidden_network_is_denied_at_both_its_ends() -> None:
    for network in DENIED:
        ends = (network.network_address, network.broadcast_address)
        assert all(is_denied(one) or one in ipaddress.ip_network("::ffff:0:0/96") for one in ends), network


@given(st.integers(0, 2**128 - 1))
def test_of_ipv6_only_what_is_given_out_may_be_asked(number: int) -> None:
    address = ipaddress.IPv6Address(number)
    if not is_denied(address):
        assert address in ipaddress.ip_network("2000::/3") or address.ipv4_mapped
        assert address.is_global or address.ipv4_mapped


@given(st.text(alphabet="http:/@[]%.\\#?127.0.0.1localhost:80 １。\t", max_size=40))
def test_no_url_is_anything_but_refused_or_a_place_that_both_parsers_see(tail: str) -> None:
    url = f"http://{tail}"
    try:
        found = destination_of(url)
    except Refused:
        return
    assert (urlsplit(url).hostname or "").replace("%25", "%") == found.host.replace("%25", "%")


def test_the_systems_resolver_is_judged_too() -> None:
    client = Http()
    for host in ("2130706433", "0x7f.1", "127.1", "0177.0.0.1", "localhost"):
        with pytest.raises((Refused, Misled, Unreachable)):
            client.exchange(Request("GET", f"http://{host}/"), limits=Limits(total_seconds=2))


@pytest.mark.parametrize("text", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34", "172.32.0.1"])
def test_a_public_address_is_not_denied(text: str) -> None:
    assert not is_denied(address_of(text))


def test_a_public_host_is_admitted_with_all_its_addresses() -> None:
    assert [str(a) for a in admit(destination_of("https://public.example/"), NOWHERE, resolve, 1)] == ["93.184.216.34"]


def test_a_name_without_an_address_is_unreachable() -> None:
    with pytest.raises(Unreachable):
        admit(Destination("http", "nowhere.example", 80), NOWHERE, resolve, 1)
    with pytest.raises(Unreachable):
        admit(Destination("http", "empty.example", 80), NOWHERE, lambda *_: [], 1)


def test_a_slow_lookup_is_given_up() -> None:
    def slow(host: str, port: int) -> list[str]:
        threading.Event().wait(0.5)
        return ["93.184.216.34"]

    with pytest.raises(TimedOut):
        admit(Destination("http", "slow.example", 80), NOWHERE, slow, 0.05)


OPENED = {
    "127.0.0.2": ("http://127.0.0.2:8081/", "http://127.0.0.3/"),
    "127.0.0.0/8": ("http://127.9.9.9/", "http://10.0.0.1/"),
    "10.1.2.0/24:8080": ("http://10.1.2.3:8080/", "http://10.1.2.3/"),
    "127.0.0.9:8081": ("http://127.0.0.9:8081/", "http://127.0.0.9:8082/"),
    "internal.example:8080": ("http://INTERNAL.example.:8080/", "http://internal.example/"),
    "localhost": ("http://localhost:9000/", "http://127.0.0.1:9000/"),
    "public.example:8080": ("http://public.example:8080/", "http://public.example:8081/"),
    "[::1]:8080": ("http://[::1]:8080/", "http://[::1]/"),
    "::1": ("http://[::1]:1234/", "http://127.0.0.1/"),
    "fd00::/8": ("http://[fd00::7]/", "http://[fc00::7]/"),
    "192.168.1.0/24": ("http://mapped.example/", "http://mapped.example:8080/x y"),
}


@pytest.mark.parametrize("entry", OPENED)
def test_an_operator_opens_exactly_what_is_listed(entry: str) -> None:
    allow, (opened, closed) = AllowList.parse([entry]), OPENED[entry]
    assert admit(destination_of(opened), allow, resolve, 1)
    with pytest.raises((Refused, Misled)):
        admit(destination_of(closed), allow, resolve, 1)


def test_every_address_of_a_name_must_be_opened() -> None:
    with pytest.raises(Misled):
        admit(destination_of("http://mixed.example:8080/"), AllowList.parse(["127.0.0.1:8080"]), resolve, 1)


def test_opening_nat64_does_not_open_what_is_embedded() -> None:
    allow = AllowList.parse(["64:ff9b::/96"])
    with pytest.raises(Misled):
        admit(destination_of("http://nat64.example/"), allow, resolve, 1)
    assert allow.permits(address_of("64:ff9b::5db8:d822"), 80)


@pytest.mark.parametrize(
    "entry",
    ["", "127.1", "300.0.0.1", "10.0.0.1/24", "10.0.0.0/33", "a b", "http://x/", "x:0", "x:99999", "*", "[::1", "u@h"],
)
def test_nonsense_in_the_allow_list_is_told(entry: str) -> None:
    with pytest.raises(Invalid):
        AllowList.parse([entry])


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/hook",
        "http://10.1.2.3/",
        "http://[::1]/",
        "http://169.254.169.254/latest",
        "https://x.example:8443/",
    ],
)
def test_an_address_that_could_never_be_asked_is_refused_before_anything_is_resolved(url: str) -> None:
    with pytest.raises(Refused, match="an operator can allow it"):
        check_admissible(url, NOWHERE)


def test_what_the_operator_opened_is_admissible() -> None:
    check_admissible("http://127.0.0.9:8081/hook", AllowList.parse(["127.0.0.9:8081"]))
    check_admissible("http://inner.example:8080/", AllowList.parse(["inner.example:8080"]))
    check_admissible("https://www.example.org/", NOWHERE)
