"""Drawer of facets: what events are matched by, read from the revisions that they are about."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from shared.db.models import Event, Notice, Revision
from shared.domain.bodies import body_key, forms
from shared.domain.filters import Facets
from shared.domain.states import FINISHED, NO_STATUS, NoticeKind
from shared.width import folded

BATCH = 50
"""Events whose documents are in memory at a time: one may have a megabyte."""
MOST_NAMES = 1_000
"""Of the bodies of one batch, in other notices."""

Document = Mapping[str, Any]
_NOTHING: Document = {}


class Reading(Protocol):
    """What somebody must know of events to match them: a filter, or an index of them."""

    @property
    def reads_notices(self) -> bool:
        """Whether more must be known than stands in the events' rows."""

    @property
    def reads_text(self) -> bool:
        """Whether the text of the notices must be known."""


class Known(NamedTuple):
    """What is known of an event beside its row."""

    told: Document
    """Its data."""
    document: Document = _NOTHING
    """The revision that it is about."""
    names: frozenset[str] = frozenset()
    """What else its body is called."""


class FacetsOf:
    """What events are matched by."""

    def __init__(self, session: Session) -> None:
        """Work within `session`'s transaction."""
        self._session = session

    def events(self, events: Sequence[Event], reading: Reading) -> Iterator[Facets]:
        """Yield the facets of each event in turn, as far as `reading` needs them."""
        for start in range(0, len(events), BATCH):
            batch = events[start : start + BATCH]
            if reading.reads_notices:
                yield from self._whole(batch, text=reading.reads_text)
            else:
                yield from (Facets(one.type, one.source_id, one.column_id, one.republication) for one in batch)

    def _whole(self, events: Sequence[Event], *, text: bool) -> Iterator[Facets]:
        told = {one.id: json.loads(one.data) for one in events}
        about = self._about(events, told)
        documents = self._documents(set(about.values()))
        keys = {key for one in documents.values() if (key := _inspected(one))}
        names = self._names(keys) if keys else {}
        for event in events:
            document = documents.get(about[event.id], _NOTHING) if event.id in about else _NOTHING
            other_names = names.get(_inspected(document) or "", frozenset())
            yield facets_of(event, Known(told[event.id], document, other_names), text=text)

    def _about(self, events: Sequence[Event], told: Mapping[str, Document]) -> dict[str, tuple[str, int]]:
        """Return what each event is about: the revision that it names, else the newest there was when it happened."""
        unnamed = {one.partition_key for one in events if _number(told[one.id], "revision") is None}
        known = self._revisions(unnamed) if unnamed else []
        found = {}
        for event in events:
            number = _number(told[event.id], "revision")
            if number is None:
                theirs = (one for one in known if one.notice_id == event.partition_key)
                number = max((one.number for one in theirs if one.created_at <= event.occurred_at), default=None)
            if number is not None:
                found[event.id] = (event.partition_key, number)
        return found

    def _revisions(self, notices: set[str]) -> Sequence[Any]:
        query = select(Revision.notice_id, Revision.number, Revision.created_at)
        return self._session.execute(query.where(Revision.notice_id.in_(notices)).order_by(Revision.number)).all()

    def _documents(self, wanted: set[tuple[str, int]]) -> dict[tuple[str, int], Document]:
        query = select(Revision.notice_id, Revision.number, Revision.document)
        query = query.where(tuple_(Revision.notice_id, Revision.number).in_(sorted(wanted)))
        return {(one.notice_id, one.number): one.document for one in self._session.execute(query)}

    def _names(self, keys: set[str]) -> dict[str, frozenset[str]]:
        """Return what else bodies, by their keys, are called by themselves, where they sign what they rectified."""
        query = select(Notice.inspected_key, Notice.signed_by).distinct()
        query = query.where(Notice.inspected_key.in_(keys), Notice.kind == NoticeKind.RECTIFICATION)
        found: dict[str, set[str]] = {}
        for key, signed_by in self._session.execute(query.limit(MOST_NAMES)):
            if key and signed_by and _is_fuller(signed_by, key):
                found.setdefault(key, set()).add(body_key(signed_by) or key)
        return {key: frozenset(names) for key, names in found.items()}


def facets_of(event: Event, known: Known, *, text: bool = True) -> Facets:
    """Return the facets of an event by what is known of it; without its `text`, if nobody looks for words."""
    document = known.document
    about_one, number = "problem" in known.told, _number(known.told, "problem")
    problems = [one for aspect in document.get("aspects") or () for one in aspect["problems"]]
    concerned = [one for one in problems if not about_one or one["number"] == number]
    key = _inspected(document)
    return Facets(
        type=event.type,
        source=event.source_id,
        column=event.column_id,
        republication=event.republication,
        kind=document.get("kind"),
        bodies=known.names | ({key} if key else set()),
        text=_text(known.told, document, problems) if text else "",
        statuses=_statuses(known.told, concerned),
        due=_due(known.told, concerned, document),
    )


def _text(told: Document, document: Document, problems: Sequence[Document]) -> str:
    title = document.get("title") or (told.get("notice") or _NOTHING).get("title")
    said = (one[name] for one in problems for name in ("title", "text"))
    return folded("\n".join(filter(None, (title, document.get("body"), *said))))


def _statuses(told: Document, concerned: Sequence[Document]) -> frozenset[str]:
    problem = told.get("problem") or _NOTHING
    if problem and "from" in told and "to" in told:
        return frozenset(told[side] or NO_STATUS for side in ("from", "to"))
    if "status" in problem:
        return frozenset([problem["status"] or NO_STATUS])
    return frozenset(one["status"] or NO_STATUS for one in concerned)


def _due(told: Document, concerned: Sequence[Document], document: Document) -> tuple[str, ...]:
    promise = told.get("commitment")
    if isinstance(promise, Mapping) and "due_by" in promise:
        return (str(promise["due_by"]),)
    unfinished = {one["number"]: one["due"] for one in concerned if one["status"] not in FINISHED}
    promised = [one["due_by"] for one in document.get("commitments") or () if one["problem"] in unfinished]
    return tuple(sorted({*promised, *(day for day in unfinished.values() if day)}))


def _inspected(document: Document) -> str | None:
    """Return the key of the body that the document is about: a rectification notice without one is its signer's."""
    signer = document.get("signed_by") if document.get("kind") == NoticeKind.RECTIFICATION else None
    return body_key((document.get("inspection") or _NOTHING).get("inspected") or signer)


def _is_fuller(name: str, key: str) -> bool:
    """Tell whether a signer's name is the body's in full: 清源区水务局 where it is called 区水务局 or 水务局."""
    full, short = forms(name), forms(key)
    return bool(full and short) and full[0] != short[0] and full[0].endswith(short[0])


def _number(told: Document, what: str) -> int | None:
    part = told.get(what)
    number = part.get("number") if isinstance(part, Mapping) else None
    return number if isinstance(number, int) else None
