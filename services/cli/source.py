"""`source`: the publishing bodies that are watched, and their columns."""

from __future__ import annotations

import json as jsonlib
import sys
from contextlib import nullcontext
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli.opening import opened
from services.cli.options import Allow, Data, Json, Name
from services.cli.records import COLUMN, EPISODE, HOST, SOURCE, every, record
from services.cli.screen import emit, facts, note, say, table
from shared.errors import Invalid

if TYPE_CHECKING:
    from services.desk.watching import Watch
    from services.wiring import Wiring
    from shared.db.models import Source

commands = typer.Typer(no_args_is_help=True, help="What is watched: sources and their columns.")
Hosts = Annotated[
    list[str],
    typer.Option("--host", metavar="HOST", help="Another host that its links may lead to, * for any; repeatable."),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")]


def register(app: typer.Typer) -> None:
    """Add the group to `app`."""
    app.add_typer(commands, name="source")


@commands.command("add")
def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="The page that lists the column's notices.")],
    name: Annotated[str | None, typer.Option(help="A name for people; the host's, if none is given.")] = None,
    delay: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="Pause between two requests to the site.")
    ] = None,
    allow: Allow = [],  # noqa: B006 (read only)
    hosts: Hosts = [],  # noqa: B006 (read only)
    daily_requests: Annotated[int | None, typer.Option(min=1, help="Most requests to the site in one day.")] = None,
    daily_bytes: Annotated[int | None, typer.Option(min=1, help="Most bytes of bodies from it in one day.")] = None,
    quiet: Annotated[
        str | None, typer.Option(metavar="HH:MM-HH:MM", help="Hours in which it is not asked; none for none.")
    ] = None,
    zone: Annotated[str | None, typer.Option(help="Whose clock tells its days and hours, as Asia/Shanghai.")] = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Accept a TLS certificate that cannot be verified; each fetch says so.")
    ] = False,
    preview: Annotated[
        bool, typer.Option("--preview", help="Ask for the listing first, and show what would be watched.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", "--force", help="Ask nothing; with --preview watch it even without items.")
    ] = False,
    data: Data = None,
    json: Json = False,
) -> None:
    """Watch a column, by its URL alone; its source is made with the first."""
    from crawler.terms import Wishes
    from services.desk.watching import Watch

    with opened(data, make=True) as wiring:
        wish = Watch(
            url,
            name=name,
            delay_seconds=delay,
            allow=allow,
            verify_tls=False if insecure else None,
            hosts=hosts,
            wishes=Wishes(daily_requests, daily_bytes, quiet, zone),
        )
        _preview(wiring, wish, yes=yes, json=json) if preview else _watch(wiring, wish, json=json)


def _watch(wiring: Wiring, wish: Watch, *, json: bool, shown: dict[str, Any] | None = None) -> None:
    from services.desk.watching import watch

    source, column, new = watch(wiring.ledger, wish)
    if json:
        found = (shown or {}) | {"source_id": source.id, "column_id": column.id, "new": new}
        emit(found | {"source": record(source, SOURCE), "column": record(column, COLUMN)})
        return
    facts({"source": source.id, "column": column.id, "host": source.host, "listing": column.url})
    say("Watched from now on." if new else "It was watched already; nothing was added.")


def _preview(wiring: Wiring, wish: Watch, *, yes: bool, json: bool) -> None:
    """Show what `wish` would bring, and watch it if that is wished; raises `Invalid` where it brings nothing."""
    from services.cli.inputs import Asker
    from services.cli.preview import look, show, told
    from services.desk.watching import Found, admitted

    url, site = admitted(wiring.ledger, wish)
    found = look(Asker(wiring), url, site)
    shown = told(found, wiring, site)
    if not json:
        show(shown)
    if yes or (found.warning is None and not json and sys.stdin.isatty() and typer.confirm("Watch it?", err=True)):
        seen = Found(found.listing.family, found.warning, found.profile)
        _watch(wiring, replace(wish, found=seen), json=json, shown=shown)
        return
    if json:
        emit(shown)
    if found.warning is not None:
        raise Invalid(f"no notice was found on {url}: {found.warning}; to watch it all the same, add --yes")
    if not json:
        note("Nothing was added; to watch it, add --yes.")


@commands.command("list")
def list_all(data: Data = None, json: Json = False) -> None:
    """List the sources."""
    with opened(data) as wiring, wiring.ledger.reading() as uow:
        sources = [
            record(one, SOURCE) | {"columns": [record(column, COLUMN) for column in uow.sources.columns(one.id)]}
            for one in every(lambda after: uow.sources.page(after=after))
        ]
    if json:
        for one in sources:
            emit(one)
        return
    headings = ("id", "name", "host", "columns", "paused at")
    table(headings, ((s["id"], s["name"], s["host"], len(s["columns"]), s["paused_at"]) for s in sources))


