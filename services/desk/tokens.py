"""Tokens: keys to the API, `nw_<id>_<secret>`, of which only the SHA-256 is kept; shown once."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from services.desk.audit import note
from shared.db import Ledger
from shared.db.models import Token
from shared.domain.states import Scope
from shared.errors import Invalid, NotFound
from shared.ids import new_id

_USE_NOTED_EVERY = timedelta(minutes=1)
LONGEST_OVERLAP_SECONDS = 7 * 86_400


def create_token(ledger: Ledger, *, name: str, scopes: Sequence[str], days: float | None = None) -> tuple[Token, str]:
    """Make a token that lasts `days` (for ever if None); return it with its text. Raises `Invalid` for a scope."""
    try:
        wanted = sorted({Scope(scope) for scope in scopes})
    except ValueError as error:
        raise Invalid(f"{error}; scopes are {', '.join(Scope)}") from error
    if not wanted:
        raise Invalid(f"a token needs at least one scope: {', '.join(Scope)}")
    secret = secrets.token_urlsafe(32)
    with ledger.begin() as uow:
        now = uow.now()
        token = Token(
            id=new_id("tok"),
            name=name,
            secret_sha256=_digest(secret),
            scopes=[str(scope) for scope in wanted],
            created_at=now,
            expires_at=now + timedelta(days=days) if days is not None else None,
        )
        uow.tokens.add(token)
        note(uow, "token.created", token.id, name=name, scopes=token.scopes, days=days)
        uow.commit()
    return token, _text(token, secret)


def authenticate(ledger: Ledger, text: str) -> Token | None:
    """Return the token that `text` is, if it is one, unexpired and not revoked; its use is noted once a minute.

    The secret before the last rotation will do while the two overlap.
    """
    prefix, _, rest = text.partition("_")
    name, _, secret = rest.partition("_")
    if prefix != "nw" or not secret:
        return None
    with ledger.reading() as uow:
        token = uow.tokens.by_id(f"tok_{name}")
        now = uow.now()
    if token is None or not _opens(token, _digest(secret), now):
        return None
    if token.last_used_at is None or now - token.last_used_at > _USE_NOTED_EVERY:
        with ledger.begin() as uow:
            uow.tokens.mark_used(token.id, now)
            uow.commit()
    return token


def _opens(token: Token, digest: str, now: datetime) -> bool:
    if token.revoked_at is not None or (token.expires_at is not None and token.expires_at <= now):
        return False
    current = hmac.compare_digest(token.secret_sha256, digest)
    overlaps = token.previous_until is not None and now < token.previous_until
    return current or (overlaps and hmac.compare_digest(token.previous_sha256 or "", digest))


def key_of(text: str) -> str:
    """Return by what a token's text is known to `Tokens.live`: the SHA-256 of its secret."""
    return _digest(text.split("_", 2)[-1])


def rotate(ledger: Ledger, token_id: str, *, overlap_seconds: float = 0.0) -> tuple[Token, str]:
    """Give a token another secret; return it with its text. The old one is good for `overlap_seconds` more, or not.

    An older one that still overlapped is not. Raises `NotFound` where there is no live token, and `Invalid` for an
    overlap that is none.
    """
    if not 0 <= overlap_seconds <= LONGEST_OVERLAP_SECONDS:
        raise Invalid(f"the overlap is {overlap_seconds:g} s; it is at least 0 and at most {LONGEST_OVERLAP_SECONDS}")
    secret = secrets.token_urlsafe(32)
    with ledger.begin() as uow:
        now = uow.now()
        until = now + timedelta(seconds=overlap_seconds) if overlap_seconds else None
        token = uow.tokens.rotate(token_id, _digest(secret), until, now)
        if token is None:
            raise NotFound(f"no live token {token_id!r}")
        note(uow, "token.rotated", token.id, overlap_seconds=overlap_seconds)
        uow.commit()
    return token, _text(token, secret)


def _text(token: Token, secret: str) -> str:
    return f"nw_{token.id.removeprefix('tok_')}_{secret}"


def revoke(ledger: Ledger, token_id: str) -> None:
    """Make a token useless from its next request on; raises `NotFound`."""
    with ledger.begin() as uow:
        if not uow.tokens.revoke(token_id, uow.now()):
            raise NotFound(f"no live token {token_id!r}")
        note(uow, "token.revoked", token_id)
        uow.commit()


def allows(token: Token, scope: Scope) -> bool:
    """Tell whether `token` may do what needs `scope`."""
    return scope in token.scopes or Scope.ADMIN in token.scopes


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
