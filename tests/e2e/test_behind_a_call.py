"""A column whose list is behind a POST, by its URL alone: crawled, walked back to its beginning, and told of since."""

from pathlib import Path

from services.desk.backfilling import Bounds, backfill
from services.simulation.site import DisclosureSite
from tests.invariants import assert_invariants
from tests.servers.line import DELAY_SECONDS, Line, quick_settings
from tests.servers.subscriber import Sink

HOST = "127.0.0.2"


def told(sink: Sink) -> dict[str, bool]:
    """Return the notices that were published, each with whether a backfill brought it."""
    events = [one.event for one in sink.receipts() if one.accepted and one.type == "org.noticewire.notice.published"]
    return {event["data"]["notice"]["url"]: event["data"].get("backfilled", False) for event in events}


def test_a_column_behind_a_call_is_told_old_news_marked_and_new_news_not(
    database_url: str, queue_url: str, tmp_path: Path
) -> None:
    settings = quick_settings(tmp_path, database_url, queue_url, listing_pages=1)
    layout = {"hosts": [HOST], "families": ["jpage"], "notices": 4, "page_size": 2}
    with DisclosureSite(**layout) as site, Sink() as sink, Line(settings) as line:
        line.subscribe(sink)
        line.start_all()
        line.watch(site.listing_url(HOST))
        first, second, third, fourth = site.urls(HOST)
        line.wait_until(lambda: len(told(sink)) == 2, what="the first page's notices")
        backfill(line.wiring.ledger, settings, site.listing_url(HOST), Bounds(), by="a test")
        line.wait_until(lambda: len(told(sink)) == 4, what="the older notices")
        fresh = site.publish(HOST)
        line.wait_until(lambda: fresh in told(sink), what="the fresh notice")
        line.wait_until(line.owes_nothing)

        assert told(sink) == {fourth: False, third: False, second: True, first: True, fresh: False}
        asked = [(one["method"], one["path"].partition("?")[0]) for one in site.log()]
        assert asked[:3] == [
            ("GET", "/robots.txt"),
            ("GET", "/xxgk/xszg/index.html"),
            ("POST", "/module/web/jpage/dataproxy.jsp"),
        ]
        assert_invariants(line.wiring.ledger, site, [sink], delay_seconds=DELAY_SECONDS, crawl_period_seconds=30.0)
