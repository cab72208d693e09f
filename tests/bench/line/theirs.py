"""Scrapy fetches, parses and stores the same pages: title, day and text by selectors, one row and commit an item.

python -m tests.bench.line.theirs HOSTS PORT FOLDER      prints the CPU seconds that it took, imports included
"""

import sqlite3
import sys
import time
from pathlib import Path
from typing import Any

from tests.bench.crawl.theirs import run_spider

_TABLE = "CREATE TABLE notices (url TEXT PRIMARY KEY, title TEXT, day TEXT, text TEXT, page BLOB)"


class Store:
    """A pipeline as its manual shows one, for SQLite."""

    path = ""

    def open_spider(self, spider: Any) -> None:
        """Open the database."""
        self.database = sqlite3.connect(self.path)
        self.database.execute("PRAGMA journal_mode=WAL")
        self.database.execute("PRAGMA synchronous=NORMAL")
        self.database.execute(_TABLE)

    def close_spider(self, spider: Any) -> None:
        """Close it."""
        self.database.close()

    def process_item(self, item: Any, spider: Any) -> Any:
        """Keep an item at once: nothing that was fetched may be lost."""
        row = [item[name] for name in ("url", "title", "day", "text", "page")]
        self.database.execute("INSERT OR REPLACE INTO notices VALUES (?, ?, ?, ?, ?)", row)
        self.database.commit()
        return item


def crawl(hosts: int, port: int, folder: Path) -> None:
    """Crawl once. Raises ImportError without Scrapy."""

    def item(response: Any, day: str) -> dict[str, Any]:
        text = "\n".join(response.css("div.TRS_Editor p::text").getall())
        title = response.css("h1::text").get()
        return {"url": response.url, "title": title, "day": day, "text": text, "page": response.body}

    Store.path = str(folder / "notices.db")
    run_spider(hosts, port, item, {"ITEM_PIPELINES": {Store: 300}})


def main() -> None:
    """Crawl, and print the cost."""
    hosts, port, folder = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    crawl(hosts, port, folder)
    with sqlite3.connect(folder / "notices.db") as database:
        (stored,) = database.execute("SELECT count(*) FROM notices WHERE text <> ''").fetchone()
    print(stored, time.process_time())


if __name__ == "__main__":
    main()
