"""Scrapy with its HTTP cache, and bare requests: the same pages of the same hosts, as their own manuals say."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from tests.bench.crawl.origin import address_of
from tests.bench.crawl.pages import LISTING


def listings(hosts: int, port: int) -> list[str]:
    """Return the URLs of the hosts' listings."""
    return [f"http://{address_of(host)}:{port}{LISTING}" for host in range(hosts)]


def run_spider(hosts: int, port: int, item: Callable[[Any, str], Any], settings: dict[str, Any]) -> None:
    """Let Scrapy follow every link of the listings, one request per host at a time, and make an `item` of each page.

    `item` takes the answer and the listing's day. Raises ImportError without Scrapy.
    """
    import scrapy
    from scrapy.crawler import CrawlerProcess

    class Notices(scrapy.Spider):  # type: ignore[misc]  # Scrapy is not typed, nor installed where types are checked
        name = "notices"
        start_urls = listings(hosts, port)

        def parse(self, response: Any) -> Iterator[Any]:
            for row in response.css("div.list li"):
                day = row.css("span::text").get()
                yield response.follow(row.css("a")[0], callback=self.keep, cb_kwargs={"day": day})

        def keep(self, response: Any, day: str) -> Iterator[Any]:
            yield item(response, day)

    manners = {
        "ROBOTSTXT_OBEY": True,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "DOWNLOAD_DELAY": 0,
        "LOG_LEVEL": "ERROR",
        "TELNETCONSOLE_ENABLED": False,
        "USER_AGENT": "bench (+https://bench.example/)",
    }
    process = CrawlerProcess(manners | settings)
    process.crawl(Notices)
    process.start()
    logging.shutdown()


def crawl_with_scrapy(hosts: int, port: int, folder: Path) -> None:
    """Crawl once; the cache in `folder` (RFC 9111 policy) serves the second time. Raises ImportError without Scrapy."""

    def item(response: Any, day: str) -> dict[str, Any]:
        return {"url": response.url, "day": day, "body": response.body}

    cache = {
        "HTTPCACHE_ENABLED": True,
        "HTTPCACHE_POLICY": "scrapy.extensions.httpcache.RFC2616Policy",
        "HTTPCACHE_DIR": str(folder / "cache"),
    }
    run_spider(hosts, port, item, cache)


def crawl_with_requests(hosts: int, port: int, folder: Path) -> None:
    """Ask for every page in turn with a session of requests, and nothing else: the floor. The second crawl is one
    conditional request a listing.
    """
    import re

    import requests

    validators = folder / "validators"
    known = dict(line.split(" ", 1) for line in validators.read_text().splitlines()) if validators.exists() else {}
    with requests.Session() as session:
        session.trust_env = False
        for url in listings(hosts, port):
            headers = {"If-None-Match": known[url]} if url in known else {}
            answer = session.get(url, headers=headers, timeout=10)
            if answer.status_code == 304:
                continue
            known[url] = answer.headers["ETag"]
            for path in re.findall(r'href="([^"]+)"', answer.text):
                assert session.get(urljoin(url, path), timeout=10).content
    validators.write_text("".join(f"{url} {etag}\n" for url, etag in known.items()))
