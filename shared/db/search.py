"""Searching: which texts hold every term of a question. An index of trigrams narrows, the text itself decides.

The same on both databases: terms are looked for literally, whatever they are made of, in folded text (`shared.width`).
A term of one or two characters has no trigram, and makes the database look through the texts.
"""

from typing import Any

from sqlalchemy import ColumnElement, column, func, literal_column, select, table
from sqlalchemy.orm import Session

from shared.db.models import Searchable
from shared.errors import Invalid
from shared.width import folded

MOST_TERMS = 16
_MOST_TRIGRAMS = 32
"""Asked of SQLite's index: enough to narrow down, and no more work for a very long term."""

_INDEX = table("searchable_index", column("rowid"))


def terms_of(question: str | None) -> list[str]:
    """Return what is looked for: the words between white space, folded, each once; `Invalid` if there are too many."""
    terms = list(dict.fromkeys(folded(question or "").split()))
    if len(terms) > MOST_TERMS:
        raise Invalid(f"a search takes at most {MOST_TERMS} terms; this one has {len(terms)}")
    return terms


def holds(session: Session, terms: list[str]) -> list[ColumnElement[bool]]:
    """Return the conditions under which a row of `Searchable` holds all `terms`."""
    if session.get_bind().dialect.name == "postgresql":
        return [Searchable.text.like(f"%{_escaped(term)}%", escape="\\") for term in terms]
    conditions: list[ColumnElement[bool]] = [func.instr(Searchable.text, term) > 0 for term in terms]
    if trigrams := _trigrams(terms):
        matching: ColumnElement[Any] = literal_column(_INDEX.name).op("MATCH")(" AND ".join(trigrams))
        conditions.insert(0, Searchable.serial.in_(select(_INDEX.c.rowid).where(matching)))
    return conditions


def _escaped(term: str) -> str:
    return term.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _trigrams(terms: list[str]) -> list[str]:
    """Return the terms' trigrams as strings of FTS5 (a quotation mark is doubled), which have no syntax in them."""
    found = (term[at : at + 3] for term in terms for at in range(len(term) - 2))
    quoted = ('"' + trigram.replace('"', '""') + '"' for trigram in found)
    return list(dict.fromkeys(quoted))[:_MOST_TRIGRAMS]
