"""The truth of a site as JSON-able values: what was served where, when, and in the publisher's own words."""

import hashlib
from typing import Any

from services.simulation.answers import Desk
from services.simulation.board import Board, Change, Notice, Revision
from services.simulation.moment import Moment
from services.simulation.places import Host, Publisher


def tell(board: Board, desk: Desk, hosts: list[Host]) -> dict[str, Any]:
    """Everything, as of now, taken whole under the board's guard. Times are ISO 8601 beside monotonic seconds."""
    with board.guard:
        told: dict[str, Any] = {
            "seed": board.seed,
            "opened_at": board.opened.iso,
            "opened_monotonic": board.opened.monotonic,
            "sequence": len(board.changes),
            "hosts": [{"name": host.name, "base_url": host.base_url, "robots": host.robots.body} for host in hosts],
            "listings": [],
            "notices": [],
            "forbidden": [],
            "pages": [page for host in hosts for page in _pages(host)],
            "changes": [_change(change) for change in board.changes],
        }
        for publisher in (publisher for host in hosts for publisher in host.publishers):
            base = publisher.facts.base_url
            told["forbidden"].append(base + desk.forbidden_path(publisher))
            for column in publisher.columns:
                paths = desk.listing_paths(publisher, column)
                told["listings"].append(
                    {
                        "url": base + paths[0],
                        "pages": [base + path for path in paths],
                        "host": publisher.host,
                        "key": publisher.key,
                        "publisher": publisher.facts.name,
                        "site_name": publisher.facts.site_name,
                        "column": column.name,
                        "family": publisher.manner(column).name,
                        "scripted": column.scripted,
                        "listed": [base + notice.path for notice in column.listed()],
                    }
                )
                told["notices"].extend(_notice(publisher, notice, desk) for notice in column.notices)
        told["notices"].sort(key=lambda notice: notice["number"])
        return told


def _times(name: str, moment: Moment | None) -> dict[str, Any]:
    return {name: moment and moment.iso, f"{name}_monotonic": moment and moment.monotonic}


def _change(change: Change) -> dict[str, Any]:
    where = {"sequence": change.sequence, "action": change.action, "host": change.host, "path": change.path}
    return where | _times("at", change.at) | change.detail


def _revision(revision: Revision) -> dict[str, Any]:
    text = revision.text
    return {
        "number": revision.number,
        "kind": revision.kind,
        **_times("served_from", revision.served_from),
        **_times("served_to", revision.served_to),
        "fingerprint": revision.fingerprint,
        "title": text.title,
        "body": list(text.paragraphs()),
        "aspects": [{"title": aspect.title, "problems": len(aspect.problems)} for aspect in text.aspects],
        "problems": [
            {"number": number, "printed": problem.printed, "title": problem.title, "status_text": problem.status}
            for number, problem in enumerate(text.problems, start=1)
        ],
    }


def _notice(publisher: Publisher, notice: Notice, desk: Desk) -> dict[str, Any]:
    base = publisher.facts.base_url
    current = _revision(notice.revisions[-1])
    return {
        "number": notice.number,
        "host": publisher.host,
        "key": publisher.key,
        "url": base + notice.path,
        "pages": [base + path for path in desk.notice_paths(publisher, notice)],
        "files": [base + path for path in desk.notice_files(publisher, notice)],
        "previous_urls": [base + path for path in notice.previous_paths],
        "moves": [{"url": base + m.path, "status": m.status, **_times("left_at", m.at)} for m in notice.moves],
        "pinned": notice.pinned,
        "restless": notice.restless,
        "stirred": notice.stirred,
        "publisher": publisher.facts.name,
        "source": notice.text.inspected,
        "column": notice.column.name,
        "published_on": notice.text.published_at.date().isoformat(),
        "published_at": f"{notice.text.published_at.isoformat(timespec='minutes')}+08:00",
        "up": notice.withdrawn is None,
        "title": current["title"],
        "body": current["body"],
        "problems": current["problems"],
        "fingerprint": current["fingerprint"],
        "revisions": [_revision(revision) for revision in notice.revisions],
        "withdrawals": [
            {
                "soft": gone.soft,
                "home": gone.home,
                **_times("withdrawn_at", gone.since),
                **_times("restored_at", gone.until),
            }
            for gone in notice.withdrawals
        ],
    }


def _pages(host: Host) -> list[dict[str, Any]]:
    return [
        {"url": host.base_url + path, "sha256": hashlib.sha256(page.body).hexdigest(), "sequence": page.changed}
        for path, page in host.pages.items()
    ]
