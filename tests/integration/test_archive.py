"""Evidence as WARC: what is exported is what was stored, and another tool's reader agrees."""

import gzip
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from warcio.archiveiterator import ArchiveIterator

from crawler.evidence import MOST_CHARACTERS, kept, spoken
from services.desk.archive import Range, export_warc
from shared.blobs import FolderBlobs
from shared.db import Ledger
from shared.db.models import Spoken
from shared.domain.states import Outcome
from shared.errors import Invalid
from shared.http import Response
from tests.integration.scene import fetch, later, rows, target

PAGE = "<html><body>关于整改进展情况的通报</body></html>".encode()
CODED = (
    ("Content-Type", "text/html"),
    ("Content-Encoding", "gzip"),
    ("Content-Length", "31"),
    ("Via", "1"),
    ("Via", "2"),
)
SENT = (("Host", "gov.example"), ("user-agent", "noticewire/1"))


@pytest.fixture
def blobs(tmp_path: Path) -> FolderBlobs:
    return FolderBlobs(tmp_path / "blobs")


def answered(
    ledger: Ledger,
    target_id: str,
    number: int,
    fields: Sequence[tuple[str, str]] = CODED,
    *,
    trail: Sequence[dict[str, Any]] = (),
    **values: Any,
) -> str:
    """Record a fetch with its headers, as a crawler would."""
    given: dict[str, Any] = {"status": 200, "size": len(PAGE), "url": "https://gov.example/a/1.html"} | values
    fetch_id = fetch(ledger, target_id, number, **given)
    response = Response(
        given["url"] + "?p=1", given["status"], {}, b"", 0.0, 0.1, fields=fields, reason="OK", sent=SENT
    )
    with ledger.begin() as uow:
        uow.evidence.keep(spoken(fetch_id, response, trail))
        uow.commit()
    return fetch_id


def records(path: Path) -> list[dict[str, Any]]:
    """Read a file as another tool would; digests that are wrong raise."""
    found = []
    with path.open("rb") as file:
        for record in ArchiveIterator(file, check_digests="raise"):
            content = record.content_stream().read()
            headers = dict(record.rec_headers.headers)
            http = record.http_headers
            found.append({"type": record.rec_type, "content": content, "warc": headers, "http": http})
    return found


def test_a_capture_is_a_response_with_its_request_and_its_bytes(
    ledger: Ledger, blobs: FolderBlobs, tmp_path: Path
) -> None:
    one = target(ledger)
    answered(ledger, one.id, 1, digest=blobs.put(PAGE))
    out = tmp_path / "out.warc.gz"
    written = export_warc(ledger, blobs, Range(), out)
    info, response, request = records(out)
    assert (written.response, written.request, written.revisit, written.missing) == (1, 1, 0, 0)
    assert info["type"] == "warcinfo"
    assert response["content"] == PAGE
    assert response["warc"]["WARC-Payload-Digest"] == f"sha256:{hashlib.sha256(PAGE).hexdigest()}"
    assert response["warc"]["WARC-Target-URI"] == "https://gov.example/a/1.html?p=1"
    (row,) = rows(ledger, Spoken)
    with ledger.reading() as uow:
        (exhibit,) = uow.evidence.exhibits()
    assert row.fetch_id == exhibit.fetch.id
    assert response["warc"]["WARC-Date"] == exhibit.fetch.started_at.isoformat().replace("+00:00", "Z")
    head = response["http"]
    assert head.get_header("Content-Length") == str(len(PAGE))
    assert head.get_header("Content-Encoding") is None
    assert head.get_header("X-Archive-Orig-Content-Encoding") == "gzip"
    assert [value for name, value in head.headers if name == "Via"] == ["1", "2"]
    assert request["warc"]["WARC-Concurrent-To"] == response["warc"]["WARC-Record-ID"]
    assert request["http"].protocol == "GET"
    assert request["http"].get_header("user-agent") == "noticewire/1"


