"""Manual re-crawls: a person's wish that notices, a column or a source be due now. Politeness still applies.

What is wished for is counted first, and bounded: in how many addresses may wait at once, and be wished for in a day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from services.desk.audit import note
from shared.db import Ledger, UnitOfWork
from shared.db.models import Fetch, RecrawlRequest
from shared.db.notices import NoticeQuery
from shared.errors import Invalid, Limited, NotFound
from shared.ids import kind_of, new_id
from shared.settings import Settings
from shared.urls import listing_url

DAY = timedelta(days=1)
AGAIN_SECONDS = 300
"""After which time whoever met a limit may ask again: it is not known when targets are visited."""


@dataclass(frozen=True)
class Limits:
    """How many addresses may wait for re-crawls at once, and be wished for in a day, by all who wish together."""

    at_once: int = 5_000
    per_day: int = 20_000

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        """Return the operator's."""
        return cls(settings.recrawl_targets_at_once, settings.recrawl_targets_per_day)


@dataclass(frozen=True)
class Meant:
    """What a wish comes to: the name that is kept of it, and the targets."""

    name: str
    targets: Sequence[str]


@dataclass(frozen=True)
class Standing:
    """How far a request is: what came of each address, and what is still to be done."""

    request: RecrawlRequest
    waiting: int
    """Addresses that are still to be asked for."""
    unprocessed: int
    """Answers that no worker has read yet."""
    outcomes: Mapping[str, int]
    """What came of the others, by `OUTCOMES`' words."""

    @property
    def done(self) -> bool:
        """Whether all was fetched and read."""
        return self.request.finished_at is not None and not self.unprocessed


Wish = str | NoticeQuery
"""A URL, or the id of a notice, column, source or target; or a question as `GET /v1/notices` takes it."""


def recrawl(
    ledger: Ledger, wish: Wish, *, by: str, reason: str | None = None, limits: Limits | None = None
) -> tuple[RecrawlRequest, bool]:
    """Make what is wished for due now, with its validators ignored; return the request and whether it is new.

    While one for the same subject is open, that one is returned, so that pressing twice does no harm. Raises
    `NotFound` where nothing of that name is known, `Invalid` where it is more than may ever wait at once or a question
    that asks nothing, and `Limited` where others have wished for so much that it must wait.
    """
    with ledger.begin() as uow:
        bounds = limits or Limits()
        meant = _meant(uow, wish, bounds.at_once)
        now = uow.now()
        row = {"id": new_id("rcr"), "subject": meant.name, "targets": len(meant.targets), "created_at": now}
        request, new = uow.recrawls.open_or_add(row | {"requested_by": by, "reason": reason})
        if new:
            _heed(uow, bounds, len(meant.targets), now)
            uow.frontier.make_due(meant.targets, now, request.id)
            if not meant.targets:
                uow.recrawls.finish_if_done(request.id, now)
            note(uow, "recrawl.requested", request.id, reason=reason, of=meant.name, targets=len(meant.targets))
            uow.commit()
    return request, new


def count(ledger: Ledger, wish: Wish, limits: Limits | None = None) -> Meant:
    """Return what `wish` would come to; nothing is written. Raises `NotFound` and `Invalid` as `recrawl` does."""
    with ledger.reading() as uow:
        return _meant(uow, wish, (limits or Limits()).at_once)


def standing(ledger: Ledger, recrawl_id: str) -> Standing:
    """Return how a request stands; raises `NotFound`."""
    with ledger.reading() as uow:
        request = uow.recrawls.by_id(recrawl_id)
        if request is None:
            raise NotFound(f"no recrawl {recrawl_id}")
        waiting = uow.recrawls.waiting(recrawl_id)
        ends = uow.fetches.ends_of_recrawl(recrawl_id)
        unprocessed = uow.fetches.owed_of_recrawl(recrawl_id)
    outcomes: dict[str, int] = {}
    for outcome, decision, number in ends:
        word = word_of(outcome, decision)
        outcomes[word] = outcomes.get(word, 0) + number
    unasked = request.targets - waiting - sum(outcomes.values())
    if unasked > 0:
        outcomes[UNASKED] = unasked
    return Standing(request, waiting, unprocessed, outcomes)


