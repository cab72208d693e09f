"""Identifiers: prefixed, sortable by time of making, and typed (TypeID 0.3: a prefix and a base-32 UUIDv7)."""

from typing import NewType

from typeid import TypeID

SourceId = NewType("SourceId", str)
ColumnId = NewType("ColumnId", str)
TargetId = NewType("TargetId", str)
FetchId = NewType("FetchId", str)
NoticeId = NewType("NoticeId", str)
RevisionId = NewType("RevisionId", str)
ProblemId = NewType("ProblemId", str)
EventId = NewType("EventId", str)
SubscriptionId = NewType("SubscriptionId", str)
FilterId = NewType("FilterId", str)
DeliveryId = NewType("DeliveryId", str)
AttemptId = NewType("AttemptId", str)
RecrawlId = NewType("RecrawlId", str)
BackfillId = NewType("BackfillId", str)
TokenId = NewType("TokenId", str)
AuditId = NewType("AuditId", str)

PREFIXES = {
    "src": "source",
    "col": "column",
    "tgt": "target",
    "fet": "fetch",
    "ntc": "notice",
    "rev": "revision",
    "prb": "problem",
    "sub": "subscription",
    "flt": "filter",
    "int": "intent",
    "dlv": "delivery",
    "att": "attempt",
    "rcr": "recrawl",
    "bfl": "backfill",
    "tok": "token",
    "aud": "audit",
    "lea": "lease",
}


def new_id(prefix: str) -> str:
    """Return a fresh id such as `ntc_01k8…` (30 characters); `prefix` is one of `PREFIXES`."""
    assert prefix in PREFIXES, prefix
    return str(TypeID(prefix))


def kind_of(identifier: str) -> str | None:
    """Return the kind of thing an id names (`"notice"`), or None where the text is no id of ours."""
    prefix, _, suffix = identifier.partition("_")
    return PREFIXES.get(prefix) if len(suffix) == 26 else None
