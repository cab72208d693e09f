"""`source add --preview`: what a column would bring, asked for politely, before anything is watched."""

from collections.abc import Iterator

import pytest

from services.simulation.site import DisclosureSite
from tests.unit.cli.desk import Desk

HOST = "127.0.0.2"
ALLOW = ("--allow", "127.0.0.0/8")


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[DisclosureSite]:
    monkeypatch.setenv("NOTICEWIRE_CONTACT", "https://noticewire.example")
    monkeypatch.setenv("NOTICEWIRE_HOST_DELAY_SECONDS", "0")
    monkeypatch.setenv("NOTICEWIRE_HOST_DELAY_JITTER_SECONDS", "0")
    with DisclosureSite(notices=4) as running:
        yield running


def paths(site: DisclosureSite) -> list[str]:
    return [entry["path"] for entry in site.log()]


def test_a_preview_asks_robots_first_shows_what_it_found_and_watches_nothing(desk: Desk, site: DisclosureSite) -> None:
    site.set_robots(HOST, "User-agent: *\nDisallow: /internal/\nAllow: /xxgk/\nCrawl-delay: 0.2\n")
    shown = desk("source", "add", site.listing_url(HOST), "--preview", "--json", *ALLOW)
    assert shown.code == 0
    assert paths(site) == ["/robots.txt", "/xxgk/xszg/index.html"]
    found = shown.record
    assert (found["family"], found["robots"]) == ("trs", {"allowed": True, "rule": "Allow: /xxgk/", "line": 3})
    assert {item["url"] for item in found["items"]} >= set(site.urls(HOST))
    assert all(item["title"] and item["date"] for item in found["items"])
    assert found["cadence"]["dates"] >= 1
    assert found["plan"] == found["plan"] | {"host": HOST, "delay_seconds": 0.2}
    assert desk("source", "list", "--json").records == []


def test_people_are_shown_the_same_and_told_how_to_go_on(desk: Desk, site: DisclosureSite) -> None:
    shown = desk("source", "add", site.listing_url(HOST), "--preview", *ALLOW)
    assert "allows it" in shown.out
    assert site.urls(HOST)[0] in shown.out
    assert "--yes" in shown.err


def test_with_yes_a_previewed_column_is_watched_with_what_was_found(desk: Desk, site: DisclosureSite) -> None:
    added = desk("source", "add", site.listing_url(HOST), "--preview", "--yes", "--json", *ALLOW).record
    assert (added["new"], added["column"]["family"], added["column"]["warning"]) == (True, "trs", None)
    assert added["items"]


def test_a_list_that_is_empty_at_the_first_look_is_an_error_unless_one_insists(
    desk: Desk, site: DisclosureSite
) -> None:
    url = site.add_page(HOST, "/empty/", "<html><body><p>栏目建设中，敬请期待。</p></body></html>".encode())
    refused = desk("source", "add", url, "--preview", *ALLOW)
    assert refused.code == 1
    assert "no items" in refused.err
    assert desk("source", "list", "--json").records == []
    added = desk("source", "add", url, "--preview", "--force", "--json", *ALLOW).record
    assert "no items" in added["column"]["warning"]


def test_what_robots_forbids_is_not_asked_for_and_not_watched(desk: Desk, site: DisclosureSite) -> None:
    site.set_robots(HOST, "User-agent: *\nDisallow: /xxgk/")
    refused = desk("source", "add", site.listing_url(HOST), "--preview", "--yes", *ALLOW)
    assert refused.code == 1
    assert "Disallow: /xxgk/" in refused.err
    assert paths(site) == ["/robots.txt"]
    assert desk("source", "list", "--json").records == []


def test_without_a_contact_nobody_is_asked(desk: Desk, site: DisclosureSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTICEWIRE_CONTACT")
    refused = desk("source", "add", site.listing_url(HOST), "--preview", *ALLOW)
    assert refused.code == 1
    assert "NOTICEWIRE_CONTACT" in refused.err
    assert site.log() == []


def test_a_list_behind_a_call_is_previewed_by_making_the_call(
    desk: Desk, site: DisclosureSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    with DisclosureSite(hosts=["127.0.0.5"], families=["jpage"], notices=4) as behind:
        url = behind.listing_url("127.0.0.5")
        found = desk("source", "add", url, "--preview", "--yes", "--json", *ALLOW).record
        assert [(one["method"], one["path"].partition("?")[0]) for one in behind.log()] == [
            ("GET", "/robots.txt"),
            ("GET", "/xxgk/xszg/index.html"),
            ("POST", "/module/web/jpage/dataproxy.jsp"),
        ]
        assert {item["url"] for item in found["items"]} == set(behind.urls("127.0.0.5"))
    assert (found["family"], found["requests"][0]["method"], found["total"]) == ("hanweb-jcms", "POST", 4)
    assert found["column"]["profile"]["calls"] == found["requests"][:1]
