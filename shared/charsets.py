"""Which names of character encodings we follow, and to which decoder each leads.

A closed table after the WHATWG Encoding Standard, section 4.2 ("Names and labels"): Python's own registry also knows
`unicode_escape`, `idna` and `utf-7`, which no page may make us run. GB2312 and GBK lead to GB18030, their superset.
"""

import codecs
import re

# fmt: off
_GB = (
    "gb2312", "gbk", "gb18030", "x-gbk", "cp936", "ms936", "windows-936", "936", "gb_2312", "gb_2312-80",
    "gb2312-80", "csgb2312", "chinese", "iso-ir-58",
)
# fmt: on
CODECS: dict[str, str] = {
    **dict.fromkeys(["utf-8", "utf8", "utf-8-sig", "unicode-1-1-utf-8", "x-unicode20utf8"], "utf-8"),
    **dict.fromkeys(_GB, "gb18030"),
    **dict.fromkeys(["big5", "big5-hkscs", "cn-big5", "csbig5", "x-x-big5"], "big5hkscs"),
    **dict.fromkeys(["utf-16", "utf-16le", "unicode", "csunicode", "ucs-2", "iso-10646-ucs-2"], "utf-16-le"),
    "utf-16be": "utf-16-be",
    **dict.fromkeys(["euc-kr", "ks_c_5601-1987", "korean", "windows-949"], "cp949"),
    **dict.fromkeys(["shift_jis", "shift-jis", "sjis", "x-sjis", "windows-31j"], "cp932"),
    "euc-jp": "euc_jp",
}

# Servers send these by default, whatever the page is: no evidence.
DEFAULTS = frozenset(
    ["iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "latin-1", "l1", "us-ascii", "ascii", "windows-1252", "cp1252"]
)

# Encodings in which harmless bytes become markup: the "replacement" labels of the standard, and those it forbids.
# fmt: off
HAZARDOUS = frozenset([
    "utf-7", "utf7", "unicode-1-1-utf-7", "csunicode11utf7", "x-unicode-2-0-utf-7", "hz-gb-2312", "hz-gb2312",
    "hz", "iso-2022-cn", "iso-2022-cn-ext", "csiso2022cn", "iso-2022-kr", "csiso2022kr", "iso-2022-jp", "iso-2022-jp-1",
    "iso-2022-jp-2", "iso-2022-jp-3", "csiso2022jp", "csiso2022jp2", "replacement", "scsu", "bocu-1", "cesu-8",
])
# fmt: on

BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_HTTP = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.\-]{1,40})", re.IGNORECASE)
_META = re.compile(rb"<meta\b[^>]{0,500}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.\-]{1,40})", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml\b[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_:.\-]{1,40})", re.IGNORECASE)
# The standard looks at 1,024 bytes; pages with long leading comments put the tag later.
_META_WITHIN = 8192


def declared_labels(snapshot: bytes, content_type: str | None) -> tuple[str | None, str | None]:
    """Return the charset of a Content-Type header and that of the page's own head, both in lower case."""
    header = _HTTP.search(content_type or "")
    head = snapshot[:_META_WITHIN]
    meta = _META.search(head) or _XML.search(head)
    return header[1].lower() if header else None, meta[1].decode("ascii").lower() if meta else None
