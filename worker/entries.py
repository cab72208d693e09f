"""The entries of a notice's ledger: a document, as it is stored, becomes rows. A document of any release will do."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shared.db.ledgers import Entries, Rows
from shared.db.models import Notice
from shared.domain.bodies import body_key
from shared.domain.problems import Naming
from shared.width import folded
from worker.clean.learned import candidates
from worker.clean.text import key

MOST_PROBLEMS = 2_000
MOST_MEASURES = 10_000
"""Entered at most: ten times what the longest notices have. The document keeps what a hostile page has beyond."""
MOST_FILE_CHARACTERS = 1_000_000
"""Of a notice's files that can be searched."""
_LARGEST = 2**31 - 1
_LONGEST_LINE = 80  # the longest candidate
_LEARNED = "learned"  # the rule by which `worker.clean.learned` cuts

Document = Mapping[str, Any]


def describe(notice: Notice, document: Document) -> None:
    """Write what the document says of its notice into the notice's own row."""
    inspection = document.get("inspection") or {}
    notice.title = document.get("title")
    notice.published_at = document.get("published_at")
    notice.kind = document.get("kind")
    notice.inspected = inspection.get("inspected")
    notice.inspected_key = body_of(document)
    notice.inspection_authority = inspection.get("authority")
    notice.inspection_kind = inspection.get("kind")
    notice.inspection_round = inspection.get("round")
    notice.inspection_from = inspection.get("from")
    notice.inspection_to = inspection.get("to")
    notice.signed_by = document.get("signed_by")
    notice.signed_on = document.get("signed_on")


def body_of(document: Document) -> str | None:
    """Return the key of the body whose inspection the document is about."""
    return body_key((document.get("inspection") or {}).get("inspected"))


def namings_in(document: Document) -> list[Naming]:
    """Return how the document names its problems."""
    return [Naming(one["number"], _printed(one), one["title"]) for _, one in _problems(document)]


def entries_of(
    notice_id: str, document: Document, problem_ids: Mapping[int, str], file_texts: Sequence[str] = ()
) -> Entries:
    """Return the rows of a notice's ledger; `problem_ids` tells which problem each number is.

    `file_texts` are what its files say; it can be searched with the body.
    """
    problems = [one for _, one in _problems(document)]
    return Entries(
        aspects=[
            {"notice_id": notice_id, "number": number, "title": aspect["title"]}
            for number, aspect in enumerate(document.get("aspects") or (), 1)
        ],
        accounts=[_account(notice_id, aspect, one, problem_ids) for aspect, one in _problems(document)],
        measures=list(_measures(notice_id, problems))[:MOST_MEASURES],
        commitments=list(_commitments(notice_id, document, problem_ids)),
        comment_windows=_comment_windows(notice_id, document),
        searchable=list(_searchable(notice_id, document, problems, file_texts)),
        edge_lines=[{"notice_id": notice_id, "key": one, "text": text} for one, text in _edge_lines(document).items()],
    )


def _problems(document: Document) -> list[tuple[int, Any]]:
    """Return the problems, each after the number of its aspect."""
    aspects = enumerate(document.get("aspects") or (), 1)
    return [(number, one) for number, aspect in aspects for one in aspect["problems"]][:MOST_PROBLEMS]


def _printed(problem: Mapping[str, Any]) -> int | None:
    number = problem["printed_number"]
    return number if number is not None and number <= _LARGEST else None


def _account(notice_id: str, aspect: int, problem: Mapping[str, Any], problem_ids: Mapping[int, str]) -> dict[str, Any]:
    return {
        "notice_id": notice_id,
        "number": problem["number"],
        "aspect": aspect,
        "problem_id": problem_ids[problem["number"]],
        "printed_number": _printed(problem),
        **{name: problem[name] for name in ("title", "status", "status_text", "due", "text")},
    }


def _measures(notice_id: str, problems: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for problem in problems:
        for number, text in enumerate(problem["measures"], 1):
            yield {"notice_id": notice_id, "problem_number": problem["number"], "number": number, "text": text}


def _commitments(notice_id: str, document: Document, problem_ids: Mapping[int, str]) -> Iterator[dict[str, Any]]:
    for number, one in enumerate(document.get("commitments") or (), 1):
        if one["problem"] in problem_ids:
            rest = {name: one[name] for name in ("due_by", "precision", "text")}
            yield {"notice_id": notice_id, "number": number, "problem_number": one["problem"], **rest}


def _comment_windows(notice_id: str, document: Document) -> Rows:
    window = document.get("comment_window")
    return (
        [{"notice_id": notice_id, "opens_on": window["opens_on"], "closes_on": window["closes_on"]}] if window else []
    )


def files_beside(document: Document) -> list[str]:
    """Return the digests of the files with a text that say more than the body does, in the order of the document."""
    body_from = document.get("body_from_attachment")
    numbered = enumerate(document.get("attachments") or (), 1)
    return [one["digest"] for number, one in numbered if one.get("status") == "read" and number != body_from]


def _searchable(
    notice_id: str, document: Document, problems: Sequence[Mapping[str, Any]], file_texts: Sequence[str]
) -> Iterator[dict[str, Any]]:
    files = "\n".join(file_texts)[:MOST_FILE_CHARACTERS]
    names = "\n".join(one["title"] for one in document.get("attachments") or ())
    whole = "\n".join((document.get("title") or "", document.get("body") or "", names, files))
    yield {"notice_id": notice_id, "number": 0, "text": folded(whole)}
    for one in problems:
        yield {"notice_id": notice_id, "number": one["number"], "text": folded(f"{one['title']}\n{one['text']}")}


def _edge_lines(document: Document) -> dict[str, str]:
    """Return the lines that may be furniture, by their keys, those included that were taken for it already."""
    cut = (removed["text"] for removed in document.get("removed") or () if removed["rule"] == _LEARNED)
    lines = {key(line): line for line in (*candidates(document.get("body") or ""), *cut)}
    return {one: line for one, line in lines.items() if one and len(line) <= _LONGEST_LINE}
