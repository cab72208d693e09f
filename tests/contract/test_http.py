"""The real HTTP adapter against real servers on loopback that misbehave in every way we know."""

import gzip
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from shared.errors import Invalid, Refused, TimedOut, TooLarge, Unreachable
from shared.http import AllowList, Exchange, Http, KeptHttp, Limits, Request, Response
from tests.servers.hostile import Script, Server, answer, chunked, dripping, flooding, serving

LOOPBACK = AllowList.parse(["127.0.0.0/8"])
SHORT = Limits(total_seconds=0.5)


@pytest.fixture(scope="module")
def once() -> Exchange:
    return Http(user_agent="tester/1")


@pytest.fixture(scope="module", params=["once", "kept"])
def client(request: pytest.FixtureRequest, once: Exchange) -> Iterator[Exchange]:
    """Each adapter; what only the one for crawling promises is asked of `once`."""
    if request.param == "once":
        yield once
        return
    kept = KeptHttp(10)
    yield kept
    kept.close()


def get(
    client: Exchange, server: Server, *, limits: Limits = SHORT, verify_tls: bool = True, scheme: str = "http"
) -> Response:
    request = Request("GET", server.url(scheme=scheme), verify_tls=verify_tls)
    return client.exchange(request, limits=limits, allow=LOOPBACK)


def test_an_answer_comes_back_whole_with_lower_case_header_names(client: Exchange) -> None:
    with serving(answer(b"hello", "X-Thing: a", "X-Thing: b", "Content-Type: text/html")) as server:
        response = get(client, server)
    assert (response.status, response.body) == (200, b"hello")
    assert response.headers["content-type"] == "text/html"
    assert response.headers["x-thing"] == "a, b"
    assert response.url == server.url()
    assert 0 <= response.duration_seconds < 1
    assert not response.cut


def test_the_request_names_the_host_and_asks_only_for_what_can_be_undone(once: Exchange) -> None:
    with serving(answer(b"")) as server:
        headers = {"If-None-Match": 'W/"1"', "User-Agent": "wire/2 (+mailto:a@b.example)"}
        once.exchange(Request("GET", server.url("/a?b=1"), headers), limits=SHORT, allow=LOOPBACK)
        get(once, server)
    first, second = (head.decode().lower() for head in server.heads)
    assert first.startswith("get /a?b=1 http/1.1\r\n")
    assert f"host: 127.0.0.1:{server.port}\r\n" in first
    assert 'if-none-match: w/"1"\r\n' in first
    assert "user-agent: wire/2 (+mailto:a@b.example)\r\n" in first
    assert "accept-encoding: gzip, deflate\r\n" in first
    assert "user-agent: tester/1\r\n" in second
    assert "cookie" not in first + second


def test_a_body_is_posted_as_it_is(client: Exchange) -> None:
    with serving(answer(b"ok")) as server:
        request = Request("POST", server.url(), {"Content-Type": "application/json"}, b'{"a": 1}')
        assert client.exchange(request, limits=SHORT, allow=LOOPBACK).body == b"ok"
    assert b"content-length: 8\r\n" in server.heads[0].lower()


def test_a_redirect_is_returned_and_not_followed(client: Exchange) -> None:
    location = "Location: http://169.254.169.254/latest/meta-data/"
    with serving(answer(b"moved", location, status="302 Found")) as server:
        response = get(client, server)
    assert response.status == 302
    assert response.headers["location"] == "http://169.254.169.254/latest/meta-data/"
    assert len(server.heads) == 1


def test_the_connection_is_closed_when_the_exchange_returns(once: Exchange) -> None:
    with serving(answer(b"x")) as server:
        get(once, server)
        assert server.closed_by_client.wait(2)


@pytest.mark.parametrize("more", [(), ("Connection: close",)])
def test_the_connection_is_closed_when_the_exchange_raises(client: Exchange, more: tuple[str, ...]) -> None:
    with serving(answer(b"x" * 10, *more, length=10**9)) as server:
        with pytest.raises(TooLarge) as caught:
            get(client, server)
        assert server.closed_by_client.wait(4), "though the error, and with it all that it came from, is still held"
        assert caught.traceback


