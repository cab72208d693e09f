"""The notice board: who publishes what, every change with its time and sequence number. No HTTP here."""

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from services.simulation.moment import Clock, Moment, now
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
    """A time in which a notice was gone; `soft` means with status 200: an error page, or the front page (`home`)."""

    since: Moment
    soft: bool
    home: bool = False
    until: Moment | None = None


@dataclass
class Move:
    """A notice's leaving an address: what is answered there since (301, 302 or 404)."""

    path: str
    status: int
    at: Moment


@dataclass
class Column:
    """A named section with its own listing under `path`; `changed` is the sequence number of its last change."""

    name: str
    path: str
    host: str
    changed: int = 0
    notices: list["Notice"] = field(default_factory=list)
    manner: str | None = None
    """Another family's name, once the column was redesigned."""
    scripted: bool = False
    """Whether its listing is filled by a script, and so shows nothing to us."""

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
    moves: list[Move] = field(default_factory=list)
    withdrawals: list[Withdrawal] = field(default_factory=list)

    pinned: bool = False
    restless: bool = False
    """Whether its text has a counter that moves on at every visit."""
    stirred: bool = False
    """Whether it ever had."""
    visits: int = 1000

    @property
    def previous_paths(self) -> list[str]:
        """Its former addresses, oldest first."""
        return [move.path for move in self.moves]

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

    def __init__(self, seed: int, clock: Clock = now) -> None:
        self.clock = clock
        self.guard = threading.RLock()
        self.seed = seed
        self.opened = clock()
        self.columns: list[Column] = []
        self.notices: list[Notice] = []
        self.changes: list[Change] = []

    def modified_at(self, sequence: int) -> datetime:
        """The Last-Modified of a change: one second apart for each, or two changes within a second would look alike."""
        return (self.opened.wall - timedelta(days=7) + timedelta(seconds=sequence)).replace(microsecond=0)

    def record(self, action: str, host: str, path: str, **detail: Any) -> Change:
        """Write one entry of history; the caller holds the guard."""
        change = Change(len(self.changes) + 1, self.clock(), action, path, host, detail)
        self.changes.append(change)
        return change

    def publish(self, column: Column, city: str, path_of: Any, dated: datetime | None = None) -> Notice:
        """Put up the next notice of the site; `path_of(number, published_at)` gives its path.

        `dated` is the time that the notice bears, naive, in Beijing; an invented one if None.
        """
        with self.guard:
            number = len(self.notices) + 1
            text = first_text(self.seed, city, number, dated)
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

    def withdraw(self, notice: Notice, soft: bool = False, home: bool = False) -> None:
        """Take the notice down: its page is gone and its listing forgets it."""
        with self.guard:
            if notice.withdrawn:
                raise ValueError(f"{notice.path} is withdrawn already")
            change = self.record("withdraw", notice.column.host, notice.path, soft=soft or home)
            notice.withdrawals.append(Withdrawal(change.at, soft or home, home))
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

    def move(self, notice: Notice, path: str, status: int = 301) -> None:
        """Give the notice another address; the old one redirects (301, 302) or is gone (404)."""
        if status not in (301, 302, 404):
            raise ValueError(f"an address that is left answers 301, 302 or 404, not {status}")
        with self.guard:
            change = self.record("move", notice.column.host, path, previous=notice.path, status=status)
            notice.moves.append(Move(notice.path, status, change.at))
            notice.path = path
            notice.changed = notice.column.changed = change.sequence

    def pin(self, notice: Notice, pinned: bool = True) -> None:
        """Show the notice above all others of its listing, or in its place again."""
        with self.guard:
            change = self.record("pin" if pinned else "unpin", notice.column.host, notice.path)
            notice.pinned = pinned
            notice.column.changed = change.sequence

    def stir(self, notice: Notice, restless: bool = True) -> None:
        """Let the notice's text change at every visit, or hold still again."""
        with self.guard:
            change = self.record("stir" if restless else "still", notice.column.host, notice.path)
            notice.restless, notice.stirred = restless, notice.stirred or restless
            notice.changed = change.sequence

    def redesign(self, column: Column, manner: str | None, scripted: bool) -> None:
        """Dress the column's pages in another family's manner (None: in its publisher's); addresses stay."""
        with self.guard:
            change = self.record("redesign", column.host, column.path, manner=manner, scripted=scripted)
            column.manner, column.scripted, column.changed = manner, scripted, change.sequence
            for notice in column.notices:
                notice.changed = change.sequence
