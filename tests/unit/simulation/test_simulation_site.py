"""Publishing, changing and withdrawing at run time; validators; robots; supplied pages; the truth about all of it."""

import json
from collections.abc import Iterator

import pytest

from services.simulation.prose import fingerprint
from services.simulation.site import DisclosureSite
from tests.unit.simulation.client import Reply, ask

TRS, GUANGDONG, HANWEB = "127.0.0.2", "127.0.0.3", "127.0.0.4"


@pytest.fixture
def site() -> Iterator[DisclosureSite]:
    with DisclosureSite(seed=7, notices=2) as running:
        yield running


def again(url: str, before: Reply, *names: str) -> Reply:
    """A conditional request with the validators of `before` that are named."""
    sent = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}
    return ask(url, {sent[name]: before.headers[name] for name in names})


def test_an_unchanged_page_is_304_by_either_validator(site: DisclosureSite) -> None:
    for url in (site.urls(TRS)[0], site.listing_url(TRS)):
        before = ask(url)
        for names in (("etag",), ("last-modified",), ("etag", "last-modified")):
            reply = again(url, before, *names)
            assert (reply.status, reply.body) == (304, b"")
            assert reply.headers["etag"] == before.headers["etag"]


def test_if_none_match_takes_precedence_over_if_modified_since(site: DisclosureSite) -> None:
    url = site.urls(TRS)[0]
    since = ask(url).headers["last-modified"]
    assert ask(url, {"If-None-Match": '"other"', "If-Modified-Since": since}).status == 200
    assert ask(url, {"If-None-Match": "*"}).status == 304
    weak = "W/" + ask(url).headers["etag"]
    assert ask(url, {"If-None-Match": f'"x", {weak}'}).status == 304


def test_an_invented_date_gets_a_full_answer(site: DisclosureSite) -> None:
    assert ask(site.urls(TRS)[0], {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}).status == 200


def test_one_host_sends_no_etag_and_still_tells_every_edit_apart(site: DisclosureSite) -> None:
    url = site.urls(HANWEB)[0]
    dates = []
    for _ in range(3):
        before = ask(url)
        assert "etag" not in before.headers
        assert again(url, before, "last-modified").status == 304
        dates.append(before.headers["last-modified"])
        site.edit(url)
        assert again(url, before, "last-modified").status == 200
    assert len(set(dates)) == 3


def test_publishing_shows_in_the_listing_and_changes_its_validators(site: DisclosureSite) -> None:
    listing = site.listing_url(TRS)
    before = ask(listing)
    url = site.publish(TRS)
    after = again(listing, before, "etag")
    assert after.status == 200
    assert url.partition(str(site.port))[2] in after.text()
    assert ask(url).status == 200


def test_an_edit_changes_the_page_and_is_a_revision_of_the_truth(site: DisclosureSite) -> None:
    url = site.urls(GUANGDONG)[0]
    before = ask(url).body
    assert site.edit(url, "status") == 2
    assert site.edit(url, "sentence") == 3
    assert ask(url).body != before
    told = next(each for each in site.truth()["notices"] if each["url"] == url)
    assert [each["number"] for each in told["revisions"]] == [1, 2, 3]
    assert len({each["fingerprint"] for each in told["revisions"]}) == 3
    assert told["fingerprint"] == fingerprint(told["body"])
    first, second, third = told["revisions"]
    assert first["served_to"] == second["served_from"]
    assert second["served_to_monotonic"] == third["served_from_monotonic"]
    assert third["served_to"] is None


def test_a_revert_brings_back_the_earlier_text_as_a_third_revision(site: DisclosureSite) -> None:
    url = site.urls(TRS)[0]
    first = ask(url).body
    with pytest.raises(ValueError, match="no earlier text"):
        site.edit(url, "revert")
    site.edit(url)
    assert site.edit(url, "revert") == 3
    assert ask(url).body == first
    with pytest.raises(ValueError, match="unknown kind"):
        site.edit(url, "else")


@pytest.mark.parametrize("host", [TRS, GUANGDONG, HANWEB])
def test_a_cosmetic_change_alters_bytes_and_no_revision(site: DisclosureSite, host: str) -> None:
    url = site.urls(host)[0]
    before = ask(url)
    site.cosmetic(url)
    after = ask(url)
    assert after.body != before.body
    assert after.headers["last-modified"] != before.headers["last-modified"]
    told = next(each for each in site.truth()["notices"] if each["url"] == url)
    assert len(told["revisions"]) == 1


def test_a_withdrawn_notice_is_gone_and_unlisted_until_it_is_restored(site: DisclosureSite) -> None:
    url = site.urls(TRS)[0]
    path = url.partition(str(site.port))[2]
    site.withdraw(url)
    assert ask(url).status == 404
    assert path not in ask(site.listing_url(TRS)).text()
    assert site.withdrawn_urls(TRS) == [url]
    for forbidden in (site.edit, site.withdraw):
        with pytest.raises(ValueError, match="withdrawn"):
            forbidden(url)
    site.restore(url)
    assert ask(url).status == 200
    assert path in ask(site.listing_url(TRS)).text()
    told = next(each for each in site.truth()["notices"] if each["url"] == url)
    assert told["up"]
    assert told["withdrawals"][0]["restored_at_monotonic"] is not None
    with pytest.raises(ValueError, match="not withdrawn"):
        site.restore(url)


def test_a_soft_withdrawal_shows_an_error_page_with_status_200(site: DisclosureSite) -> None:
    url = site.urls(HANWEB)[0]
    site.withdraw(url, soft=True)
    reply = ask(url)
    assert reply.status == 200
    assert "页面不存在" in reply.text()


