"""`why`: everything the system knows of a URL, and which rules decided."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from services.cli.opening import opened
from services.cli.options import Data, Json
from services.cli.screen import emit, facts, say, table
from services.cli.summary import summary


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("why")(why)


def why(
    url: Annotated[str, typer.Argument(metavar="URL", help="A URL, or the id of a notice, column, target or fetch.")],
    data: Data = None,
    json: Json = False,
) -> None:
    """Tell what is known of a URL: who asked for it, what robots.txt says, what was decided, and by which rule."""
    from services.cli.story import Usual, story_of
    from services.processes.crawling import robots_policy, terms_of
    from shared.db.shared_turns import SharedHosts

    with opened(data) as wiring:
        settings = wiring.settings
        usual = Usual(terms_of(settings), robots_policy(settings), SharedHosts.parse(settings.shared_hosts))
        story = story_of(wiring.ledger, url, usual)
    sentences = summary(story)
    if json:
        emit(story | {"summary": sentences})
        return
    say(story["url"] + "\n")
    for sentence in sentences:
        say(f"  {sentence}")
    for name in ("source", "column", "target", "robots", "host", "budget", "notice", "document"):
        if story[name]:
            facts(_told(story[name]), title=name.capitalize())
    fetch = ("number", "id", "started_at", "status", "outcome", "rule", "decision", "decision_rule")
    _rows("Fetches", fetch, story["fetches"])
    _rows("Revisions", ("number", "id", "fetch_id", "created_at"), story["revisions"])
    _rows("Lines that are furniture at the edges of its source", ("text", "notices", "looked_at"), story["learned"])
    _rows("Follow-ups", ("id", "signed_on", "title", "url"), story["followed_by"])
    _rows("Events", ("position", "type", "id", "occurred_at"), story["events"])
    _rows("Deliveries", ("position", "subscription_id", "state", "attempts", "parked_reason"), story["deliveries"])


def _told(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a record has to tell: empty fields say nothing to a person."""
    told = {name: value for name, value in record.items() if value not in (None, [], {}, "")}
    return {name: _counts(value) if isinstance(value, dict) else value for name, value in told.items()}


def _counts(counted: Mapping[str, int]) -> str:
    return ", ".join(f"{name}: {count}" for name, count in counted.items())


def _rows(title: str, names: Sequence[str], records: Sequence[Mapping[str, Any]]) -> None:
    if records:
        headings = [name.replace("_", " ") for name in names]
        table(headings, ([record[name] for name in names] for record in records), title=title)
