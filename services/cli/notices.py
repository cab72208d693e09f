"""`notices` and `notice`: what is stored, and how it changed."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli import choosing
from services.cli.opening import opened
from services.cli.options import Data, Inspected, Json, Question
from services.cli.reading import show_document
from services.cli.records import NOTICE, PLACE, REVISION, every, record
from services.cli.screen import emit, facts, say, table
from shared.errors import Invalid, NotFound
from shared.ids import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shared.db import Ledger, UnitOfWork
    from shared.db.models import Notice, Revision
    from shared.db.notices import NoticeQuery


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command("notices")(notices)
    app.command("notice")(notice)


def notices(
    source: choosing.Source = None,
    column: choosing.Column = None,
    state: choosing.State = None,
    kind: choosing.Kind = None,
    q: Question = None,
    inspected: Inspected = None,
    since: choosing.Since = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """List the notices that are stored, in the order they were first seen."""
    chosen = choosing.Chosen(source, column, state, kind, q, inspected, since)
    with opened(data) as wiring:
        found = _stored(wiring.ledger, chosen.query(wiring.ledger))
        if json:
            for one in found:
                emit(record(one, NOTICE))
            return
        headings = ("id", "state", "kind", "published", "title", "URL")
        table(headings, ([one.id, one.state, one.kind, one.published_at, one.title, one.url] for one in found))


def _stored(ledger: Ledger, query: NoticeQuery) -> Iterator[Notice]:
    def page(after: str) -> Sequence[Notice]:
        with ledger.reading() as uow:
            return uow.notices.page(query, after=after, limit=500)

    return every(page)


def notice(
    name: Annotated[str, typer.Argument(metavar="ID|URL", help="The notice's id or its URL.")],
    revisions: Annotated[bool, typer.Option("--revisions", help="Show every revision with its document.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show what changed from each revision to the next.")] = False,
    attachment: Annotated[
        int | None, typer.Option("--attachment", metavar="N", help="Show the text of its n-th attachment.")
    ] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Show one notice with its newest document and ledger; on request every revision, and what changed between them."""
    if attachment is not None:
        _show_attachment(name, attachment, data, json=json)
        return
    with opened(data) as wiring, wiring.ledger.reading() as uow:
        whole = _whole(uow, find(uow, name), revisions=revisions, diff=diff)
    if json:
        emit(whole)
    else:
        _show(whole)


def _show_attachment(name: str, number: int, data: Data, *, json: bool) -> None:
    from services.desk.files import attachment

    with opened(data) as wiring, wiring.ledger.reading() as uow:
        told = attachment(uow, find(uow, name).id, number)
    if json:
        emit(told)
        return
    text = told.pop("text")
    facts(told)
    say(f"\n{text or '(no text)'}\n")


def find(uow: UnitOfWork, name: str) -> Notice:
    """Return the notice that an id or a URL names; raises `NotFound` or `Invalid`."""
    from shared.urls import canonical

    kind = kind_of(name)
    if kind not in (None, "notice"):
        raise Invalid(f"{name} is the id of a {kind}, not of a notice")
    found = uow.notices.by_id(name) if kind else uow.notices.by_url(canonical(name))
    if found is None:
        raise NotFound(f"no notice {name}" + ("" if kind else f"; see what is known of it with: noticewire why {name}"))
    return found


def _whole(uow: UnitOfWork, found: Notice, *, revisions: bool, diff: bool) -> dict[str, Any]:
    from services.desk.ledgers import relations
    from worker.difference import difference

    whole = record(found, NOTICE)
    latest = uow.notices.latest_revision(found.id)
    whole["revision"] = record(latest, REVISION) if latest else None
    whole["document"] = latest.document if latest else None
    tied = relations(uow, found)
    whole["followed_by"] = [one.id for one in tied.followers]
    whole["republishes"] = record(tied.original, PLACE) if tied.original else None
    whole["republications"] = [record(one, PLACE) for one in tied.republications]
    whole["problems"] = [
        {"number": one.account.number, "problem_id": one.problem.id}
        | {"status": one.problem.status, "due_by": one.problem.due_by}
        for one in tied.problems
    ]
    if not (revisions or diff):
        return whole
    rows = list(_revisions(uow, found.id))
    if revisions:
        whole["revisions"] = [record(row, REVISION) | {"document": row.document} for row in rows]
    if diff:
        whole["diffs"] = [
            {"from": old.number, "to": new.number} | difference(old.document, new.document)
            for old, new in pairwise(rows)
        ]
    return whole


def _revisions(uow: UnitOfWork, notice_id: str) -> Iterator[Revision]:
    after = 0
    while page := uow.notices.revisions(notice_id, after=after):
        yield from page
        after = page[-1].number


def _show(whole: dict[str, Any]) -> None:
    document, newest = whole.pop("document"), whole.pop("revision")
    del whole["problems"]  # the document tells of them; their ids are for: noticewire problems --notice
    del whole["republishes"]
    whole["republications"] = [f"{one['id']} {one['url']}" for one in whole["republications"]]
    revisions, diffs = whole.pop("revisions", []), whole.pop("diffs", [])
    facts(whole | {"revisions": newest["number"] if newest else 0})
    for one in diffs:
        facts(
            {name: f"{before!r} → {after!r}" for name, (before, after) in one["fields"].items()},
            title=f"Revision {one['from']} → {one['to']}",
        )
        say("\n".join(one["text"]) + ("\n(cut)" if one["truncated"] else ""))
    if revisions:
        headings = ("number", "created at", "fetch", "fingerprint")
        table(headings, ([r["number"], r["created_at"], r["fetch_id"], r["fingerprint"][:12]] for r in revisions))
    elif not diffs and document:
        say("")
        show_document(document)
