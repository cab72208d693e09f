"""Hostile and broken markup, tamed before libxml2 builds a tree of it.

Measured with libxml2 2.14: one tag with 100,000 attributes takes 106 s (each is compared with all before it), and what
follows an early `</html>`, or a quotation mark that is never closed, is lost.
"""

import re

# The repetitions are possessive and every alternative succeeds on unclosed input (`\Z`), so the scan is linear.
_TOKEN = re.compile(
    r"<(?:!--|(?P<name>[A-Za-z][A-Za-z0-9:]{0,30}+)(?P<rest>(?:[^>\"']++|\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z))*+)(?:>|\Z))"
)
# What these hold is no markup.
_RAW = ("script", "style", "textarea")
_RAW_END = {name: re.compile(f"</{name}", re.IGNORECASE) for name in _RAW}

# Nearly all of a page needs no taming, and one match goes over it at once: text, tags of few attributes, comments and
# raw elements, each as a token would end. It stops before whatever is longer, or odd.
_FEW_ATTRIBUTES = r"[^<>\"']{0,60}+(?:(?:\"[^\"<>]{0,1000}+\"|'[^'<>]{0,1000}+')[^<>\"']{0,60}+){0,12}+>"
_RAW_ELEMENTS = "|".join(rf"(?i:{name})(?=[\s/>]){_FEW_ATTRIBUTES}[^<]*+(?:<(?!/(?i:{name}))[^<]*+)*+" for name in _RAW)
_HARMLESS = re.compile(
    rf"(?:[^<]*+<(?:(?![A-Za-z!])|(?![sStT])[A-Za-z]{_FEW_ATTRIBUTES}|!(?!--)|!--[^-]*+(?:-(?!->)[^-]*+)*+-->"
    rf"|{_RAW_ELEMENTS}|(?!(?i:{'|'.join(_RAW)}))[A-Za-z]{_FEW_ATTRIBUTES}))*+"
)

_LONG_TAG = 256
_LONGEST_VALUE = 2000
_ATTRIBUTE = re.compile(r"(?<![^\s\"'/])([^\s\"'=<>/]{1,40}+)\s*=\s*(\"[^\"]*+\"|'[^']*+'|[^\s\"'>]++)")
# fmt: off
_NEEDED = frozenset([
    "id", "class", "name", "property", "content", "href", "src", "title", "style", "lang", "colspan", "rowspan",
    "onclick",
])
# fmt: on
# A quotation mark that was never closed swallows the page up to the next one. Values may hold some markup of their own
# (`onclick="document.write('<b>…</b>')"`), but hardly this many closing tags.
_SWALLOWED_ENDS = 3
_MOST_SWALLOWERS = 50  # each is scanned anew from its first `>`
# A page may carry its own closing tags in the middle (the head of a portal, included as a whole page).
_CLOSING_PAGE = re.compile(r"</(?:html|body)\s*>", re.IGNORECASE)
_DECLARATION = re.compile(r"^\s*<\?xml\b[^>]{0,300}>")


def tamed(text: str) -> str:
    """Return markup that is safe to build a tree of: tags of many attributes keep the few that reading needs."""
    parts: list[str] = []
    at = position = swallowers = 0
    while token := _TOKEN.search(text, _end_of_harmless(text, position)):
        rest, position = token["rest"], token.end()
        if rest is not None and (len(rest) > _LONG_TAG or position == len(text)):
            if swallowers < _MOST_SWALLOWERS and _swallows(rest, position == len(text)):
                swallowers += 1
                rest = rest[: rest.index(">")]
                position = token.start("rest") + len(rest) + 1
            parts += (text[at : token.start()], f"<{token['name']} {_kept(rest)}>")
            at = position
        if rest is None or token["name"].lower() in _RAW_END:
            position = _end_of_raw(text, token["name"], position)
    return without_early_end("".join([*parts, text[at:]]))


def without_raw(text: str) -> str:
    """Take away comments, scripts, styles and text areas, with what they hold."""
    parts: list[str] = []
    at = position = 0
    while token := _TOKEN.search(text, position):
        position = _end_of_raw(text, token["name"], token.end())
        if position > token.end():
            parts.append(text[at : token.start()])
            at = position
    return "".join([*parts, text[at:]])


def without_early_end(text: str) -> str:
    """Take away whatever would end the parsing before the page ends, and a declaration that is not for HTML."""
    return _CLOSING_PAGE.sub("", _DECLARATION.sub("", text))


def _end_of_harmless(text: str, start: int) -> int:
    found = _HARMLESS.match(text, start)
    return found.end() if found else start


def _end_of_raw(text: str, name: str | None, start: int) -> int:
    """Return where the comment (no name) or the raw element that opened before `start` ends; else `start` itself."""
    if name is None:
        found = text.find("-->", start)
        return found + 3 if found >= 0 else len(text)
    if closing := _RAW_END.get(name.lower()):
        end = closing.search(text, start)
        return end.end() if end else len(text)
    return start


def _swallows(rest: str, at_the_end: bool) -> bool:
    return ">" in rest and (at_the_end or rest.count("</") >= _SWALLOWED_ENDS)


def _kept(rest: str) -> str:
    kept: dict[str, str] = {}
    for name, value in _ATTRIBUTE.findall(rest):
        if name.lower() in _NEEDED and len(value) <= _LONGEST_VALUE:
            kept.setdefault(name.lower(), value)
    return " ".join(f"{name}={value}" for name, value in kept.items())
