"""Invented error pages, one and more for each rule, and the pages that must not be taken for one, found by glob.

Beside each page lies what it was asked and answered with, what the crawler judges it to be, and (where it says so) what
the worker reads it as: the two must not contradict each other.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from crawler.exhibit import Evidence
from crawler.judge import RULES, judge
from shared.domain.states import Outcome, TargetKind
from worker.read import read

HERE = Path(__file__).parents[2] / "pages" / "errors"
PAGES = sorted(HERE.glob("*.html"))
BY_STATUS_ALONE = {
    "not-modified-after-gone", "not-modified-unasked", "not-modified", "redirect-unfollowed", "same-bytes", "gone-410",
    "blocked-401", "blocked-403", "blocked-412", "blocked-451", "blocked-521", "rate-limited", "server-error",
    "client-error", "partial-content", "interim-status", "empty-body",
}  # fmt: skip


def told_of(page: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(page.with_suffix(".json").read_text("utf-8"))
    return told


def evidence(body: bytes, told: dict[str, Any]) -> Evidence:
    return Evidence(
        status=told["status"],
        headers=told["headers"],
        body=body,
        digest=hashlib.sha256(body).hexdigest(),
        url=told["url"],
        final_url=told["final_url"],
        kind=TargetKind(told["kind"]),
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_is_judged_as_the_file_beside_it_says(page: Path) -> None:
    told = told_of(page)
    judgment = judge(evidence(page.read_bytes(), told))
    assert (judgment.outcome, judgment.rule) == (told["outcome"], told["rule"])


@pytest.mark.parametrize("page", [page for page in PAGES if told_of(page)["page"]], ids=lambda page: page.stem)
def test_the_worker_reads_it_as_the_same(page: Path) -> None:
    told = told_of(page)
    status, rule = told["page"]
    found = read(page.read_bytes(), url=told["url"]).page
    assert (found.status, rule and found.rule) == (status, rule)


def test_every_rule_that_looks_at_a_page_has_a_page() -> None:
    assert {rule.name for rule in RULES} - {told_of(page)["rule"] for page in PAGES} == BY_STATUS_ALONE


@pytest.mark.parametrize("status", [200, 404])
def test_every_real_error_page_is_gone_whatever_its_status(real_texts: Path, status: int) -> None:
    told: dict[str, Any] = {"url": "https://gov.example/art/t20260101_1.html", "kind": "detail", "status": status}
    told |= {"final_url": told["url"], "headers": {"content-type": "text/html"}}
    pages = sorted((real_texts / "pages" / "html").glob("*_soft404.html"))
    assert len(pages) == 7
    judged = {page.name: judge(evidence(page.read_bytes(), told)).outcome for page in pages}
    assert {name for name, outcome in judged.items() if outcome is not Outcome.GONE} == set()


def test_every_real_notice_and_listing_is_captured(real_texts: Path) -> None:
    wrong = []
    for page in sorted((real_texts / "pages" / "html").iterdir()):
        listing = "list" in page.name
        told: dict[str, Any] = {"url": "https://gov.example/art/t20260101_1.html", "status": 200}
        told |= {"kind": "listing" if listing else "detail", "final_url": told["url"]}
        told |= {"headers": {"content-type": "text/xml" if page.suffix == ".xml" else "text/html"}}
        judgment = judge(evidence(page.read_bytes(), told))
        if "soft404" not in page.name and judgment.outcome is not Outcome.CAPTURED:
            wrong.append((page.name, judgment))
    assert wrong == []
