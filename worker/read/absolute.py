"""Absolute addresses out of what a page refers to."""

from urllib.parse import urljoin, urlsplit


def absolute(base: str | None, reference: str) -> str | None:
    """Return where `reference` leads from the page at `base`, or `reference` itself where that is not known.

    None where it is no address at all, such as a bracketed host that is none (RFC 3986 section 3.2.2).
    """
    try:
        joined = urljoin(base, reference) if base else reference
        urlsplit(joined)
    except ValueError:
        return None
    return joined
