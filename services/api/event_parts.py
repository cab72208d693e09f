"""The parts of which the data of events is made: a notice, a text of it, a visit, a problem, a source."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, Field

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


class StandingProblem(ProblemTold):
    """A problem, and how it stands."""

    status: str | None
    status_text: Shortened | None


class CommitmentTold(BaseModel):
    """A dated promise that what is still open will be finished."""

    due_by: Day
    precision: str | None = Field(description="What the day is the last of: `day`, `month`, `quarter` …")
    text: Shortened | None = Field(description="In the notice's own words.")


class WindowTold(BaseModel):
    """The days on which a notice asks the public for its word, both included."""

    opens_on: Day | None
    closes_on: Day | None


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
    began_at: AwareDatetime = Field(description="When it was seen; of a silence: when it was to be seen.")
    ended_at: AwareDatetime | None
    lasted_seconds: int | None = Field(None, ge=0, description="How long it lasted, when it is over.")
