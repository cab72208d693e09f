"""Pages that ask not to be archived: the facts that they tell are kept, and where they are told; none of their text."""

from typing import Any

from shared.blobs import Blobs, digest_of
from shared.db.models import Fetch


def is_withheld(fetch: Fetch) -> bool:
    """Say whether the page asked that no copy of it be kept."""
    return "noarchive" in (fetch.asked_of_robots or "").split(",")


def is_unfollowed(fetch: Fetch) -> bool:
    """Say whether no link of the page is to be followed: it asks so, or is not kept to be read with its other pages."""
    return "nofollow" in (fetch.asked_of_robots or "").split(",") or is_withheld(fetch)


def facts_of(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document without its text: what it is called, when and by whom it was signed, how its problems stand."""
    aspects = [
        aspect | {"problems": [problem | {"text": "", "measures": []} for problem in aspect["problems"]]}
        for aspect in document.get("aspects") or ()
    ]
    return document | {"body": "", "removed": [], "aspects": aspects}


class Passing:
    """A store in front of another: it has besides the bytes of one page that is only read, and not kept."""

    def __init__(self, blobs: Blobs, content: bytes) -> None:
        """Have `content`, and what `blobs` has."""
        self._blobs = blobs
        self._content = content
        self._digest = digest_of(content)

    def put(self, content: bytes) -> str:
        """See `Blobs.put`."""
        return self._blobs.put(content)

    def get(self, digest: str) -> bytes:
        """See `Blobs.get`."""
        return self._content if digest == self._digest else self._blobs.get(digest)
