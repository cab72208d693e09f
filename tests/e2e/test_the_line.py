"""The whole line on real parts: what the simulated site publishes is stored and delivered, once each."""

from collections import Counter
from pathlib import Path

from services.simulation.site import DisclosureSite
from tests.invariants import assert_invariants
from tests.servers.line import DELAY_SECONDS, Line, quick_settings
from tests.servers.subscriber import Sink

CRAWL_PERIOD_SECONDS = 30.0


def types(sink: Sink) -> Counter[str]:
    """Count the events received, each once, but for those that only the day of the test brings about."""
    heard = {one.webhook_id: str(one.type).removeprefix("org.noticewire.") for one in sink.receipts() if one.accepted}
    return Counter(kind for kind in heard.values() if not kind.startswith(("commitment.", "comment_window.")))


def test_what_is_published_edited_withdrawn_restored_and_moved_is_told_once_each(
    database_url: str, queue_url: str, tmp_path: Path
) -> None:
    settings = quick_settings(tmp_path, database_url, queue_url)
    with DisclosureSite(notices=3) as site, Sink() as sink, Line(settings) as line:
        line.subscribe(sink)
        line.start_all()
        line.watch(*site.listing_urls())
        line.wait_until(lambda: types(sink)["notice.published"] == 9, what="nine notices published")

        edited, cosmetic, withdrawn = site.urls("127.0.0.2")
        site.edit(edited, "status")
        site.cosmetic(cosmetic)
        site.withdraw(withdrawn)
        fresh = site.publish("127.0.0.4")
        wanted = Counter(
            {"notice.published": 10, "notice.revised": 1, "problem.status_changed": 1, "notice.withdrawn": 1}
        )
        line.wait_until(lambda: types(sink) == wanted, what=f"{wanted}, fresh is {fresh}")

        site.restore(withdrawn)
        site.readdress(site.urls("127.0.0.3")[0])
        site.move(site.urls("127.0.0.4")[0])
        line.wait_until(lambda: types(sink)["notice.restored"] == 1, what="the notice restored")
        line.wait_until(lambda: types(sink)["notice.moved"] == 2, what="two notices moved")
        line.rest()

        assert types(sink) == wanted + Counter({"notice.restored": 1, "notice.moved": 2})
        revised = next(one for one in sink.receipts() if one.type == "org.noticewire.notice.revised")
        assert revised.event["data"]["diff"]["text"]
        assert_invariants(
            line.wiring.ledger, site, [sink], delay_seconds=DELAY_SECONDS, crawl_period_seconds=CRAWL_PERIOD_SECONDS
        )