UNASKED = "not_asked"
"""robots.txt forbids it, its source was removed, or a later request took it over."""
OUTCOMES = {
    "blocked": "a challenge or an error of the site stands in the way",
    "failed": "no answer, or none that is a page",
    "gone": "it is not there (any more)",
    "unchanged": "nothing is new",
    "captured": "it was fetched; a listing, or what no worker has read yet",
    "published": "a new notice",
    "revised": "another text",
    "withdrawn": "gone for good",
    "restored": "back again",
    "moved": "at another address now",
    "muted": "changed, as at every visit",
    "stale": "a later fetch was read before it",
    UNASKED: "robots.txt forbids it, its source was removed, or a later request took it over",
}
"""The words for what may come of an address."""


def word_of(outcome: str, decision: str | None) -> str:
    """Return what came of a fetch in one word: what was decided on it where it brought a page, or was the last straw.

    A page that is gone is `withdrawn` with the visit that confirms it; until then it is `gone`.
    """
    told = decision in OUTCOMES and (outcome == "captured" or decision in ("withdrawn", "restored"))
    return decision if told and decision is not None else outcome


def came_to(fetch: Fetch) -> str:
    """Return what came of one fetch, in one word."""
    return word_of(fetch.outcome, fetch.decision)


def _heed(uow: UnitOfWork, limits: Limits, wished: int, now: datetime) -> None:
    """Raise `Limited` where `wished` more targets are too many now."""
    waiting, today = uow.recrawls.waiting_in_all(), uow.recrawls.wished_since(now - DAY) - wished
    if waiting + wished > limits.at_once:
        words = f"{waiting} addresses wait for re-crawls, and {limits.at_once} may (NOTICEWIRE_RECRAWL_TARGETS_AT_ONCE)"
        raise Limited(f"{words}: for {wished} more wait until some are done", AGAIN_SECONDS)
    if today + wished > limits.per_day:
        words = f"{today} addresses were wished for in a day of {limits.per_day} (NOTICEWIRE_RECRAWL_TARGETS_PER_DAY)"
        raise Limited(f"{words}: for {wished} more ask later", AGAIN_SECONDS)


def _meant(uow: UnitOfWork, wish: Wish, most: int) -> Meant:
    meant = _resolve(uow, wish) if isinstance(wish, str) else _chosen(uow, wish, most)
    if len(meant.targets) > most:
        raise Invalid(
            f"{meant.name} stands for {len(meant.targets)} addresses; {most} may wait at once "
            "(NOTICEWIRE_RECRAWL_TARGETS_AT_ONCE): narrow it down, for example by time or kind"
        )
    return meant


def _chosen(uow: UnitOfWork, query: NoticeQuery, most: int) -> Meant:
    """Return the targets of the notices that `query` asks for, with their further pages and files."""
    asked = {name: str(value) for name, value in asdict(query).items() if value is not None}
    if not asked:
        raise Invalid("say which notices: by words, kind, source, column, state, body or time; all at once is too many")
    number = uow.notices.count(query)
    if number > most:
        raise Invalid(
            f"{number} notices are meant; at most {most} addresses may wait at once "
            "(NOTICEWIRE_RECRAWL_TARGETS_AT_ONCE): narrow it down, for example by time or kind"
        )
    return Meant(f"notices?{urlencode(sorted(asked.items()))}", uow.frontier.ids_under(uow.notices.first_pages(query)))


def _resolve(uow: UnitOfWork, subject: str) -> Meant:
    """Return the id that `subject` means, and the targets it stands for."""
    kind = kind_of(subject)
    if kind == "notice" and (notice := uow.notices.by_id(subject)):
        return Meant(notice.id, uow.frontier.ids_of(first_id=notice.target_id))
    if kind == "column" and uow.sources.column(subject):
        return Meant(subject, uow.frontier.ids_of(column_id=subject))
    if kind == "source" and uow.sources.by_id(subject):
        return Meant(subject, uow.frontier.ids_of(source_id=subject))
    if kind == "target" and uow.frontier.by_id(subject):
        return Meant(subject, [subject])
    if kind is None:
        return _resolve_url(uow, listing_url(subject))
    raise NotFound(f"no {kind} {subject}")


def _resolve_url(uow: UnitOfWork, url: str) -> Meant:
    if column := uow.sources.column_by_url(url):
        return Meant(column.id, uow.frontier.ids_of(column_id=column.id))
    if notice := uow.notices.by_url(url):
        return Meant(notice.id, uow.frontier.ids_of(first_id=notice.target_id))
    if target := uow.frontier.by_url(url):
        return Meant(target.id, [target.id])
    raise NotFound(f"nothing is known of {url}; watch its column with: noticewire source add URL")
