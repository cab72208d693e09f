"""Who changes something at the desk, and the note of it that goes into the transaction of the change.

A door (the command line, the API) says once, with `acting`, on whose behalf everything within is done; a function of
the desk says with `note`, just before it commits, what it changed. So no function has to hand the actor on.
"""

import getpass
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from shared.db import UnitOfWork
from shared.db.models import AuditEntry
from shared.errors import Invalid
from shared.ids import new_id

LONGEST_REASON = 500


@dataclass(frozen=True)
class Actor:
    """On whose behalf something is done: a token's id or `cli:` and a user, from where, and why."""

    name: str
    origin: str | None = None
    reason: str | None = None


ITSELF = Actor("noticewire")
"""Nobody asked: the program does it by itself, as the first token of an embedded installation is made."""

_actor: ContextVar[Actor] = ContextVar("actor", default=ITSELF)


@contextmanager
def acting(actor: Actor) -> Iterator[None]:
    """Let everything within be noted as done by `actor`, also in threads that are begun there by the framework."""
    before = _actor.set(actor)
    try:
        yield
    finally:
        _actor.reset(before)


def acting_now() -> Actor:
    """Return on whose behalf this is done."""
    return _actor.get()


def person_at_the_keyboard(reason: str | None = None) -> Actor:
    """Return the user of this machine who runs a command, with the reason given for it."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number that has no name
        user = "unknown"
    return Actor(f"cli:{user}", socket.gethostname(), reasonable(reason))


def reasonable(reason: str | None) -> str | None:
    """Return a reason as it is kept; raises `Invalid` where it is too long or no line of text."""
    text = (reason or "").strip()
    if len(text) > LONGEST_REASON:
        raise Invalid(f"a reason has at most {LONGEST_REASON} characters; this one has {len(text)}")
    if not text.isprintable():
        raise Invalid("a reason is one line of text, without control characters")
    return text or None


def note(uow: UnitOfWork, action: str, subject: str, *, reason: str | None = None, **details: Any) -> None:
    """Record in `uow`'s transaction that the actor did `action` (`source.paused`) to `subject` (an id).

    `details` are what a reader could not know from the subject, never a secret; `reason` goes before the actor's.
    """
    actor = acting_now()
    entry = AuditEntry(
        id=new_id("aud"),
        at=uow.now(),
        actor=actor.name,
        origin=actor.origin,
        action=action,
        subject=subject,
        details={name: value for name, value in details.items() if value is not None},
        reason=reason or actor.reason,
    )
    uow.audit.append(entry)
