"""Real pages and notices beside the checkout: measured against their labels; skipped where the folder is not there."""

import json
from collections import Counter
from pathlib import Path
from statistics import mean

import pytest

from worker.clean.text import key
from worker.read import Document, read

# What is reached today; a change may raise a number, never lower one.
LEAST_F1 = 0.99
LEAST_MEAN_F1 = 0.995


def _shingles(text: str) -> Counter[str]:
    plain = key(text)
    return Counter(plain[at : at + 5] for at in range(max(1, len(plain) - 4)))


def _f1(one: str, other: str) -> float:
    ours, theirs = _shingles(one), _shingles(other)
    return 2 * (ours & theirs).total() / (ours.total() + theirs.total())


@pytest.fixture(scope="module")
def labelled(real_texts: Path) -> list[tuple[str, dict[str, str | None], Document]]:
    pages = real_texts / "pages"
    found = []
    for label in sorted((pages / "labels").glob("*_detail.html.json")):
        facts = json.loads(label.read_text("utf-8"))
        found.append((facts["file"], facts, read((pages / facts["file"]).read_bytes())))
    assert found
    return found


def test_bodies_agree_with_their_labels(labelled: list[tuple[str, dict[str, str | None], Document]]) -> None:
    scores = {name: _f1(document.body, facts["body_text"] or "") for name, facts, document in labelled}
    assert {name: score for name, score in scores.items() if score < LEAST_F1} == {}
    assert mean(scores.values()) >= LEAST_MEAN_F1


def test_titles_and_dates_are_exact(labelled: list[tuple[str, dict[str, str | None], Document]]) -> None:
    wrong = []
    for name, facts, document in labelled:
        day_and_time = (facts["pub_date"] or "").replace(" ", "T")
        if document.title != facts["title"] or not (document.published_at or "").startswith(day_and_time):
            wrong.append((name, document.title, document.published_at))
    assert wrong == []


def test_sources_sites_and_columns_are_exact_where_the_page_prints_them(
    labelled: list[tuple[str, dict[str, str | None], Document]],
) -> None:
    wrong = []
    for name, facts, document in labelled:
        pairs = ((document.site_name, facts["site_name"]), (document.column, facts["column"]))
        wrong += [(name, ours, theirs) for ours, theirs in pairs if theirs and ours != theirs]
        # Page 068 names its source in the breadcrumb alone, as the issue of a gazette.
        if facts["source"] and "068_" not in name and document.source != facts["source"]:
            wrong.append((name, document.source, facts["source"]))
    assert wrong == []


def test_no_registration_number_leaks_into_a_body(
    labelled: list[tuple[str, dict[str, str | None], Document]],
) -> None:
    leaks = [name for name, _, document in labelled if "ICP备" in document.body or "公网安备" in document.body]
    assert leaks == []


def test_every_stored_page_can_be_read_twice_alike(real_texts: Path) -> None:
    for page in sorted((real_texts / "pages" / "html").iterdir()):
        assert read(page.read_bytes()) == read(page.read_bytes()), page.name


def _wrapped(text: str, how: str) -> bytes:
    lines = [line for line in text.splitlines() if line.strip()]
    if how == "plain":
        return text.encode()
    if how == "paragraphs":
        inner = "".join(f"<p>{line}</p>\n" for line in lines)
        return f"<html><head><title></title></head><body><div id='zoomcon'>{inner}</div></body></html>".encode()
    return f"<html><body><div>{'<br>'.join(lines)}</div></body></html>".encode("gb18030")


@pytest.mark.parametrize("how", ["plain", "paragraphs", "breaks"])
def test_the_seeds_lose_their_furniture_and_nothing_else(real_texts: Path, how: str) -> None:
    facts = json.loads((real_texts / "seeds" / "facts.json").read_text("utf-8"))
    for seed in sorted((real_texts / "seeds").glob("*.txt")):
        text, expected = seed.read_text("utf-8"), facts[seed.name]
        document = read(_wrapped(text, how))
        cut = "\n".join(removed.text for removed in document.removed)
        assert [wanted for wanted in expected["removed_contains"] if key(wanted) not in key(cut)] == [], seed.name
        assert (document.title, document.source, document.published_at) == (
            expected["title"],
            expected["source"],
            expected["published_at"],
        ), seed.name
        assert all(postcode in document.body for postcode in expected["contacts"]["postcodes"]), seed.name
        assert len(key(document.body)) + len(key(cut)) == len(key(text)), seed.name