def test_what_did_not_change_is_a_revisit_of_the_capture(ledger: Ledger, blobs: FolderBlobs, tmp_path: Path) -> None:
    one = target(ledger)
    answered(ledger, one.id, 1, digest=blobs.put(PAGE))
    answered(ledger, one.id, 2, fields=(("ETag", '"1"'),), status=304, size=0, outcome=Outcome.UNCHANGED)
    answered(ledger, one.id, 3, outcome=Outcome.UNCHANGED)
    out = tmp_path / "out.warc.gz"
    assert export_warc(ledger, blobs, Range(), out).revisit == 2
    found = records(out)
    (response,) = [one for one in found if one["type"] == "response"]
    not_modified, identical = [one for one in found if one["type"] == "revisit"]
    for revisit in (not_modified, identical):
        assert revisit["content"] == b""
        assert revisit["warc"]["WARC-Refers-To"] == response["warc"]["WARC-Record-ID"]
        assert revisit["warc"]["WARC-Refers-To-Date"] == response["warc"]["WARC-Date"]
        assert revisit["warc"]["WARC-Payload-Digest"] == response["warc"]["WARC-Payload-Digest"]
    assert not_modified["warc"]["WARC-Profile"].endswith("server-not-modified")
    assert not_modified["http"].get_header("ETag") == '"1"'
    assert identical["warc"]["WARC-Profile"].endswith("identical-payload-digest")


def test_an_answer_of_which_no_bytes_are_kept_shows_its_headers_alone(
    ledger: Ledger, blobs: FolderBlobs, tmp_path: Path
) -> None:
    one = target(ledger)
    answered(ledger, one.id, 1, status=404, outcome=Outcome.GONE)
    answered(ledger, one.id, 2, digest="0" * 64)
    fetch(ledger, one.id, 3, status=200, digest=blobs.put(PAGE), content_type="text/html")  # by an older release
    fetch(ledger, one.id, 4, outcome=Outcome.FAILED, error="no answer")
    out = tmp_path / "out.warc.gz"
    written = export_warc(ledger, blobs, Range(), out)
    responses = [one for one in records(out) if one["type"] == "response"]
    assert (written.response, written.request, written.missing) == (3, 2, 1)
    assert [one["http"].get_statuscode() for one in responses] == ["404", "200", "200"]
    assert [one["warc"].get("WARC-Truncated") for one in responses] == ["unspecified", "unspecified", None]
    assert [one["content"] for one in responses] == [b"", b"", PAGE]


def test_a_range_is_of_one_source_and_of_a_time(ledger: Ledger, blobs: FolderBlobs, tmp_path: Path) -> None:
    here, there = target(ledger), target(ledger, host="other.example")
    digest = blobs.put(PAGE)
    answered(ledger, here.id, 1, digest=digest, started_at=later(ledger, -7200))
    answered(ledger, here.id, 2, digest=digest)
    answered(ledger, there.id, 1, digest=digest)
    for at, (which, count) in enumerate(
        [
            (Range(), 3),
            (Range(source_id=here.source_id), 2),
            (Range(here.source_id, later(ledger, -3600)), 1),
            (Range(since=later(ledger, 60)), 0),
        ]
    ):
        assert export_warc(ledger, blobs, which, tmp_path / f"{at}.warc.gz").response == count


def test_the_same_export_has_the_same_names_and_one_gzip_member_a_record(
    ledger: Ledger, blobs: FolderBlobs, tmp_path: Path
) -> None:
    answered(ledger, target(ledger).id, 1, digest=blobs.put(PAGE))
    paths = tmp_path / "a.warc.gz", tmp_path / "b.warc.gz"
    for path in paths:
        export_warc(ledger, blobs, Range(), path)
    ids = [[one["warc"]["WARC-Record-ID"] for one in records(path) if one["type"] == "response"] for path in paths]
    assert ids[0] == ids[1]
    assert paths[0].read_bytes().count(b"\x1f\x8b\x08") >= 3
    assert gzip.decompress(paths[0].read_bytes()).count(b"WARC/1.1\r\n") == 3


def hop(url: str, to: str, *, size: int = 0) -> dict[str, Any]:
    """Return what was said at a redirect, as its target keeps it."""
    return {
        "number": 1,
        "at": "2026-03-04T01:02:03.000004+00:00",
        "method": "GET",
        "size": size,
        "url": url,
        "sent": [["Host", "gov.example"]],
        "version": "1.1",
        "status": 302,
        "reason": "Found",
        "received": [["Location", to], ["Content-Length", str(size)]],
        "cut": False,
    }


