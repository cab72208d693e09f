"""Conditions on events as callers write them: a filter in a body, or in a query one parameter for each condition."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from services.api.parameters import Line, Wish
from services.desk import filtering
from shared.db import Ledger, UnitOfWork
from shared.domain.events import EVENT_TYPES
from shared.domain.filters import KINDS, MOST_VALUES, STATUSES, Filter, known_type
from shared.errors import Invalid


def _known_type(name: str) -> str:
    try:
        return known_type(name)
    except Invalid as error:
        raise ValueError(str(error)) from error


EventType = Annotated[str, AfterValidator(_known_type)]
FilterName = Annotated[Line, Field(max_length=64, description="A saved filter, by its name.")]
_DAY: Any = {"format": "date"}


def _parsed(given: Mapping[str, Any]) -> Filter:
    try:
        return Filter.parse(given)
    except Invalid as error:
        raise ValueError(str(error)) from error


def _list(description: str, **schema: Any) -> Any:
    extra: Any = {"items": {"type": "string", **schema}} if schema else None
    return Field(default=[], max_length=MOST_VALUES, description=description, json_schema_extra=extra)


class FilterWish(Wish):
    """Which events are wanted: all conditions that are given must hold; of the values of one, any will do."""

    types: list[str] = _list("Event types.", enum=list(EVENT_TYPES))
    sources: list[str] = _list("Ids of sources.")
    columns: list[str] = _list("Ids of columns.")
    kinds: list[str] = _list("What the notice is about.", enum=list(KINDS))
    bodies: list[str] = _list("Inspected bodies, by any of their names.")
    keywords: list[str] = _list("Found in the title, the body or the problems; all words of one must be.")
    statuses: list[str] = _list(
        "Of a problem that the notice tells of or, where one changed, before or after.", enum=list(STATUSES)
    )
    due_from: str | None = Field(None, json_schema_extra=_DAY, description="A promised day is this one or later.")
    due_before: str | None = Field(None, json_schema_extra=_DAY, description="The same promised day is before this.")
    republications: bool = Field(
        False, strict=True, description="Whether a text is told again for each further address."
    )

    @field_validator("*")
    @classmethod
    def _each(cls, value: Any, info: ValidationInfo) -> Any:
        _parsed({str(info.field_name): value})
        return value

    @model_validator(mode="after")
    def _together(self) -> Self:
        _parsed(self.model_dump())
        return self

    def parsed(self) -> Filter:
        """Return the filter."""
        return Filter.parse(self.model_dump())


class Choice(Wish):
    """What a subscription is to hear of: every event, unless a filter is given or named."""

    WAYS: ClassVar = "`filter` or `saved_filter`"

    filter: FilterWish | None = Field(None, description="Which events are wanted.")
    saved_filter: FilterName | None = Field(None, description="A saved filter, of which it takes a copy.")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = (self.filter is not None, self.saved_filter is not None, any(self.plainly().values()))
        if sum(ways) > 1:
            raise ValueError(f"say what is wanted in one way: {self.WAYS}")
        return self

    def plainly(self) -> dict[str, Any]:
        """Return what is wanted as far as it is said without a filter."""
        return {}

    def wanted(self, ledger: Ledger) -> Filter:
        """Return the filter; raises `NotFound` where none has the name, `Invalid` for what is plainly said."""
        if self.saved_filter is None:
            return self.filter.parsed() if self.filter else Filter.parse(self.plainly())
        with ledger.reading() as uow:
            return Filter.stored(filtering.named(uow, self.saved_filter).filter)


def _repeated(description: str, **schema: Any) -> Any:
    return _list(f"{description} Repeat it for several.", **schema)


class Conditions(Wish):
    """Which events are asked for in an address: by a saved filter, or by conditions, but not by both."""

    filter: FilterName | None = None
    type: list[EventType] = Field(
        default=[], max_length=len(EVENT_TYPES), description="Only events of these types; repeat it for several."
    )
    source: list[str] = _repeated("Only of these sources, by their ids.")
    column: list[str] = _repeated("Only of these columns, by their ids.")
    kind: list[str] = _repeated("Only about notices of this kind.", enum=list(KINDS))
    body: list[str] = _repeated("Only about these inspected bodies, by any of their names.")
    keyword: list[str] = _repeated("Only where these words occur in the title, the body or the problems.")
    status: list[str] = _repeated("Only about problems with this status.", enum=list(STATUSES))
    due_from: str | None = Field(None, json_schema_extra=_DAY, description="A promised day is this one or later.")
    due_before: str | None = Field(None, json_schema_extra=_DAY, description="The same promised day is before this.")

    @field_validator("source", "column", "kind", "body", "keyword", "status", "due_from", "due_before")
    @classmethod
    def _each(cls, value: Any, info: ValidationInfo) -> Any:
        _parsed({_PLURAL.get(str(info.field_name), str(info.field_name)): value})
        return value

    @model_validator(mode="after")
    def _together(self) -> Self:
        given = _parsed(self.conditions())
        if self.filter is not None and given != EVERYTHING:
            raise ValueError("give the name of a saved filter or conditions, not both")
        return self

    def conditions(self) -> dict[str, Any]:
        """Return the conditions that are given, as `Filter.parse` takes them."""
        found: dict[str, Any] = {plural: getattr(self, name) for name, plural in _PLURAL.items()}
        return found | {"due_from": self.due_from, "due_before": self.due_before, "republications": True}

    def wanted(self, uow: UnitOfWork) -> Filter:
        """Return the filter; raises `NotFound` for a name that none has.

        Without a saved filter, which says itself what it wants of texts told again, they are read like all others.
        """
        if self.filter is not None:
            return Filter.stored(filtering.named(uow, self.filter).filter)
        return Filter.parse(self.conditions())


_PLURAL = {
    "type": "types",
    "source": "sources",
    "column": "columns",
    "kind": "kinds",
    "body": "bodies",
    "keyword": "keywords",
    "status": "statuses",
}
EVERYTHING = Filter(republications=True)
"""What is wanted where nothing is asked for: also texts told again."""
