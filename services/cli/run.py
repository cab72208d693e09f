"""The processes, each started by one command, and all of them together."""

from collections.abc import Callable
from contextlib import closing
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.opening import configured
from services.cli.options import Data, Json
from services.cli.screen import note, say

if TYPE_CHECKING:
    from services.wiring import Wiring


def register(app: typer.Typer) -> None:
    """Add the commands that start processes to `app`."""
    for command in (crawl, work, relay, api, up, demo, health):
        app.command()(command)


def crawl(data: Data = None) -> None:
    """Crawl what is due, politely, until told to stop."""
    from services.processes import crawling

    _run(data, crawling.crawl)


def work(data: Data = None) -> None:
    """Read, decide and record what was crawled, until told to stop (a Celery worker)."""
    from services.processes import working

    _run(data, working.work)


def relay(data: Data = None) -> None:
    """Give events their positions and bring them to subscribers, until told to stop."""
    from services.processes import relaying

    _run(data, relaying.relay)


def api(data: Data = None) -> None:
    """Serve the HTTP API until told to stop."""
    from services.api.serve import serve

    with configured(data) as wiring:
        serve(wiring)


def _run(data: Data, process: "Callable[[Wiring, Event], None]") -> None:
    from services.processes.beginning import stop_on_signals

    with configured(data) as wiring:
        process(wiring, stop_on_signals())


def up(
    data: Data = None,
    port: Annotated[int | None, typer.Option(help="The API's port, instead of NOTICEWIRE_API_PORT.")] = None,
) -> None:
    """Run everything on this machine: a queue server, SQLite, crawler, worker, relay and API."""
    from crawler.politeness import user_agent
    from services import embedded
    from services.processes.beginning import stop_on_signals
    from services.wiring import VERSION

    with configured(data) as wiring:
        settings = wiring.settings.model_copy(update={"api_port": port} if port is not None else {})
    user_agent(VERSION, settings.contact)
    embedded.up(settings, stop_on_signals())


def demo(
    seconds: Annotated[float | None, typer.Option("--for", min=10, help="End after so many seconds.")] = None,
    data: Data = None,
    json_lines: Json = False,
) -> None:
    """Show the whole wire against a simulated site, each event as it arrives."""
    from services.demo.run import run_demo
    from services.processes.beginning import stop_on_signals
    from shared.logs import configure_logs

    configure_logs("console", "warning")
    raise typer.Exit(run_demo(stop_on_signals(), seconds, as_json=json_lines, data_dir=data))


def health(
    kind: Annotated[str, typer.Argument(help="crawl, work, relay or api.")],
    data: Data = None,
) -> None:
    """Tell whether a process on this host makes progress; for container health checks."""
    from services.health import trouble_of
    from services.wiring import wire

    with closing(wire(data_dir=data)) as wiring:
        trouble = trouble_of(wiring, kind)
    if trouble:
        note(f"noticewire: {trouble}")
        raise typer.Exit(1)
    say("ok")
