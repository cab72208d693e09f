"""How one column is read: facts that can be stored, shown and edited, instead of being detected on each visit."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from crawler.discover.calls import Call
from crawler.discover.listing import Listing
from shared.errors import Invalid

_LONGEST = 1000
_MOST_CALLS = 20
_CONTAINER = re.compile(r"(?:[a-z][a-z0-9]*)?(?:#[^\s.#>\[\]]+|\.[^\s.#>\[\]]+)|[a-z][a-z0-9]*")
_DIGITS_AT_END, _DIGITS_AT_START = re.compile(r"\d+$"), re.compile(r"^\d+")


@dataclass(frozen=True)
class Profile:
    """The facts of a column; whatever is None or empty is detected."""

    family: str | None = None
    link_pattern: str | None = None
    """A glob over an item's path and query, `*` for any run of characters: `/xxgk/zgtb/content/post_*.html`; over the
    whole URL where it begins with a scheme."""
    container: str | None = None
    """The block that holds the items: `tag`, `tag.class`, `.class` or `#id`."""
    calls: tuple[Call, ...] = ()
    """The calls that bring the list, its first page first, where the page itself does not show it."""
    kinds: tuple[str, ...] = ()
    """The kinds of notice that the column is expected to bring; empty: any."""

    @classmethod
    def of(cls, listing: Listing) -> Profile:
        """Return what was detected when `listing` was read."""
        pattern = pattern_of([item.url for item in listing.items])
        return cls(listing.family, pattern, listing.container, listing.requests)

    def takes(self, url: str) -> bool:
        """Say whether a canonical URL fits the pattern; any does where there is none."""
        if self.link_pattern is None:
            return True
        return fits(self.link_pattern, url if "://" in self.link_pattern else _path_of(url))

    def as_json(self) -> dict[str, Any]:
        """Return the profile as a JSON object; `from_json` reads it back."""
        return {
            "family": self.family,
            "link_pattern": self.link_pattern,
            "container": self.container,
            "calls": [{"method": call.method, "url": call.url, "body": call.body} for call in self.calls],
            "kinds": list(self.kinds),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Profile:
        """Read a stored or edited profile. Raises Invalid for an unknown key or a value of the wrong kind."""
        if not isinstance(value, Mapping):
            raise Invalid(f"a profile is an object, not {type(value).__name__}")
        known = ("family", "link_pattern", "container", "calls", "kinds")
        if unknown := sorted(str(key) for key in value if key not in known):
            raise Invalid(f"unknown in a profile: {', '.join(unknown)}; known are {', '.join(known)}")
        return cls(
            _text(value, "family"),
            _pattern(_text(value, "link_pattern")),
            _selector(_text(value, "container")),
            tuple(_call(each) for each in _list(value, "calls")),
            tuple(_kind(each) for each in _list(value, "kinds")),
        )


def fits(pattern: str, text: str) -> bool:
    """Say whether `text` fits a glob whose only sign is `*`; in linear time, whatever both are."""
    first, *rest = pattern.split("*")
    if not rest:
        return text == pattern
    if not text.startswith(first):
        return False
    at = len(first)
    for piece in rest[:-1]:
        found = text.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return len(text) - at >= len(rest[-1]) and text.endswith(rest[-1])


def pattern_of(urls: Sequence[str]) -> str | None:
    """Return the glob that the paths of most of the URLs (those on the commonest host) fit; None for less than two."""
    by_host: dict[str, list[str]] = {}
    for url in urls:
        by_host.setdefault(urlsplit(url).netloc, []).append(_path_of(url))
    paths = max(by_host.values(), key=len, default=[])
    if len(paths) < 2:
        return None
    split = [path.split("/") for path in paths]
    if len({len(parts) for parts in split}) == 1:
        return "/".join(_piece(parts) for parts in zip(*split, strict=True))
    return _piece(paths)


def _piece(parts: Sequence[str]) -> str:
    """Return what all have in common, with a star for what differs; a number is never cut in two."""
    if len(set(parts)) == 1:
        return parts[0]
    start = _DIGITS_AT_END.sub("", _shared_start(parts))
    end = _DIGITS_AT_START.sub("", _shared_start([part[len(start) :][::-1] for part in parts])[::-1])
    return f"{start}*{end}"


def _shared_start(parts: Sequence[str]) -> str:
    low, high = min(parts), max(parts)
    return low[: next((at for at, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), len(low))]


def _path_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _text(value: Mapping[str, Any], key: str) -> str | None:
    text = value.get(key)
    if text is None or (isinstance(text, str) and 0 < len(text) <= _LONGEST):
        return text
    raise Invalid(f"{key} of a profile is a text of 1 to {_LONGEST} characters or null, not {text!r:.100}")


def _list(value: Mapping[str, Any], key: str) -> list[Any]:
    items = value.get(key)
    if items is None:
        return []
    if not isinstance(items, list) or len(items) > _MOST_CALLS:
        raise Invalid(f"{key} of a profile is a list of at most {_MOST_CALLS}, not {items!r:.100}")
    return items


def _pattern(text: str | None) -> str | None:
    if text is not None and not text.startswith(("/", "*", "http://", "https://")):
        raise Invalid(f"link_pattern begins with /, * or http, as in /content/post_*.html; not {text!r:.100}")
    return text


def _selector(text: str | None) -> str | None:
    if text is not None and not _CONTAINER.fullmatch(text):
        raise Invalid(f"container is written tag, tag.class, .class or #id; not {text!r:.100}")
    return text


def _call(value: Any) -> Call:
    told = value if isinstance(value, Mapping) else {}
    method, url, body = told.get("method"), told.get("url"), told.get("body")
    if method not in ("GET", "POST") or not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise Invalid(
            f'a call of a profile is {{"method": "GET" or "POST", "url": "http…", "body": …}}, not {value!r:.100}'
        )
    if body is not None and not isinstance(body, str):
        raise Invalid(f"the body of a call is a form-encoded text or null, not {body!r:.100}")
    return Call(method, url, body)


def _kind(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise Invalid(f"a kind of notice is a text, not {value!r:.100}")
    return value
