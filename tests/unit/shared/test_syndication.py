"""Feeds, held against the schema of RFC 4287, with whatever a page may have for a title."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from shared.syndication import ATOM, Document, Entry, atom, clean, json_feed
from tests.standards.jsonfeed import flaws_of

SCHEMA = etree.RelaxNG(etree.parse(Path(__file__).parents[2] / "standards" / "atom.rng"))
AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
TEXTS = st.text(max_size=60)


def entry(title: str = "发布：《公告》", line: str = "一行", url: str | None = "https://gov.example/a/1.html") -> Entry:
    return Entry("urn:uuid:6a3f", title, [line], url, "清源区", "org.noticewire.notice.published", AT)


def document(*entries: Entry, archive: bool = False, title: str = "清源区") -> Document:
    links = {"self": "https://wire.example/v1/feeds/a.atom", "hub": "https://wire.example/v1/hub"}
    return Document("urn:noticewire:feed:a", title, "zh", AT, links, entries, archive)


def checked(written: bytes) -> etree._Element:
    """Return the feed, after holding it against the schema."""
    feed = etree.fromstring(written, etree.XMLParser(resolve_entities=False))
    SCHEMA.assertValid(feed)
    return feed


@pytest.mark.parametrize("archive", [False, True])
def test_a_feed_is_valid_atom(archive: bool) -> None:
    feed = checked(atom(document(entry(), entry(url=None), archive=archive)))
    assert len(feed.findall(f"{{{ATOM}}}entry")) == 2


def test_a_feed_without_entries_is_valid_too() -> None:
    checked(atom(document()))


@pytest.mark.parametrize("name", ["id", "title", "updated"])
def test_the_schema_misses_what_is_not_there(name: str) -> None:
    feed = checked(atom(document(entry())))
    for found in feed.findall(f".//{{{ATOM}}}entry/{{{ATOM}}}{name}"):
        found.getparent().remove(found)
    assert not SCHEMA.validate(feed)


@given(TEXTS, TEXTS, TEXTS)
def test_what_a_page_says_stays_text_and_never_becomes_markup(title: str, line: str, author: str) -> None:
    one = Entry("urn:uuid:1", title, [line], f"https://gov.example/{line}", author, "x", AT)
    feed = checked(atom(document(one, title=author)))
    found = feed.find(f"{{{ATOM}}}entry")
    assert found is not None
    assert found.findtext(f"{{{ATOM}}}title", "").replace("\r", "\n") == clean(title).replace("\r", "\n")
    assert {child.tag for child in found.iter()} == {
        f"{{{ATOM}}}{name}"
        for name in ("entry", "id", "title", "published", "updated", "author", "name", "category", "link", "content")
    }


@given(TEXTS, TEXTS)
def test_a_json_feed_has_what_its_version_demands(title: str, line: str) -> None:
    told = json.loads(json_feed(document(entry(title, line))))
    assert flaws_of(told) == []
    assert told["hubs"] == [{"type": "WebSub", "url": "https://wire.example/v1/hub"}]
    [item] = told["items"]
    assert item["id"] == "urn:uuid:6a3f"
    assert item["content_text"] == line.encode("utf-8", "replace").decode()
    assert item["date_published"] == "2026-03-04T05:06:07Z"
