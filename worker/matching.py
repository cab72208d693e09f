"""Who wants an event: the filters of all subscriptions in one index, kept until one of them changes."""

from collections.abc import Iterator, Sequence

from shared.db import UnitOfWork
from shared.db.models import Event
from shared.domain.filter_index import FilterIndex


class Matching:
    """The subscriptions' filters, as of their last change."""

    def __init__(self) -> None:
        """Know of none yet."""
        self._version: tuple[int, int] | None = None
        self._index: FilterIndex[str] = FilterIndex(())

    def wanting(self, uow: UnitOfWork, events: Sequence[Event]) -> Iterator[list[str]]:
        """Yield the ids of the subscriptions that want each event; the caller has locked the last position."""
        version = uow.subscriptions.wants_version()
        if version != self._version:
            self._index = FilterIndex(uow.subscriptions.wants())
            self._version = version
        return map(self._index.matching, uow.facets.events(events, self._index))
