"""What the ledger of a notice consists of: inspection, aspects, problems, commitments, contacts and the rest."""

from dataclasses import dataclass, field
from enum import StrEnum

from shared.domain.states import NoticeKind, ProblemStatus

Kind = NoticeKind
Status = ProblemStatus


class Precision(StrEnum):
    """What a date stands for; the date itself is the last day of it."""

    DAY = "day"
    TEN_DAYS = "ten_days"  # 上旬, 中旬, 下旬: the 10th, the 20th, the month's last day
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"


@dataclass(frozen=True)
class Inspection:
    """Who inspected whom, and when; dates in ISO 8601."""

    authority: str | None = None  # 市委
    kind: str | None = None  # 巡视 or 巡察
    round: str | None = None  # 十四届市委第十四轮
    team: str | None = None  # 市委第五巡察组
    inspected: str | None = None
    from_: str | None = None  # "from" in JSON
    to: str | None = None
    feedback_on: str | None = None


@dataclass(frozen=True)
class Problem:
    """One problem, with what was done about it."""

    number: int  # runs on through the notice, from 1
    printed_number: int | None  # as printed; None where the notice prints none
    title: str
    status: Status | None
    status_text: str | None  # its own words
    due: str | None  # the day by which the notice promises an end, if it does
    measures: tuple[str, ...]  # in order; empty where the notice has no ordinals
    text: str  # all its paragraphs, heading and status line included, one per line


@dataclass(frozen=True)
class Aspect:
    """A group of problems under one heading; the title is None where a notice has problems without one."""

    title: str | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Commitment:
    """A dated promise that what is still open of a problem will be finished."""

    problem: int  # the running number
    due_by: str
    precision: Precision
    text: str


@dataclass(frozen=True)
class CommentWindow:
    """The days on which the public is asked for its word (公开期限), both included."""

    opens_on: str | None
    closes_on: str | None


@dataclass(frozen=True)
class Contacts:
    """How to reach the publisher; never the host site's footer."""

    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    postcodes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Contradiction:
    """Where the notice contradicts itself: reported, never repaired."""

    code: str
    message: str


@dataclass(frozen=True)
class NoticeLedger:
    """Everything that a notice says of itself beyond its text; names as in the JSON."""

    kind: Kind | None = None  # None where the page is no notice
    document_numbers: tuple[str, ...] = ()  # distinct, in order
    inspection: Inspection | None = None
    declared: dict[str, int] = field(default_factory=dict)  # aspects, problems, measures, or a status by its name
    aspects: tuple[Aspect, ...] = ()
    commitments: tuple[Commitment, ...] = ()
    comment_window: CommentWindow | None = None
    contacts: Contacts = Contacts()
    signed_by: str | None = None
    signed_on: str | None = None
    warnings: tuple[Contradiction, ...] = ()

    @property
    def problems(self) -> list[Problem]:
        """All problems, in the order of their running numbers."""
        return [problem for aspect in self.aspects for problem in aspect.problems]
