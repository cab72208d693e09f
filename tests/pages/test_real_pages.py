"""Real pages and notices beside the checkout: measured against their labels; skipped where the folder is not there."""

import csv
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from worker.clean.text import key
from worker.read import Document, read

# Of the characters of whole sentences; a change may raise it, never lower it.
LEAST = 0.99
_SENTENCE_END = re.compile(r"[\n。；！？;!?]")
STATUSES = {"detail": "notice", "list": "listing", "json-list": "listing", "soft404": "soft_404"}
# This one is an error page too, but cut at a full buffer, and nothing in it can be trusted.
TRUNCATED = "120_www.yn.gov.cn_soft404.html"


def _sentences(text: str) -> list[str]:
    return [plain for sentence in _SENTENCE_END.split(text) if (plain := key(sentence))]


def _share(of: str, within: str) -> float:
    """Return the share of the sentences of one text, by their length, that stand in the other."""
    sentences, other = _sentences(of), key(within)
    return sum(len(each) for each in sentences if each in other) / max(1, sum(map(len, sentences)))


@pytest.fixture(scope="module")
def labelled(real_texts: Path) -> list[tuple[str, dict[str, Any], Document]]:
    pages = real_texts / "pages"
    found = []
    for label in sorted((pages / "labels").glob("*_detail.html.json")):
        facts = json.loads(label.read_text("utf-8"))
        found.append((facts["file"], facts, read((pages / facts["file"]).read_bytes())))
    assert found
    return found


def test_bodies_hold_the_sentences_of_their_labels_and_no_others(
    labelled: list[tuple[str, dict[str, Any], Document]],
) -> None:
    shares = {
        name: (_share(facts["body_text"], document.body), _share(document.body, facts["body_text"]))
        for name, facts, document in labelled
    }
    assert {name: pair for name, pair in shares.items() if min(pair) < LEAST} == {}


def test_no_furniture_of_a_site_is_left_in_a_body(labelled: list[tuple[str, dict[str, Any], Document]]) -> None:
    left = [
        (name, sample)
        for name, facts, document in labelled
        for sample in facts["boilerplate_samples"]
        if key(sample) in key(document.body)
    ]
    assert left == []


def test_attachments_are_exact(labelled: list[tuple[str, dict[str, Any], Document]]) -> None:
    for name, facts, document in labelled:
        ours = [(urlsplit(file.url)[2:4], file.title) for file in document.attachments]
        assert ours == [(urlsplit(file["url"])[2:4], file["text"]) for file in facts["attachments"]], name
        assert all(urlsplit(file.url).scheme for file in document.attachments), name


def test_every_stored_page_is_told_for_what_it_is(real_texts: Path) -> None:
    wrong = []
    with (real_texts / "pages" / "INDEX.tsv").open(encoding="utf-8") as index:
        for row in csv.DictReader(index, delimiter="\t"):
            path = real_texts / "pages" / row["file"]
            page = read(path.read_bytes()).page
            if page.status != ("truncated" if path.name == TRUNCATED else STATUSES[row["kind"]]):
                wrong.append((path.name, page))
    assert wrong == []


def test_titles_and_dates_are_exact(labelled: list[tuple[str, dict[str, Any], Document]]) -> None:
    wrong = []
    for name, facts, document in labelled:
        day_and_time = (facts["pub_date"] or "").replace(" ", "T")
        if document.title != facts["title"] or not (document.published_at or "").startswith(day_and_time):
            wrong.append((name, document.title, document.published_at))
    assert wrong == []


def test_sources_sites_and_columns_are_exact_where_the_page_prints_them(
    labelled: list[tuple[str, dict[str, Any], Document]],
) -> None:
    wrong = []
    for name, facts, document in labelled:
        pairs = ((document.site_name, facts["site_name"]), (document.column, facts["column"]))
        wrong += [(name, ours, theirs) for ours, theirs in pairs if theirs and ours != theirs]
        if document.source != (facts["source"] or None):
            wrong.append((name, document.source, facts["source"]))
    assert wrong == []


def test_no_registration_number_leaks_into_a_body(
    labelled: list[tuple[str, dict[str, Any], Document]],
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
