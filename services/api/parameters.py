"""What routes take: the wiring, ids in paths, pages, and text that both databases can store."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from services.api.schemas import Page
from services.desk import ledgers, subscribing
from services.wiring import Wiring
from shared.domain.events import SCHEMAS
from shared.errors import Invalid, NotFound
from shared.ids import kind_of

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

Row = TypeVar("Row")
Item = TypeVar("Item", bound=BaseModel)

LARGEST_PAGE = 500
LARGEST_NUMBER = 2**31 - 1
LARGEST_POSITION = 2**63 - 1
DOCUMENT_SCHEMA = "/v1/schemas/document.json"
EVENT_SCHEMA = f"{SCHEMAS}/{{kind}}.json"
ASYNCAPI = "/asyncapi.json"


def _wiring(request: Request) -> Wiring:
    wiring: Wiring = request.app.state.wiring
    return wiring


Parts = Annotated[Wiring, Depends(_wiring)]


def id_of(kind: str) -> AfterValidator:
    """Return the check that a path's id can name a `kind`; what cannot is not found, just like an unknown one."""

    def check(text: str) -> str:
        # Bounded, and free of what a database refuses in a text, before any drawer sees it.
        if kind_of(text) != kind or not text.replace("_", "").isalnum() or not text.isascii():
            raise NotFound(f"no {kind} {text[:40]!r}")
        return text

    return AfterValidator(check)


def _printable(text: str) -> str:
    if any(ord(character) < 32 or 127 <= ord(character) < 160 for character in text):
        raise ValueError("control characters are not accepted")
    return text


def _utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("the time is out of range") from error


def _begun(text: Any) -> Any:
    """Return the beginning of a day, in UTC, where one is given alone; a time as it is, and nothing else.

    Pydantic would take any number for seconds since 1970.
    """
    if not isinstance(text, str) or not _DAY.match(text):
        raise ValueError("write a date (2026-12-31), or a time with its offset (2026-12-31T08:00:00Z)")
    return f"{text}T00:00:00Z" if _DAY.fullmatch(text) else text


def _by(check: Callable[[str], str]) -> AfterValidator:
    """Return a rule of the desk as a validator, so that what it refuses is told with its place."""

    def checked(text: str) -> str:
        try:
            return check(text)
        except Invalid as error:
            raise ValueError(str(error)) from error

    return AfterValidator(checked)


Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000), AfterValidator(_printable)
]
Cursor = Annotated[str, StringConstraints(pattern=r"^[a-z]{3}_[0-9a-z]{26}$")]
Moment = Annotated[AwareDatetime, BeforeValidator(_begun), AfterValidator(_utc)]
Day = Annotated[str, _by(ledgers.day), Field(json_schema_extra={"format": "date"})]
Question = Annotated[Line, _by(ledgers.question), Field(json_schema_extra={"maxLength": ledgers.LONGEST_QUESTION})]
Body = Annotated[Line, _by(ledgers.body)]
Status = Annotated[str, _by(ledgers.status), Field(json_schema_extra={"enum": list(ledgers.STATUSES)})]
Kind = Annotated[str, _by(ledgers.kind), Field(json_schema_extra={"enum": list(ledgers.KINDS)})]
Rate = Annotated[int, Field(ge=1, le=subscribing.MOST_A_MINUTE)]
Concurrency = Annotated[int, Field(ge=1, le=subscribing.MOST_AT_A_TIME)]


class Wish(BaseModel):
    """What a caller sends: an unknown field is an error, for it would be a wish left unfulfilled in silence."""

    model_config = ConfigDict(extra="forbid")


class Paging(Wish):
    """A page of a list in order of id."""

    after: Cursor | None = Field(None, description="`next` of the page before.")
    limit: int = Field(100, ge=1, le=LARGEST_PAGE, description="Most items on the page.")


def page(
    rows: Sequence[Row], limit: int, make: Callable[[Row], Item], cursor: Callable[[Any], Any] = lambda row: row.id
) -> Page[Item]:
    """Return the page of the first `limit` of `rows`; it has a next one if the drawer, asked for one more, had more."""
    shown = rows[:limit]
    more = str(cursor(shown[-1])) if len(rows) > limit else None
    return Page(items=[make(row) for row in shown], next=more)
