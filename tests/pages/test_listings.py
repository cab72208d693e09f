"""Golden listings: each of these invented files is read exactly as the JSON beside it says.

`ask` holds how it was asked for (url, content_type, call, profile, today), `listing` what it shows.

python -m tests.pages.test_listings     writes the expectations; review the difference before you keep it
"""

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from crawler.discover import Call, Profile, read_listing

LISTINGS = Path(__file__).parent / "listings"
PAGES = sorted(path for path in LISTINGS.iterdir() if not path.name.endswith(".expected.json"))
USUAL = {"url": "http://www.qingyuan.example/xxgk/zgtb/index.html", "today": "2026-01-20"}


def _expectation(page: Path) -> Path:
    return page.with_name(f"{page.name}.expected.json")


def _read(page: Path, ask: dict[str, Any]) -> dict[str, Any]:
    call, profile = ask.get("call"), ask.get("profile")
    listing = read_listing(
        page.read_bytes(),
        ask["url"],
        ask.get("content_type"),
        call=Call(**call) if call else None,
        profile=Profile.from_json(profile) if profile else None,
        today=date.fromisoformat(ask["today"]),
    )
    found: dict[str, Any] = json.loads(json.dumps(asdict(listing), default=date.isoformat))
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_listing_is_read_as_its_golden_file_says(page: Path) -> None:
    expected = json.loads(_expectation(page).read_text("utf-8"))
    assert _read(page, expected["ask"]) == expected["listing"]


def test_every_golden_file_belongs_to_a_listing() -> None:
    assert sorted(LISTINGS.glob("*.expected.json")) == sorted(map(_expectation, PAGES))


def _told(title: str) -> str:
    return " ".join(title.split())


def test_real_listings_are_read_as_their_labels_say(real_texts: Path) -> None:
    labels = sorted((real_texts / "pages" / "labels").glob("*list*.json"))
    assert labels
    for path in labels:
        wanted = json.loads(path.read_text("utf-8"))
        url = wanted["page_url"] or "https://www.qingyuan.example/xxgk/zgtb/index.html"
        listing = read_listing((real_texts / "pages" / wanted["file"]).read_bytes(), url)
        items = [(i.url, _told(i.title), i.date.isoformat() if i.date else None) for i in listing.items]
        assert items == [(i["url"], _told(i["title"]), i["date"]) for i in wanted["items"]], path.name
        assert list(listing.next) == wanted["next"], path.name
        assert [asdict(call) for call in listing.requests] == wanted.get("requests", []), path.name
        cause = next((word for word in ("script", "template") if word in wanted.get("expect_warning", "")), "")
        assert any(cause in warning for warning in listing.warnings) or not cause, path.name


if __name__ == "__main__":
    for each in PAGES:
        file = _expectation(each)
        ask = json.loads(file.read_text("utf-8"))["ask"] if file.exists() else USUAL
        text = json.dumps({"ask": ask, "listing": _read(each, ask)}, ensure_ascii=False, indent=1)
        file.write_text(text + "\n", "utf-8")