def test_a_moved_notice_redirects_from_its_old_address(site: DisclosureSite) -> None:
    old = site.urls(TRS)[0]
    new = site.move(old)
    reply = ask(old)
    assert (reply.status, reply.headers["location"]) == (301, new)
    assert ask(new).status == 200
    told = next(each for each in site.truth()["notices"] if each["url"] == new)
    assert told["previous_urls"] == [old]
    assert site.edit(old) == 2, "a notice is found by its former address too"


def test_the_robots_file_can_be_any_answer(site: DisclosureSite) -> None:
    url = f"http://{TRS}:{site.port}/robots.txt"
    site.set_robots(TRS, "User-agent: *\nDisallow: /\n")
    assert ask(url).text() == "User-agent: *\nDisallow: /\n"
    site.set_robots(TRS, status=503)
    assert ask(url).status == 503
    site.set_robots(TRS, status=302, location="/rules.txt")
    site.add_page(TRS, "/rules.txt", b"User-agent: *\nDisallow: /x/\n", "text/plain")
    assert ask(url).headers["location"] == "/rules.txt"
    ask(f"http://{TRS}:{site.port}/rules.txt")
    ask(site.listing_url(TRS))
    entries = site.log()
    assert entries[-2]["is_robots"]
    assert entries[-1]["robots_body"] == "User-agent: *\nDisallow: /x/\n"


def test_a_crawl_delay_is_written_into_robots() -> None:
    with DisclosureSite(hosts=[TRS], crawl_delay=0.5) as site:
        assert "Crawl-delay: 0.5\n" in ask(f"http://{TRS}:{site.port}/robots.txt").text()


def test_supplied_pages_and_listings_are_served_as_they_are(site: DisclosureSite) -> None:
    url = site.add_page(TRS, "/a/1.html", "<p>甲</p>".encode("gbk"), "text/html; charset=gbk")
    listing = site.add_listing(TRS, "/a/", [("/a/1.html", "甲", "2025-01-02")])
    before = ask(url)
    assert before.text("gbk") == "<p>甲</p>"
    assert before.headers["content-type"] == "text/html; charset=gbk"
    assert again(url, before, "etag").status == 304
    assert '<a href="/a/1.html" title="甲">甲</a><span class="date">2025-01-02</span>' in ask(listing).text()
    site.edit_page(TRS, "/a/1.html", "<p>乙</p>".encode("gbk"))
    assert again(url, before, "etag", "last-modified").text("gbk") == "<p>乙</p>"
    assert [change["action"] for change in site.truth()["changes"][-3:]] == ["add_page", "add_page", "edit_page"]
    site.remove_page(TRS, "/a/1.html")
    assert ask(url).status == 404


def test_the_truth_is_json_and_numbers_every_change(site: DisclosureSite) -> None:
    site.edit(site.publish(TRS))
    told = json.loads(json.dumps(site.truth()))
    assert [change["sequence"] for change in told["changes"]] == list(range(1, told["sequence"] + 1))
    times = [change["at_monotonic"] for change in told["changes"]]
    assert times == sorted(times)
    assert len(told["notices"]) == 7
    assert told["notices"][0]["published_at"].endswith("+08:00")


def test_the_same_seed_serves_the_same_bytes() -> None:
    def served() -> list[bytes]:
        with DisclosureSite(hosts=[TRS], seed=11, notices=2) as site:
            site.edit(site.urls(TRS)[0])
            return [ask(url).body.replace(str(site.port).encode(), b"") for url in site.urls(TRS)]

    assert served() == served()


def test_all_publishers_can_share_one_address_under_one_name() -> None:
    with DisclosureSite(hosts=[TRS, GUANGDONG], bind="127.0.0.1", name="localhost", notices=1) as site:
        urls = [site.listing_url(TRS), site.listing_url(GUANGDONG)]
        assert urls[0].startswith(f"http://localhost:{site.port}/s1/")
        here = [url.replace("localhost", "127.0.0.1") for url in urls]
        assert "/s1/xxgk/xszg/" in ask(here[0]).text()
        assert "/s2/xxgk/xszg/content/post_" in ask(here[1]).text("gb18030")
        for url in site.urls(TRS) + site.urls(GUANGDONG):
            assert ask(url.replace("localhost", "127.0.0.1")).status == 200
        robots = ask(f"http://127.0.0.1:{site.port}/robots.txt").text()
        assert "Disallow: /s1/internal/" in robots
        assert "Disallow: /s2/internal/" in robots
        site.fault(GUANGDONG, "429", times=1)
        assert ask(here[0]).status == 429, "one name is one host"
        assert {entry["host"] for entry in site.log()} == {"localhost"}


def test_unknown_places_are_refused_with_a_reason(site: DisclosureSite) -> None:
    with pytest.raises(ValueError, match="no such host"):
        site.fault("127.0.0.200", "block")
    with pytest.raises(ValueError, match="no such publisher"):
        site.publish("127.0.0.200")
    with pytest.raises(ValueError, match="no notice at"):
        site.edit(f"http://{TRS}:{site.port}/nothing.html")


def test_a_site_that_was_stopped_leaves_its_port_free() -> None:
    with DisclosureSite(hosts=[TRS, HANWEB]) as first:
        port = first.port
    with DisclosureSite(hosts=[TRS, HANWEB], port=port) as second:
        assert second.port == port
        assert ask(second.listing_url(HANWEB)).status == 200
        with pytest.raises(OSError, match="in use"):
            DisclosureSite(hosts=[HANWEB], port=port)
