"""Opening the ledger for one command, and closing it whatever happens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.wiring import Wiring

reason_given: ContextVar[str | None] = ContextVar("reason_given", default=None)
"""Why the command is run, if `noticewire --reason` said so."""


@contextmanager
def configured(data: Path | None) -> Iterator[Wiring]:
    """Give the wiring for the settings, with `data` as the data folder if one is given; nothing is opened yet."""
    from services.desk.audit import acting, person_at_the_keyboard
    from services.wiring import wire
    from shared.logs import configure_logs

    wiring = wire(data_dir=data)
    configure_logs(wiring.settings.log_format, wiring.settings.log_level)
    try:
        with acting(person_at_the_keyboard(reason_given.get())):
            yield wiring
    finally:
        wiring.close()


@contextmanager
def opened(data: Path | None, *, make: bool = False) -> Iterator[Wiring]:
    """Give the wiring with its ledger at this release's tables; raises `Invalid` that says how to get there.

    With `make` a SQLite ledger is made or brought up to date on the way: a first command should need no other before
    it. PostgreSQL is shared, so its migrations are only ever run by `noticewire db upgrade`.
    """
    from shared.db.engine import parse_url
    from shared.errors import Invalid
    from shared.migrations import require_current, upgrade

    with configured(data) as wiring:
        url = parse_url(wiring.settings.database)
        is_file = url.get_backend_name() == "sqlite"
        if is_file and make:
            upgrade(wiring.ledger)
        elif is_file and not Path(str(url.database)).exists():
            raise Invalid(f"there is no database at {url.database}; make one with: noticewire db upgrade")
        else:
            require_current(wiring.ledger)
        yield wiring
