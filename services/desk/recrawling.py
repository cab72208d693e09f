"""Manual re-crawls: a person's wish that a notice, a column or a source be due now. Politeness still applies."""

from collections.abc import Sequence

from services.desk.audit import note
from shared.db import Ledger, UnitOfWork
from shared.db.models import RecrawlRequest
from shared.errors import NotFound
from shared.ids import kind_of, new_id
from shared.urls import listing_url


def recrawl(ledger: Ledger, subject: str, *, by: str, reason: str | None = None) -> tuple[RecrawlRequest, bool]:
    """Make `subject` (a URL, or the id of a notice, column, source or target) due now, with its validators ignored.

    Return the request and whether it is new: while one for the same subject is open, that one is returned, so that
    pressing twice does no harm. Raises `NotFound` where nothing of that name is known.
    """
    with ledger.begin() as uow:
        name, targets = _resolve(uow, subject)
        now = uow.now()
        wish = {"id": new_id("rcr"), "subject": name, "targets": len(targets), "created_at": now}
        request, new = uow.recrawls.open_or_add(wish | {"requested_by": by, "reason": reason})
        if new:
            uow.frontier.make_due(targets, now, request.id)
            if not targets:
                uow.recrawls.finish_if_done(request.id, now)
            note(uow, "recrawl.requested", request.id, reason=reason, of=name, targets=len(targets))
            uow.commit()
    return request, new


def _resolve(uow: UnitOfWork, subject: str) -> tuple[str, Sequence[str]]:
    """Return the id that `subject` means, and the targets it stands for."""
    kind = kind_of(subject)
    if kind == "notice" and (notice := uow.notices.by_id(subject)):
        return notice.id, uow.frontier.ids_of(first_id=notice.target_id)
    if kind == "column" and uow.sources.column(subject):
        return subject, uow.frontier.ids_of(column_id=subject)
    if kind == "source" and uow.sources.by_id(subject):
        return subject, uow.frontier.ids_of(source_id=subject)
    if kind == "target" and uow.frontier.by_id(subject):
        return subject, [subject]
    if kind is None:
        return _resolve_url(uow, listing_url(subject))
    raise NotFound(f"no {kind} {subject}")


def _resolve_url(uow: UnitOfWork, url: str) -> tuple[str, Sequence[str]]:
    if column := uow.sources.column_by_url(url):
        return column.id, uow.frontier.ids_of(column_id=column.id)
    if notice := uow.notices.by_url(url):
        return notice.id, uow.frontier.ids_of(first_id=notice.target_id)
    if target := uow.frontier.by_url(url):
        return target.id, [target.id]
    raise NotFound(f"nothing is known of {url}; watch its column with: noticewire source add URL")
