"""Filters: which events somebody wants to hear of. Every window asks the same question, `matches`.

A filter is a set of conditions. All of those that are given must hold; of the values of one, any will do; one that is
not given asks nothing, so that the empty filter wants every event (and each text told once).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property
from typing import Any

from shared.domain.bodies import body_key, forms
from shared.domain.events import EVENT_TYPES, NOTICE_REPUBLISHED, TYPE_PREFIX
from shared.domain.states import NO_STATUS, NoticeKind, ProblemStatus
from shared.errors import Invalid
from shared.ids import kind_of
from shared.legible import legible
from shared.width import folded

MOST_VALUES = 200
"""Of one condition."""
MOST_TERMS = 8
"""Of one keyword."""
LONGEST_VALUE = 200
"""Characters."""
STATUSES = (*(str(one) for one in ProblemStatus), NO_STATUS)
KINDS = tuple(str(one) for one in NoticeKind)


@dataclass(frozen=True)
class Filter:
    """Which events are wanted; to be made by `parse`, which checks and orders the values."""

    types: tuple[str, ...] = ()
    """Event types, without their prefix."""
    sources: tuple[str, ...] = ()
    """Ids of sources."""
    columns: tuple[str, ...] = ()
    """Ids of columns."""
    kinds: tuple[str, ...] = ()
    """What the notice is about, one of `KINDS`."""
    bodies: tuple[str, ...] = ()
    """Inspected bodies, by a name of theirs (`shared.domain.bodies.forms`)."""
    keywords: tuple[str, ...] = ()
    """Looked for in the title, the body and the problems; of one with white space inside, every term must occur."""
    statuses: tuple[str, ...] = ()
    """One of `STATUSES`: of a problem that the notice tells of or, where one changed, before or after."""
    due_from: str | None = None
    """An ISO date: a promised day of something unfinished is that day or later."""
    due_before: str | None = None
    """An ISO date: the same promised day is before it."""
    republications: bool = False
    """Whether a text is told again for each further address that it is found at."""

    @staticmethod
    def parse(given: Mapping[str, Any]) -> "Filter":
        """Return the filter that a JSON object means; raises `Invalid`, naming the field and what would be right."""
        known = [one.name for one in fields(Filter)]
        for name in given:
            if name not in known:
                raise Invalid(f"{str(name)[:40]}: there is no such condition; known are {', '.join(known)}")
        lists = {name: _values(name, given[name], check) for name, check in _CHECKS.items() if name in given}
        days = {name: _day(name, given[name]) for name in ("due_from", "due_before") if given.get(name) is not None}
        if len(days) == 2 and days["due_from"] >= days["due_before"]:
            raise Invalid("due_before: it is not after due_from, so that no day would do")
        again = given.get("republications", False)
        if not isinstance(again, bool):
            raise Invalid("republications: write true or false")
        types = lists.pop("types", ())
        again = again or NOTICE_REPUBLISHED in types  # to ask for the type is to ask for them
        if again and types:
            types = tuple(sorted({*types, NOTICE_REPUBLISHED}))
        return Filter(types=types, republications=again, **lists, **days)  # type: ignore[arg-type]

    @staticmethod
    def stored(told: Mapping[str, Any]) -> "Filter":
        """Return the filter that was stored as `to_json`; not judged again, for what is known may be other by now."""
        known: dict[str, Any] = {one.name: told[one.name] for one in fields(Filter) if one.name in told}
        for name in _CHECKS.keys() & known.keys():
            known[name] = tuple(known[name])
        return Filter(**known)

    def to_json(self) -> dict[str, Any]:
        """Return the conditions that are given, as `parse` takes them."""
        told = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in told.items() if value}

    @property
    def reads_notices(self) -> bool:
        """Whether more must be known of an event than stands in its row."""
        told = self.kinds or self.bodies or self.statuses or self.due_from or self.due_before
        return bool(told) or self.reads_text

    @property
    def reads_text(self) -> bool:
        """Whether the text of the notice must be known."""
        return bool(self.keywords)

    @cached_property
    def terms(self) -> tuple[tuple[str, ...], ...]:
        """The terms of each keyword, folded."""
        return tuple(tuple(folded(one).split()) for one in self.keywords)

    @cached_property
    def names(self) -> tuple[tuple[str, ...], ...]:
        """The names of each body, the fullest first."""
        return tuple(forms(one) for one in self.bodies)


@dataclass(frozen=True)
class Facets:
    """What an event is matched by; what it has not, or nobody asks for, is empty."""

    type: str
    source: str
    column: str | None = None
    republication: bool = False
    kind: str | None = None
    bodies: frozenset[str] = frozenset()
    """Names of the inspected body."""
    text: str = ""
    """Folded (`shared.width`): the title, body and problems of the revision that the event is about."""
    statuses: frozenset[str] = frozenset()
    due: tuple[str, ...] = ()
    """ISO dates promised for what is unfinished."""

    @cached_property
    def names(self) -> frozenset[str]:
        """Every name of the inspected body."""
        return frozenset(name for one in self.bodies for name in forms(one))

    @cached_property
    def fullest_names(self) -> frozenset[str]:
        """The fullest of each name's forms."""
        return frozenset(found[0] for one in self.bodies if (found := forms(one)))


