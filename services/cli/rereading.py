"""`reprocess --notices`: every stored notice read again, one after the other; what would change is told as it goes."""

from __future__ import annotations

import shlex
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from services.cli.notices import find
from services.cli.screen import emit, note, say, shown
from shared.errors import Transient
from shared.ids import kind_of

if TYPE_CHECKING:
    from services.wiring import Wiring
    from shared.db.notices import NoticeQuery
    from worker.again import Reread


@dataclass(frozen=True)
class Wish:
    """Which notices are read again, and whether that is written down."""

    apply: bool
    source: str | None
    notice: str | None
    after: str

    def words(self, after: str) -> str:
        """Return the command that goes on after a notice."""
        named = (("--source", self.source), ("--notice", self.notice), ("--after", after))
        options = [word for name, value in named if value for word in (name, value)]
        return shlex.join(["noticewire", "reprocess", "--notices", *(["--apply"] if self.apply else []), *options])


def reread(wiring: Wiring, wish: Wish, *, json: bool) -> None:
    """Read notices again, and tell of each; exits with 1 where some could not be read.

    Whoever interrupts it, or stops a server of ours, leaves whole notices behind, and is told how to go on.
    """
    from worker.again import read_all_again

    if wish.after and kind_of(wish.after) != "notice":
        raise typer.BadParameter(f"{wish.after!r} is no id of a notice", param_hint="--after")
    which = _which(wiring, wish)
    with wiring.ledger.reading() as uow:
        total = uow.notices.count(which, after=wish.after)
    told: Counter[str] = Counter()
    last = wish.after
    try:
        with _bar(total, hidden=json) as progress:
            task = progress.add_task("notices", total=total)
            for one in read_all_again(wiring.ledger, wiring.blobs, which, apply=wish.apply, after=wish.after):
                told[_kind(one)] += 1
                emit(_record(one), flush=True) if json else _tell(one)
                last = one.notice_id
                progress.advance(task)
    except (KeyboardInterrupt, Transient):
        note(f"Cut short after {told.total()} of {total} notices; no notice is left half done. Go on with:")
        note(f"  {wish.words(last)}")
        raise
    _sum_up(told, wish, last, json=json)
    if told["unreadable"]:
        raise typer.Exit(1)


def _which(wiring: Wiring, wish: Wish) -> NoticeQuery:
    from services.desk.watching import find_source
    from shared.db.notices import NoticeQuery

    source_id = find_source(wiring.ledger, wish.source).id if wish.source else None
    with wiring.ledger.reading() as uow:
        notice_id = find(uow, wish.notice).id if wish.notice else None
    return NoticeQuery(source_id=source_id, notice_id=notice_id)


@contextmanager
def _bar(total: int, *, hidden: bool) -> Iterator[Progress]:
    """Give a bar on standard error, where somebody watches it."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(
        *columns,
        console=Console(stderr=True),
        transient=True,
        disable=hidden or total < 2 or not sys.stderr.isatty(),
        redirect_stdout=sys.stdout.isatty(),  # else what goes to a file would turn up beside the bar
    ) as progress:
        yield progress


def _kind(one: Reread) -> str:
    if one.trouble:
        return "unreadable"
    return "changed" if one.changed else "same"


def _record(one: Reread) -> dict[str, Any]:
    return {
        "notice_id": one.notice_id,
        "url": one.url,
        "changed": list(one.changed),
        "titles": list(one.titles),
        "problems": list(one.problems),
        "trouble": one.trouble,
    }


def _tell(one: Reread) -> None:
    """Print what a person wants to know of a notice: nothing, where all is as it was."""
    if one.trouble:
        say(f"{one.notice_id}  {one.url}\n  stays as it is: {one.trouble}")
    elif one.changed:
        say(f"{one.notice_id}  {one.url}\n  reads otherwise: {', '.join(one.changed)}")
        for name, (before, now) in (("title", one.titles), ("problems", one.problems)):
            if before != now:
                say(f"  {name}: {shown(before)} → {shown(now)}")


def _sum_up(told: Counter[str], wish: Wish, last: str, *, json: bool) -> None:
    counts = {name: told[name] for name in ("changed", "same", "unreadable")}
    if json:
        emit({"notices": told.total(), **counts, "applied": wish.apply, "last": last or None})
        return
    done = "read otherwise now" if wish.apply else "would read otherwise"
    say(f"Notices: {told.total()}; {counts['changed']} {done}, {counts['same']} the same.")
    if counts["unreadable"]:
        say(f"Left as they are, because they could not be read again: {counts['unreadable']}.")
    if counts["changed"] and not wish.apply:
        say(f"Nothing was written; to write it down: {replace(wish, apply=True).words(wish.after)}")
