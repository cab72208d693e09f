"""What a visit leaves as evidence beside its bytes: the headers of both sides, as far as they are worth keeping.

A redirect is a round of its own, so what was said at it waits with its target (`models.Target.trail`) for the fetch
that ends the way, and is kept with that.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from crawler.manners import Redirected
from shared.db.claims import Claimed, Hop
from shared.http import Response
from shared.urls import host_of

MOST_CHARACTERS = 16 * 1024
"""Of one side's headers: few answers have two thousand, and a hostile one shall not fill the ledger."""
HOP_CHARACTERS = 4 * 1024
"""The same at a redirect, of which there may be five before one answer."""


def spoken(fetch_id: str, response: Response, trail: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """Return the row of what was said in a fetch (`models.Spoken`), at the end of a `trail` of redirects."""
    return {"fetch_id": fetch_id, "hops": list(trail) or None, **_said(response, MOST_CHARACTERS)}


def hop_of(target: Claimed, reply: Redirected, method: str, at: datetime) -> Hop:
    """Return where the redirect that was asked for by `method`, `at`, leads; with what was said at it and before it."""
    for_good = reply.permanent and target.hop_permanent is not False
    trail = trail_of(target)
    if reply.response is not None:
        about = {"number": target.fetch_count + 1, "at": at.astimezone(UTC).isoformat(), "method": method}
        trail.append(about | {"size": len(reply.response.body)} | _said(reply.response, HOP_CHARACTERS))
    return Hop(reply.url, host_of(reply.url), for_good, reply.method if reply.method != "GET" else None, trail)


def trail_of(target: Claimed) -> list[dict[str, Any]]:
    """Return what was said at the redirects on the way that `target` is on: at all of them, or nothing.

    A crawler of the release before this follows redirects without a word of them, and forgets no word of others.
    """
    trail = [one for one in target.trail or () if one["number"] == target.fetch_count + 1]
    return trail if len(trail) == target.hops else []


def _said(response: Response, most: int) -> dict[str, Any]:
    sent, sent_cut = kept(response.sent, most)
    received, received_cut = kept(response.fields, most)
    return {
        "url": response.url,
        "sent": sent,
        "version": response.version,
        "status": response.status,
        "reason": _legible(response.reason)[:200],
        "received": received,
        "cut": sent_cut or received_cut,
    }


def kept(fields: Iterable[tuple[str, str]], most: int = MOST_CHARACTERS) -> tuple[list[list[str]], bool]:
    """Return the first headers that fit in `most` characters, and whether some are left out."""
    found: list[list[str]] = []
    room = most
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
