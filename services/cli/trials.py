"""What a filter would have matched of the newest events, printed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli.screen import emit, say, table

if TYPE_CHECKING:
    from services.desk.filtering import Trial

Try = Annotated[bool, typer.Option("--try", help="Only tell what it would have matched.")]


def tell_trial(found: Trial, *, json: bool) -> None:
    """Print a trial with its newest events."""
    if json:
        emit(trial_record(found))
        return
    say(sentence(found))
    table(("position", "id", "event"), ([one["position"], one["id"], one["headline"]] for one in _shown(found)))


def trial_record(found: Trial) -> dict[str, Any]:
    """Return a trial, ready for JSON."""
    return {"matched": found.matched, "of": found.of, "events": _shown(found)}


def sentence(found: Trial) -> str:
    """Return a trial in one sentence."""
    return f"It would have matched {found.matched} of the last {found.of} events."


def _shown(found: Trial) -> list[dict[str, Any]]:
    from services.desk.filtering import data_of
    from shared.domain.headlines import headline

    return [
        {
            "id": one.id,
            "position": one.position,
            "type": one.type,
            "subject": one.subject,
            "headline": headline(one.type, data_of(one)),
        }
        for one in found.events
    ]
