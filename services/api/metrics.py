"""Metrics for Prometheus: computed from the ledger at each scrape, so that every count shown is the database's."""

from collections.abc import Iterator, Mapping

from fastapi import APIRouter, Depends, Request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from starlette.responses import PlainTextResponse, Response

from services.api.looks import facts_of
from services.api.parameters import Parts
from services.api.security import needs
from services.api.tail import Tail
from services.api.verdict import LedgerFacts
from services.wiring import VERSION
from shared.db import UnitOfWork
from shared.domain.states import Ailment, Scope

router = APIRouter(tags=["health"], dependencies=[Depends(needs(Scope.READ))])


class Scrape(Collector):
    """What one scrape shows."""

    def __init__(self, uow: UnitOfWork, readers: int) -> None:
        """Read everything in `uow`'s transaction; `readers` are of this process."""
        self._facts = facts_of(uow)
        self._rows = uow.ages.counts()
        self._states = uow.ages.by_state()
        self._owed_fetches = uow.fetches.owed_count()
        self._let_go = uow.retention.totals()
        self._readers = readers

    def collect(self) -> Iterator[Metric]:
        """Return the families; ages are 0 where nothing waits, so that an alert needs no `absent()`."""
        yield from _ages(self._facts)
        yield _gauge("rows", "Rows in the ledger.", "table", self._rows)
        for noun, states in self._states.items():
            label = "outcome" if noun == "fetches" else "state"
            yield _gauge(f"{noun}_by_{label}", f"Rows of {noun} by {label}.", label, states)
        remarked = len(self._facts.host_remarks)
        ailing = {str(kind): self._facts.ailing.get(kind, 0) for kind in Ailment}
        yield _gauge("columns_ailing", "Columns that are silent, drifted or blocked.", "kind", ailing)
        singles = {
            "relay_last_position": ("The last position handed out.", self._facts.last_position),
            "fetches_owed": ("Fetches that wait for a worker.", self._owed_fetches),
            "fetches_quarantined": ("Fetches set aside because they could not be read.", self._facts.quarantined),
            "deliveries_parked": ("Deliveries given up on until redriven.", self._facts.parked),
            "hosts_failing": ("Hosts that failed last time (50 at most are counted).", len(self._facts.failing_hosts)),
            "hosts_remarked": ("Hosts of which an operator should know something (50 at most).", remarked),
            "columns_warning": ("Columns that read oddly (50 at most).", len(self._facts.column_warnings)),
            "stream_readers": ("Readers of this process's event stream.", self._readers),
        }
        for name, (told, value) in singles.items():
            yield GaugeMetricFamily(f"noticewire_{name}", told, value=value)
        yield _gauge("let_go", "What the rules of retention have deleted in all.", "what", self._let_go)
        yield _gauge("build_info", "The release that answers.", "version", {VERSION: 1})


def _ages(facts: LedgerFacts) -> Iterator[Metric]:
    ages = {work: age or 0.0 for work, age in facts.ages.items()}
    yield _gauge("age_seconds", "Seconds that the oldest work of each kind has waited.", "work", ages)
    beat = float("inf") if facts.relay_beat is None else facts.relay_beat
    told = "Seconds since a relay last showed that it leads; infinite if none ever did."
    yield GaugeMetricFamily("noticewire_relay_beat_age_seconds", told, value=beat)


def _gauge(name: str, told: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"noticewire_{name}", told, labels=[label])
    for key, value in sorted(values.items()):
        family.add_metric([key], value)
    return family


@router.get("/metrics", summary="Show metrics for Prometheus", response_class=PlainTextResponse)
def metrics(wiring: Parts, request: Request) -> Response:
    """The text exposition format. A scrape fails with 503 while the database is down."""
    tail: Tail = request.app.state.tail
    registry = CollectorRegistry()
    with wiring.ledger.reading() as uow:
        registry.register(Scrape(uow, tail.readers))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
