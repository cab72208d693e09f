"""What each type of event tells in its `data`: a model per type, from which its JSON Schema (draft 2020-12) is made.

Schemas are open: a later release may tell more, and never less, so a reader passes over what it does not know.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from pydantic import BaseModel, Field

from services.api.event_evidence import Block, Drift, Silence
from services.api.event_examples import EXAMPLES
from services.api.event_parts import (
    ColumnTold,
    CommitmentTold,
    Diff,
    EpisodeTold,
    FetchTold,
    NoticeTold,
    Place,
    ProblemTold,
    RevisionTold,
    Rule,
    Shortened,
    SourceTold,
    StandingProblem,
    WindowTold,
)
from shared.domain import events
from shared.domain.events import TYPE_PREFIX, schema_of

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class Told(BaseModel):
    """What every event about a notice tells."""

    notice: NoticeTold
    rule: Rule


class Published(Told):
    """A notice's first text."""

    revision: RevisionTold
    backfilled: bool = Field(False, description="True of what a backfill found: it is old.")


class Republished(Published):
    """A notice's first text, which another address had told before."""

    original: Place
    republication: Place
    similarity: float = Field(ge=0, le=1)


class Revised(Told):
    """A notice's text became another."""

    revision: RevisionTold
    previous: RevisionTold
    diff: Diff


class Visited(Told):
    """What a visit found of a notice."""

    fetch: FetchTold
    revision: RevisionTold | None = Field(description="The last text that is known.")


class Moved(Visited):
    """A notice lives at another address."""

    from_: str = Field(alias="from")
    to: str


class StatusChanged(Told):
    """A problem stands otherwise, by all that notices say of it."""

    revision: RevisionTold = Field(description="What brought it.")
    previous: RevisionTold | None = Field(description="The text of the same notice before, if there was one.")
    problem: ProblemTold
    from_: str | None = Field(alias="from", description="A status; null where none was given.")
    to: str | None = Field(description="A status; null where none is given any more.")
    status_text: Shortened | None = Field(description="In the notice's own words.")


class Dated(Told):
    """What is told when a day has come."""

    revision: RevisionTold | None = Field(description="The last text of the notice.")
    late: bool = Field(description="Whether it is told more than an hour after its `time`, for nobody was there.")
    late_seconds: int = Field(ge=0, description="By how much.")


class Commitment(Dated):
    """A promise's last day, or the day after it."""

    problem: StandingProblem
    commitment: CommitmentTold


class Window(Dated):
    """A window's first day, one near its end, or the day after its last."""

    window: WindowTold


class Ailing(BaseModel):
    """Something is wrong with a column's listing, or is no more; what has a default is missing in older events."""

    rule: Rule
    source: SourceTold
    column: ColumnTold
    episode: EpisodeTold
    fetch: FetchTold | None = Field(None, description="The visit that told it; null where robots.txt allowed none.")
    late: bool = Field(False, description="Whether it is told more than an hour after its `time`.")
    late_seconds: int = Field(0, ge=0, description="By how much.")


class Silent(Ailing):
    """A column is silent."""

    evidence: Silence


class Drifted(Ailing):
    """A column's listing reads otherwise."""

    evidence: Drift


class Blocked(Ailing):
    """A column's list is not to be had."""

    evidence: Block


class Recovered(Ailing):
    """A column is well again."""

    evidence: Silence | Drift | Block = Field(description="What had told its beginning.")


class Kind(NamedTuple):
    """A type of event."""

    data: type[BaseModel]
    when: str
    """When it is told, in a sentence."""


KINDS: Mapping[str, Kind] = {
    events.NOTICE_PUBLISHED: Kind(Published, "A notice is read for the first time, and nobody told its text before."),
    events.NOTICE_REVISED: Kind(Revised, "A notice's text, or what it says of itself, became another."),
    events.NOTICE_WITHDRAWN: Kind(Visited, "A notice is gone, confirmed by many visits."),
    events.NOTICE_RESTORED: Kind(Visited, "A notice that was withdrawn is back."),
    events.NOTICE_REPUBLISHED: Kind(
        Republished, "A notice is read for the first time, and its text was told elsewhere."
    ),
    events.NOTICE_MOVED: Kind(Moved, "A notice lives at another address from now on."),
    events.PROBLEM_STATUS_CHANGED: Kind(StatusChanged, "A revision or a follow-up changes how a problem stands."),
    events.COMMITMENT_DUE: Kind(Commitment, "The last day begins on which an unfinished problem was to be finished."),
    events.COMMITMENT_OVERDUE: Kind(Commitment, "That day has passed, and no notice says that it is finished."),
    events.COMMENT_WINDOW_OPENED: Kind(Window, "The first day begins on which a notice asks the public for its word."),
    events.COMMENT_WINDOW_CLOSING: Kind(Window, "The last of those days is near: three days before, by default."),
    events.COMMENT_WINDOW_CLOSED: Kind(Window, "The last of those days has passed."),
    events.SOURCE_SILENT: Kind(Silent, "A column has been quiet for far longer than is its habit."),
    events.SOURCE_DRIFTED: Kind(Drifted, "A column's listing no longer reads as it did."),
    events.SOURCE_BLOCKED: Kind(Blocked, "A column's site answers with challenges or block pages."),
    events.SOURCE_RECOVERED: Kind(Recovered, "A column is well again."),
}


@cache
def event_schema(kind: str) -> dict[str, Any]:
    """Return the JSON Schema of a type's data, with its example; do not change what you get."""
    model, when = KINDS[kind]
    schema = model.model_json_schema(mode="serialization")
    head = {"$schema": DIALECT, "$id": schema_of(kind), "title": TYPE_PREFIX + kind, "description": when}
    return head | {name: value for name, value in schema.items() if name not in head} | {"examples": [EXAMPLES[kind]]}
