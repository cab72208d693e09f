"""A document for people: its head, its ledger, what was cut, its files, its text. Of any release, and of any page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich.text import Text

from services.cli.screen import facts, say, shown, strong, table

Document = Mapping[str, Any]

_LONGEST_CUT = 60
"""Characters of what was cut that are shown: enough to know it by."""
_MOST_CUTS = 40


def show_document(document: Document) -> None:
    """Print a document."""
    facts(head(document))
    for warning in document.get("warnings") or ():
        say(f"  Warning: {warning['message']} ({warning['code']})")
    rows = list(ledger(document))
    if rows:
        table(("no.", "printed", "problem", "status", "due", "measures"), rows, title="Ledger", whole=("status",))
    removed = document.get("removed") or ()
    if removed:
        table(("rule", "text"), _cuts(removed), title="Cut from the page")
    files = document.get("attachments") or ()
    if files:
        table(("title", "URL", "type", "text"), map(_file, files), title="Attachments")
    say(f"\n{document.get('body') or '(no text)'}\n")


def head(document: Document) -> dict[str, object]:
    """Return what a person reads first, name by name; only the first rows are there for every document."""
    always = {
        "title": document.get("title"),
        "page": _page(document.get("page") or {}),
        "kind": document.get("kind"),
        "published": _with(document.get("published_at"), document.get("published_at_from"), "by its {}"),
    }
    contacts = document.get("contacts") or {}
    told = {
        "source": document.get("source"),
        "site": document.get("site_name"),
        "column": document.get("column"),
        "author": document.get("author"),
        "URL": document.get("url"),
        "numbers": document.get("document_numbers"),
        "inspection": _inspection(document.get("inspection") or {}),
        "inspected": (document.get("inspection") or {}).get("inspected"),
        "declares": _declared(document.get("declared") or {}),
        "comments": _window(document.get("comment_window") or {}),
        **{name: contacts.get(name) for name in ("phones", "emails", "addresses", "postcodes")},
        "signed": _joined((document.get("signed_by"), document.get("signed_on"))),
        "further pages": document.get("parts"),
        "read from": _speaker(document.get("body_from_attachment")),
        "encoding": _encoding(document),
    }
    return always | {name: value for name, value in told.items() if value not in (None, "", [])}


def ledger(document: Document) -> Iterator[list[object]]:
    """Yield a row for each aspect and each problem, in order."""
    promises: dict[int, list[str | None]] = defaultdict(list)
    for one in document.get("commitments") or ():
        promises[one["problem"]].append(_with(one["due_by"], one["precision"], "{}"))
    blank = Text()
    for aspect in document.get("aspects") or ():
        yield [blank, blank, strong(aspect["title"] or "(no heading)")]
        for problem in aspect["problems"]:
            number = problem["number"]
            yield [
                *(number, problem["printed_number"], problem["title"], problem["status"]),
                *(promises.get(number) or problem["due"], len(problem["measures"])),
            ]


def _file(file: Mapping[str, Any]) -> list[object]:
    status = (file.get("status") or "not asked for").replace("_", " ")
    return [file["title"], file["url"], file.get("type"), _joined((status, file.get("reason")))]


def _page(page: Mapping[str, Any]) -> str | None:
    return f"{page['status']}, by the rule {page['rule']}" if page else None


def _with(value: str | None, more: str | None, words: str) -> str | None:
    """Return a value with what is to be known of it; a day promised to the day needs no words."""
    if value is None or more in (None, "day"):
        return value
    return f"{value} ({words.format(str(more).replace('_', ' '))})"


def _inspection(inspection: Mapping[str, Any]) -> str | None:
    who = _joined(inspection.get(name) for name in ("authority", "kind", "round", "team"))
    span = " to ".join(day or "…" for day in (inspection.get("from"), inspection.get("to")))
    fed_back = inspection.get("feedback_on")
    days = (None if span == "… to …" else span, f"told on {fed_back}" if fed_back else None)
    return _joined((who, *days))


def _declared(declared: Mapping[str, int]) -> str | None:
    return _joined(f"{count} {name.replace('_', ' ')}" for name, count in declared.items())


def _window(window: Mapping[str, Any]) -> str | None:
    return f"{window.get('opens_on') or '…'} to {window.get('closes_on') or '…'}" if window else None


def _encoding(document: Document) -> str | None:
    """Return the encoding where characters were lost by it: then it is worth a look."""
    lost = document.get("replacement_share") or 0.0
    return f"{document.get('encoding')}; {lost:.1%} of the characters could not be read" if lost else None


def _speaker(number: int | None) -> str | None:
    return f"attachment {number}" if number else None


def _joined(words: Iterable[str | None]) -> str | None:
    return ", ".join(word for word in words if word) or None


def _cuts(removed: Sequence[Mapping[str, str]]) -> Iterator[list[object]]:
    for cut in removed[:_MOST_CUTS]:
        text = " ".join(shown(cut["text"]).split())
        yield [cut["rule"], text if len(text) <= _LONGEST_CUT else f"{text[: _LONGEST_CUT - 1]}…"]
    if len(removed) > _MOST_CUTS:
        yield ["…", f"and {len(removed) - _MOST_CUTS} more; --json shows all"]
