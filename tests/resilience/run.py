"""A run of endurance: a site, a subscriber and our processes, and how it is settled and held against the promises."""

from services.simulation.prose import fingerprint
from services.simulation.site import DisclosureSite
from tests.e2e.test_the_line import CRAWL_PERIOD_SECONDS
from tests.invariants import assert_invariants
from tests.servers.line import DELAY_SECONDS, Line
from tests.servers.subscriber import Sink


class Run:
    """A site, a subscriber and our processes, and what a test of endurance does with them."""

    def __init__(self, site: DisclosureSite, sink: Sink, line: Line) -> None:
        self.site = site
        self.sink = sink
        self.line = line

    def stir(self) -> None:
        """Let something happen on every host."""
        for host in ("127.0.0.2", "127.0.0.3", "127.0.0.4"):
            self.site.edit(self.site.urls(host)[0])
            self.site.publish(host)

    def settle_and_check(self) -> None:
        """Wait until the site's newest state is told, then hold everything against the promises."""
        self.line.wait_until(self.is_current, what="the newest texts stored")
        self.line.wait_until(self.line.owes_nothing, what="nothing owed")
        assert_invariants(
            self.line.wiring.ledger,
            self.site,
            [self.sink],
            delay_seconds=DELAY_SECONDS,
            crawl_period_seconds=CRAWL_PERIOD_SECONDS,
        )

    def wait_for_more(self) -> None:
        """Wait until another notice is stored, if any is missing."""
        before, all_of_them = self.stored(), len(self.site.truth()["notices"])
        self.line.wait_until(lambda: self.stored() > before or self.stored() == all_of_them, what="progress")

    def wait_for_news(self) -> None:
        """Wait until the subscriber has received something more."""
        before = len(self.sink.receipts())
        self.line.wait_until(lambda: len(self.sink.receipts()) > before, what="another delivery")

    def stored(self) -> int:
        """Return how many notices are stored."""
        with self.line.wiring.ledger.reading() as uow:
            return uow.ages.counts()["notices"]

    def is_current(self) -> bool:
        """Tell whether the newest text of each notice is the one that the site serves now."""
        with self.line.wiring.ledger.reading() as uow:
            for told in self.site.truth()["notices"]:
                notice = uow.notices.by_url(told["url"])
                latest = uow.notices.latest_revision(notice.id) if notice else None
                if latest is None or fingerprint(str(latest.document["body"]).splitlines()) != told["fingerprint"]:
                    return False
        return True
