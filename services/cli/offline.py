"""`read`, `listing` and `robots`: what the readers make of single pages and robots files; nothing is stored of them."""

from __future__ import annotations

import json as jsonlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from services.cli.inputs import Inputs, Snapshot
from services.cli.options import Data, Json
from services.cli.reading import show_document
from services.cli.screen import emit, facts, note, say, table
from shared.errors import Invalid, NoticewireError

Names = Annotated[list[str], typer.Argument(metavar="FILE|-|URL...", help="Files, - for standard input, or URLs.")]
Url = Annotated[str | None, typer.Option("--url", metavar="URL", help="Where a file was found.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command("read")(read)
    app.command("listing")(listing)
    app.command("robots")(robots)


def read(names: Names, url: Url = None, data: Data = None, json: Json = False) -> None:
    """Read pages, texts, PDF, Word or Excel files as the worker would; a URL is asked politely, and nothing is kept."""
    _each(names, Inputs(data, url), _document, emit if json else show_document)


def _document(snapshot: Snapshot) -> Mapping[str, Any]:
    from worker.attachments.kinds import container_of
    from worker.read import read as read_document

    if container_of(snapshot.content) in ("pdf", "zip", "ole"):
        return _document_of_file(snapshot)
    return read_document(snapshot.content, url=snapshot.url, content_type=snapshot.content_type).as_json()


def _document_of_file(snapshot: Snapshot) -> Mapping[str, Any]:
    """Read the text of a PDF, Word or Excel file; raises `Unreadable` where it has none."""
    from worker.attachments import extract
    from worker.read import Hints, Unreadable, read_text

    told = extract(snapshot.content)
    if told.text is None:
        raise Unreadable(f"it is a file ({told.kind}) without text: {told.reason}")
    return read_text(told.text, Hints(), snapshot.url).as_json()


def listing(names: Names, url: Url = None, data: Data = None, json: Json = False) -> None:
    """Show the links that a column's page lists, and where its next page is."""
    made = partial(_listing, written=(url or "", *names))
    _each(names, Inputs(data, url), made, emit if json else _show_listing)


def _listing(snapshot: Snapshot, written: Sequence[str]) -> Mapping[str, Any]:
    from crawler.discover import read_listing
    from shared.clock import SystemClock
    from shared.domain.zones import CHINA

    if snapshot.url is None:
        raise Invalid("links need the page's own address: add --url URL")
    today = SystemClock().now().astimezone(CHINA).date()  # what a date without its year is counted from
    # As it was written: some systems name the column in the fragment, which a canonical address has no more.
    address = next((url for url in written if url.startswith(f"{snapshot.url}#")), snapshot.url)
    found = read_listing(snapshot.content, address, snapshot.content_type, today=today)
    items = [
        {
            "url": item.url,
            "title": item.title,
            "date": item.date.isoformat() if item.date else None,
            "pinned": item.pinned,
        }
        for item in found.items
    ]
    return {
        "family": found.family,
        "evidence": list(found.evidence),
        "items": items,
        "next": list(found.next),
        "requests": [{"method": call.method, "url": call.url, "body": call.body} for call in found.requests],
        "warnings": list(found.warnings),
        "feeds": list(found.feeds),
        "total": found.total,
        "container": found.container,
    }


def _show_listing(found: Mapping[str, Any]) -> None:
    calls = [f"{call['method']} {call['url']} {call['body'] or ''}".strip() for call in found["requests"]]
    facts(
        {
            "family": found["family"],
            "seen": found["evidence"],
            "next page": found["next"],
            "calls": calls,
            "feeds": found["feeds"],
            "warnings": found["warnings"],
        }
    )
    table(("date", "title", "URL"), ([item["date"], item["title"], item["url"]] for item in found["items"]))


def _each(
    names: Sequence[str],
    inputs: Inputs,
    make: Callable[[Snapshot], Mapping[str, Any]],
    show: Callable[[Mapping[str, Any]], None],
) -> None:
    """Show one answer an input, in order; one that fails leaves its error in its place, and 1 as the exit code."""
    failed = 0
    with inputs:
        for name in names:
            try:
                answer = make(inputs.get(name))
            except (NoticewireError, OSError) as error:
                failed += 1
                answer = {"error": _words(name, error)}
                note(f"noticewire: {answer['error']}")
                if show is not emit:
                    continue
            if len(names) > 1 and show is not emit:
                say(f"── {name}")
            show(answer)
    if failed:
        raise typer.Exit(1)


def _words(name: str, error: Exception) -> str:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return reason if name in reason else f"{name}: {reason}"


def robots(
    batch: Annotated[
        str, typer.Option(metavar="FILE|-", help='Lines {"robots": "...", "agent": "...", "url": "..."}.')
    ],
) -> None:
    """Say for each line whether the agent may ask for the URL, and by which rule; always as JSON."""
    failed = False
    for number, line in enumerate(_lines(batch), 1):
        try:
            answer = _allowed(line)
        except Invalid as error:
            failed = True
            answer = {"error": f"line {number}: {error}"}
            note(f"noticewire: {answer['error']}")
        emit(answer, flush=True)
    if failed:
        raise typer.Exit(1)


def _lines(name: str) -> Iterator[bytes]:
    """Yield the lines that hold anything, as they come: whoever writes to us may wait for each answer."""
    try:
        with nullcontext(sys.stdin.buffer) if name == "-" else Path(name).open("rb") as file:
            yield from filter(bytes.strip, iter(file.readline, b""))
    except OSError as error:
        raise Invalid(f"{name}: {error.strerror}") from error


def _allowed(line: bytes) -> dict[str, Any]:
    from crawler.robots import Allowed, MustFetch, RobotsCopy, verdict
    from shared.clock import SystemClock

    try:
        asked = jsonlib.loads(line)
        text, agent, url = asked["robots"], asked["agent"], asked["url"]
        body = text.encode("utf-8", "surrogateescape")
        now = SystemClock().now()
        word = verdict(RobotsCopy("", 200, body, now), agent, url, now)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Invalid('expected {"robots": "text", "agent": "text", "url": "text"}, with an absolute URL') from error
    assert not isinstance(word, MustFetch)  # the copy is as fresh as can be
    return {"allowed": isinstance(word, Allowed), "rule": word.rule}
