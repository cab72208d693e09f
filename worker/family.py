"""The family of a notice: the rectification notices about its body, linked as they follow, with one name a problem."""

from collections.abc import Collection, Sequence
from datetime import datetime

from shared.db import UnitOfWork
from shared.db.models import Notice, Problem
from shared.domain.problems import Naming
from shared.ids import new_id
from worker.follow import Rectification, followed_by, written_on
from worker.identify import FOLLOWED, REVISED, Pool, identified

MOST_BEFORE = 5
"""Notices back that a follow-up is held against; a longer row of them about one inspection is a misread body."""


class Family:
    """A notice among those about the bodies that it is and was about; to be asked in the order of the methods."""

    def __init__(self, uow: UnitOfWork, notice: Notice, bodies: Collection[str | None], now: datetime) -> None:
        """Gather the members and how they name their problems; the caller holds the bodies."""
        self._uow = uow
        self._notice = notice
        self._now = now
        about = (one for body in bodies if body for one in uow.ledgers.about(body))
        self._members = {one.id: one for one in about}
        self._namings = uow.ledgers.namings({notice.id, *self._members})
        self._relinked: set[str] = set()
        self.touched = {str(naming.problem_id) for naming in self._namings[notice.id]}
        """The problems whose accounts change, by their ids."""
        self.fresh: dict[str, Problem] = {}
        """Those of them that are named for the first time."""

    def link(self) -> None:
        """Let each member follow the one that it is to follow by all that is known now, whatever came first."""
        # A republication is its original over again: nothing follows it, and it follows what its original does.
        originals = [one for one in self._members.values() if one.republishes_id not in self._members]
        described = [_described(one) for one in originals]
        follows = {one.notice_id: followed_by(one, described) for one in described}
        for notice in {self._notice.id: self._notice, **self._members}.values():
            earlier = follows.get(notice.id if notice in originals else notice.republishes_id or "")
            if notice.follows_id != earlier:
                notice.follows_id = earlier
                self._relinked.add(notice.id)

    def identify(self, namings: Sequence[Naming]) -> dict[int, str]:
        """Tell which problem each that the notice names now is, by number; record those that are new."""
        notice = self._notice
        own, earlier = [Pool(self._namings[notice.id], REVISED)], self._named_before(notice)
        twins = [Pool(self._namings[one.id], REVISED) for one in self._members.values() if _are_twins(one, notice)]
        later = [Pool(self._namings[one.id], FOLLOWED) for one in self._in_order() if notice in self._before(one)]
        # What it was called by itself weighs more than what another calls it, unless they have only now met.
        pools = earlier + own if notice.id in self._relinked else own + earlier
        return self._named(notice, namings, identified(namings, twins + pools + later))

    def rename(self) -> None:
        """Let the members behind the notice, and those that follow another now, call problems as those before them."""
        moved = {self._notice.id, *self._relinked}
        for notice in self._in_order():
            behind = notice.id in self._relinked or any(one.id in moved for one in self._before(notice))
            if notice is self._notice or not behind:
                continue
            before = self._namings[notice.id]
            found = identified(before, self._named_before(notice))
            if all(found.get(one.number, one.problem_id) == one.problem_id for one in before):
                continue
            self.touched |= {str(one.problem_id) for one in before}
            self._uow.ledgers.rename(notice.id, self._named(notice, before, found))
            moved.add(notice.id)

    def _in_order(self) -> list[Notice]:
        return sorted(self._members.values(), key=lambda one: (_day(one) or "", one.id))

    def _before(self, notice: Notice) -> list[Notice]:
        """Return the notices that a member follows, one behind the other; each is of an earlier day."""
        found: list[Notice] = []
        earlier = self._members.get(notice.follows_id or "")
        while earlier is not None and len(found) < MOST_BEFORE:
            found.append(earlier)
            earlier = self._members.get(earlier.follows_id or "")
        return found

    def _named_before(self, notice: Notice) -> list[Pool]:
        # All of them: a follow-up may leave out what an earlier one tells to be finished, and a third take it up again.
        return [Pool(self._namings[one.id], FOLLOWED) for one in self._before(notice)]

    def _named(self, notice: Notice, namings: Sequence[Naming], found: dict[int, str]) -> dict[int, str]:
        """Return the problem of each naming: the one that was found, else the one that it was, else a new one."""
        taken, fresh = set(found.values()), []
        names = dict(found)
        for one in namings:
            if one.number in found:
                continue
            if one.problem_id is not None and one.problem_id not in taken:
                names[one.number] = one.problem_id
                continue
            fresh.append(_new_problem(notice, one, self._now))
            names[one.number] = fresh[-1].id
        self._uow.ledgers.add_problems(fresh)
        self.fresh |= {one.id: one for one in fresh}
        self.touched |= set(names.values())
        self._namings[notice.id] = [one._replace(problem_id=names[one.number]) for one in namings]
        return names


def _new_problem(notice: Notice, naming: Naming, now: datetime) -> Problem:
    return Problem(id=new_id("prb"), notice_id=notice.id, title=naming.title, changed_at=now, created_at=now)


def _described(notice: Notice) -> Rectification:
    return Rectification(
        notice_id=notice.id,
        source_id=notice.source_id,
        on=_day(notice),
        body=notice.inspected_key,
        authority=notice.inspection_authority,
        kind=notice.inspection_kind,
        round=notice.inspection_round,
        begins=notice.inspection_from,
        ends=notice.inspection_to,
    )


def _are_twins(one: Notice, other: Notice) -> bool:
    return one.republishes_id == other.id or other.republishes_id == one.id


def _day(notice: Notice) -> str | None:
    return written_on(notice.signed_on, notice.published_at)