def replayed(path: Path, url: str) -> bytes:
    """Ask a file for a URL as a replay tool would: the response at it, and on where that redirects."""
    kept = {one["warc"]["WARC-Target-URI"]: one for one in records(path) if one["type"] == "response"}
    while location := kept[url]["http"].get_header("Location"):
        url = urljoin(url, location)
    content: bytes = kept[url]["content"]
    return content


def test_who_asks_for_the_first_address_is_led_over_its_redirects_to_the_last(
    ledger: Ledger, blobs: FolderBlobs, tmp_path: Path
) -> None:
    first, second = "https://gov.example/old.html", "https://gov.example/mid.html"
    trail = [hop(first, "/mid.html"), hop(second, "https://gov.example/a/1.html?p=1", size=120)]
    answered(ledger, target(ledger).id, 1, digest=blobs.put(PAGE), trail=trail)
    out = tmp_path / "out.warc.gz"
    written = export_warc(ledger, blobs, Range(), out)
    assert (written.response, written.request, written.missing) == (3, 3, 0)
    assert replayed(out, first) == PAGE
    found = records(out)[1:]
    assert [one["type"] for one in found] == ["response", "request"] * 3
    assert len({one["warc"]["WARC-Record-ID"] for one in found}) == 6
    for response, request in zip(found[::2], found[1::2], strict=True):
        assert request["warc"]["WARC-Concurrent-To"] == response["warc"]["WARC-Record-ID"]
        assert request["warc"]["WARC-Target-URI"] == response["warc"]["WARC-Target-URI"]
    empty, full = found[0], found[2]
    assert (empty["content"], full["content"]) == (b"", b"")
    assert (empty["warc"].get("WARC-Truncated"), full["warc"]["WARC-Truncated"]) == (None, "unspecified")
    assert empty["warc"]["WARC-Payload-Digest"] == f"sha256:{hashlib.sha256(b'').hexdigest()}"
    assert full["http"].get_header("X-Archive-Orig-Content-Length") == "120"
    assert full["http"].get_header("Content-Length") == "0"
    assert full["http"].get_statuscode() == "302"
    assert full["warc"]["WARC-Date"] == "2026-03-04T01:02:03.000004Z"


def test_a_revisit_is_led_to_as_well(ledger: Ledger, blobs: FolderBlobs, tmp_path: Path) -> None:
    one = target(ledger)
    answered(ledger, one.id, 1, digest=blobs.put(PAGE))
    trail = [hop("https://gov.example/old.html", "/a/1.html?p=1")]
    answered(ledger, one.id, 2, status=304, size=0, outcome=Outcome.UNCHANGED, trail=trail)
    out = tmp_path / "out.warc.gz"
    export_warc(ledger, blobs, Range(), out)
    assert [one["type"] for one in records(out)][3:] == ["response", "request", "revisit", "request"]
    assert replayed(out, "https://gov.example/old.html") == PAGE


class Broken(FolderBlobs):
    """A store whose disk fails."""

    def get(self, digest: str) -> bytes:
        """See `Blobs.get`."""
        raise OSError("the disk is gone")


def test_a_file_appears_whole_or_not_at_all_and_none_is_written_over(
    ledger: Ledger, blobs: FolderBlobs, tmp_path: Path
) -> None:
    answered(ledger, target(ledger).id, 1, digest=blobs.put(PAGE))
    folder = tmp_path / "exports"
    folder.mkdir()
    with pytest.raises(OSError, match="the disk is gone"):
        export_warc(ledger, Broken(tmp_path), Range(), folder / "out.warc.gz")
    assert list(folder.iterdir()) == []
    export_warc(ledger, blobs, Range(), folder / "out.warc.gz")
    with pytest.raises(Invalid, match="exists already"):
        export_warc(ledger, blobs, Range(), folder / "out.warc.gz")
    assert [one.name for one in folder.iterdir()] == ["out.warc.gz"]


def test_headers_are_kept_as_far_as_they_are_reasonable_and_legible() -> None:
    fields = [("A", "x\r\ny\x00z"), ("B", "é"), ("C", "v" * MOST_CHARACTERS), ("D", "late")]
    assert kept(fields) == ([["A", "x??y?z"], ["B", "é"]], True)
    assert kept(fields[:2])[1] is False
