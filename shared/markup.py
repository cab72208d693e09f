"""Hostile markup, tamed before libxml2 builds a tree of it.

Measured with libxml2 2.14: one tag with 100,000 attributes takes 106 s (each is compared with all before it), and what
follows an early `</html>` is lost.
"""

import re

# Comments and raw text are matched only to be stepped over. Every alternative succeeds on unclosed input (`\Z`), and
# the repetitions are possessive, so the scan is linear.
TOKEN = re.compile(
    r"<!--(?:.*?-->|.*)|<(?P<raw>script|style|textarea)\b(?:.*?</(?P=raw)|.*)"
    r"|<(?P<name>[A-Za-z][A-Za-z0-9:]{0,30}+)(?P<rest>(?:[^>\"']|\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z))*+)(?:>|\Z)",
    re.DOTALL | re.IGNORECASE,
)
"""A comment, a raw element (its `name` is None) or an opening tag."""

_LONG_TAG = 256
_KEPT_ATTRIBUTE = re.compile(
    r"(?<![\w-])(id|class|name|content|href|src|title|style|lang|colspan)\s*=\s*(\"[^\"]{0,2000}\"|'[^']{0,2000}'|[^\s\"'>]{1,500})",
    re.IGNORECASE,
)
# A page may carry its own closing tags in the middle (the head of a portal, included as a whole page).
_CLOSING_PAGE = re.compile(r"</(?:html|body)\s*>", re.IGNORECASE)
_DECLARATION = re.compile(r"^\s*<\?xml\b[^>]{0,300}>")


def tamed(text: str) -> str:
    """Return markup that is safe to build a tree of: long tags keep the few attributes that reading needs."""
    parts: list[str] = []
    at = 0
    for token in TOKEN.finditer(text):
        if token["name"] and len(token["rest"]) > _LONG_TAG:
            kept: dict[str, str] = {}
            for attribute in _KEPT_ATTRIBUTE.finditer(token["rest"]):
                kept.setdefault(attribute[1].lower(), attribute[2])
            parts += (
                text[at : token.start()],
                f"<{token['name']} ",
                " ".join(f"{n}={v}" for n, v in kept.items()),
                ">",
            )
            at = token.end()
    return without_early_end("".join([*parts, text[at:]]))


def without_early_end(text: str) -> str:
    """Take away whatever would end the parsing before the page ends, and a declaration that is not for HTML."""
    return _CLOSING_PAGE.sub("", _DECLARATION.sub("", text))
