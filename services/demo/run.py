"""Running the demonstration: site, subscriber and the embedded all-in-one, then a time of quiet and a comparison."""

import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from threading import Event

from services.demo.differences import differences
from services.demo.show import Show, Summary
from services.desk.subscribing import Webhook, subscribe
from services.desk.watching import Watch, watch
from services.embedded import Embedded
from services.queue_server import free_port
from services.simulation.receipts import Receipt
from services.simulation.script import Script, demo
from services.simulation.sink import Sink
from services.simulation.site import DisclosureSite
from services.wiring import Wiring
from shared.settings import Settings, read_settings

LOOPBACK = "127.0.0.0/8"
SETTLE_SECONDS = 25.0


def settings_for(data_dir: Path) -> Settings:
    """Return settings that show in a minute what takes days in service; politeness is scaled, never off."""
    return read_settings(
        data_dir=data_dir,
        contact="https://noticewire.example/demo",
        api_port=free_port(),
        log_level="warning",
        host_delay_seconds=0.3,
        host_delay_jitter_seconds=0.05,
        host_backoff_seconds=0.5,
        host_backoff_cap_seconds=3.0,
        listing_interval_seconds=2.5,
        detail_first_interval_seconds=3.0,
        detail_last_interval_seconds=6.0,
        withdrawal_confirmations=2,
        withdrawal_span_seconds=3.0,
        withdrawal_beyond_seconds=10.0,
        ring_again_seconds=5.0,
        sweep_interval_seconds=1.0,
        delivery_schedule_scale=0.02,
        worker_processes=1,
    )


def run_demo(stop: Event, seconds: float | None, *, as_json: bool, data_dir: Path | None = None) -> int:
    """Show events as they arrive, until `stop` is set or `seconds` have passed; return the exit code."""
    with ExitStack() as stack:
        folder = data_dir or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="noticewire-demo-")))
        site = stack.enter_context(DisclosureSite(notices=4))
        sink = stack.enter_context(Sink())
        show = Show(as_json=as_json)
        show.note(f"data in {folder}; logs in {folder / 'demo.log'}")
        embedded = Embedded(settings_for(folder), log_file=folder / "demo.log")
        began = time.monotonic()
        embedded.start()
        stack.callback(embedded.stop)
        wiring = Wiring(embedded.settings)
        stack.callback(wiring.close)
        secret = _subscribe(wiring, sink)
        sink.set_secret(secret)
        for url in site.listing_urls():
            watch(wiring.ledger, Watch(url, allow=[LOOPBACK]))
        show.note(f"API at {embedded.api_url}, its token in {embedded.token_path}; end with Ctrl-C")
        script = Script(site)
        stack.callback(script.stop)
        script.start(demo(site.layout.seed))
        summary = Summary()
        _watch_events(stop, _quiet_at(began, seconds), embedded, sink, show)
        summary.first_event_seconds = show.first_at and round(show.first_at - began, 1)
        if seconds is not None and not stop.is_set():
            script.stop()
            summary.flaws = _settle(wiring, site, sink, embedded, show)
        summary.seconds = round(time.monotonic() - began, 1)
        _count(summary, sink.receipts(), wiring)
        show.summary(summary)
        return 1 if summary.flaws or summary.unverified else 0


def _subscribe(wiring: Wiring, sink: Sink) -> str:
    _, secret = subscribe(wiring.ledger, wiring.box, Webhook(sink.url, name="the demo's subscriber", allow=[LOOPBACK]))
    return secret


def _quiet_at(began: float, seconds: float | None) -> float:
    """Return when the site stops changing: a quarter of the time, at most 12 s, is left for things to settle."""
    return float("inf") if seconds is None else began + seconds - min(12.0, seconds / 4)


def _watch_events(stop: Event, until: float, embedded: Embedded, sink: Sink, show: Show) -> None:
    while not stop.wait(0.2) and time.monotonic() < until:
        embedded.supervise()
        show.receipts(sink)


def _settle(wiring: Wiring, site: DisclosureSite, sink: Sink, embedded: Embedded, show: Show) -> list[str]:
    """Wait until what was stored and received is what the site says; return what still differs in the end."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while flaws := list(differences(wiring, site.truth(), sink.receipts())):
        if time.monotonic() > deadline:
            return flaws
        embedded.supervise()
        time.sleep(0.5)
        show.receipts(sink)
    return []


def _count(summary: Summary, receipts: list[Receipt], wiring: Wiring) -> None:
    heard = {receipt.webhook_id: receipt for receipt in receipts if receipt.accepted}
    summary.events = dict(Counter(str(receipt.type) for receipt in heard.values()))
    summary.deliveries = len(receipts)
    summary.unverified = sum(not receipt.verified for receipt in receipts)
    with wiring.ledger.reading() as uow:
        summary.notices = uow.ages.counts()["notices"]
