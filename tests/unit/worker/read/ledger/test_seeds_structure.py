"""The outlines of real notices, against the facts gathered from them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.worker.read.ledger.notices import WIDE
from worker.clean.text import narrow
from worker.read import read
from worker.read.ledger import NoticeLedger

SEEDS = [
    "000_7dd452b87efe7731",
    "001_591c9d5e1f577c38",
    "002_61cd735e1bc75ffb",
    "003_98da0d0121a012b0",
    "004_905f32af1f8e2b98",
]
WIDE_MARKS = {mark: WIDE[mark] for mark in map(ord, ",:();")}


def _as_it_is(text: str) -> str:
    return text


def _full_width(text: str) -> str:
    return text.translate(WIDE_MARKS)


def _as_page(text: str) -> str:
    paragraphs = "".join(f"<p>\u3000\u3000{line}</p>\n" for line in text.translate(WIDE_MARKS).split("\n"))
    return f"<html><body><div id='zoom'>{paragraphs}</div></body></html>"


@pytest.mark.parametrize("form", [_as_it_is, _full_width, _as_page])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_structure_of_a_real_notice_is_read_exactly(
    real_texts: Path, seed: str, form: Callable[[str], str]
) -> None:
    facts = json.loads((real_texts / "seeds" / "facts.json").read_text("utf-8"))[f"{seed}.txt"]
    text = (real_texts / "seeds" / f"{seed}.txt").read_text("utf-8")
    ledger = read(form(text).encode()).ledger
    told = _told(ledger)
    assert told == {name: facts[name] for name in told}


def _told(ledger: NoticeLedger) -> dict[str, Any]:
    problems = ledger.problems
    return {
        "problems_per_aspect": [len(aspect.problems) for aspect in ledger.aspects],
        "statuses": [problem.status for problem in problems if problem.status],
        "status_texts": [narrow(problem.status_text) for problem in problems if problem.status_text],
        "declared": ledger.declared,
        "commitments": [
            {"problem": one.problem, "due_by": one.due_by, "precision": one.precision} for one in ledger.commitments
        ],
        "first_problem": narrow(problems[0].title),
        "last_problem": narrow(problems[-1].title),
        "warnings": [warning.code for warning in ledger.warnings],
    }


def test_problems_without_ordinals_have_no_measures(real_texts: Path) -> None:
    without = {0: [21], 1: [5, 12], 2: [24, 43, 50], 4: [7, 8, 12, 15, 32]}
    for place, numbers in without.items():
        ledger = read((real_texts / "seeds" / f"{SEEDS[place]}.txt").read_bytes()).ledger
        assert [problem.number for problem in ledger.problems if not problem.measures] == numbers
