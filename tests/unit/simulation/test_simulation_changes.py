"""The site's rarer acts: moves, pages that change at each visit, pins, redesigns, a front page for what is gone."""

from collections.abc import Iterator
from typing import Any

import pytest

from services.simulation.script import Step, perform
from services.simulation.site import DisclosureSite
from tests.unit.simulation.client import ask

HOSTS = ("127.0.0.2", "127.0.0.3", "127.0.0.4")


@pytest.fixture
def site() -> Iterator[DisclosureSite]:
    with DisclosureSite(seed=7, notices=3) as running:
        yield running


def told_of(site: DisclosureSite, url: str) -> dict[str, Any]:
    told: dict[str, Any] = next(one for one in site.truth()["notices"] if one["url"] == url)
    return told


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("status", [301, 302])
def test_a_moved_notice_is_where_its_old_address_leads(site: DisclosureSite, host: str, status: int) -> None:
    old = site.urls(host)[1]
    new = site.move(old, status=status)
    reply = ask(old)
    assert (reply.status, reply.headers["location"]) == (status, new)
    assert ask(new).status == 200
    told = told_of(site, new)
    assert [(move["url"], move["status"]) for move in told["moves"]] == [(old, status)]


@pytest.mark.parametrize("host", HOSTS)
def test_a_readdressed_notice_keeps_the_name_of_its_page_and_leaves_nothing_behind(
    site: DisclosureSite, host: str
) -> None:
    old = site.urls(host)[1]
    before, new = ask(old).body, site.readdress(old)
    assert old.rpartition("/")[2] == new.rpartition("/")[2]
    assert (ask(old).status, ask(new).status) == (404, 200)
    assert len(ask(new).body) >= len(before)
    assert new.partition(str(site.port))[2] in ask(site.listing_url(host)).text(
        "gb18030" if host == HOSTS[1] else "utf-8"
    )


@pytest.mark.parametrize("host", HOSTS)
def test_a_stirred_page_is_another_at_each_visit_until_it_is_still(site: DisclosureSite, host: str) -> None:
    url = site.urls(host)[1]
    site.stir(url)
    one, other = ask(url), ask(url)
    assert one.body != other.body
    assert "last-modified" not in one.headers
    site.stir(url, restless=False)
    assert ask(url).body == ask(url).body
    assert told_of(site, url)["stirred"]


def test_a_pinned_notice_stands_first_whatever_its_day(site: DisclosureSite) -> None:
    listing, oldest = site.listing_url(HOSTS[0]), site.urls(HOSTS[0])[0]
    site.pin(oldest)
    paths = [url.partition(str(site.port))[2] for url in site.urls(HOSTS[0])]
    text = ask(listing).text()
    assert min(paths, key=text.index) == paths[0]
    site.pin(oldest, pinned=False)
    text = ask(listing).text()
    assert max(paths, key=text.index) == paths[0]


def test_a_redesigned_column_has_other_pages_at_the_same_addresses(site: DisclosureSite) -> None:
    listing, url = site.listing_url(HOSTS[0]), site.urls(HOSTS[0])[1]
    before = ask(listing).body, ask(url).body
    site.redesign(HOSTS[0], manner="hanweb")
    assert (ask(listing).body, ask(url).body) != before
    assert site.truth()["listings"][0]["family"] == "hanweb"
    site.redesign(HOSTS[0], scripted=True)
    assert url.rpartition("/")[2] not in ask(listing).text()
    with pytest.raises(ValueError, match="no family"):
        site.redesign(HOSTS[0], manner="other")


def test_a_front_page_may_stand_where_a_notice_was(site: DisclosureSite) -> None:
    url = site.urls(HOSTS[0])[1]
    site.withdraw(url, home=True)
    reply = ask(url)
    assert (reply.status, reply.text().count("<a ") > 60) == (200, True)
    assert told_of(site, url)["withdrawals"][0]["home"]


def test_every_one_of_them_can_be_a_step_of_a_story(site: DisclosureSite) -> None:
    for action in ("move", "readdress", "pin", "stir"):
        assert perform(site, Step(0, action, 0, 1))["url"]
    perform(site, Step(0, "redesign", 0, 0, {"manner": "guangdong"}))
    assert [change["action"] for change in site.truth()["changes"]][-5:] == ["move", "move", "pin", "stir", "redesign"]
