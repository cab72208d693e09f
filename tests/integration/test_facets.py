"""Facets: what an event is matched by comes from the revision that it is about, whatever came after it."""

from shared.db import Ledger
from shared.domain.filters import Facets, Filter
from tests.integration.scene import event, events
from tests.integration.telling import Teller, document, problem

ALL = Filter.parse({"keywords": ["整改"]})


def facets(ledger: Ledger, reading: Filter = ALL) -> list[Facets]:
    with ledger.reading() as uow:
        return list(uow.facets.events(events(ledger), reading))


def test_an_event_is_matched_by_its_own_revision_and_not_by_a_later_one(ledger: Ledger) -> None:
    teller = Teller(ledger)
    teller.tell(document(problem(1, "河道管护不力", "in_progress", due="2026-06-30")))
    teller.tell(document(problem(1, "河道管护不力", "completed", due="2026-06-30"), title="ＡＢ镇的通报"))
    published, revised, changed = facets(ledger)
    assert (published.type, revised.type, changed.type) == (
        "notice.published",
        "notice.revised",
        "problem.status_changed",
    )
    assert published.kind == "rectification"
    assert published.bodies == {"云岭镇"}
    assert "河道管护不力" in published.text
    assert "ab镇的通报" not in published.text
    assert "ab镇的通报" in revised.text
    assert published.statuses == {"in_progress"}
    assert published.due == ("2026-06-30",)
    assert revised.statuses == {"completed"}
    assert revised.due == ()
    assert changed.statuses == {"in_progress", "completed"}


def test_what_is_told_of_one_problem_is_matched_by_that_problem(ledger: Ledger) -> None:
    teller = Teller(ledger)
    first = problem(1, "河道管护不力", "staged", due="2026-06-30")
    teller.tell(document(first, problem(2, "食堂采购不规范", "in_progress", due="2026-12-31")))
    teller.tell(document(first, problem(2, "食堂采购不规范", "staged", due="2026-12-31")))
    *_, changed = facets(ledger)
    assert changed.statuses == {"in_progress", "staged"}
    assert changed.due == ("2026-12-31",)


def test_a_body_is_also_matched_by_the_fuller_name_that_it_signs_other_notices_with(ledger: Ledger) -> None:
    teller = Teller(ledger)
    short = {"inspected": "水务局党组"}
    teller.tell(document(problem(1, "河道管护"), inspection=short, signed_by="中共清源区水务局党组"), "1.html")
    teller.tell(document(problem(1, "食堂采购"), inspection=short, signed_by="清源区巡察办"), "2.html")
    _, second = facets(ledger)
    assert second.bodies == {"水务局", "清源区水务局"}


def test_what_nobody_asks_for_is_not_read(ledger: Ledger) -> None:
    Teller(ledger).tell(document(problem(1, "河道管护不力", "staged")))
    (plain,) = facets(ledger, Filter())
    assert (plain.kind, plain.text, plain.statuses) == (None, "", frozenset())
    (untold,) = facets(ledger, Filter.parse({"kinds": ["rectification"]}))
    assert (untold.kind, untold.text) == ("rectification", "")


def test_an_event_without_a_notice_has_only_what_stands_in_its_row(ledger: Ledger) -> None:
    event(ledger, "src_1")
    assert facets(ledger) == [Facets("notice.published", "src_1")]
