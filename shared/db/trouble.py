"""Telling a database that is down from everything else."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from shared.errors import Unavailable


@contextmanager
def answering() -> Iterator[None]:
    """Turn the driver's word that the server does not answer (or the disk is full) into `Unavailable`."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise Unavailable(f"the database does not answer: {first_line(error)}") from error


def first_line(error: DBAPIError) -> str:
    """Return the first line of what the driver said."""
    lines = str(error.orig if error.orig is not None else error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__
