"""The crawl benchmark's own parts: its hosts answer as sites do, and it counts what they were asked."""

from pathlib import Path

import pytest

from tests.bench.crawl.origin import serving
from tests.bench.crawl.pages import LISTING, NOTICES, notice_path, page
from tests.bench.crawl.theirs import crawl_with_requests

pytestmark = pytest.mark.timeout(60)


def test_a_listing_leads_to_pages_that_are_there() -> None:
    listing = page("127.5.0.1", LISTING)
    assert listing is not None
    for number in range(NOTICES):
        assert notice_path(number).encode() in listing
        assert page("127.5.0.1", notice_path(number))


def test_there_is_no_page_at_any_other_path() -> None:
    assert page("127.5.0.1", notice_path(NOTICES)) is None
    assert page("127.5.0.1", "/robots.txt") is None


def test_a_second_crawl_is_one_conditional_request_a_listing(tmp_path: Path) -> None:
    with serving(2) as origin:
        crawl_with_requests(origin.hosts, origin.port, tmp_path)
        assert origin.counts() == {"full": 2 * (NOTICES + 1)}
        crawl_with_requests(origin.hosts, origin.port, tmp_path)
        assert origin.counts() == {"conditional": 2, "unchanged": 2}
