"""What the person at the terminal sees of the demonstration: a line for each event, in words or as JSON."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape

from services.simulation.sink import Sink


@dataclass
class Summary:
    """What the demonstration showed; `flaws` is empty if all that the site published was received."""

    seconds: float = 0.0
    first_event_seconds: float | None = None
    events: dict[str, int] = field(default_factory=dict)
    deliveries: int = 0
    unverified: int = 0
    notices: int = 0
    flaws: list[str] = field(default_factory=list)


class Show:
    """What the person at the terminal sees: a line for each event, in words or as JSON."""

    def __init__(self, *, as_json: bool) -> None:
        """Show nothing yet."""
        self._json = as_json
        self._console = Console(stderr=as_json, highlight=False)
        self._shown = 0
        self._seen: set[str | None] = set()
        self.first_at: float | None = None

    def note(self, text: str) -> None:
        """Say something that is no event."""
        self._console.print(text, style="dim", soft_wrap=True)

    def receipts(self, sink: Sink) -> None:
        """Show what has arrived since the last call, each event once."""
        fresh = sink.receipts(self._shown)
        self._shown += len(fresh)
        for receipt in fresh:
            if receipt.accepted and receipt.webhook_id not in self._seen:
                self._seen.add(receipt.webhook_id)
                self.first_at = self.first_at or receipt.monotonic
                self._event(receipt.event)

    def _event(self, event: dict[str, Any]) -> None:
        if self._json:
            typer.echo(json.dumps(event, ensure_ascii=False))
            return
        data = event["data"]
        kind = str(event["type"]).removeprefix("org.noticewire.")
        position = int(event["sequence"])
        named = data.get("problem") or data.get("notice")
        title = escape(str(named["title"] if named else data["source"]["name"]))
        self._console.print(f"[bold]{position:>4}[/] [cyan]{kind:<22}[/] {title}", soft_wrap=True)
        if "problem" in data and "from" in data:
            turn = f"{data['from'] or 'none'} → {data['to'] or 'none'}"
            self._console.print(f"{'':27} {turn}", style="green", markup=False, soft_wrap=True)
        for line in data.get("diff", {}).get("text", []):
            if line[:1] in "+-":
                self._console.print(
                    f"{'':27} {line[:90]}", style="green" if line[0] == "+" else "red", markup=False, soft_wrap=True
                )

    def summary(self, summary: Summary) -> None:
        """Show what it came to."""
        if self._json:
            typer.echo(json.dumps({"summary": asdict(summary)}, ensure_ascii=False))
            return
        told = ", ".join(f"{count} {kind.removeprefix('org.noticewire.')}" for kind, count in summary.events.items())
        self._console.print(
            f"\n{summary.notices} notices; {told or 'no events'}; {summary.deliveries} signed deliveries, "
            f"{summary.unverified} of them unverified; first event after {summary.first_event_seconds} s"
        )
        for flaw in summary.flaws:
            typer.echo(flaw, err=True)
        if not summary.flaws:
            self._console.print("All that was received is what the site published.", style="green")
