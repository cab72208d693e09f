"""Bad input on the real line: each is named where a person looks for it, and nothing is left half-done."""

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.queue_server import free_port
from services.simulation.site import DisclosureSite
from shared.db.models import Attempt, Delivery, Fetch
from tests.servers.line import Line, quick_settings
from tests.servers.subscriber import Sink

HOST = "127.0.0.2"
GARBAGE = bytes(range(128, 256)) * 40


def ready(line: Line) -> dict[str, Any]:
    """Return what /readyz says, whatever its status."""
    address = f"http://127.0.0.1:{line.settings.api_port}/readyz"
    asked = urllib.request.Request(address, headers={"Authorization": f"Bearer {line.token}"})
    try:
        with urllib.request.urlopen(asked, timeout=5) as answer:
            told: dict[str, Any] = json.load(answer)
    except urllib.error.HTTPError as error:
        told = json.load(error)
    except OSError:
        return {}
    return told


def test_each_kind_of_bad_input_is_named_and_leaves_nothing_half_done(
    database_url: str, queue_url: str, tmp_path: Path
) -> None:
    settings = quick_settings(tmp_path, database_url, queue_url, delivery_total_seconds=1.0)
    with DisclosureSite(notices=1) as site, Sink() as sink, Line(settings) as line:
        unreachable = f"http://127.0.0.77:{free_port()}/xxgk/index.html"
        empty = site.add_page(HOST, "/empty/index.html", b"<html><body><p>none</p></body></html>")
        unreadable = site.add_page(HOST, "/garbage/1.html", GARBAGE, "text/html")
        garbage = site.add_listing(
            HOST, "/garbage/index.html", [("/garbage/1.html", "关于整改进展情况的通报", "2025-01-02")]
        )
        sink.fail("hang", times=1, seconds=20)
        line.subscribe(sink)
        line.start_all()
        line.start("api")
        line.watch(unreachable, empty, garbage, site.listing_url("127.0.0.3"))

        line.wait_until(lambda: ready(line).get("failing_hosts"), what="the unreachable host in the health report")
        line.wait_until(lambda: ready(line).get("quarantined") == 1, what="the unreadable page in quarantine")
        line.wait_until(
            lambda: "no " in str(ready(line).get("column_warnings")), what="a warning for the empty listing"
        )
        line.wait_until(lambda: timed_out(line), what="the attempt that was never answered")
        line.wait_until(lambda: any(one.accepted for one in sink.receipts()), what="the notice of the good column")

        told = ready(line)
        assert [host for host in told["failing_hosts"] if host["host"] == "127.0.0.77"], told
        assert any(warning["url"] == empty for warning in told["column_warnings"]), told
        with Session(line.wiring.ledger.engine) as session:
            fetch = session.scalars(select(Fetch).where(Fetch.url == unreadable)).first()
            assert fetch is not None
            assert fetch.quarantine_reason
            assert fetch.digest, "the bytes are kept for a better reader"
        with line.wiring.ledger.reading() as uow:
            assert uow.notices.by_url(unreadable) is None


def timed_out(line: Line) -> bool:
    """Tell whether an attempt without an answer was written down, and its delivery is still owed or was made since."""
    with Session(line.wiring.ledger.engine) as session:
        query = select(Attempt).join(Delivery).where(Attempt.status.is_(None), Attempt.error.is_not(None))
        return session.scalars(query).first() is not None