@commands.command("show")
def show(name: Name, data: Data = None, json: Json = False) -> None:
    """Show one source: its settings, its columns, and how its host has been answering."""
    from services.desk.watching import find_source

    with opened(data) as wiring:
        whole = _whole(wiring, find_source(wiring.ledger, name))
    if json:
        emit(whole)
        return
    columns, host, episodes = whole.pop("columns"), whole.pop("host_state"), whole.pop("episodes")
    read = {c["url"]: c["profile"] for c in columns if c["profile"]}
    unverified = {c["url"]: c["unverified"].get("reason") for c in columns if c["unverified"]}
    latest = {c["url"]: f"{c['latest']['list']}: {c['latest']['rule']}" for c in columns if c["latest"]}
    facts(whole)
    if host:
        facts(host, title="Host")
    headings = ("column", "name", "family", "listed at", "URL", "warning")
    table(headings, ([c[key] for key in ("id", "name", "family", "listed_at", "url", "warning")] for c in columns))
    if episodes:
        table(EPISODE, ([one[key] for key in EPISODE] for one in episodes))
    if read:
        profiles = {url: jsonlib.dumps(profile, ensure_ascii=False) for url, profile in read.items()}
        facts(profiles, title="How it is read")
    if unverified:
        facts(unverified, title="Not verified")
    if latest:
        facts(latest, title="Read through another list")


def _whole(wiring: Wiring, source: Source) -> dict[str, Any]:
    with wiring.ledger.reading() as uow:
        host = uow.hosts.by_name(source.host)
        return record(source, SOURCE) | {
            "targets": len(uow.frontier.ids_of(source_id=source.id)),
            "columns": [record(column, COLUMN) for column in uow.sources.columns(source.id)],
            "host_state": record(host, HOST) if host else None,
            "episodes": [record(one, EPISODE) for one in uow.episodes.of_source(source.id)],
        }


@commands.command("export")
def export(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME...", help="Only these sources: ids, hosts, or URLs.")
    ] = None,
    data: Data = None,
) -> None:
    """Print every column as one JSON object a line, as `source import` takes them."""
    from services.desk.catalogue import write_out
    from services.desk.watching import find_source

    with opened(data) as wiring:
        chosen = [find_source(wiring.ledger, name).id for name in names or ()]
        for entry in write_out(wiring.ledger, chosen):
            emit(entry)


@commands.command("import")
def import_(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="A file of JSON lines, or - for standard input.")],
    data: Data = None,
    json: Json = False,
) -> None:
    """Watch every column of a file, or, where anything in it is wrong, none; doing it twice changes nothing."""
    from services.desk.catalogue import read_entries, take_in

    with nullcontext(sys.stdin.buffer) if file == "-" else Path(file).open("rb") as lines:
        entries = read_entries(lines)
    with opened(data, make=True) as wiring:
        taken = take_in(wiring.ledger, entries)
    if json:
        emit(asdict(taken))
    else:
        say(f"{taken.added} added, {taken.changed} changed, {taken.unchanged} as before.")


@commands.command("pause")
def pause(name: Name, data: Data = None, json: Json = False) -> None:
    """Stop crawling a source until it is resumed."""
    from services.desk import watching

    with opened(data) as wiring:
        _tell(watching.pause(wiring.ledger, name), "is paused", json=json)


@commands.command("resume")
def resume(name: Name, data: Data = None, json: Json = False) -> None:
    """Crawl a paused source again."""
    from services.desk import watching

    with opened(data) as wiring:
        _tell(watching.resume(wiring.ledger, name), "is crawled again", json=json)


@commands.command("remove")
def remove(name: Name, yes: Yes = False, data: Data = None, json: Json = False) -> None:
    """Forget a source with its columns, targets, fetches and notices; events stay."""
    from services.desk.watching import find_source, forget

    with opened(data) as wiring:
        source = find_source(wiring.ledger, name)
        if not yes:
            _ask(f"Forget {source.host} with all its notices?")
        _tell(forget(wiring.ledger, source.id), "is forgotten", json=json)


def _ask(question: str) -> None:
    if not sys.stdin.isatty():
        raise typer.BadParameter("this cannot be undone; add --yes where nobody can be asked")
    typer.confirm(question, abort=True, err=True)


def _tell(source: Source, what: str, *, json: bool) -> None:
    if json:
        emit(record(source, SOURCE))
    else:
        say(f"{source.host} ({source.id}) {what}.")
