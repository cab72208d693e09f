"""The main job on real texts and pages, where they are at hand: crawled from a listing, stored, delivered once each."""

import html
import json
from pathlib import Path

from services.simulation.site import DisclosureSite
from services.simulation.witness import impolite
from tests.e2e.test_the_line import types
from tests.servers.line import DELAY_SECONDS, Line, quick_settings
from tests.servers.subscriber import Sink

HOST = "127.0.0.2"


def wrapped(text: str, title: str | None, date: str | None) -> bytes:
    """Return a page around a notice's text, as a plain site would make it."""
    head = f"<h1>{title}</h1><p>发布时间：{date}</p>" if title else ""
    lines = "".join(f"<p>{html.escape(line)}</p>" for line in text.splitlines() if line.strip())
    page = f"<html><head><meta charset='utf-8'><title>{title or ''}</title></head><body>{head}{lines}</body></html>"
    return page.encode()


def bare(text: object) -> str:
    return "".join(str(text).split())


def test_real_notices_and_pages_are_stored_clean_and_delivered_once(
    database_url: str, queue_url: str, tmp_path: Path, real_texts: Path
) -> None:
    facts = json.loads((real_texts / "seeds" / "facts.json").read_text())
    settings = quick_settings(tmp_path, database_url, queue_url, detail_first_interval_seconds=6.0)
    with DisclosureSite() as site, Sink() as sink, Line(settings) as line:
        seeds = {}
        for number, (name, fact) in enumerate(sorted(facts.items())):
            text = (real_texts / "seeds" / name).read_text()
            title = None if fact["title"] else f"第{number}号整改进展情况的通报"
            page = wrapped(text, title, "2024-01-02")
            seeds[site.add_page(HOST, f"/seeds/{name}.html", page)] = (fact, title or fact["title"], text)
        pages = sorted((real_texts / "pages" / "html").glob("*_detail.html"))
        urls = [site.add_page(HOST, f"/pages/{page.name}", page.read_bytes(), "text/html") for page in pages]
        paths = [url.removeprefix(site.host(HOST).base_url) for url in [*seeds, *urls]]
        items = [(path, f"第{number}条公开的整改情况通报", "2024-01-02") for number, path in enumerate(paths)]
        listing = site.add_listing(HOST, "/index.html", items)

        line.subscribe(sink)
        line.start_all()
        line.watch(listing)
        line.wait_until(lambda: types(sink)["notice.published"] == len(paths), what=f"{len(paths)} notices published")
        with line.wiring.ledger.reading() as uow:
            for url, (fact, title, _) in seeds.items():
                notice = uow.notices.by_url(url)
                assert notice is not None
                revision = uow.notices.latest_revision(notice.id)
                assert revision is not None
                body = bare(revision.document["body"])
                assert notice.title == title
                assert "ICP备" not in body
                for footer in fact["removed_contains"]:
                    assert bare(footer) not in body
                removed = bare("".join(one["text"] for one in revision.document["removed"]))
                assert all(bare(footer) in removed for footer in fact["removed_contains"])

        url, (fact, title, text) = next(iter(seeds.items()))
        edited = text.replace("镇党委", "镇党委会", 1)
        assert edited != text
        site.edit_page(HOST, url.removeprefix(site.host(HOST).base_url), wrapped(edited, title, "2024-01-02"))
        line.wait_until(lambda: types(sink)["notice.revised"] == 1, what="the edit told")
        line.wait_until(line.owes_nothing)

        assert types(sink) == {"notice.published": len(paths), "notice.revised": 1}
        revised = next(one for one in sink.receipts() if one.type == "org.noticewire.notice.revised")
        assert any(row.startswith("+") and "镇党委会" in row for row in revised.event["data"]["diff"]["text"])
        assert all(one.verified for one in sink.receipts())
        assert len({one.webhook_id for one in sink.receipts()}) == len(sink.receipts()) == len(paths) + 1
        assert not impolite(site.log(), DELAY_SECONDS)
