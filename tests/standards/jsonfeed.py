"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/) as one question: what is wrong with a feed?

There is no schema of its authors': this one is written from their text, and stricter where that is lenient. A key that
the text does not know is a flaw, unless it begins with an underscore as extensions do; an id is a string, which readers
are only told to make of it; times have their offset; ids do not come twice.
"""

from typing import Any

from jsonschema import Draft202012Validator

from tests.standards.cloudevents import FORMATS

_TEXT = {"type": "string"}
_WORDS = {"type": "string", "minLength": 1}
_URL = {"type": "string", "format": "uri", "minLength": 1}
_TIME = {"type": "string", "format": "date-time"}
_LANGUAGE = {"type": "string", "pattern": "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$"}
_COUNT = {"type": "number", "minimum": 0}


def _object(required: tuple[str, ...] = (), **known: Any) -> dict[str, Any]:
    """Return the schema of an object with the keys that the text knows, and extensions."""
    extension = {"^_[A-Za-z][^.]*$": {"type": "object"}}
    shape = {"type": "object", "properties": known, "patternProperties": extension, "additionalProperties": False}
    return shape | {"required": list(required)}


def _list(of: Any, least: int = 0) -> dict[str, Any]:
    return {"type": "array", "items": of, "minItems": least}


_AUTHOR = _object(name=_WORDS, url=_URL, avatar=_URL) | {
    "anyOf": [{"required": [one]} for one in ("name", "url", "avatar")]
}
_ATTACHMENT = _object(
    ("url", "mime_type"),
    url=_URL,
    mime_type={"type": "string", "pattern": "^[^/ ]+/[^/ ]+$"},
    title=_TEXT,
    size_in_bytes=_COUNT,
    duration_in_seconds=_COUNT,
)
_ITEM = _object(
    ("id",),
    id=_WORDS,
    url=_URL,
    external_url=_URL,
    title=_TEXT,
    content_html=_TEXT,
    content_text=_TEXT,
    summary=_TEXT,
    image=_URL,
    banner_image=_URL,
    date_published=_TIME,
    date_modified=_TIME,
    authors=_list(_AUTHOR, 1),
    tags=_list(_TEXT),
    language=_LANGUAGE,
    attachments=_list(_ATTACHMENT),
) | {"anyOf": [{"required": ["content_html"]}, {"required": ["content_text"]}]}
SCHEMA = _object(
    ("version", "title", "items"),
    version={"const": "https://jsonfeed.org/version/1.1"},
    title=_WORDS,
    home_page_url=_URL,
    feed_url=_URL,
    description=_TEXT,
    user_comment=_TEXT,
    next_url=_URL,
    icon=_URL,
    favicon=_URL,
    authors=_list(_AUTHOR, 1),
    language=_LANGUAGE,
    expired={"type": "boolean"},
    hubs=_list(_object(("type", "url"), type=_WORDS, url=_URL), 1),
    items=_list(_ITEM),
)
_VALIDATOR = Draft202012Validator(SCHEMA, format_checker=FORMATS)


def flaws_of(feed: Any) -> list[str]:
    """Return, in words, what is wrong with a feed; nothing if it is one."""
    flaws = [f"{'.'.join(map(str, one.path)) or 'feed'}: {one.message}" for one in _VALIDATOR.iter_errors(feed)]
    if flaws:
        return flaws
    ids = [item["id"] for item in feed["items"]]
    if len({*ids}) < len(ids):
        return ["items: an id comes twice"]
    return ["feed: it is the next of itself"] if feed.get("next_url", "") == feed.get("feed_url") else []
