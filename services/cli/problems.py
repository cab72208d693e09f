"""`problems` and `problem`: what was found wrong, how far it has come, and which notice said what of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli.notices import find
from services.cli.opening import opened
from services.cli.options import Data, Inspected, Json, Question, given
from services.cli.records import ACCOUNT, COMMITMENT, NOTICE, PROBLEM, STATUS, every, record
from services.cli.screen import emit, facts, say, table
from shared.errors import Invalid
from shared.ids import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from services.desk.ledgers import ProblemStory
    from shared.db import Ledger
    from shared.db.models import Problem
    from shared.db.problems import ProblemQuery


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command("problems")(problems)
    app.command("problem")(problem)


def problems(
    status: Annotated[
        str | None,
        typer.Option(
            metavar="STATUS",
            help="With one status: completed, completed_sustained, staged, in_progress, not_started, "
            "conditions_lacking; or none, where no notice gives one.",
        ),
    ] = None,
    due_before: Annotated[
        str | None, typer.Option(metavar="DATE", help="Not finished, and promised for a day before this one.")
    ] = None,
    q: Question = None,
    inspected: Inspected = None,
    notice: Annotated[str | None, typer.Option(metavar="ID|URL", help="Named by one notice.")] = None,
    source: Annotated[str | None, typer.Option(metavar="NAME", help="Of one source: its id or host.")] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """List the problems that notices name, as they stand, in the order they were first seen."""
    from services.desk import ledgers
    from services.desk.watching import find_source
    from shared.db.problems import ProblemQuery

    status = given("--status", ledgers.status, status)
    due_before = given("--due-before", ledgers.day, due_before)
    q = given("--q", ledgers.question, q)
    inspected = given("--inspected", ledgers.body, inspected)
    with opened(data) as wiring:
        source_id = find_source(wiring.ledger, source).id if source else None
        with wiring.ledger.reading() as uow:
            notice_id = find(uow, notice).id if notice else None
        found = _stored(wiring.ledger, ProblemQuery(status, due_before, source_id, notice_id, inspected, q))
        if json:
            for one in found:
                emit(record(one, PROBLEM))
            return
        rows = ([one.id, one.status, one.due_by, one.title] for one in found)
        table(("id", "status", "due", "problem"), rows, whole=("id",))


def _stored(ledger: Ledger, query: ProblemQuery) -> Iterator[Problem]:
    def page(after: str) -> Sequence[Problem]:
        with ledger.reading() as uow:
            return uow.problems.page(query, after=after, limit=500)

    return every(page)


def problem(
    problem_id: Annotated[str, typer.Argument(metavar="ID", help="The problem's id, as `problems` lists it.")],
    data: Data = None,
    json: Json = False,
) -> None:
    """Show one problem: how its status changed, and what each notice says of it, the newest first."""
    from services.desk.ledgers import problem_story

    if kind_of(problem_id) != "problem":
        raise Invalid(f"{problem_id} is no id of a problem; find one with: noticewire problems")
    with opened(data) as wiring, wiring.ledger.reading() as uow:
        whole = _whole(problem_story(uow, problem_id))
    if json:
        emit(whole)
    else:
        _show(whole)


def _whole(story: ProblemStory) -> dict[str, Any]:
    accounts = [
        record(one.account, ACCOUNT)
        | {"notice": record(one.notice, NOTICE), "measures": list(one.measures)}
        | {"commitments": [record(promise, COMMITMENT) for promise in one.commitments]}
        for one in story.said
    ]
    history = [record(one, STATUS) for one in story.history]
    return record(story.problem, PROBLEM) | {"history": history, "accounts": accounts}


def _show(whole: Mapping[str, Any]) -> None:
    facts({name: whole[name] for name in PROBLEM})
    rows = ([one["recorded_at"], one["status"], one["status_text"], one["notice_id"]] for one in whole["history"])
    table(("recorded at", "status", "in its words", "by the notice"), rows, title="History")
    for account in whole["accounts"]:
        notice = account["notice"]
        told = {"notice": notice["id"], "URL": notice["url"], "signed": notice["signed_on"]}
        promises = [f"{one['due_by']} ({one['text']})" for one in account["commitments"]]
        facts(
            told | {"status": account["status"], "promises": promises, "measures": len(account["measures"])},
            title=f"No. {account['number']} of {notice['title'] or notice['url']}",
        )
        say(f"\n{account['text']}\n")