def matches(wanted: Filter, facets: Facets) -> bool:
    """Tell whether an event is wanted."""
    return matches_but_for_words(wanted, facets) and (
        not wanted.keywords or any(_holds(facets.text, terms) for terms in wanted.terms)
    )


def matches_but_for_words(wanted: Filter, facets: Facets) -> bool:
    """Tell whether an event is wanted, for who looks for the keywords otherwise."""
    return (
        (not wanted.types or facets.type in wanted.types)
        and (not facets.republication or wanted.republications)
        and (not wanted.sources or facets.source in wanted.sources)
        and (not wanted.columns or facets.column in wanted.columns)
        and (not wanted.kinds or facets.kind in wanted.kinds)
        and (not wanted.statuses or not facets.statuses.isdisjoint(wanted.statuses))
        and (not wanted.bodies or _is_about_one_of(wanted, facets))
        and ((wanted.due_from is None and wanted.due_before is None) or _is_due(wanted, facets))
    )


def _is_about_one_of(wanted: Filter, facets: Facets) -> bool:
    names, fullest = facets.names, facets.fullest_names
    return any(one[0] in names or not fullest.isdisjoint(one) for one in wanted.names)


def _is_due(wanted: Filter, facets: Facets) -> bool:
    first, end = wanted.due_from or "", wanted.due_before or "9999-99-99"
    return any(first <= day < end for day in facets.due)


def _holds(text: str, terms: tuple[str, ...]) -> bool:
    return all(term in text for term in terms)


def _values(name: str, given: Any, check: Callable[[str], str]) -> tuple[str, ...]:
    if not isinstance(given, list | tuple):
        raise Invalid(f"{name}: write a list of texts")
    if len(given) > MOST_VALUES:
        raise Invalid(f"{name}: at most {MOST_VALUES} are taken; these are {len(given)}")
    found = set()
    for number, one in enumerate(given):
        if not isinstance(one, str):
            raise Invalid(f"{name}[{number}]: write a text")
        plain = legible(one).strip()
        if not plain or len(plain) > LONGEST_VALUE:
            raise Invalid(f"{name}[{number}]: write 1 to {LONGEST_VALUE} characters")
        try:
            found.add(check(plain))
        except Invalid as error:
            raise Invalid(f"{name}[{number}]: {error}") from error
    return tuple(sorted(found))


def _day(name: str, given: Any) -> str:
    try:
        if isinstance(given, str) and date.fromisoformat(given).isoformat() == given:
            return given
    except ValueError:
        pass
    raise Invalid(f"{name}: {str(given)[:40]!r} is no date; write it as 2026-12-31")


def known_type(name: str) -> str:
    """Return an event type without its prefix; raises `Invalid` for one that is not known."""
    return _one_of(name.removeprefix(TYPE_PREFIX), "event type", EVENT_TYPES)


def _one_of(name: str, what: str, known: tuple[str, ...]) -> str:
    if name not in known:
        raise Invalid(f"unknown {what} {name[:40]!r}; known are {', '.join(known)}")
    return name


def _id_of(what: str, prefix: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        if kind_of(text) != what or not text.isascii() or not text.replace("_", "").isalnum():
            raise Invalid(f"{text[:40]!r} is no id of a {what}; they begin with {prefix}_")
        return text

    return check


def _body(name: str) -> str:
    if body_key(name) is None:
        raise Invalid("this names no body")
    return name


def _keyword(text: str) -> str:
    terms = folded(text).split()
    if not 1 <= len(terms) <= MOST_TERMS:
        raise Invalid(f"write 1 to {MOST_TERMS} words")
    return " ".join(text.split())


_CHECKS: Mapping[str, Callable[[str], str]] = {
    "types": known_type,
    "sources": _id_of("source", "src"),
    "columns": _id_of("column", "col"),
    "kinds": lambda name: _one_of(name, "kind of notice", KINDS),
    "bodies": _body,
    "keywords": _keyword,
    "statuses": lambda name: _one_of(name, "status", STATUSES),
}
