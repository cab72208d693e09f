"""A page as text and as a tree; never raises on what a page holds, whatever that is."""

import lxml.etree
import lxml.html

from shared import decoding
from shared.markup import tamed


def decode(body: bytes, content_type: str | None = None) -> str:
    """Return the text of a page, without NUL; where the evidence is not enough, as UTF-8 with gaps."""
    found = decoding.decode(body, content_type) or decoding.decoded_as("utf-8", body)
    return found.text.replace("\x00", "")  # which would end the parsing


def tree_of(text: str) -> lxml.html.HtmlElement | None:
    """Return the parsed page, or None if there is nothing in it."""
    # Bytes in a known coding: lxml refuses text that carries an XML declaration anywhere.
    octets = tamed(text).encode("utf-8", "replace")
    try:
        return lxml.html.document_fromstring(octets, parser=lxml.html.HTMLParser(encoding="utf-8"))
    except (lxml.etree.LxmlError, ValueError, AssertionError):
        return None
