"""An event as an entry of a feed: its sentence, its lines and where it is found, in the reader's language. Pure."""

import json

from shared.db.models import Event
from shared.domain.events import TYPE_PREFIX
from shared.domain.headlines import Language, headline, lines
from shared.syndication import Entry


def entry_of(event: Event, language: Language) -> Entry:
    """Return the entry of a stamped event; the same for ever, whichever document it stands in."""
    data = json.loads(event.data)
    column, source = data.get("column") or {}, data.get("source") or {}
    url = (data.get("notice") or {}).get("url") or column.get("url")
    return Entry(
        id=f"urn:uuid:{event.id}",
        title=headline(event.type, data, language),
        lines=lines(event.type, data, language),
        url=url if isinstance(url, str) and url.startswith(("http://", "https://")) else None,
        author=str(source.get("name") or source.get("id") or event.source_id),
        category=TYPE_PREFIX + event.type,
        happened_at=event.occurred_at,
    )
