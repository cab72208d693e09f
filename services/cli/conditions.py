"""Conditions on events as options: `--where`, `--type` and `--filter`, spelt once for all commands that take them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shared.domain.filters import Filter
from shared.errors import Invalid

if TYPE_CHECKING:
    from shared.db import UnitOfWork

LISTS = {
    "type": "types",
    "source": "sources",
    "column": "columns",
    "kind": "kinds",
    "body": "bodies",
    "keyword": "keywords",
    "status": "statuses",
}
SINGLE = ("due_from", "due_before")
AGAIN = "republications"

Where = Annotated[
    list[str],
    typer.Option(
        metavar="CONDITION=VALUE",
        help="Only events for which this holds: type, source, column, kind, body, keyword, status, due_from, "
        "due_before or republications=yes. Repeatable: all conditions must hold, of the values of one any.",
    ),
]
Named = Annotated[str | None, typer.Option("--filter", metavar="NAME", help="What a saved filter wants.")]


@dataclass(frozen=True)
class Asked:
    """What was asked for on the command line."""

    where: Sequence[str] = ()
    types: Sequence[str] = ()
    name: str | None = None
    again: bool = False
    """Whether texts that are told again are wanted where nothing is said of them."""

    def wanted(self, uow: UnitOfWork) -> Filter:
        """Return the filter; raises `Invalid` or `NotFound`. A source may be named by its host."""
        from services.desk import filtering

        if self.name is not None:
            if self.where or self.types:
                raise Invalid("give --filter or conditions, not both")
            return Filter.stored(filtering.named(uow, self.name).filter)
        given = _given([*self.where, *(f"type={one}" for one in self.types)], again=self.again)
        given["sources"] = [_source_id(uow, one) for one in given["sources"]]
        wanted = Filter.parse(given)
        filtering.check_places(uow, wanted)
        return wanted


def _given(where: Sequence[str], *, again: bool) -> dict[str, Any]:
    given: dict[str, Any] = {plural: [] for plural in LISTS.values()} | {AGAIN: again}
    for one in where:
        name, sign, value = (part.strip() for part in one.partition("="))
        if not sign or not value or name not in (*LISTS, *SINGLE, AGAIN):
            known = ", ".join((*LISTS, *SINGLE, AGAIN))
            raise Invalid(f"--where {one[:80]!r}: write CONDITION=VALUE with one of {known}")
        if name in LISTS:
            given[LISTS[name]].append(value)
        elif name in SINGLE:
            given[name] = value
        elif value not in ("yes", "no"):
            raise Invalid(f"--where {one[:80]!r}: write {AGAIN}=yes or {AGAIN}=no")
        else:
            given[AGAIN] = value == "yes"
    return given


def _source_id(uow: UnitOfWork, name: str) -> str:
    found = uow.sources.by_host(name)
    return name if found is None else found.id


def words(wanted: Filter) -> str:
    """Return a filter in one line."""
    told = wanted.to_json().items()
    shown = (f"{name}: {', '.join(value) if isinstance(value, list) else _plain(value)}" for name, value in told)
    return "; ".join(shown) or "everything"


def _plain(value: Any) -> str:
    return "yes" if value is True else str(value)
