"""Advisory locks of PostgreSQL: their keys, and letting go of one that a session holds."""

import hashlib
from contextlib import suppress

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DBAPIError, InvalidRequestError


def lock_key(kind: str, name: str) -> int:
    """Return the 64-bit key of an advisory lock; two names that share one only wait for each other."""
    return int.from_bytes(hashlib.sha256(f"noticewire:{kind}:{name}".encode()).digest()[:8], "big", signed=True)


def unlock(connection: Connection, key: int) -> None:
    """Let go of a session advisory lock; a connection that cannot is thrown away, which ends its session."""
    try:
        connection.scalar(select(func.pg_advisory_unlock(key)))
    except (DBAPIError, InvalidRequestError):  # the latter where the connection was found broken before
        with suppress(DBAPIError, InvalidRequestError):
            connection.invalidate()