def test_the_environment_names_no_proxy(client: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("all_proxy", "http://127.0.0.1:9")
    with serving(answer(b"direct")) as server:
        assert get(client, server).body == b"direct"


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_an_answer_without_a_body_needs_no_stream(client: Exchange, status: str) -> None:
    with serving(f"HTTP/1.1 {status}\r\nContent-Encoding: gzip\r\nETag: a\r\n\r\n".encode()) as server:
        assert get(client, server).body == b""


RAW_DEFLATE = zlib.compressobj(wbits=-15)
CODED = {
    "gzip": ("gzip", gzip.compress(b"text " * 100)),
    "two members": ("gzip", gzip.compress(b"text " * 60) + gzip.compress(b"text " * 40)),
    "padded": ("gzip", gzip.compress(b"text " * 100) + b"\0\0\0\0"),
    "deflate": ("deflate", zlib.compress(b"text " * 100)),
    "bare deflate": ("deflate", RAW_DEFLATE.compress(b"text " * 100) + RAW_DEFLATE.flush()),
    "a mistaken coding": ("utf-8", b"text " * 100),
}


@pytest.mark.parametrize("name", CODED)
def test_a_compressed_body_is_unpacked(client: Exchange, name: str) -> None:
    coding, packed = CODED[name]
    with serving(answer(packed, f"Content-Encoding: {coding}")) as server:
        assert get(client, server).body == b"text " * 100


def test_a_chunked_body_is_put_together(client: Exchange) -> None:
    with serving(chunked(b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n")) as server:
        assert get(client, server).body == b"abcde"


MANY = "\r\n".join(f"X-{number}: 1" for number in range(150)).encode()
BROKEN = {
    "150 headers": b"HTTP/1.1 200 OK\r\n" + MANY + b"\r\nContent-Length: 0\r\n\r\n",
    "a header line of 100,000 bytes": b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
    "a body shorter than declared": answer(b"short", length=50),
    "two different lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabcde",
    "a chunk length that is no number": chunked(b"zz\r\nabc\r\n0\r\n\r\n"),
    "a negative chunk length": chunked(b"-3\r\nabc\r\n0\r\n\r\n"),
    "a chunk that breaks off": chunked(b"a\r\nabc"),
    "no last chunk": chunked(b"3\r\nabc\r\n"),
    "no answer": b"",
    "something else than HTTP": b"220 mail.example ESMTP\r\n",
    "half a status line": b"HTTP/1.1 2",
    "gzip that is none": answer(b"<html>plain</html>", "Content-Encoding: gzip"),
    "gzip that breaks off": answer(gzip.compress(b"text" * 99)[:-12], "Content-Encoding: gzip"),
    "one byte of gzip": answer(b"\x1f", "Content-Encoding: gzip"),
    "a coding that was not asked for": answer(b"\x21\x00", "Content-Encoding: br"),
    "coding upon coding": answer(gzip.compress(gzip.compress(b"a")), "Content-Encoding: gzip, gzip"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_answer_is_no_answer(client: Exchange, name: str) -> None:
    with serving(BROKEN[name]) as server, pytest.raises(Unreachable) as caught:
        get(client, server)
    assert "0x" not in str(caught.value)


DRIPPED = {
    "nothing at all": (b"", b""),
    "headers": (b"HTTP/1.1 200 OK\r\nX: ", b"a"),
    "header lines": (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
    "interim answers": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a body": (b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b"x"),
    "a body without a length": (b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
    "chunks": (chunked(b""), b"1\r\nx\r\n"),
    "a chunk's head": (chunked(b""), b"0"),
}


# The drips go on for ever: that the exchange ends at all, by `TimedOut`, is the promise.
@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", DRIPPED)
def test_a_dripping_server_ends_at_the_deadline(client: Exchange, name: str) -> None:
    head, drip = DRIPPED[name]
    with serving(dripping(head, drip)) as server, pytest.raises(TimedOut):
        get(client, server)


@pytest.mark.timeout(60)
def test_a_server_that_never_greets_ends_at_the_deadline(client: Exchange) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/"
        with pytest.raises(TimedOut):
            client.exchange(Request("GET", url), limits=Limits(total_seconds=0.4), allow=LOOPBACK)


@pytest.mark.timeout(60)
def test_a_name_server_that_never_answers_ends_at_the_deadline() -> None:
    released = threading.Event()

    def stuck(host: str, port: int) -> list[str]:
        released.wait(120)
        return []

    with pytest.raises(TimedOut):
        Http(resolve=stuck).exchange(Request("GET", "http://slow.example/"), limits=Limits(total_seconds=0.3))
    released.set()


def test_a_closed_port_is_unreachable(client: Exchange) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closing:
        port = closing.getsockname()[1]
    with pytest.raises(Unreachable) as caught:
        client.exchange(Request("GET", f"http://127.0.0.1:{port}/"), limits=SHORT, allow=LOOPBACK)
    assert "does not answer" in str(caught.value)


SMALL = Limits(total_seconds=3, max_bytes=100_000, ratio_after=20_000)
BOMB = gzip.compress(b"\0" * 50_000_000)
TOO_LARGE: dict[str, Script | bytes] = {
    "a declared length": answer(b"x", length=100_001),
    "an absurd length": answer(b"x", length=10**30),
    "an endless body": flooding(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536, 20_000),
    "endless chunks": flooding(chunked(b""), b"4000\r\n" + b"x" * 0x4000 + b"\r\n", 80_000),
    "a gzip bomb": answer(BOMB, "Content-Encoding: gzip"),
    "a deflate bomb": answer(zlib.compress(b"\0" * 50_000_000), "Content-Encoding: deflate"),
}


@pytest.mark.parametrize("name", TOO_LARGE)
def test_an_answer_that_is_too_large_is_dropped_early(client: Exchange, name: str) -> None:
    with serving(TOO_LARGE[name]) as server, pytest.raises(TooLarge):
        get(client, server, limits=SMALL)


ENDLESS = {
    "headers": flooding(b"HTTP/1.1 200 OK\r\n", b"X: " + b"y" * 60_000 + b"\r\n", 90),
    "a chunk's head": flooding(chunked(b"1;"), b"x" * 65536, 20_000),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_endless_framing_is_dropped_early(client: Exchange, name: str) -> None:
    with serving(ENDLESS[name]) as server, pytest.raises((Unreachable, TooLarge)):
        get(client, server, limits=SMALL)


def test_a_high_ratio_is_refused_only_above_a_size(client: Exchange) -> None:
    packed = gzip.compress(b"\0" * 60_000)
    assert len(packed) * 200 < 60_000
    with serving(answer(packed, "Content-Encoding: gzip")) as server:
        with pytest.raises(TooLarge, match="inflates"):
            get(client, server, limits=SMALL)
        assert len(get(client, server).body) == 60_000


def test_a_cut_body_says_so(client: Exchange) -> None:
    limits = Limits(total_seconds=3, max_bytes=1000, cut=True)
    with serving(answer(b"x" * 5000)) as server:
        response = get(client, server, limits=limits)
    assert (len(response.body), response.cut) == (1000, True)


def test_many_threads_share_one_client(client: Exchange) -> None:
    bodies: list[bytes] = []
    with serving(answer(b"y" * 10_000)) as server:
        threads = [threading.Thread(target=lambda: bodies.append(get(client, server).body)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
    assert bodies == [b"y" * 10_000] * 8


def test_nobody_is_reached_without_the_operators_leave(client: Exchange) -> None:
    with serving(answer(b"secret")) as server:
        with pytest.raises(Refused):
            client.exchange(Request("GET", server.url()), limits=SHORT)
        with pytest.raises(Refused):
            client.exchange(Request("GET", server.url()), allow=AllowList.parse([f"127.0.0.1:{server.port + 1}"]))
    assert server.heads == []


def test_a_name_is_resolved_once_and_the_judged_address_is_asked() -> None:
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.9"]

    with serving(answer(b"pinned")) as server:
        request = Request("GET", f"http://site.example:{server.port}/")
        response = Http(resolve=rebinding).exchange(request, limits=SHORT, allow=AllowList.parse(["127.0.0.1"]))
    assert response.body == b"pinned"
    assert asked == ["site.example"]
    assert f"host: site.example:{server.port}\r\n".encode() in server.heads[0].lower()


def test_the_next_address_is_tried_when_the_first_does_not_answer() -> None:
    with serving(answer(b"second")) as server:
        client = Http(resolve=lambda *_: ["127.0.0.8", "127.0.0.1"])
        request = Request("GET", f"http://site.example:{server.port}/")
        assert client.exchange(request, limits=SHORT, allow=LOOPBACK).body == b"second"


def test_a_header_cannot_smuggle_another(client: Exchange) -> None:
    with pytest.raises(Invalid):
        client.exchange(Request("GET", "http://127.0.0.1/", {"X": "a\r\nHost: b"}), allow=LOOPBACK)
    with pytest.raises(Invalid):
        client.exchange(Request("GET", "http://127.0.0.1/", {"X": "网"}), allow=LOOPBACK)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for site.example with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "site.example")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("site.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "site.pem"
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def secure(authority: Path) -> Iterator[tuple[Server, list[str | None]]]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority)
    names: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    with serving(answer(b"sealed"), context) as server:
        yield server, names


def test_tls_greets_by_name_at_the_judged_address(secure: tuple[Server, list[str | None]], authority: Path) -> None:
    server, names = secure
    client = Http(ca_file=str(authority), resolve=lambda *_: ["127.0.0.1"])
    request = Request("GET", f"https://site.example:{server.port}/")
    assert client.exchange(request, limits=SHORT, allow=LOOPBACK).body == b"sealed"
    assert names == ["site.example"]


def test_an_untrusted_certificate_is_unreachable_unless_the_source_opts_out(
    client: Exchange, secure: tuple[Server, list[str | None]]
) -> None:
    server, _ = secure
    with pytest.raises(Unreachable, match="certificate"):
        get(client, server, scheme="https")
    assert get(client, server, scheme="https", verify_tls=False).body == b"sealed"


def test_a_body_dripped_through_tls_ends_at_the_deadline(client: Exchange, authority: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority)
    drip = dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b"x")
    with serving(drip, context) as server, pytest.raises(TimedOut):
        get(client, server, scheme="https", verify_tls=False)


def test_nothing_stays_open(client: Exchange) -> None:
    process = psutil.Process()
    with serving(answer(b"x")) as server, serving(BROKEN["a chunk that breaks off"]) as broken:
        get(client, server)
        before = process.num_fds()
        for _ in range(20):
            get(client, server)
            with pytest.raises(Unreachable):
                get(client, broken)
        until = time.monotonic() + 5  # the servers of the test close their ends in their own time
        while process.num_fds() > before + 2 and time.monotonic() < until:
            time.sleep(0.02)
        assert process.num_fds() <= before + 2


def test_what_was_said_is_told_in_order_with_what_is_repeated(client: Exchange) -> None:
    with serving(answer(b"x", "Set-Cookie: a=1", "X-Thing: 1", "Set-Cookie: b=2")) as server:
        response = get(client, server)
        host = f"127.0.0.1:{server.port}"
    names = [name for name, _ in response.fields]
    assert [value for name, value in response.fields if name == "Set-Cookie"] == ["a=1", "b=2"]
    assert names.index("Set-Cookie") < names.index("X-Thing")
    assert (response.version, response.reason) == ("1.1", "OK")
    assert dict(response.sent)["Host"] == host
    assert {f"{name.lower()}: {value}" for name, value in response.sent} <= set(
        server.heads[0].decode().lower().replace("tester", "tester").splitlines()
    )
