"""The API's nouns, as methods: lists are followed to their end, and what is made is made once."""

import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from http.client import HTTPException
from typing import Any, BinaryIO, cast

from services.client.asking import LATER, Api, Refused
from services.client.shapes import Event, Notice, Problem, Recrawl, Source
from services.client.stream import told

PAGE = 500
READ_BYTES = 64 * 1024


class Client:
    """Asks one API with one token."""

    def __init__(self, address: str, token: str, *, timeout_seconds: float = 60.0) -> None:
        """Ask the API at `address` (`http://127.0.0.1:8080`); nothing is connected yet."""
        self._api = Api(address, token, timeout_seconds)

    def notices(self, **filters: Any) -> Iterator[Notice]:
        """Yield notices, by the parameters of `GET /v1/notices` (`q`, `kind`, `source`, `since` …)."""
        return cast(Iterator[Notice], self._listed("/v1/notices", filters))

    def notice(self, notice_id: str) -> dict[str, Any]:
        """Return a notice with its latest document and its ledger."""
        return cast(dict[str, Any], self._api.ask("GET", f"/v1/notices/{notice_id}"))

    def problems(self, **filters: Any) -> Iterator[Problem]:
        """Yield problems, by the parameters of `GET /v1/problems` (`status`, `due_before`, `inspected` …)."""
        return cast(Iterator[Problem], self._listed("/v1/problems", filters))

    def sources(self) -> Iterator[Source]:
        """Yield what is watched."""
        return cast(Iterator[Source], self._listed("/v1/sources", {}))

    def events(self, after: int = 0, **filters: Any) -> Iterator[Event]:
        """Yield the events after a position, up to the last there is; an event's `sequence` is its position.

        Raises `Refused` (status 410) where some of them are no longer kept; from 0 on, all that are kept are yielded.
        """
        while True:
            page = self._api.ask("GET", "/v1/events", {**filters, "after": after, "limit": PAGE})
            if page["missed_up_to"] is not None:
                raise Refused(410, f"events up to {page['missed_up_to']} are not kept any more")
            yield from page["items"]
            if page["next"] >= page["last_position"] or page["next"] == after:
                return
            after = page["next"]

    def follow(self, after: int | None = None, types: Sequence[str] = ()) -> Iterator[Event]:
        """Yield events as they happen, for ever, from after a position or from now on; connect again when cut off.

        Raises `Refused` where the stream says that it cannot be resumed from there (status 410), or is not allowed.
        """
        position, pause = after, 1.0
        if (
            position is None
        ):  # told now, so that nothing is missed if the first connection is cut before its first event
            position = int(self._api.ask("GET", "/v1/events", {"limit": 1})["last_position"])
        while True:
            resumed = {"Last_Event_ID": str(position)}
            try:
                with self._api.open("GET", "/v1/events/stream", {"type": list(types)}, **resumed) as response:
                    for one in told(response):
                        if one.name == "reset":
                            raise Refused(410, f"events after {position} are not kept any more: {one.data}")
                        position, pause = int(one.id), 1.0
                        yield cast(Event, one.data)
            except Refused as error:
                if error.status not in LATER:
                    raise
                pause = float(error.retry_seconds or min(2 * pause, 60.0))
            except (OSError, HTTPException):
                pause = min(2 * pause, 60.0)
            time.sleep(pause)

    def recrawl(
        self, subject: str | None = None, *, chosen: Mapping[str, Any] | None = None, reason: str | None = None
    ) -> Recrawl:
        """Wish that something be crawled again: a URL or an id, or the notices that filters choose."""
        wish = {"subject": subject, "filter": chosen, "reason": reason}
        return cast(Recrawl, self._make("/v1/recrawls", {name: one for name, one in wish.items() if one is not None}))

    def recrawl_standing(self, recrawl_id: str) -> Recrawl:
        """Return how far a re-crawl is, and what came of its addresses."""
        return cast(Recrawl, self._api.ask("GET", f"/v1/recrawls/{recrawl_id}"))

    def subscribe(self, url: str, **wishes: Any) -> dict[str, Any]:
        """Subscribe a webhook (`name`, `types`, `filter` …); the answer's `secret` is shown only now."""
        return cast(dict[str, Any], self._make("/v1/subscriptions", {"url": url, **wishes}))

    def export(self, name: str, file: BinaryIO, **filters: Any) -> int:
        """Write `notices.csv` (or `problems.xlsx`, `events.jsonl` …) into `file`; return how many bytes."""
        written = 0
        with self._api.open("GET", f"/v1/exports/{name}", filters) as response:
            while part := response.read(READ_BYTES):
                written += file.write(part)
        return written

    def _make(self, path: str, wish: Mapping[str, Any]) -> Any:
        """POST a wish under a fresh key, so that it is done once even where its answer is lost on the way."""
        return self._api.ask("POST", path, None, wish, Idempotency_Key=str(uuid.uuid4()))

    def _listed(self, path: str, filters: Mapping[str, Any]) -> Iterator[Any]:
        after = None
        while True:
            page = self._api.ask("GET", path, {**filters, "after": after, "limit": PAGE})
            yield from page["items"]
            after = page["next"]
            if after is None:
                return
