"""Drawer of kept answers: a request with an `Idempotency-Key` is done once, however often it is sent."""

from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from shared.db.models import KeptAnswer
from shared.db.statements import insert_new


class Answers:
    """By key; the row is there from before the request is done."""

    def __init__(self, session: Session) -> None:
        """Work within `session`'s transaction."""
        self._session = session

    def begin(self, key: str, request: str, now: datetime) -> KeptAnswer | None:
        """Claim `key` for `request` and return None; or return what is there for it already."""
        row = {"key": key, "request": request, "answer": None, "began_at": now}
        if insert_new(self._session, KeptAnswer, [row], ["key"]):
            return None
        return self._session.get(KeptAnswer, key)

    def keep(self, key: str, answer: str) -> None:
        """Keep the answer to the request that claimed `key`."""
        self._session.execute(update(KeptAnswer).where(KeptAnswer.key == key).values(answer=answer))

    def forget(self, key: str) -> None:
        """Let `key` be free again: its request came to nothing."""
        self._session.execute(delete(KeptAnswer).where(KeptAnswer.key == key))

    def expire(self, before: datetime) -> None:
        """Forget every answer whose request began before that time."""
        self._session.execute(delete(KeptAnswer).where(KeptAnswer.began_at < before))
