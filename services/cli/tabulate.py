"""`export csv|xlsx|jsonl`: notices, problems and events as files for spreadsheets and programs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli import choosing
from services.cli.conditions import Asked as Conditions
from services.cli.conditions import Named, Where
from services.cli.opening import opened
from services.cli.options import Data, Inspected, Question, Types, given
from services.cli.screen import note

if TYPE_CHECKING:
    from services.desk.tables import Style, Table
    from services.wiring import Wiring
    from shared.db.problems import ProblemQuery


class Noun(StrEnum):
    """What may be exported."""

    NOTICES = "notices"
    PROBLEMS = "problems"
    EVENTS = "events"


FITS = {
    Noun.NOTICES: frozenset({"source", "column", "state", "kind", "q", "inspected", "since"}),
    Noun.PROBLEMS: frozenset({"source", "q", "inspected", "status", "due_before", "notice"}),
    Noun.EVENTS: frozenset({"after", "type", "where", "filter"}),
}
"""Which filters each noun takes."""
HELP = {
    "csv": "Write notices, problems or events as CSV; a text that a spreadsheet would take for a formula gets a '.",
    "xlsx": "Write notices, problems or events as an Excel workbook, in which every text stays a text.",
    "jsonl": "Write notices, problems or events as one JSON object a line; events as every window shows them.",
}


@dataclass(frozen=True)
class Asked:
    """What was asked for: filters, of which each noun takes its own."""

    noun: Noun
    filters: dict[str, Any]

    def check(self) -> None:
        """Refuse a filter that its noun does not take: it would be a wish left unfulfilled in silence."""
        for name, value in self.filters.items():
            if value and name not in FITS[self.noun]:
                option = "--" + name.replace("_", "-")
                raise typer.BadParameter(f"{option} is no filter of {self.noun}", param_hint=option)


def register(group: typer.Typer) -> None:
    """Add the commands to the group `export`."""
    for name, told in HELP.items():
        group.command(name, help=told)(_exporting(name))


def _exporting(name: str) -> Callable[..., None]:
    def export(
        noun: Annotated[Noun, typer.Argument(metavar="notices|problems|events", help="What to write.")],
        out: Annotated[
            str, typer.Option("-o", "--out", metavar="FILE|-", help="Where to; - is standard output.")
        ] = "-",
        source: choosing.Source = None,
        column: choosing.Column = None,
        state: choosing.State = None,
        kind: choosing.Kind = None,
        q: Question = None,
        inspected: Inspected = None,
        since: choosing.Since = None,
        status: Annotated[str | None, typer.Option(help="Problems: with one status, or none.")] = None,
        due_before: Annotated[
            str | None, typer.Option(metavar="DATE", help="Problems: not finished, and promised for an earlier day.")
        ] = None,
        notice: Annotated[str | None, typer.Option(metavar="ID|URL", help="Problems: named by one notice.")] = None,
        after: Annotated[int, typer.Option(metavar="POSITION", min=0, help="Events: after this position.")] = 0,
        types: Types = [],  # noqa: B006 (read only)
        where: Where = [],  # noqa: B006 (read only)
        saved: Named = None,
        bom: Annotated[
            bool, typer.Option("--bom", help="CSV: begin with a byte order mark, so that Excel reads it as UTF-8.")
        ] = False,
        data: Data = None,
    ) -> None:
        from services.desk import tables

        if bom and name != "csv":
            raise typer.BadParameter("a byte order mark belongs to CSV", param_hint="--bom")
        chosen = {"source": source, "column": column, "state": state, "kind": kind, "q": q, "inspected": inspected}
        chosen |= {"since": since, "status": status, "due_before": due_before, "notice": notice}
        asked = Asked(noun, chosen | {"after": after, "type": types, "where": where, "filter": saved})
        asked.check()
        with opened(data) as wiring:
            table, pages = _rows(wiring, asked)
            _write(tables.Style(tables.Format(name), bom), table, pages, out)

    return export


def _rows(wiring: Wiring, asked: Asked) -> tuple[Table, Iterable[Any]]:
    from services.desk import tables

    told = asked.filters
    if asked.noun is Noun.NOTICES:
        chosen = choosing.Chosen(**{name: told[name] for name in sorted(FITS[Noun.NOTICES])})
        return tables.NOTICES, tables.notice_rows(wiring.ledger, chosen.query(wiring.ledger))
    if asked.noun is Noun.PROBLEMS:
        return tables.PROBLEMS, tables.problem_rows(wiring.ledger, _problems(wiring, told))
    with wiring.ledger.reading() as uow:
        wanted = Conditions(told["where"], told["type"], told["filter"], again=True).wanted(uow)
    return tables.EVENTS, tables.event_rows(wiring.ledger, told["after"], wanted)


def _problems(wiring: Wiring, told: dict[str, Any]) -> ProblemQuery:
    from services.cli.notices import find
    from services.desk import ledgers
    from services.desk.watching import find_source
    from shared.db.problems import ProblemQuery

    status = given("--status", ledgers.status, told["status"])
    day = given("--due-before", ledgers.day, told["due_before"])
    inspected, q = given("--inspected", ledgers.body, told["inspected"]), given("--q", ledgers.question, told["q"])
    source_id = find_source(wiring.ledger, told["source"]).id if told["source"] else None
    with wiring.ledger.reading() as uow:
        notice_id = find(uow, told["notice"]).id if told["notice"] else None
    return ProblemQuery(status, day, source_id, notice_id, inspected, q)


def _write(style: Style, table: Table, pages: Iterable[Any], out: str) -> None:
    from services.desk.appearing import appearing
    from services.desk.tables import Format, parts

    stream = parts(style, table, pages)
    if out == "-":
        if style.format is Format.XLSX and sys.stdout.isatty():
            raise typer.BadParameter("a workbook is nothing for a terminal; name a file", param_hint="--out")
        for part in stream:
            sys.stdout.buffer.write(part)
        sys.stdout.buffer.flush()
        return
    with appearing(Path(out)) as file:
        for part in stream:
            file.write(part)
    note(f"{out} is written.")
