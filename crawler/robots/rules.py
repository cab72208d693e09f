"""The text of a robots file, read and matched by protego, and the line that decides about a URL.

protego says which lines cover a path, what a Crawl-delay is worth and where the sitemaps are. This layer says what
protego is given: where it alone departs from RFC 9309, the text is corrected first, by one function for each
departure, and tests/unit/crawler/test_robots_rules.py shows protego failing without it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urlsplit

from protego import Protego

MAX_BYTES = 512 * 1024  # RFC 9309 section 2.5 asks for at least 500 KiB
_PAGE = 32  # of 1,000 rules, so many at once find one soonest

# The spellings that protego reads, and "crawldelay".
_KEYS = {
    **dict.fromkeys(["user-agent", "useragent", "user agent"], "agent"),
    **dict.fromkeys(["disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw"], "disallow"),
    "allow": "allow",
    **dict.fromkeys(["crawl-delay", "crawldelay", "crawl delay"], "delay"),
    **dict.fromkeys(["sitemap", "sitemaps", "site-map"], "sitemap"),
}
# The colon may be missing in front of a single word, as in "disallow /"; more words are prose.
_RECORD = re.compile(r"([A-Za-z -]{5,11}?)(?:[ \t]*:[ \t]*(.*)|[ \t]+(\S+))")
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_TOKEN = re.compile(r"[A-Za-z_-]+|[A-Za-z0-9_-]+")  # of a record: it ends where a figure begins, but for "360Spider"
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_NOT_PRINTABLE = re.compile(rb"[^\x21-\x7E]")
_NOT_TO_DECODE = re.compile(r"%(?=[89A-F][0-9A-F]|24|(?![0-9A-F]{2}))")


@dataclass(frozen=True)
class Rule:
    """One Allow or Disallow line; `path` is as written, unprintable octets escaped and escapes in upper case."""

    allows: bool
    path: str

    def __str__(self) -> str:
        """Spell the rule as a robots file does."""
        return f"{'Allow' if self.allows else 'Disallow'}: {self.path}"


@dataclass
class Group:
    """The merged records of one product token, or of `*`."""

    rules: list[Rule] = field(default_factory=list)
    delays: list[str] = field(default_factory=list)

    @cached_property
    def pages(self) -> "list[_Page]":
        """Give the rules in the order in which they are heard, once all were read."""
        rules = _longest_first(self.rules)
        return [_Page(rules[start : start + _PAGE]) for start in range(0, len(rules), _PAGE)]


class RobotsText:
    """A robots file that was read."""

    def __init__(self, body: bytes) -> None:
        """Read at most `MAX_BYTES`; of a longer file the last line, which is cut, is dropped."""
        self._groups: dict[str, Group] = {}
        sitemaps = self._read(_lines(body))
        self.sitemaps: list[str] = list(Protego.parse(_text("Sitemap", sitemaps)).sitemaps)

    def rule_for(self, agent: str, url: str) -> Rule | None:
        """Return the rule that decides about `url` for the product token of `agent`; None: no rule, so allowed."""
        group = self._group(agent)
        path = _Path(path_of(url))
        page = next((page for page in group.pages if page.covers(path)), None) if group else None
        return next(rule for rule in page.rules if _Page([rule]).covers(path)) if page else None

    def delay_for(self, agent: str) -> float | None:
        """Return the seconds of Crawl-delay for `agent`, if any; of several the longest, where protego has the last."""
        group = self._group(agent)
        found = [_seconds(value) for value in dict.fromkeys(group.delays)] if group else []
        return max((seconds for seconds in found if seconds is not None), default=None)

    def _group(self, agent: str) -> Group | None:
        return self._groups.get(token_of(agent) or "*") or self._groups.get("*")

    def _read(self, lines: Iterable[bytes]) -> list[str]:
        """Fill the groups, return the sitemaps.

        A group is ended by an agent behind a rule and by nothing else: other records must not interfere (RFC 9309
        section 2.2.4). For protego a Crawl-delay or an unknown record ends the run of names too.
        """
        sitemaps: list[str] = []
        current: list[Group] = []
        naming = False
        for key, value in filter(None, map(_record, lines)):
            if key == "sitemap":
                sitemaps.append(value)
            elif key == "delay":
                for group in current:
                    group.delays.append(value)
            elif key == "agent":
                current = [*(current if naming else []), self._groups.setdefault(_named(value), Group())]
                naming = True
            else:
                naming = False
                for group in current if value else []:
                    group.rules.append(Rule(key == "allow", _upper_escapes(value)))
        return sitemaps


class _Path:
    """The path of a URL in the two readings that escapes have.

    RFC 9309 section 2.2.2 undoes escapes of unreserved characters before comparing, as protego does; the widespread
    matchers, and the public expectations of them, compare as written. A Disallow counts in either reading, an Allow
    only as written.
    """

    def __init__(self, path: str) -> None:
        octets = _literal(path).encode("utf-8", "replace")
        self.written = _as_written(octets.decode())
        self.meant = _as_meant(_escaped(octets))


class _Page:
    """A few rules that protego is asked about at once."""

    def __init__(self, rules: list[Rule]) -> None:
        self.rules = rules

    def covers(self, path: _Path) -> bool:
        """Say whether any of the rules covers `path`."""
        return _matches(self._all, path.written) or (
            path.meant != path.written and _matches(self._disallows, path.meant)
        )

    @cached_property
    def _all(self) -> Protego:
        return _disallowing([*(_as_written(_pattern(rule.path)) for rule in self.rules), *self._meant])

    @cached_property
    def _disallows(self) -> Protego:
        return _disallowing(self._meant)

    @property
    def _meant(self) -> list[str]:
        return [_as_meant(_pattern(rule.path)) for rule in self.rules if not rule.allows]


def token_of(agent: str) -> str:
    """Return the name in lower case of a crawler, given as its product token or its whole User-Agent; `*` for all.

    Tokens are compared whole and without case (RFC 9309 section 2.2.1); protego takes any part of a header that begins
    a word, so that `notice` would speak for `noticewire`, and misses lines that carry a version.
    """
    return _beginning(_NAME, agent)


def _named(value: str) -> str:
    """Return the product token that a User-agent line names: letters, underscores and hyphens, whatever follows."""
    return _beginning(_TOKEN, value)


def _beginning(form: re.Pattern[str], text: str) -> str:
    if text == "*" or text[:2] in ("* ", "*\t"):
        return "*"
    found = form.match(text)
    return found[0].lower() if found else ""


def path_of(url: str) -> str:
    """Return what rules are compared with: the path and, behind a question mark, the query."""
    parts = urlsplit(url)
    path = parts.path if parts.path.startswith("/") else f"/{parts.path}"
    return f"{path}?{parts.query}" if parts.query or url.partition("#")[0].endswith("?") else path


def _lines(body: bytes) -> list[bytes]:
    """Lines end at CR and LF only (RFC 9309 section 2.2, EOL); protego has them end at U+2028, form feeds and more.

    A byte order mark, which protego takes for part of the first key, is no text.
    """
    lines = re.split(rb"[\r\n]", body[:MAX_BYTES].removeprefix(b"\xef\xbb\xbf"))
    return lines[:-1] if len(body) >= MAX_BYTES else lines


def _record(line: bytes) -> tuple[str, str] | None:
    text = line.partition(b"#")[0].strip(b" \t\x00\x0b\x0c").decode("latin-1")
    found = _RECORD.fullmatch(text)
    key = _KEYS.get(found[1].strip().lower()) if found else None
    if found is None or key is None:
        return None
    value = found[2] or found[3] or ""
    # Octets are escaped as they came: protego takes text, and would see no difference between any two of GB 18030.
    return key, value if key == "agent" else _escaped(value.encode("latin-1"))


def _seconds(delay: str) -> float | None:
    seconds: float | None = Protego.parse("User-agent: *\n" + _text("Crawl-delay", [delay])).crawl_delay("*")
    return seconds


def _longest_first(rules: Iterable[Rule]) -> list[Rule]:
    """The longest path is heard, and Allow in a tie (RFC 9309 section 2.2.2).

    Not left to protego, which would not say which line it was, counts `?` as three octets but `=` as one, and has an
    Allow of `/a/index.html` allow `/a/`, which nobody wrote. It sees every line as a Disallow instead.
    """
    return sorted(dict.fromkeys(rules), key=lambda rule: (len(rule.path), rule.allows), reverse=True)


def _as_written(path: str) -> str:
    """Keep protego from undoing any escape."""
    return path.replace("%", "%25")


def _as_meant(path: str) -> str:
    """Have protego undo escapes, but not of octets beyond ASCII: RFC 9309 section 2.2.2 compares octets.

    protego would decode them as UTF-8 and take all that is not UTF-8 for the same character. Nor of a dollar: for a
    line that ends in one protego adds a second rule, with a literal dollar, which is kept from matching anything
    (section 2.2.3). A percent sign that escapes nothing stays one.
    """
    return _NOT_TO_DECODE.sub("%25", path)


def _pattern(path: str) -> str:
    """A dollar is special at the end only (RFC 9309 section 2.2.3); elsewhere it is a character to be escaped."""
    return path[:-1].replace("$", "%24") + path[-1:]


def _literal(path: str) -> str:
    """What is special in a rule is not so in a URL, where it meets the escapes of RFC 9309 section 2.2.3."""
    return _upper_escapes(path.replace("$", "%24").replace("*", "%2A"))


def _escaped(octets: bytes) -> str:
    return _NOT_PRINTABLE.sub(lambda found: b"%%%02X" % ord(found[0]), octets).decode("ascii")


def _upper_escapes(text: str) -> str:
    return _ESCAPE.sub(lambda found: found[0].upper(), text)


def _text(key: str, values: Iterable[str]) -> str:
    return "".join(f"{key}: {value}\n" for value in values)


def _disallowing(paths: list[str]) -> Protego:
    return Protego.parse("User-agent: *\n" + _text("Disallow", dict.fromkeys(paths)))


def _matches(disallowing: Protego, path: str) -> bool:
    # With a host in front, since protego takes what follows two slashes for one.
    return not disallowing.can_fetch(f"http://host{path}", "*")
