"""Problems: what was found wrong, how far its rectification has come, and which notice said what of it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from services.api.notice_schemas import (
    AccountDetail,
    AccountItem,
    CommitmentItem,
    NoticeItem,
    ProblemDetail,
    ProblemItem,
    StatusItem,
)
from services.api.parameters import Body, Cursor, Day, Paging, Parts, Question, Status, Wish, id_of, page
from services.api.schemas import Page
from services.api.security import needs
from services.desk.ledgers import Said, problem_story
from shared.db.problems import ProblemQuery
from shared.domain.states import Scope

router = APIRouter(prefix="/v1/problems", tags=["notices"], dependencies=[Depends(needs(Scope.READ))])


class ProblemChoice(Wish):
    """Which problems are meant; what is not given asks nothing."""

    status: Status | None = Field(None, description="Only with this status; `none`: of which no notice gives one.")
    due_before: Day | None = Field(
        None, description="Only unfinished ones whose promised day is before this date (2026-12-31)."
    )
    source: Cursor | None = Field(None, description="Only those that a notice of this source (its id) names.")
    notice: Cursor | None = Field(None, description="Only those that this notice (its id) names.")
    inspected: Body | None = Field(
        None, description="Only of this inspected body; its party committee's names mean the same."
    )
    q: Question | None = Field(
        None, description="Words between spaces: all must occur in what one notice says of the problem."
    )

    def asked(self) -> ProblemQuery:
        """Return the drawer's question."""
        return ProblemQuery(self.status, self.due_before, self.source, self.notice, self.inspected, self.q)


class ProblemFilter(ProblemChoice, Paging):
    """Which problems are asked for."""


@router.get("", summary="List problems, in order of first sight")
def list_problems(wiring: Parts, query: Annotated[ProblemFilter, Query()]) -> Page[ProblemItem]:
    """Filters narrow the list together; one and the same notice fits `source`, `notice`, `inspected` and `q`."""
    with wiring.ledger.reading() as uow:
        rows = uow.problems.page(query.asked(), after=query.after or "", limit=query.limit + 1)
    return page(rows, query.limit, ProblemItem.model_validate)


@router.get("/{problem_id}", summary="Show a problem with its history and what each notice says of it")
def show_problem(wiring: Parts, problem_id: Annotated[str, id_of("problem")]) -> ProblemDetail:
    """A problem that no notice names any more keeps its history."""
    with wiring.ledger.reading() as uow:
        story = problem_story(uow, problem_id)
    return ProblemDetail(
        **ProblemItem.model_validate(story.problem).model_dump(),
        history=[StatusItem.model_validate(one) for one in story.history],
        accounts=[_account(one) for one in story.said],
    )


def _account(said: Said) -> AccountDetail:
    return AccountDetail(
        **AccountItem.model_validate(said.account).model_dump(),
        notice=NoticeItem.model_validate(said.notice),
        measures=list(said.measures),
        commitments=[CommitmentItem.model_validate(one) for one in said.commitments],
    )
