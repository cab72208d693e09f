"""What a page says about itself in its head: the national label standard for government sites, and a few others."""

import html
import re
from dataclasses import dataclass, field

from shared.legible import legible
from worker.clean.survey import Survey
from worker.clean.text import squeeze

_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")
_HTTP = re.compile(r"^https?://[^\s/]+", re.IGNORECASE)
# Values that templates leave behind.
_VOID = frozenset(["null", "undefined", "none", "-", "--", "无", "{{title}}"])
_MAX_VALUE = 2000


@dataclass(frozen=True)
class Labels:
    """The labels of a head, names in lower case; of two with one name the first that is not empty counts."""

    values: dict[str, str] = field(default_factory=dict)
    title: str | None = None
    language: str | None = None
    base: str | None = None
    canonical: str | None = None

    def get(self, *names: str) -> str | None:
        """Return the first of these labels that has a value."""
        return next((self.values[name] for name in names if name in self.values), None)

    @property
    def url(self) -> str | None:
        """The address that the page gives itself, if it is a whole one."""
        given = (self.get("url"), self.canonical, self.get("og:url"))
        return next((url for url in given if url and _HTTP.match(url)), None)


# An ideographic space beside a digit pads a printed headline; it parts nothing.
_PADDING = re.compile(r"(?<=\d)\u3000+(?=[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff])\u3000+(?=\d)")


def without_markup(text: str) -> str:
    """Return a title as a reader would see it: entities resolved, tags gone, white space squeezed."""
    for _ in range(2):  # &amp;lt;br&amp;gt; has been seen
        text = _TAG.sub("", html.unescape(text))
    return squeeze(_PADDING.sub("", legible(text)))


def labels_of(survey: Survey) -> Labels:
    """Collect the labels of a parsed page."""
    tags = survey.by_tag
    values: dict[str, str] = {}
    for meta in tags.get("meta", ()):
        name = (meta.get("name") or meta.get("property") or "").strip().lower()
        value = squeeze(legible((meta.get("content") or "")[:_MAX_VALUE]))
        if name and value and value.lower() not in _VOID:
            values.setdefault(name, value)
    titles = (without_markup("".join(title.itertext())[:_MAX_VALUE]) for title in tags.get("title", ()))
    hrefs = ((node.get("href") or "").strip() for node in tags.get("base", ()))
    base = next((href for href in hrefs if href), None)
    links = tags.get("link", ())
    canonical = next((n.get("href") for n in links if (n.get("rel") or "").lower() == "canonical"), None)
    root = next(iter(tags.get("html", ())), None)
    language = None if root is None else (root.get("lang") or root.get("xml:lang"))
    return Labels(values, next((title for title in titles if title), None), language, base, canonical)
