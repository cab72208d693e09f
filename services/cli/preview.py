"""What a column would bring: its listing, read as the crawler would read it, before anything is watched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from services.cli.inputs import Asker, Snapshot
from services.cli.screen import facts, table

if TYPE_CHECKING:
    from crawler.discover import Call, Listing
    from crawler.manners import Site
    from services.wiring import Wiring


@dataclass(frozen=True)
class Preview:
    """A listing that was read, and where it was; `answer` is what the call brought that its page must be asked by."""

    url: str
    page: Listing
    answer: Listing | None

    @property
    def listing(self) -> Listing:
        """What shows the items."""
        if self.answer is None:
            return self.page
        family = self.answer.family or self.page.family
        return replace(self.answer, family=family, feeds=self.page.feeds or self.answer.feeds)

    @property
    def profile(self) -> dict[str, Any] | None:
        """How it was read, to be kept with the column; None where nothing was found."""
        from crawler.listed import kept

        return kept(self.page) if self.listing.items else None

    @property
    def warning(self) -> str | None:
        """Why there are no items; None where there are."""
        if self.listing.items:
            return None
        return "; ".join(self.listing.warnings) or "nothing on the page looks like a list of notices"


def look(asker: Asker, url: str, site: Site) -> Preview:
    """Ask for the listing at a canonical URL and, where its list is behind a call, for that; politely."""
    from crawler.listed import allowed, stands_in
    from shared.urls import canonical, fragment_of

    brought = asker.ask(canonical(url), site=site)
    page = _read(replace(brought, url=(brought.url or url) + fragment_of(url)), url)
    named = page.requests[0] if stands_in(page) and allowed(page.requests[0], brought.url or url) else None
    answer = _read(asker.ask(named.url, call=named, site=site), named.url, named) if named else None
    return Preview(url, page, answer)


def _read(brought: Snapshot, url: str, call: Call | None = None) -> Listing:
    from crawler.discover import read_listing
    from shared.clock import SystemClock
    from shared.domain.zones import CHINA

    today = SystemClock().now().astimezone(CHINA).date()
    return read_listing(brought.content, brought.url or url, brought.content_type, call=call, today=today)


def told(preview: Preview, wiring: Wiring, site: Site) -> dict[str, Any]:
    """Return all that is to be shown, ready for JSON."""
    from services.desk.rhythm import rhythm_of

    listing = preview.listing
    rhythm = rhythm_of(listing.items)
    items = [{"url": one.url, "title": one.title, "date": one.date and one.date.isoformat()} for one in listing.items]
    requests = [*preview.page.requests, *(preview.answer.requests if preview.answer else ())]
    return {
        "url": preview.url,
        "family": listing.family,
        "profile": preview.profile,
        "evidence": list(dict.fromkeys((*preview.page.evidence, *listing.evidence))),
        "items": items,
        "total": listing.total,
        "next": list(listing.next),
        "requests": [{"method": one.method, "url": one.url, "body": one.body} for one in requests],
        "feeds": list(listing.feeds),
        "cadence": {"text": str(rhythm), "per_week": rhythm.per_week, "dates": rhythm.dates, "days": rhythm.days},
        "robots": _robots(wiring, preview.url),
        "plan": _plan(wiring, preview.url, site),
        "warnings": list(listing.warnings),
    }


def _robots(wiring: Wiring, url: str) -> dict[str, Any]:
    """Return the word of the robots file that was asked first, and the line where its rule stands, if one does."""
    from crawler.politeness import PRODUCT
    from crawler.robots import Allowed, verdict
    from crawler.robots_visits import copy_of
    from shared.urls import origin_of

    with wiring.ledger.reading() as uow:
        row = uow.hosts.robots(origin_of(url))
        word = verdict(copy_of(row) if row else None, PRODUCT, url, uow.now())
    rule = getattr(word, "rule", "")
    return {"allowed": isinstance(word, Allowed), "rule": rule, "line": _line_of(rule, (row and row.body) or b"")}


def _line_of(rule: str, body: bytes) -> int | None:
    """Return the number of the only line that says `rule`; None where none or several do."""
    lines = enumerate(body.decode("utf-8", "replace").splitlines(), 1)
    split = ((number, line.partition("#")[0].partition(":")) for number, line in lines)
    found = [number for number, (key, _, path) in split if f"{key.strip().capitalize()}: {path.strip()}" == rule]
    return found[0] if len(found) == 1 else None


def _plan(wiring: Wiring, url: str, site: Site) -> dict[str, Any]:
    from crawler.politeness import PRODUCT
    from crawler.robots import crawl_delay
    from crawler.robots_visits import copy_of
    from shared.urls import host_of, origin_of

    settings = wiring.settings
    with wiring.ledger.reading() as uow:
        row = uow.hosts.robots(origin_of(url))
    asked = crawl_delay(copy_of(row), PRODUCT) if row else None
    configured = settings.host_delay_seconds if site.delay_seconds is None else site.delay_seconds
    return {
        "host": host_of(url),
        "delay_seconds": max(configured, asked or 0.0),
        "listing_interval_seconds": settings.listing_interval_seconds,
        "listing_pages": settings.listing_pages,
    }


def show(found: Mapping[str, Any]) -> None:
    """Show a preview to people."""
    robots, plan = found["robots"], found["plan"]
    at_line = f" (line {robots['line']})" if robots["line"] else ""
    facts(
        {
            "listing": found["url"],
            "family": found["family"],
            "evidence": found["evidence"],
            "items": len(found["items"]),
            "in all": found["total"],
            "next page": found["next"],
            "calls": [" ".join(filter(None, (one["method"], one["url"], one["body"]))) for one in found["requests"]],
            "feeds": found["feeds"],
            "publishes": found["cadence"]["text"],
            "robots.txt": f"{'allows' if robots['allowed'] else 'forbids'} it: {robots['rule']}{at_line}",
            "first visit": f"as soon as {plan['host']} may be asked",
            "pause": f"{plan['delay_seconds']:g} s between two requests to {plan['host']}",
            "looked at": _pace(plan),
            "warnings": found["warnings"],
        }
    )
    table(("date", "title", "URL"), ([one["date"], one["title"], one["url"]] for one in found["items"]))


def _pace(plan: Mapping[str, Any]) -> str:
    seconds = plan["listing_interval_seconds"]
    pace = f"every {seconds / 60:g} min" if seconds else "by the timetable that it teaches"
    return f"{pace}, up to {plan['listing_pages']} pages"
