"""What a visit leaves as evidence beside its bytes: the headers of both sides, as far as they are worth keeping."""

from collections.abc import Iterable
from typing import Any

from shared.http import Response

MOST_CHARACTERS = 16 * 1024
"""Of one side's headers: few answers have two thousand, and a hostile one shall not fill the ledger."""


def spoken(fetch_id: str, response: Response) -> dict[str, Any]:
    """Return the row of what was said in a fetch (`models.Spoken`)."""
    sent, sent_cut = kept(response.sent)
    received, received_cut = kept(response.fields)
    return {
        "fetch_id": fetch_id,
        "url": response.url,
        "sent": sent,
        "version": response.version,
        "status": response.status,
        "reason": _legible(response.reason)[:200],
        "received": received,
        "cut": sent_cut or received_cut,
    }


def kept(fields: Iterable[tuple[str, str]]) -> tuple[list[list[str]], bool]:
    """Return the first headers that fit in `MOST_CHARACTERS`, and whether some are left out."""
    found: list[list[str]] = []
    room = MOST_CHARACTERS
    for name, value in fields:
        room -= len(name) + len(value)
        if room < 0:
            return found, True
        found.append([_legible(name), _legible(value)])
    return found, False


def _legible(text: str) -> str:
    """Return the text without what no database takes, nor a line of HTTP may hold."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() or character == "\t" else "?" for character in text)
