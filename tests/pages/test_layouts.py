"""Layouts of many places, invented before the reader knew them: every fact beside a page is read, or named as not read.

The JSON beside a page was written by hand, by whoever invented the page. Texts are compared without white space, width
and a closing full stop; `also` holds other answers that are as good, by the path of the fact. `not_read` names what the
reader still misses: it must name exactly these facts, so that what gets better is told.

python -m tests.pages.test_layouts     prints how many facts of each page are read
"""

import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from worker.read import read

LAYOUTS = Path(__file__).parent / "layouts"
PAGES = sorted([*LAYOUTS.glob("*.html"), *LAYOUTS.glob("*.txt")])
_NO_FACTS = frozenset(["url", "also", "not_read", "body_contains", "body_lacks"])


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return "".join(unicodedata.normalize("NFKC", value).split()).rstrip("。.")
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return value


def _facts(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every single fact with its path; of a list of objects also how many they are (`path.#`)."""
    if isinstance(value, dict) and value:
        for name, item in value.items():
            yield from _facts(item, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        yield f"{path}.#", len(value)
        for at, item in enumerate(value):
            yield from _facts(item, f"{path}.{at}")
    else:
        yield path, value


def _at(value: Any, path: str) -> Any:
    for step in path.split("."):
        if step == "#":
            return len(value or ())
        if isinstance(value, list):
            value = value[int(step)] if int(step) < len(value) else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return value


def _allowed(path: str, wanted: Any, also: dict[str, list[Any]]) -> Iterator[Any]:
    yield wanted
    for other, values in also.items():
        if other == path:
            yield from values
        elif path.startswith(f"{other}."):
            yield from (None if value is None else _at(value, path.removeprefix(f"{other}.")) for value in values)


def _answer(page: Path, url: str | None) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(json.dumps(read(page.read_bytes(), url=url).as_json()))
    answer["warnings"] = [warning["code"] for warning in answer["warnings"]]
    for aspect in answer["aspects"]:
        for problem in aspect["problems"]:
            problem["measures_count"] = len(problem["measures"])
    return answer


def _marked(page: Path) -> tuple[list[str], int]:
    """Return the paths of the facts that are not read, and how many facts there are."""
    expected = json.loads(page.with_suffix(".json").read_text("utf-8"))
    answer = _answer(page, expected.get("url"))
    also = expected.get("also", {})
    facts = list(_facts({name: value for name, value in expected.items() if name not in _NO_FACTS}))
    missed = [
        path
        for path, wanted in facts
        if _plain(_at(answer, path)) not in [_plain(value) for value in _allowed(path, wanted, also)]
    ]
    body = _plain(answer["body"])
    missed += [f"body_contains {text}" for text in expected["body_contains"] if _plain(text) not in body]
    missed += [f"body_lacks {text}" for text in expected["body_lacks"] if _plain(text) in body]
    return missed, len(facts) + len(expected["body_contains"]) + len(expected["body_lacks"])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_fact_of_a_layout_is_read_but_those_named(page: Path) -> None:
    expected = json.loads(page.with_suffix(".json").read_text("utf-8"))
    missed, _ = _marked(page)
    assert missed == expected.get("not_read", [])


def test_every_expectation_belongs_to_a_layout() -> None:
    assert {path.stem for path in LAYOUTS.glob("*.json")} == {page.stem for page in PAGES}


if __name__ == "__main__":
    for each in PAGES:
        not_read, all_facts = _marked(each)
        print(f"{each.name}: {all_facts - len(not_read)} of {all_facts}")
