"""What each type of event tells in its `data`: a model per type, from which its JSON Schema (draft 2020-12) is made.

Schemas are open: a later release may tell more, and never less, so a reader passes over what it does not know.
"""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AwareDatetime, BaseModel, Field

from services.api.event_examples import EXAMPLES
from shared.domain import events
from shared.domain.events import TYPE_PREFIX, schema_of

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="SHA-256, in lower-case hexadecimal digits.")]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="A day in China, as ISO 8601 writes it.")]
Shortened = Annotated[str, Field(max_length=200, description="Cut with `…` where it is longer.")]
Path = Annotated[str, Field(pattern="^/v1/", description="An address of the API that tells more.")]
Rule = Annotated[str, Field(min_length=1, description="The rule that decided.")]


class NoticeTold(BaseModel):
    """The notice that an event is about, as it stood."""

    id: str
    url: str
    title: Shortened | None
    published_at: Shortened | None = Field(description="As the page tells it: an ISO date, or a time with its offset.")
    state: Literal["live", "withdrawn"]
    column_id: str
    republishes_id: str | None = Field(description="The notice whose text this one repeats at another address.")
    href: Path


class RevisionTold(BaseModel):
    """A text of a notice: by which bytes and which fetch it is known."""

    number: int = Field(ge=1)
    digest: Digest = Field(description="The snapshot: SHA-256 of the bytes of the notice's first page.")
    part_digests: list[Digest] = Field(max_length=10, description="The snapshots of the first ten further pages.")
    fingerprint: Digest = Field(description="SHA-256 of the cleaned meaning, by which two texts are compared.")
    fetch_id: str = Field(description="The fetch that brought what was new.")
    href: Path


class FetchTold(BaseModel):
    """A visit to a page, as evidence."""

    id: str
    status: int | None = Field(description="Of HTTP; null where nothing was answered.")
    rule: Rule = Field(description="What judged the answer.")
    digest: Digest | None = Field(description="The snapshot of what was answered, where bytes were kept.")


class Diff(BaseModel):
    """What is different in a revision."""

    fields: dict[str, Annotated[list[Any], Field(min_length=2, max_length=2)]] = Field(
        description="Fields that changed: what each was, and is. Of lists, what is on one of them alone."
    )
    text: list[str] = Field(max_length=60, description="A unified diff of the body, without headers.")
    truncated: bool = Field(description="Whether there is more than is told here; both texts are at their `href`.")


class Place(BaseModel):
    """A notice that tells the same text as another."""

    id: str
    source_id: str
    url: str
    title: Shortened | None
    published_at: Shortened | None
    href: Path


class ProblemTold(BaseModel):
    """A problem, which keeps its id through revisions and follow-ups."""

    id: str
    title: Shortened
    number: int | None = Field(description="Its number in the notice; null where only other notices name it.")
    href: Path


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


class StandingProblem(ProblemTold):
    """A problem, and how it stands."""

    status: str | None
    status_text: Shortened | None


class CommitmentTold(BaseModel):
    """A dated promise that what is still open will be finished."""

    due_by: Day
    precision: str | None = Field(description="What the day is the last of: `day`, `month`, `quarter` …")
    text: Shortened | None = Field(description="In the notice's own words.")


class Commitment(Dated):
    """A promise's last day, or the day after it."""

    problem: StandingProblem
    commitment: CommitmentTold


class WindowTold(BaseModel):
    """The days on which a notice asks the public for its word, both included."""

    opens_on: Day | None
    closes_on: Day | None


class Window(Dated):
    """A window's first day, one near its end, or the day after its last."""

    window: WindowTold


class SourceTold(BaseModel):
    """A publishing body."""

    id: str
    name: str | None
    host: str | None
    href: Path


class ColumnTold(BaseModel):
    """A section of its site."""

    id: str
    name: str | None
    url: str | None


class EpisodeTold(BaseModel):
    """The time in which something is wrong with a column."""

    number: int = Field(ge=1, description="The n-th of its source.")
    kind: str = Field(description="`silent`, `drifted`, `blocked` …")
    began_at: AwareDatetime
    ended_at: AwareDatetime | None


class Ailing(BaseModel):
    """Something is wrong with a column's listing, or is no more."""

    source: SourceTold
    column: ColumnTold
    episode: EpisodeTold
    evidence: dict[str, Any] = Field(description="By what one could tell.")


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
    events.SOURCE_SILENT: Kind(Ailing, "A column has been quiet for far longer than is its habit."),
    events.SOURCE_DRIFTED: Kind(Ailing, "A column's listing no longer reads as it did."),
    events.SOURCE_BLOCKED: Kind(Ailing, "A column's site answers with challenges or block pages."),
    events.SOURCE_RECOVERED: Kind(Ailing, "A column is well again."),
}


@cache
def event_schema(kind: str) -> dict[str, Any]:
    """Return the JSON Schema of a type's data, with its example; do not change what you get."""
    model, when = KINDS[kind]
    schema = model.model_json_schema(mode="serialization")
    head = {"$schema": DIALECT, "$id": schema_of(kind), "title": TYPE_PREFIX + kind, "description": when}
    return head | {name: value for name, value in schema.items() if name not in head} | {"examples": [EXAMPLES[kind]]}
