"""Which line of a robots file decides (RFC 9309 section 2.2), and where protego alone would answer otherwise."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from protego import Protego

from crawler.robots.rules import MAX_BYTES, RobotsText, token_of

US = "noticewire/1.0 (+https://wire.example/contact)"


def decide(text: str | bytes, path: str, agent: str = US) -> str:
    rule = RobotsText(text.encode() if isinstance(text, str) else text).rule_for(agent, f"http://site.example{path}")
    return "no rule" if rule is None else str(rule)


ALL = "User-agent: *\n"
CASES = [
    ("nothing is forbidden by an empty file", "", "/a", "no rule"),
    ("a prefix forbids", ALL + "Disallow: /a", "/abc", "Disallow: /a"),
    ("an empty Disallow forbids nothing", ALL + "Disallow:", "/a", "no rule"),
    ("an empty Allow allows nothing", ALL + "Allow:\nDisallow: /", "/a", "Disallow: /"),
    ("the longest rule wins", ALL + "Disallow: /a\nAllow: /a/b", "/a/b/c", "Allow: /a/b"),
    ("the order does not matter", ALL + "Allow: /a/b\nDisallow: /a", "/a/b/c", "Allow: /a/b"),
    ("Allow wins a tie", ALL + "Disallow: /a\nAllow: /a", "/a", "Allow: /a"),
    ("length is counted with wildcards", ALL + "Allow: /page\nDisallow: /*.htm", "/page.htm", "Disallow: /*.htm"),
    ("a wildcard spans segments", ALL + "Disallow: /a/*/z", "/a/b/c/z9", "Disallow: /a/*/z"),
    ("a wildcard may stand for nothing", ALL + "Disallow: /a*b", "/ab", "Disallow: /a*b"),
    ("a dollar ends the path", ALL + "Disallow: /*.pdf$", "/x.pdf", "Disallow: /*.pdf$"),
    ("a dollar lets nothing follow", ALL + "Disallow: /*.pdf$", "/x.pdf?a=1", "no rule"),
    ("a dollar inside is itself", ALL + "Disallow: /a$b", "/a$bc", "Disallow: /a$b"),
    ("overlapping parts are not counted twice", ALL + "Disallow: /ab*ba$", "/aba", "no rule"),
    ("a query is part of the path", ALL + "Disallow: /a?b=", "/a?b=1", "Disallow: /a?b="),
    ("paths are compared in their case", ALL + "Disallow: /A", "/a", "no rule"),
    ("our own group goes before the star", ALL + "Disallow: /\nUser-agent: noticewire\nDisallow: /x", "/a", "no rule"),
    ("our name is compared without case", "USER-AGENT: NoticeWire\nDISALLOW: /", "/a", "Disallow: /"),
    ("a version in the line does not hide us", "User-agent: noticewire/2.0\nDisallow: /", "/a", "Disallow: /"),
    ("the beginning of our name is not our name", "User-agent: notice\nDisallow: /", "/a", "no rule"),
    ("a longer name is not our name", "User-agent: noticewire-news\nDisallow: /", "/a", "no rule"),
    ("several names share their rules", "User-agent: x\nUser-agent: noticewire\nDisallow: /", "/a", "Disallow: /"),
    (
        "groups of one name are merged",
        "User-agent: noticewire\nDisallow: /a\nUser-agent: x\nAllow: /\nUser-agent: noticewire\nDisallow: /b",
        "/b",
        "Disallow: /b",
    ),
    ("a sitemap ends no group", "User-agent: x\nSitemap: /s\nUser-agent: noticewire\nDisallow: /", "/", "Disallow: /"),
    ("a delay ends no group", "User-agent: x\nCrawl-delay: 1\nUser-agent: noticewire\nDisallow: /", "/", "Disallow: /"),
    ("a blank line ends no group", ALL + "\n\nDisallow: /a", "/a", "Disallow: /a"),
    ("an unknown record ends no group", ALL + "Noindex: /x\nDisallow: /a", "/a", "Disallow: /a"),
    ("rules before any group are ignored", "Disallow: /\n" + ALL + "Allow: /x", "/a", "no rule"),
    ("comments are ignored", ALL + "#Disallow: /\nDisallow: /b # Allow: /b", "/b", "Disallow: /b"),
    ("a byte order mark is ignored", "\ufeff" + ALL + "Disallow: /", "/a", "Disallow: /"),
    ("lines end at CR too", "User-agent: *\rDisallow: /a\r", "/a", "Disallow: /a"),
    ("lines end at CR LF too", "User-agent: *\r\nDisallow: /a\r\n", "/a", "Disallow: /a"),
    ("lines do not end at exotic separators", ALL + "Disallow: /a\u2028Disallow: /b", "/b", "no rule"),
    ("white space is trimmed", "\t User-agent :  * \n  Disallow :\t/a  ", "/a", "Disallow: /a"),
    ("common misspellings are meant", "Useragent: *\nDissallow: /a", "/a", "Disallow: /a"),
    ("a missing colon is meant", "User-agent *\nDisallow /a", "/a", "Disallow: /a"),
    ("HTML forbids nothing", "<html><body>Disallow: everything</body></html>", "/a", "no rule"),
    ("HTML is still read line by line", "<pre>\n" + ALL + "Disallow: /\n</pre>", "/a", "Disallow: /"),
    (
        "Chinese paths meet their escapes",
        ALL + "Disallow: /文件/",
        "/%E6%96%87%E4%BB%B6/a",
        "Disallow: /%E6%96%87%E4%BB%B6/",
    ),
    ("Chinese URLs meet escaped rules", ALL + "Disallow: /%e6%96%87", "/文", "Disallow: /%E6%96%87"),
    ("needless escapes do not hide a rule", ALL + "Disallow: /%61dmin", "/admin", "Disallow: /%61dmin"),
    ("needless escapes do not hide a URL", ALL + "Disallow: /admin", "/%61dmin", "Disallow: /admin"),
    ("an escaped slash is no slash", ALL + "Disallow: /a/b", "/a%2Fb", "no rule"),
    ("an escaped star is a star", ALL + "Disallow: /\nAllow: /a%2Ab", "/a*b", "Allow: /a%2Ab"),
    ("an escaped dollar is a dollar", ALL + "Disallow: /\nAllow: /a%24", "/a$b", "Allow: /a%24"),
    ("a space meets its escape", ALL + "Disallow: /a b", "/a%20b", "Disallow: /a%20b"),
    ("two slashes name no host", ALL + "Disallow: //x/a", "//x/ab", "Disallow: //x/a"),
    ("half an escape is a percent sign", ALL + "Disallow: /*%", "/a?b", "no rule"),
    ("half a character of a URL is a character", ALL + "Disallow: /a", "/a\ud800", "Disallow: /a"),
    ("a star alone is everything", ALL + "Disallow: *", "/a", "Disallow: *"),
    ("a dollar alone is nothing", ALL + "Disallow: $", "/", "no rule"),
    ("a slash and a dollar are the first page alone", ALL + "Disallow: /$", "/", "Disallow: /$"),
    ("a slash and a dollar are no other page", ALL + "Disallow: /$", "/a", "no rule"),
    ("two stars are one", ALL + "Disallow: /a**b$", "/aXb", "Disallow: /a**b$"),
    ("a star in front may stand for a slash", ALL + "Disallow: *b", "/ab", "Disallow: *b"),
    ("a path without a slash covers nothing", ALL + "Disallow: a", "/a", "no rule"),
    ("a NUL at the ends is no text", ALL + "\x00Disallow: /a\x00", "/ab", "Disallow: /a"),
    ("a NUL inside meets its escape", ALL + "Disallow: /a\x00b", "/a%00b", "Disallow: /a%00b"),
    ("a space behind the colon may be missing", ALL + "Disallow:/a", "/a", "Disallow: /a"),
    ("LF CR ends a line and begins an empty one", ALL + "Disallow: /a\n\rDisallow: /b", "/b", "Disallow: /b"),
    ("a huge line hides no other", ALL + f"Disallow: /{'x' * 400_000}\nDisallow: /y", "/y", "Disallow: /y"),
    ("a record without a name is nobody's", "User-agent:\nDisallow: /", "/a", "no rule"),
    (
        "a sitemap between names ends no run of them",
        "User-agent: noticewire\nSitemap: /s\nUser-agent: x\nDisallow: /",
        "/a",
        "Disallow: /",
    ),
    ("our escapes are read in small letters too", ALL + "Disallow: /文", "/%e6%96%87", "Disallow: /%E6%96%87"),
    ("an escaped tilde is a tilde", ALL + "Disallow: /~u", "/%7Eu", "Disallow: /~u"),
    ("an escape is compared without case", ALL + "Disallow: /a%2fb", "/a%2Fb", "Disallow: /a%2Fb"),
]


@pytest.mark.parametrize(("text", "path", "rule"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_the_rule_that_decides(text: str, path: str, rule: str) -> None:
    assert decide(text, path) == rule


def alone(text: str, path: str, agent: str = US) -> bool:
    """What protego answers when it is given the text as it is."""
    return bool(Protego.parse(text).can_fetch(f"http://site.example{path}", agent))


def test_protego_alone_ends_lines_at_more_than_cr_and_lf() -> None:
    for separator in "\u2028\u2029\x85\x0b\x0c\x1c\x1d\x1e":
        text = f"{ALL}Disallow: /a{separator}Disallow: /b"
        assert not alone(text, "/b")
        assert decide(text, "/b") == "no rule"


def test_protego_alone_misses_a_first_line_behind_a_byte_order_mark() -> None:
    text = "\ufeff" + ALL + "Disallow: /"
    assert alone(text, "/a")
    assert decide(text, "/a") == "Disallow: /"


def test_protego_alone_takes_the_beginning_of_our_name_for_our_name() -> None:
    text = "User-agent: notice\nDisallow: /"
    assert not alone(text, "/a")
    assert decide(text, "/a") == "no rule"


def test_protego_alone_finds_our_name_anywhere_in_the_header() -> None:
    text = "User-agent: contact\nDisallow: /"
    assert not alone(text, "/a")
    assert decide(text, "/a") == "no rule"


def test_protego_alone_misses_our_name_when_it_carries_another_version() -> None:
    text = "User-agent: noticewire/2.0\nDisallow: /"
    assert alone(text, "/a")
    assert decide(text, "/a") == "Disallow: /"


@pytest.mark.parametrize("record", ["Crawl-delay: 1", "Noindex: /x", "Visit-time: 0100-0200"])
def test_protego_alone_ends_a_group_at_other_records(record: str) -> None:
    text = f"User-agent: noticewire\n{record}\nUser-agent: x\nDisallow: /"
    assert alone(text, "/a")
    assert decide(text, "/a") == "Disallow: /"


def test_protego_alone_lets_an_index_page_allow_its_folder() -> None:
    text = ALL + "Disallow: /a\nAllow: /a/index.html"
    assert alone(text, "/a/")
    assert decide(text, "/a/") == "Disallow: /a"
    assert decide(text, "/a/index.html") == "Allow: /a/index.html"


def test_protego_alone_counts_some_octets_thrice() -> None:
    text = ALL + "Disallow: /a/b.ph\nAllow: /*?c=d"  # eight octets as written, and six
    assert alone(text, "/a/b.php?c=d")
    assert decide(text, "/a/b.php?c=d") == "Disallow: /a/b.ph"


def test_protego_alone_lets_a_final_dollar_be_a_character_too() -> None:
    text = ALL + "Disallow: /\nAllow: /a$"
    assert alone(text, "/a$b")
    assert decide(text, "/a$b") == "Disallow: /"
    assert decide(text, "/a") == "Allow: /a$"


def test_protego_alone_cannot_tell_octets_apart_that_are_not_utf_8() -> None:
    text = ALL + "Disallow: /%D6%D0/"
    assert not alone(text, "/%CE%C4/")
    assert decide(text, "/%CE%C4/") == "no rule"
    assert decide(text, "/%d6%d0/") == "Disallow: /%D6%D0/"
    assert decide("User-agent: *\nDisallow: /中".encode("gb18030"), "/%D6%D0/") == "Disallow: /%D6%D0"


def test_protego_alone_takes_an_allow_in_one_of_two_readings() -> None:
    text = ALL + "Disallow: /\nAllow: /%61bc"
    assert alone(text, "/abc")
    assert decide(text, "/abc") == "Disallow: /"
    assert decide(text, "/%61bc") == "Allow: /%61bc"


def test_protego_alone_takes_the_last_of_several_delays() -> None:
    text = ALL + "Crawl-delay: 7\nCrawl-delay: 2"
    assert Protego.parse(text).crawl_delay(US) == 2
    assert RobotsText(text.encode()).delay_for(US) == 7


def test_the_delay_is_the_groups_and_the_longest() -> None:
    text = RobotsText(
        b"User-agent: *\nCrawl-delay: 2\nUser-agent: noticewire\nCrawl-delay: 1.5\nDisallow: /x\n"
        b"User-agent: noticewire\nCrawl-delay: 7\nCrawl-delay: nan\nCrawl-delay: -3\nCrawl-delay: soon\n"
    )
    assert text.delay_for(US) == 7
    assert text.delay_for("other") == 2
    assert RobotsText(b"User-agent: x\nCrawl-delay: 1").delay_for(US) is None


def test_sitemaps_are_told_wherever_they_stand() -> None:
    text = RobotsText(b"Sitemap: http://a.example/1.xml\nUser-agent: x\nDisallow: /\nsitemap: /2.xml")
    assert text.sitemaps == ["http://a.example/1.xml", "/2.xml"]


def test_a_long_file_is_read_to_its_last_whole_line() -> None:
    head = b"User-agent: *\nDisallow: /a\n"
    filling = b"# " + b"x" * 98 + b"\n"
    body = head + filling * ((MAX_BYTES - len(head)) // len(filling))
    body += b"Allow: /a"[: MAX_BYTES - len(body)].ljust(MAX_BYTES - len(body), b"#") + b"bcdef\n"
    assert len(body) > MAX_BYTES
    assert decide(body, "/a") == "Disallow: /a"


@pytest.mark.timeout(60)
def test_half_a_megabyte_of_wildcards_is_decided_in_bounded_time() -> None:
    body = ALL.encode() + b"Disallow: /" + b"*a" * 7000 + b"$\n"
    assert decide(body * 20, "/" + "a" * 2000)


def test_one_of_a_thousand_lines_is_found() -> None:
    lines = [f"{'Disallow' if number % 3 else 'Allow'}: /p{number}/*/x?" for number in range(1000)]
    text = RobotsText((ALL + "\n".join([*lines, "Disallow: /p"])).encode())
    assert str(text.rule_for(US, "http://site.example/p500/a/x?b")) == "Disallow: /p500/*/x?"
    assert str(text.rule_for(US, "http://site.example/p501/a/x?b")) == "Allow: /p501/*/x?"
    assert str(text.rule_for(US, "http://site.example/page")) == "Disallow: /p"
    assert text.rule_for(US, "http://site.example/a") is None


@pytest.mark.parametrize(
    ("line", "obeyed"), [("noticewire2", True), ("NoticeWire/3.1 beta", True), ("2noticewire", False), ("*wire", False)]
)
def test_a_named_token_ends_where_it_may_hold_no_more(line: str, obeyed: bool) -> None:
    assert (decide(f"User-agent: {line}\nDisallow: /", "/a") == "Disallow: /") is obeyed


@pytest.mark.parametrize(
    ("agent", "token"), [(US, "noticewire"), ("*", "*"), ("* all", "*"), ("", ""), ("Foo Bar", "foo"), ("*bot", "")]
)
def test_the_product_token_is_the_beginning(agent: str, token: str) -> None:
    assert token_of(agent) == token


@given(st.binary(max_size=400), st.text(max_size=30))
def test_any_file_is_read_and_any_path_decided(body: bytes, path: str) -> None:
    rule = RobotsText(ALL.encode() + b"Disallow: /\n" + body).rule_for("noticewire", f"http://site.example/{path}")
    assert rule is None or str(rule).startswith(("Allow: ", "Disallow: "))


LINES = st.lists(
    st.sampled_from(
        ["Disallow: /a", "Allow: /a/b", "Disallow: /*c$", "Allow: /", "Disallow: /", "Allow: /b*", "Disallow:"]
    ),
    max_size=6,
)


@settings(max_examples=60)
@given(LINES, st.text("abc/", max_size=6))
def test_protego_ranks_the_lines_of_plain_files_alike(lines: list[str], path: str) -> None:
    text = "User-agent: *\n" + "\n".join(lines)
    url = f"http://site.example/{path}"
    rule = RobotsText(text.encode()).rule_for("noticewire", url)
    assert (rule is None or rule.allows) == Protego.parse(text).can_fetch(url, "noticewire")
