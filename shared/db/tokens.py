"""Drawer of tokens: keys to the API, of which only the SHA-256 is kept."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from shared.db.models import Token


class Tokens:
    """Who may ask what of the API."""

    def __init__(self, session: Session) -> None:
        """Work within `session`'s transaction."""
        self._session = session

    def add(self, token: Token) -> None:
        """Record a new token."""
        self._session.add(token)
        self._session.flush()

    def by_id(self, token_id: str) -> Token | None:
        """Return the token, if there is one."""
        return self._session.get(Token, token_id)

    def page(self, *, after: str = "", limit: int = 100) -> Sequence[Token]:
        """Return up to `limit` tokens in order of id, starting after `after`."""
        return self._session.scalars(select(Token).where(Token.id > after).order_by(Token.id).limit(limit)).all()

    def live(self, keys: Iterable[str], now: datetime) -> set[str]:
        """Return those of `keys` (SHA-256 of secrets) that still let one in at `now`."""
        asked = list(keys)
        current = select(Token.secret_sha256).where(Token.secret_sha256.in_(asked), *_valid(now))
        former = select(Token.previous_sha256).where(Token.previous_sha256.in_(asked), *_valid(now))
        return set(self._session.scalars(current.union(former.where(Token.previous_until > now))))

    def rotate(self, token_id: str, digest: str, overlap_until: datetime | None, now: datetime) -> Token | None:
        """Let `digest` be a live token's, and its present one good until `overlap_until`; None if there is none."""
        former = Token.secret_sha256 if overlap_until else None
        values = {"secret_sha256": digest, "previous_sha256": former, "previous_until": overlap_until}
        mine = update(Token).where(Token.id == token_id, *_valid(now))
        return self._session.scalar(mine.values(**values).returning(Token))

    def mark_used(self, token_id: str, at: datetime) -> None:
        """Note a use; callers do so at most once a minute, for a request should not cost a write."""
        self._session.execute(update(Token).where(Token.id == token_id).values(last_used_at=at))

    def revoke(self, token_id: str, at: datetime) -> bool:
        """Make a token useless from now on; False if there is none, or it was revoked before."""
        live = (Token.id == token_id) & Token.revoked_at.is_(None)
        return (
            self._session.execute(update(Token).where(live).values(revoked_at=at).returning(Token.id)).first()
            is not None
        )


def _valid(now: datetime) -> tuple[Any, ...]:
    return Token.revoked_at.is_(None), or_(Token.expires_at.is_(None), Token.expires_at > now)
