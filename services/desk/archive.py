"""Evidence for other tools: fetches as a WARC 1.1 file (ISO 28500:2017), one gzip member a record, replayable.

A capture is a response with its request, and before it stand those of the redirects that led there, each under its own
address, so that who asks for the first is led to the last. An answer that said "not modified", or brought the bytes
that were known, is a revisit of the capture before it. Of other answers (404, a challenge, a redirect …) no body is
kept: their headers stand alone, marked as truncated where there was one. Snapshots are decoded bodies, so the headers
that told of codings and lengths on the wire are renamed `X-Archive-Orig-…`, and Content-Length is the snapshot's.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from services.desk.appearing import appearing
from shared.blobs import Blobs
from shared.db import Ledger
from shared.db.evidence import Exhibit
from shared.db.models import Fetch
from shared.domain.states import Outcome
from shared.errors import Invalid, NotFound

BATCH = 100
SPECIFICATION = "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
IDENTICAL = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
_OF_THE_WIRE = frozenset({"content-encoding", "content-length", "transfer-encoding"})
_IDS = uuid.uuid5(uuid.NAMESPACE_URL, "https://noticewire.org/records")

Fields = list[tuple[str, str]]
Pairs = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Range:
    """Which fetches are wanted; None asks nothing."""

    source_id: str | None = None
    since: datetime | None = None


@dataclass
class Written:
    """How many records there are of each type; `missing` are captures whose snapshot is not kept."""

    response: int = 0
    revisit: int = 0
    request: int = 0
    missing: int = 0


def export_warc(ledger: Ledger, blobs: Blobs, which: Range, path: Path) -> Written:
    """Write a WARC file of the fetches in a range; it appears under its name when it is whole, or not at all.

    One snapshot is in memory at a time. Raises `Invalid` where there is such a file already.
    """
    if path.exists():
        raise Invalid(f"{path} exists already, and evidence is not written over: name another file, or remove it")
    with appearing(path) as file:
        archive = _Archive(ledger, blobs, file)
        archive.describe(path.name)
        after = ""
        while exhibits := _page(ledger, which, after):
            for one in exhibits:
                archive.add(one)
            after = exhibits[-1].fetch.id
    return archive.written


def _page(ledger: Ledger, which: Range, after: str) -> Sequence[Exhibit]:
    with ledger.reading() as uow:
        return uow.evidence.exhibits(source_id=which.source_id, since=which.since, after=after, limit=BATCH)


@dataclass(frozen=True)
class _Said:
    """One exchange; `name` makes the ids of its records."""

    name: str
    url: str
    at: datetime
    status: int | None
    received: Pairs
    reason: str = ""
    version: str = "1.1"
    sent: Pairs | None = None
    """None where a release before this made the fetch."""
    method: str = "GET"


def _said(one: Exhibit) -> _Said:
    fetch, spoken = one.fetch, one.spoken
    if spoken is None:
        received = [("Content-Type", fetch.content_type)] if fetch.content_type else []
        return _Said(fetch.id, fetch.final_url or fetch.url, fetch.started_at, fetch.status, received)
    head = spoken.received, spoken.reason, spoken.version, spoken.sent
    return _Said(fetch.id, spoken.url, fetch.started_at, fetch.status, *head)


def _hop(one: Exhibit, number: int, hop: dict[str, Any]) -> _Said:
    """Return what was said at a redirect on the way to a fetch; `number` counts from 1."""
    head = hop["received"], hop["reason"], hop["version"], hop["sent"], hop["method"]
    return _Said(f"{one.fetch.id}/hop-{number}", hop["url"], datetime.fromisoformat(hop["at"]), hop["status"], *head)


class _Archive:
    """Records in the order of their fetches."""

    def __init__(self, ledger: Ledger, blobs: Blobs, file: BinaryIO) -> None:
        self._ledger = ledger
        self._blobs = blobs
        self._writer = WARCWriter(file, gzip=True, warc_version="WARC/1.1")
        self.written = Written()

    def describe(self, name: str) -> None:
        """Begin the file with what wrote it, and how."""
        told = {
            "software": f"noticewire/{version('noticewire')}",
            "format": "WARC File Format 1.1",
            "conformsTo": SPECIFICATION,
            "description": "Bodies are decoded; headers of their coding on the wire are renamed X-Archive-Orig-…",
        }
        self._writer.write_record(self._writer.create_warcinfo_record(name, told))

    def add(self, one: Exhibit) -> None:
        """Write the records of one fetch."""
        fetch = one.fetch
        if fetch.outcome == Outcome.UNCHANGED:
            with self._ledger.reading() as uow:
                known = uow.evidence.captured_before(fetch)
            if known is not None:
                self._lead(one)
                self._write(_said(one), self._revisit(one, known))
                self.written.revisit += 1
            return
        body = None
        if fetch.outcome == Outcome.CAPTURED:
            try:
                body = self._blobs.get(str(fetch.digest))
            except NotFound:
                self.written.missing += 1
        self._lead(one)
        self._write(_said(one), self._response(_said(one), body, one.fetch.digest))
        self.written.response += 1

    def _lead(self, one: Exhibit) -> None:
        """Write the redirects that led to an answer, in their order: each a capture of its own, of its own address."""
        for number, hop in enumerate(one.spoken.hops or () if one.spoken else (), 1):
            said = _hop(one, number, hop)
            empty = None if hop["size"] else b""
            self._write(said, self._response(said, empty, sha256(b"").hexdigest()))
            self.written.response += 1

    def _write(self, said: _Said, record: Any) -> None:
        if said.sent is None:
            self._writer.write_record(record)
            return
        self._writer.write_request_response_pair(self._request(said, said.sent), record)
        self.written.request += 1

    def _request(self, said: _Said, sent: Pairs) -> Any:
        parts = urlsplit(said.url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = StatusAndHeaders(f"{said.method} {path} HTTP/1.1", _fields(sent), is_http_request=True)
        return self._writer.create_warc_record(
            said.url, "request", http_headers=headers, warc_headers_dict=_about(said, "request")
        )

    def _response(self, said: _Said, body: bytes | None, digest: str | None) -> Any:
        """Return the record of an answer whose body has the SHA-256 `digest`; None: the body is not kept."""
        about = _about(said, "response")
        if body is None:
            about["WARC-Truncated"] = "unspecified"
        else:
            about["WARC-Payload-Digest"] = f"sha256:{digest}"
        content = body or b""
        return self._writer.create_warc_record(
            said.url,
            "response",
            payload=BytesIO(content),
            length=len(content),
            http_headers=_answer(said, len(content)),
            warc_headers_dict=about,
        )

    def _revisit(self, one: Exhibit, known: Fetch) -> Any:
        said = _said(one)
        about = _about(said, "response") | {
            "WARC-Profile": NOT_MODIFIED if one.fetch.status == 304 else IDENTICAL,
            "WARC-Payload-Digest": f"sha256:{known.digest}",
            "WARC-Refers-To": _record_id(known.id, "response"),
            "WARC-Refers-To-Target-URI": known.final_url or known.url,
            "WARC-Refers-To-Date": _date(known.started_at),
        }
        length = None if one.fetch.status == 304 else one.fetch.size
        return self._writer.create_warc_record(
            said.url, "revisit", http_headers=_answer(said, length), warc_headers_dict=about
        )


def _answer(said: _Said, length: int | None) -> StatusAndHeaders:
    """Return the head of an answer, true to the body as it is kept; `length` None leaves it as it came."""
    fields = _fields(said.received)
    if length is not None:
        fields = [(f"X-Archive-Orig-{name}" if name.lower() in _OF_THE_WIRE else name, value) for name, value in fields]
        fields.append(("Content-Length", str(length)))
    return StatusAndHeaders(f"{said.status} {said.reason}", fields, protocol=f"HTTP/{said.version}")


def _fields(pairs: Pairs) -> Fields:
    return [(pair[0], pair[1]) for pair in pairs]


def _about(said: _Said, kind: str) -> dict[str, str]:
    return {"WARC-Record-ID": _record_id(said.name, kind), "WARC-Date": _date(said.at)}


def _record_id(name: str, kind: str) -> str:
    """Return a record's name, the same in every export."""
    return f"<urn:uuid:{uuid.uuid5(_IDS, f'{name}/{kind}')}>"


def _date(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
