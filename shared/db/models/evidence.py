"""Tables of evidence: the headers of a fetch, beside the bytes that it brought; and how much was let go by rule."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.models.table import Table


class Spoken(Table):
    """The request and the answer of one fetch, but for the answer's body, which is a snapshot."""

    __tablename__ = "spoken"

    fetch_id: Mapped[str] = mapped_column(ForeignKey("fetches.id", ondelete="CASCADE"), primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    """Which was asked for: the last one, where redirects led on."""
    sent: Mapped[list[list[str]]] = mapped_column(JSON)
    """The request's headers as pairs of name and value."""
    version: Mapped[str] = mapped_column(String(8))
    status: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    received: Mapped[list[list[str]]] = mapped_column(JSON)
    """The answer's headers, in order and with what is repeated."""
    cut: Mapped[bool]
    """Whether there were more headers than are kept."""
    hops: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    """What was said at each redirect on the way here, in order (`crawler.evidence.hop_of`); None: there was none."""


class LetGo(Table):
    """How much the rules of retention have deleted in all, by what it was."""

    __tablename__ = "let_go"

    what: Mapped[str] = mapped_column(String(20), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger, default=0)
    at: Mapped[datetime]
    """When the last of it went."""
