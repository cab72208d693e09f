"""The ledger of a notice, as people ask for it: problems with all that is said of them, and what a question may be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from shared.db import UnitOfWork
from shared.db.models import Account, Commitment, Notice, Problem, Status
from shared.db.search import terms_of
from shared.domain.bodies import body_key
from shared.domain.states import NO_STATUS
from shared.errors import Invalid, NotFound
from shared.legible import legible
from worker.entries import MOST_PROBLEMS
from worker.follow import written_on
from worker.read.ledger import values

LONGEST_QUESTION = 200
"""Characters of a search: a sentence may be looked for, a page may not."""
NEWEST = 100
"""Notices, and changes of status, that a problem is shown with: ten times what any has had."""

STATUSES = (*(str(status) for status in values.Status), NO_STATUS)
KINDS = tuple(str(kind) for kind in values.Kind)


class Said(NamedTuple):
    """What one notice says of a problem."""

    notice: Notice
    account: Account
    measures: Sequence[str]
    commitments: Sequence[Commitment]


@dataclass(frozen=True)
class ProblemStory:
    """A problem, how its status changed, and what each notice says of it; the newest first."""

    problem: Problem
    history: Sequence[Status]
    said: Sequence[Said]


class Named(NamedTuple):
    """A problem of a notice: what the notice says of it, and how it stands by all that notices say."""

    account: Account
    problem: Problem


@dataclass(frozen=True)
class Relations:
    """A notice among others: its problems in its order, what follows it, and where else its text is found."""

    problems: Sequence[Named]
    followers: Sequence[Notice]
    original: Notice | None
    """The notice whose text it repeats."""
    republications: Sequence[Notice]
    """The notices that repeat its text."""


def problem_story(uow: UnitOfWork, problem_id: str) -> ProblemStory:
    """Return all that is known of a problem; raises `NotFound` if there is none."""
    problem = uow.problems.by_id(problem_id)
    if problem is None:
        raise NotFound(f"no problem {problem_id}")
    promises = uow.problems.commitments(problem_id, NEWEST)
    said = [
        Said(
            notice,
            account,
            uow.problems.measures(notice.id, account.number),
            [one for one in promises if (one.notice_id, one.problem_number) == (notice.id, account.number)],
        )
        for account, notice in uow.problems.accounts(problem_id, NEWEST)
    ]
    said.sort(key=lambda one: (written_on(one.notice.signed_on, one.notice.published_at) or "", one.notice.id))
    return ProblemStory(problem, uow.problems.history(problem_id, limit=NEWEST, newest_first=True), said[::-1])


def relations(uow: UnitOfWork, notice: Notice) -> Relations:
    """Return what the ledger ties to a notice."""
    return Relations(
        problems=[Named(*pair) for pair in uow.problems.of_notice(notice.id, limit=MOST_PROBLEMS)],
        followers=uow.notices.followers(notice.id),
        original=uow.notices.by_id(notice.republishes_id) if notice.republishes_id else None,
        republications=uow.sketches.republications(notice.id),
    )


def question(text: str) -> str:
    """Return what is searched for; raises `Invalid` where that is nothing, or too much."""
    if len(text) > LONGEST_QUESTION:
        raise Invalid(f"a search takes at most {LONGEST_QUESTION} characters; this one has {len(text)}")
    if not terms_of(text):
        raise Invalid("there is nothing to search for: write one or more words")
    return text


def body(name: str) -> str:
    """Return the name of an inspected body; raises `Invalid` where it names none."""
    legibly = legible(name)
    if body_key(legibly) is None:
        raise Invalid("the inspected body has no name: write one")
    return legibly


def day(text: str) -> str:
    """Return an ISO date as it was given; raises `Invalid` for anything else."""
    try:
        is_day = date.fromisoformat(text).isoformat() == text
    except ValueError:
        is_day = False
    if not is_day:
        raise Invalid(f"{text[:40]!r} is no date; write it as 2026-12-31")
    return text


def status(name: str) -> str:
    """Return the name of a status, or `none`; raises `Invalid` for others."""
    return _one_of(name, "status", STATUSES)


def kind(name: str) -> str:
    """Return the name of a kind of notice; raises `Invalid` for others."""
    return _one_of(name, "kind of notice", KINDS)


def _one_of(name: str, what: str, known: Sequence[str]) -> str:
    if name not in known:
        raise Invalid(f"{name[:40]!r} is no {what}; known are {', '.join(known)}")
    return name
