"""Every known way to spell a forbidden place is refused before a connection is made."""

import threading

import pytest

from shared.errors import Invalid, Refused, TimedOut, Unreachable
from shared.http import NOWHERE, AllowList, Http, Limits, Request, check_admissible
from shared.http.addresses import address_of, is_denied
from shared.http.guard import Destination, admit, destination_of

# A name server that knows only traps; what is not listed is asked of nobody.
NAMES = {
    "internal.example": ["10.0.0.5"],
    "metadata.example": ["169.254.169.254"],
    "mixed.example": ["93.184.216.34", "127.0.0.1"],
    "mixed6.example": ["93.184.216.34", "::1"],
    "mapped.example": ["::ffff:192.168.1.1"],
    "nat64.example": ["64:ff9b::7f00:1"],
    "sixtofour.example": ["2002:7f00:1::"],
    "zoned.example": ["fe80::1%eth0"],
    "odd.example": ["not-an-address"],
    "localhost": ["127.0.0.1", "::1"],
    "public.example": ["93.184.216.34"],
}
# What the C library makes of IPv4 spellings that are not four decimal numbers.
NUMBERS = {
    "0x7f.1": "127.0.0.1",
    "0x7f000001": "127.0.0.1",
    "2130706433": "127.0.0.1",
    "0177.0.0.1": "127.0.0.1",
    "127.1": "127.0.0.1",
    "0": "0.0.0.0",
    "127.0.1": "127.0.0.1",
    "0xa9.0xfe.0xa9.0xfe": "169.254.169.254",
    "2852039166": "169.254.169.254",
}


def resolve(host: str, port: int) -> list[str]:
    host = host.rstrip(".")
    if host in NUMBERS:
        return [NUMBERS[host]]
    if host in NAMES:
        return NAMES[host]
    try:
        return [str(address_of(host))]
    except ValueError:
        raise OSError("no such name") from None


CLIENT = Http(resolve=resolve)
REFUSED = [
    "http://127.0.0.1/",
    "http://127.0.0.1:80/",
    "https://127.8.9.10/",
    "http://0.0.0.0/",
    "http://0/",
    "http://10.1.2.3/",
    "http://100.64.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.0.0.170/",
    "http://192.0.2.1/",
    "http://192.88.99.1/",
    "http://192.168.0.1/",
    "http://198.18.0.1/",
    "http://198.51.100.7/",
    "http://203.0.113.7/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://0x7f.1/",
    "http://0x7f000001/",
    "http://2130706433/",
    "http://0177.0.0.1/",
    "http://127.1/",
    "http://127.0.1/",
    "http://0xa9.0xfe.0xa9.0xfe/",
    "http://2852039166/",
    "http://１２７.０.０.１/",
    "http://①②⑦.⓪.⓪.①/",
    "http://127。0。0。1/",
    "http://[::1]/",
    "http://[::]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::127.0.0.1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::ffff:a9fe:a9fe]/",
    "http://[64:ff9b::127.0.0.1]/",
    "http://[64:ff9b:1::1]/",
    "http://[2002:7f00:1::]/",
    "http://[2001::1]/",
    "http://[2001:db8::1]/",
    "http://[3fff::1]/",
    "http://[5f00::1]/",
    "http://[fc00::1]/",
    "http://[fd00:ec2::254]/",
    "http://[fe80::1]/",
    "http://[fe80::1%25lo]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://[100::1]/",
    "http://localhost/",
    "http://localhost./",
    "http://LOCALHOST/",
    "http://internal.example/",
    "http://metadata.example/",
    "http://mixed.example/",
    "http://mixed6.example/",
    "http://mapped.example/",
    "http://nat64.example/",
    "http://sixtofour.example/",
    "http://zoned.example/",
    "http://odd.example/",
    "http://public.example:22/",
    "http://public.example:8080/",
    "http://public.example:6379/",
    "http://public.example:0/",
    "http://public.example:99999/",
    "http://user@public.example/",
    "http://user:pass@public.example/",
    "http://public.example@127.0.0.1/",
    "http://127.0.0.1:80\\@public.example/",
    "http://public.example\\@127.0.0.1/",
    "http://127.0.0.1#@public.example/",
    "http://public.example /",
    "http://public.example/a b",
    "http://public.example/\r\nHost: internal",
    "http://public.example/\x00",
    " http://127.0.0.1/",
    "http:///path",
    "http://",
    "http:127.0.0.1",
    "//127.0.0.1/",
    "ftp://public.example/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_",
    "unix:///var/run/docker.sock",
    "data:text/html,x",
    "javascript:alert(1)",
    "http+unix://socket/",
    "http://[::1",
    "http://]/",
    "http://*.example/",
    "http://.example/",
    "http://public.example/" + "a" * 9000,
    "",
]


@pytest.mark.parametrize("url", REFUSED)
def test_a_forbidden_place_is_refused_however_it_is_spelled(url: str) -> None:
    with pytest.raises(Refused) as caught:
        CLIENT.exchange(Request("GET", url), limits=Limits(total_seconds=2))
    for secret in ("10.0.0.5", "169.254", "::1", "7f00"):
        assert secret in url or secret not in str(caught.value)


def test_the_systems_resolver_is_judged_too() -> None:
    client = Http()
    for host in ("2130706433", "0x7f.1", "127.1", "0177.0.0.1", "localhost"):
        with pytest.raises((Refused, Unreachable)):
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
    with pytest.raises(Refused):
        admit(destination_of(closed), allow, resolve, 1)


def test_every_address_of_a_name_must_be_opened() -> None:
    with pytest.raises(Refused):
        admit(destination_of("http://mixed.example:8080/"), AllowList.parse(["127.0.0.1:8080"]), resolve, 1)


def test_opening_nat64_does_not_open_what_is_embedded() -> None:
    allow = AllowList.parse(["64:ff9b::/96"])
    with pytest.raises(Refused):
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
