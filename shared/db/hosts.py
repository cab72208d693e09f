"""Drawer of hosts: when each may be asked next, how it has been answering, and its robots files."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared.db.models import Host, RobotsFile
from shared.db.statements import insert, insert_new


class Hosts:
    """What is known of a host and its origins."""

    def __init__(self, session: Session) -> None:
        """Work within `session`'s transaction."""
        self._session = session

    def by_name(self, name: str) -> Host | None:
        """Return what is known of the host, if it was ever asked."""
        return self._session.get(Host, name)

    def set_next_allowed(self, name: str, at: datetime) -> None:
        """Write when the next request to the host may start."""
        insert_new(self._session, Host, [{"name": name, "failures": 0}], ["name"])
        self._session.execute(update(Host).where(Host.name == name).values(next_allowed_at=at))

    def record_answer(self, name: str, *, failures: int, error: str | None, at: datetime) -> None:
        """Note how a request ended: `failures` in a row so far, and the last error in words."""
        insert_new(self._session, Host, [{"name": name, "failures": 0}], ["name"])
        values: dict[str, Any] = {"failures": failures, "last_error": error}
        if not failures:
            values["last_ok_at"] = at
        self._session.execute(update(Host).where(Host.name == name).values(**values))

    def set_remark(self, name: str, remark: str | None) -> None:
        """Note what an operator should decide on, or that there is nothing any more."""
        insert_new(self._session, Host, [{"name": name, "failures": 0}], ["name"])
        self._session.execute(update(Host).where(Host.name == name).values(remark=remark))

    def failing(self, limit: int = 50) -> list[Host]:
        """Return hosts that failed last time, the worst first."""
        query = select(Host).where(Host.failures > 0).order_by(Host.failures.desc(), Host.name).limit(limit)
        return list(self._session.scalars(query))

    def robots(self, origin: str) -> RobotsFile | None:
        """Return the stored robots file of an origin."""
        return self._session.get(RobotsFile, origin)

    def save_robots(self, values: dict[str, Any]) -> None:
        """Store the robots file of `values["origin"]`, in place of an earlier one."""
        statement = insert(self._session, RobotsFile).values(values)
        changed = {name: value for name, value in values.items() if name != "origin"}
        self._session.execute(statement.on_conflict_do_update(index_elements=["origin"], set_=changed))
