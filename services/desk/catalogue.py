"""A list of columns in a file: written out, and taken in whole or not at all.

A file holds one JSON object a line (JSON Lines); `Entry` says what may stand in each.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from crawler.discover import Profile
from crawler.terms import Wishes
from services.desk.addresses import admissible
from services.desk.audit import note
from services.desk.watching import Watch, add, check
from shared.db import Ledger, UnitOfWork
from shared.db.models import Column, Source
from shared.errors import Invalid
from shared.urls import listing_url

MOST_ERRORS = 20


def _plain(text: str) -> str:
    if not text.isprintable():
        raise ValueError("control characters are not accepted")
    return text


def _read_profile(value: dict[str, Any]) -> dict[str, Any]:
    try:
        return Profile.from_json(value).as_json()
    except Invalid as error:
        raise ValueError(str(error)) from error


def _address(text: str) -> str:
    try:
        return listing_url(text)
    except Invalid as error:
        raise ValueError(str(error)) from error


Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), AfterValidator(_plain)]


class Entry(BaseModel):
    """One column, and what its operator says of it and of its source."""

    model_config = ConfigDict(extra="forbid", strict=True)

    url: Annotated[str, AfterValidator(_address)]
    name: Words | None = None
    source_name: Words | None = None
    delay_seconds: float | None = Field(None, ge=0, le=86_400, allow_inf_nan=False)
    verify_tls: bool | None = None
    allow: list[Words] = []
    hosts: list[Words] = []
    daily_requests: int | None = Field(None, ge=1)
    daily_bytes: int | None = Field(None, ge=1)
    quiet_hours: Words | None = None
    time_zone: Words | None = None
    paused: bool = False
    profile: Annotated[dict[str, Any], AfterValidator(_read_profile)] | None = None
    unverified: bool = False
    """Whether nobody has seen the column answer yet; the mark goes with the first listing that is read."""
    reason: Words | None = None
    """Why it is unverified."""
    confirmed_from: Words | None = None
    """Where its address was seen."""

    def as_wish(self) -> Watch:
        """Return the entry as a wish to watch its column."""
        doubt = {"reason": self.reason, "confirmed_from": self.confirmed_from} if self.unverified else None
        return Watch(
            self.url,
            name=self.name,
            source_name=self.source_name,
            delay_seconds=self.delay_seconds,
            allow=self.allow,
            hosts=self.hosts,
            wishes=Wishes(self.daily_requests, self.daily_bytes, self.quiet_hours, self.time_zone),
            verify_tls=self.verify_tls,
            profile=self.profile,
            unverified=doubt,
            paused=self.paused,
        )


@dataclass(frozen=True)
class Taken:
    """What taking a file in did."""

    added: int
    changed: int
    unchanged: int


def read_entries(lines: Iterable[str | bytes]) -> list[Entry]:
    """Return the entries of a file; raises `Invalid` that names each wrong line and field (the first twenty)."""
    entries: list[Entry] = []
    wrong: list[str] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            entry = Entry.model_validate(json.loads(line))
            admissible(entry.url, entry.allow)
            check(entry.as_wish())
        except ValidationError as error:
            wrong += [f"line {number}: {'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
        except Invalid as error:
            wrong.append(f"line {number}: {error}")
        except (ValueError, RecursionError) as error:
            wrong.append(f"line {number}: not a JSON object: {str(error)[:100]}")
        else:
            if seen.setdefault(entry.url, number) != number:
                wrong.append(f"line {number}: url: it stands in line {seen[entry.url]} already")
            entries.append(entry)
    if wrong:
        more = [f"and {len(wrong) - MOST_ERRORS} more"] if len(wrong) > MOST_ERRORS else []
        raise Invalid("\n  ".join(["nothing was taken in:", *wrong[:MOST_ERRORS], *more]))
    return entries


def take_in(ledger: Ledger, entries: Sequence[Entry]) -> Taken:
    """Watch the columns of `entries`, all of them or, where one is refused, none; doing it twice changes nothing."""
    added = changed = 0
    with ledger.begin() as uow:
        for entry in entries:
            before = _told(uow, entry.url)
            source, column, _ = add(uow, entry.as_wish())
            source.name, column.name = entry.source_name or source.name, entry.name or column.name
            added += before is None
            changed += before is not None and before != told(source, column)
        note(uow, "sources.imported", "sources", added=added, changed=changed)
        uow.commit()
    return Taken(added, changed, len(entries) - added - changed)


def _told(uow: UnitOfWork, url: str) -> dict[str, Any] | None:
    column = uow.sources.column_by_url(url)
    source = uow.sources.by_id(column.source_id) if column else None
    return told(source, column) if source and column else None


def write_out(ledger: Ledger, source_ids: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
    """Yield an entry for each column, of the named sources or of all; what is as usual is left out."""
    with ledger.reading() as uow:
        after = ""
        while page := uow.sources.page(after=after):
            for source in page:
                if not source_ids or source.id in source_ids:
                    yield from (told(source, column) for column in _columns(uow, source.id))
            after = page[-1].id


def _columns(uow: UnitOfWork, source_id: str) -> Iterator[Column]:
    after = ""
    while page := uow.sources.columns(source_id, after=after):
        yield from page
        after = page[-1].id


def told(source: Source, column: Column) -> dict[str, Any]:
    """Return a column as the entry that would make it."""
    whole = {
        "url": column.url,
        "name": column.name,
        "source_name": source.name if source.name != source.host or column.name else None,
        "delay_seconds": source.delay_seconds,
        "verify_tls": None if source.verify_tls else False,
        "allow": source.allow or None,
        "hosts": source.hosts or None,
        **{name: getattr(source, name) for name in ("daily_requests", "daily_bytes", "quiet_hours", "time_zone")},
        "paused": True if source.paused_at else None,
        "profile": column.profile,
    }
    if column.unverified is not None:
        whole |= {"unverified": True, **column.unverified}
    return {name: value for name, value in whole.items() if value is not None}
