"""The notice board: who publishes what, every change with its time and sequence number. No HTTP here."""

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from services.simulation.moment import Moment, now
from services.simulation.prose import NoticeText, edited, fingerprint, first_text


@dataclass
class Revision:
    """The n-th content of a notice and the time it was served; `served_to` is None while it still is."""

    number: int
    kind: str
    text: NoticeText
    served_from: Moment
    served_to: Moment | None = None

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the publisher's own text."""
        return fingerprint(self.text.paragraphs())


@dataclass
class Withdrawal:
    """A time in which a notice was gone; `soft` means an error page with status 200."""

    since: Moment
    soft: bool
    until: Moment | None = None


@dataclass
class Column:
    """A named section with its own listing under `path`; `changed` is the sequence number of its last change."""

    name: str
    path: str
    host: str
    changed: int = 0
    notices: list["Notice"] = field(default_factory=list)

    def listed(self) -> list["Notice"]:
        """The notices that are up, newest first."""
        return [notice for notice in reversed(self.notices) if not notice.withdrawn]


@dataclass
class Notice:
    """A published item; `views` is the visit counter that its page shows, `changed` as for a column."""

    number: int
    column: Column
    path: str
    revisions: list[Revision]
    changed: int
    views: int = 100
    previous_paths: list[str] = field(default_factory=list)
    withdrawals: list[Withdrawal] = field(default_factory=list)

    @property
    def text(self) -> NoticeText:
        """What it says now."""
        return self.revisions[-1].text

    @property
    def withdrawn(self) -> Withdrawal | None:
        """The withdrawal that is in force, if any."""
        return self.withdrawals[-1] if self.withdrawals and self.withdrawals[-1].until is None else None


@dataclass(frozen=True)
class Change:
    """One entry of the board's history."""

    sequence: int
    at: Moment
    action: str
    path: str
    host: str
    detail: dict[str, Any]


class Board:
    """Columns and notices; every method is one change, made whole under one lock (`guard`, also taken by readers)."""

    def __init__(self, seed: int) -> None:
        self.guard = threading.RLock()
        self.seed = seed
        self.opened = now()
        self.columns: list[Column] = []
        self.notices: list[Notice] = []
        self.changes: list[Change] = []

    def modified_at(self, sequence: int) -> datetime:
        """The Last-Modified of a change: one second apart for each, or two changes within a second would look alike."""
        return (self.opened.wall - timedelta(days=7) + timedelta(seconds=sequence)).replace(microsecond=0)

    def record(self, action: str, host: str, path: str, **detail: Any) -> Change:
        """Write one entry of history; the caller holds the guard."""
        change = Change(len(self.changes) + 1, now(), action, path, host, detail)
        self.changes.append(change)
        return change

    def publish(self, column: Column, city: str, path_of: Any) -> Notice:
        """Put up the next notice of the site; `path_of(number, published_at)` gives its path."""
        with self.guard:
            number = len(self.notices) + 1
            text = first_text(self.seed, city, number)
            path = path_of(number, text.published_at)
            change = self.record("publish", column.host, path, revision=1)
            notice = Notice(number, column, path, [Revision(1, "first", text, change.at)], change.sequence)
            self.notices.append(notice)
            column.notices.append(notice)
            column.changed = change.sequence
            return notice

    def edit(self, notice: Notice, kind: str | None = None) -> Revision:
        """Serve another text: "status", "sentence", "revert" (the text before), or alternately the first two (None)."""
        with self.guard:
            if notice.withdrawn:
                raise ValueError(f"{notice.path} is withdrawn: restore it before editing it")
            number = len(notice.revisions) + 1
            kind = kind or ("status", "sentence")[number % 2]
            if kind == "revert":
                if number < 3:
                    raise ValueError(f"{notice.path} has no earlier text to go back to")
                text = notice.revisions[-2].text
            elif kind in ("status", "sentence"):
                text = edited(notice.text, self.seed, (notice.number, number), kind)
            else:
                raise ValueError(f"unknown kind of edit: {kind!r}")
            change = self.record("edit", notice.column.host, notice.path, revision=number, kind=kind)
            notice.revisions[-1].served_to = change.at
            notice.revisions.append(Revision(number, kind, text, change.at))
            notice.changed = change.sequence
            return notice.revisions[-1]

    def touch(self, notice: Notice) -> None:
        """Change the bytes of the page and not its meaning: the visit counter moves on."""
        with self.guard:
            notice.views += 1
            notice.changed = self.record("cosmetic", notice.column.host, notice.path).sequence

    def withdraw(self, notice: Notice, soft: bool = False) -> None:
        """Take the notice down: its page is gone and its listing forgets it."""
        with self.guard:
            if notice.withdrawn:
                raise ValueError(f"{notice.path} is withdrawn already")
            change = self.record("withdraw", notice.column.host, notice.path, soft=soft)
            notice.withdrawals.append(Withdrawal(change.at, soft))
            notice.revisions[-1].served_to = change.at
            notice.changed = notice.column.changed = change.sequence

    def restore(self, notice: Notice) -> None:
        """Put a withdrawn notice up again, with the text it had."""
        with self.guard:
            if not notice.withdrawn:
                raise ValueError(f"{notice.path} is not withdrawn")
            change = self.record("restore", notice.column.host, notice.path)
            notice.withdrawals[-1].until = change.at
            notice.revisions[-1].served_to = None
            notice.changed = notice.column.changed = change.sequence

    def move(self, notice: Notice, path: str) -> None:
        """Give the notice another address; the old one redirects (301)."""
        with self.guard:
            change = self.record("move", notice.column.host, path, previous=notice.path)
            notice.previous_paths.append(notice.path)
            notice.path = path
            notice.changed = notice.column.changed = change.sequence
