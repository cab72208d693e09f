"""The elements of a page that some rule may mean, collected from its tree.

One pass in Python asks each element for its class, id and style; what their values mean is worked out once a value.
"""

import re
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from lxml import etree

from worker.clean.markup import Element

_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_HIDDEN_CLASSES = frozenset(["hide", "hidden", "ng-hide", "layui-hide", "d-none"])
# What holds no text of the page if it is closed where it should be; left open, it holds the rest of the page.
_WIDGETS = frozenset(
    ["noscript", "select", "option", "textarea", "button", "object", "svg", "audio", "video", "canvas"]
)
_LONGEST_WIDGET = 400
_HEADING_TAGS = frozenset(["h1", "h2", "h3", "h4"])
_HEADING_NAME = re.compile(r"title|headline|biaoti|theme|(?<![a-z])(?:tit|bt|h1)(?![a-z])")
# Each begins with a character of its own, for which a search looks first: most names have none of these.
_HEADING_HINT = re.compile("tit|headline|biaoti|theme|bt|h1")
_LONGEST_CLASS = 500
# Which the readers of tables and labels ask for.
_TAGS = frozenset(["tr", "html", "title", "meta", "link", "base"])
_NUMBER = re.compile(r"_\d{1,4}$")
_HIDDEN = etree.XPath("//@hidden/..")
T = TypeVar("T")


class _Meaning(NamedTuple):
    """What a value of `class` says."""

    tokens: tuple[str, ...]
    hides: bool
    heads: bool


class Wanted(NamedTuple):
    """The names that rules go by, in lower case."""

    ids: frozenset[str]
    classes: frozenset[str]
    tags: frozenset[str]


class Survey:
    """Elements by id, class token and tag (in lower case); the comments; what is hidden, what heads, the widgets."""

    def __init__(self, tree: Element, wanted: Wanted) -> None:
        """Go through the tree once for attributes, and let lxml find the few elements of the tags that count."""
        self.by_id: dict[str, list[Element]] = {}
        self.by_class: dict[str, list[Element]] = {}
        self.by_tag: dict[str, list[Element]] = {}
        self.comments: list[Element] = list(tree.iter(etree.Comment))
        self.hidden: set[Element] = set(_HIDDEN(tree))
        self.headings: set[Element] = set(tree.iter(*_HEADING_TAGS))
        self.widgets = {node for node in tree.iter(*_WIDGETS) if sum(map(len, node.itertext())) <= _LONGEST_WIDGET}
        for node in tree.iter(*wanted.tags, *_TAGS):
            self.by_tag.setdefault(node.tag, []).append(node)
        self._add_attributes(tree, wanted)

    def _add_attributes(self, tree: Element, wanted: Wanted) -> None:
        classes = _Remembered(lambda css: _meaning_of(css, wanted))
        places = _Remembered(lambda name: _place_of(name, wanted))
        hiding = _Remembered(_HIDDEN_STYLE.search)
        for node in tree.iter("*"):
            get = node.get
            if (css := get("class")) and (meaning := classes[css]):
                self._add_class(node, meaning)
            if (name := get("id")) and (place := places[name]):
                self.by_id.setdefault(place, []).append(node)
            if (style := get("style")) and hiding[style]:
                self.hidden.add(node)

    def _add_class(self, node: Element, meaning: _Meaning) -> None:
        for token in meaning.tokens:
            self.by_class.setdefault(token, []).append(node)
        if meaning.hides:
            self.hidden.add(node)
        if meaning.heads:
            self.headings.add(node)


class _Remembered(dict[str, T]):
    """What values mean, each asked for once."""

    def __init__(self, meaning_of: Callable[[str], T]) -> None:
        super().__init__()
        self._meaning_of = meaning_of

    def __missing__(self, value: str) -> T:
        self[value] = meaning = self._meaning_of(value)
        return meaning


def _meaning_of(css: str, wanted: Wanted) -> _Meaning | None:
    css = css.lower()
    tokens = css.split()
    named = () if wanted.classes.isdisjoint(tokens) else tuple(t for t in dict.fromkeys(tokens) if t in wanted.classes)
    hides = not _HIDDEN_CLASSES.isdisjoint(tokens)
    css = css[:_LONGEST_CLASS]
    heads = _HEADING_HINT.search(css) is not None and _HEADING_NAME.search(css) is not None
    return _Meaning(named, hides, heads) if named or hides or heads else None


def _place_of(name: str, wanted: Wanted) -> str | None:
    # Boda numbers its places: vsb_content_2, vsb_content_100.
    place = _NUMBER.sub("", name.lower())
    return place if place in wanted.ids else None
