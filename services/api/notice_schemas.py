"""What the API answers of notices, their revisions and their problems; `schemas` has the other nouns."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from services.api.schemas import Shown


class NoticeItem(Shown):
    """A published item, as it stands."""

    id: str
    source_id: str
    column_id: str
    target_id: str
    url: str
    state: str = Field(description="`live`, or `withdrawn` once its absence was confirmed.")
    title: str | None
    published_at: str | None = Field(description="As the page tells it: an ISO date, or a time with its offset.")
    kind: str | None = Field(description="`rectification`, `inspection` or `notice`.")
    inspected: str | None = Field(description="The inspected body, as printed.")
    signed_by: str | None
    signed_on: str | None = Field(description="An ISO date.")
    follows_id: str | None = Field(description="The earlier notice about the same inspection of the same body.")
    republishes_id: str | None = Field(description="The notice whose text this one repeats at another address.")
    first_seen_at: datetime
    changed_at: datetime
    muted_at: datetime | None = Field(
        description="Since when its changes are not told, because every visit brings one."
    )
    muted_reason: str | None = Field(description="Which places of its text change at every visit.")


class RevisionItem(Shown):
    """One distinct content of a notice."""

    id: str
    notice_id: str
    number: int
    fetch_id: str
    digest: str = Field(description="SHA-256 of the bytes.")
    fingerprint: str = Field(description="SHA-256 of the cleaned meaning.")
    created_at: datetime


class RevisionDetail(RevisionItem):
    """A revision with the document that was read from it."""

    document: dict[str, Any] = Field(
        description="As the reader of its day wrote it; `schema_version` tells by which schema."
    )


class AttachmentDetail(BaseModel):
    """A file that a notice links to, with its text."""

    number: int = Field(description="Its place among the notice's attachments, from 1.")
    url: str
    title: str
    status: str | None = Field(description="`read`, `no_text` or `not_fetched`; null where nobody asked for it yet.")
    reason: str | None = Field(description="Why it has no text, or was not fetched.")
    digest: str | None = Field(description="SHA-256 of the bytes.")
    size: int | None = Field(description="In bytes.")
    type: str | None = Field(description="What it is by its content: `pdf`, `docx`, `xlsx` …")
    text: str | None


class ProblemItem(Shown):
    """What was found wrong, and how far its rectification has come by all that notices say of it."""

    id: str
    notice_id: str | None = Field(description="The earliest notice that names it; the title is in its words.")
    title: str
    status: str | None = Field(description="By the latest notice that gives one; null where none does.")
    status_text: str | None = Field(description="In that notice's own words.")
    due_by: str | None = Field(description="The day that the latest promise names (ISO 8601).")
    due_precision: str | None = Field(description="What that day is the last of: `day`, `month`, `quarter` …")
    changed_at: datetime = Field(description="When its status changed last, or when it was first seen.")
    created_at: datetime


class StatusItem(Shown):
    """A problem's status became this one."""

    status: str | None
    status_text: str | None
    notice_id: str | None = Field(description="By which notice, if that is still known.")
    revision: int = Field(description="By which of its revisions.")
    recorded_at: datetime


class CommitmentItem(Shown):
    """A dated promise that what is still open will be finished."""

    due_by: str
    precision: str
    text: str


class AccountItem(Shown):
    """What one notice's latest revision says of a problem."""

    number: int = Field(description="Runs on through the notice, from 1.")
    printed_number: int | None
    aspect: int = Field(description="The number of its aspect, from 1.")
    title: str
    status: str | None
    status_text: str | None
    due: str | None
    text: str


class AccountDetail(AccountItem):
    """An account with its notice, measures and promises."""

    notice: NoticeItem
    measures: list[str]
    commitments: list[CommitmentItem]


class ProblemDetail(ProblemItem):
    """A problem with its history and what each notice says of it, the newest first; at most 100 of either."""

    history: list[StatusItem]
    accounts: list[AccountDetail]


class Place(Shown):
    """Where else a text is found."""

    id: str
    source_id: str
    url: str
    title: str | None
    published_at: str | None
    state: str


class NamedProblem(BaseModel):
    """A problem of a notice, and how it stands by all that notices say of it."""

    number: int = Field(description="Its number in the notice's document.")
    printed_number: int | None
    problem_id: str
    status: str | None
    due_by: str | None


class NoticeDetail(NoticeItem):
    """A notice with its latest revision, and what the ledger ties to it."""

    latest: RevisionDetail | None
    followed_by: list[str] = Field(description="Ids of the notices that follow it.")
    republishes: Place | None = Field(description="The earliest notice with this text, if this is not that.")
    republications: list[Place] = Field(description="The notices that repeat this text, at most 100.")
    problems: list[NamedProblem] = Field(description="In the order of the document.")
