"""Feeds of events: Atom and JSON Feed for each saved filter, with archives, conditional requests, and a WebSub hub."""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from threading import Lock
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import Field
from starlette.responses import Response

from services.api.parameters import LARGEST_NUMBER, Parts, Wish
from services.api.security import needs
from services.desk import feeding
from services.wiring import Wiring
from shared import syndication
from shared.domain.headlines import Language
from shared.domain.states import Scope
from shared.entries import entry_of
from shared.errors import NotFound
from shared.syndication import Document

router = APIRouter(prefix="/v1/feeds", tags=["feeds"], dependencies=[Depends(needs(Scope.READ, in_url=True))])

HUB = "/v1/hub"
KEPT_DOCUMENTS = 32
SETTLED = timedelta(minutes=1)
"""A document gets a date only after this long: until then another change may yet fall into the same second."""
Form = Literal["atom", "json"]
WRITERS = {"atom": (syndication.ATOM_TYPE, syndication.atom), "json": (syndication.JSON_TYPE, syndication.json_feed)}
Name = Annotated[str, Path(max_length=64, description="A saved filter's name, or `all` for every event.")]
_ANSWERS: dict[str, dict[int | str, dict[str, Any]]] = {
    form: {
        200: {"description": "The feed.", "content": {WRITERS[form][0]: {"schema": {"type": shape}}}},
        304: {"description": "It has not changed."},
    }
    for form, shape in (("atom", "string"), ("json", "object"))
}


class FeedQuery(Wish):
    """Which document of a feed, and in which language."""

    lang: Language = Field("zh", description="The language of titles.")
    archive: int | None = Field(None, ge=0, le=LARGEST_NUMBER, description="An archive, by its number.")
    token: str | None = Field(None, max_length=200, description="A token whose only scope is `read`.")


@dataclass(frozen=True)
class Written:
    """A document as it is sent."""

    body: bytes
    etag: str
    dated: datetime
    """The first full second after its last change."""


class Shelf:
    """The documents that were written last, by everything that they depend on: most who ask, ask for the same."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        self._kept: OrderedDict[tuple[object, ...], Written] = OrderedDict()
        self._lock = Lock()

    def get(self, key: tuple[object, ...]) -> Written | None:
        """Return the document, if it is here."""
        with self._lock:
            return self._kept.get(key)

    def put(self, key: tuple[object, ...], written: Written) -> None:
        """Keep a document; the one that was kept for the longest makes room."""
        with self._lock:
            self._kept[key] = written
            while len(self._kept) > KEPT_DOCUMENTS:
                self._kept.popitem(last=False)


@router.get("/{name}.atom", summary="Read a feed as Atom", response_class=Response, responses=_ANSWERS["atom"])
def read_atom(request: Request, wiring: Parts, name: Name, query: Annotated[FeedQuery, Query()]) -> Response:
    """The newest events that a saved filter wants; older ones by `prev-archive` (RFC 5005)."""
    return _answer(request, wiring, name, "atom", query)


@router.get("/{name}.json", summary="Read a feed as JSON Feed", response_class=Response, responses=_ANSWERS["json"])
def read_json(request: Request, wiring: Parts, name: Name, query: Annotated[FeedQuery, Query()]) -> Response:
    """The same, as JSON Feed 1.1; older ones by `next_url`."""
    return _answer(request, wiring, name, "json", query)


def _answer(request: Request, wiring: Wiring, name: str, form: Form, query: FeedQuery) -> Response:
    links = _links(request, wiring, name, form, query)
    written = _written(request.app.state.shelf, wiring, name, form, query, links)
    headers = {
        "ETag": written.etag,
        "Cache-Control": "private, no-cache",
        "Link": ", ".join(
            f'<{links[relation]}>; rel="{relation}"' for relation in ("hub", "self") if relation in links
        ),
    }
    if wiring.clock.now() >= written.dated + SETTLED:
        headers["Last-Modified"] = format_datetime(written.dated, usegmt=True)
    if _is_known(request, written):
        return Response(status_code=304, headers=headers)
    return Response(written.body, headers=headers, media_type=WRITERS[form][0])


def _written(shelf: Shelf, wiring: Wiring, name: str, form: Form, query: FeedQuery, links: dict[str, str]) -> Written:
    with wiring.ledger.reading() as uow:
        about = feeding.topic(uow, name)
        if about is None:
            raise NotFound(f"no saved filter {name!r}, so there is no such feed")
        bounds = (uow.events.first_position(), uow.events.last_position())
        key = (about.name, about.changed_at, form, query.lang, query.archive, bounds, links["self"])
        if found := shelf.get(key):
            return found
        number = query.archive
        chosen = feeding.newest(uow, about) if number is None else feeding.archive(uow, about, number)
    if chosen.older is not None:
        current = links.get("current", links["self"])
        links = links | {"prev-archive": f"{current}{'&' if '?' in current else '?'}archive={chosen.older}"}
    changed_at = chosen.updated_at(about).replace(microsecond=0)
    document = Document(
        id=f"urn:noticewire:feed:{name}",
        title=f"noticewire: {name}",
        language=query.lang,
        updated_at=changed_at,
        links=links,
        entries=[entry_of(event, query.lang) for event in chosen.events],
        archive=query.archive is not None,
    )
    body = WRITERS[form][1](document)
    written = Written(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"', changed_at + timedelta(seconds=1))
    shelf.put(key, written)
    return written


def _links(request: Request, wiring: Wiring, name: str, form: Form, query: FeedQuery) -> dict[str, str]:
    """Return the document's addresses; who came with a token in the address finds it in each of them again."""
    public = wiring.settings.public_url or str(request.base_url)
    address = f"{public.rstrip('/')}/v1/feeds/{name}.{form}"
    asked = {"lang": query.lang} if query.lang != "zh" else {}
    token = {"token": query.token} if query.token else {}
    current = _with(address, asked | token)
    if query.archive is not None:
        return {"self": _with(address, asked | token | {"archive": str(query.archive)}), "current": current}
    return {"self": current, "hub": _with(f"{public.rstrip('/')}{HUB}", token)}


def _with(address: str, query: dict[str, str]) -> str:
    return f"{address}?{urlencode(query)}" if query else address


def _is_known(request: Request, written: Written) -> bool:
    """Tell whether the caller has the document (RFC 9110, 13.2.2): a tag, where one is given, decides."""
    tags = request.headers.get("if-none-match")
    if tags is not None:
        return tags.strip() == "*" or written.etag in [tag.strip().removeprefix("W/") for tag in tags.split(",")]
    try:
        since = parsedate_to_datetime(request.headers.get("if-modified-since", ""))
    except ValueError:
        return False
    return written.dated <= (since if since.tzinfo else since.replace(tzinfo=UTC))
