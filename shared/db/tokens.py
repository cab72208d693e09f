"""Drawer of tokens: keys to the API, of which only the SHA-256 is kept."""

from collections.abc import Iterable, Sequence
from datetime import datetime

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

    def live(self, token_ids: Iterable[str], now: datetime) -> set[str]:
        """Return those of `token_ids` that are neither revoked nor expired at `now`."""
        unexpired = or_(Token.expires_at.is_(None), Token.expires_at > now)
        query = select(Token.id).where(Token.id.in_(list(token_ids)), Token.revoked_at.is_(None), unexpired)
        return set(self._session.scalars(query))

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
