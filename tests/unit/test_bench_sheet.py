"""The sheet of all benchmarks: bars are judged as they read, and a part that fails hides and costs no other."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.bench import __main__ as bench
from tests.bench import tellings
from tests.bench.parts import PARTS, Part
from tests.bench.rows import Row, of_runs
from tests.bench.sheet import plain, sheet

MACHINE = {"processor": "a processor", "cores": 2, "python": "CPython", "versions": {"lxml": "6"}}


def part(**more: Any) -> Part:
    given: dict[str, Any] = {"title": "A part", "about": "About.", "module": "x", "arguments": [], "tell": told}
    return Part(**given | more)


def told(value: Any) -> list[Row]:
    return [Row(value["what"], value["ours"], "ms", bar="≤ 5")]


@pytest.mark.parametrize(
    ("row", "met"),
    [
        (Row("a", 1.9, "ms", bar="≤ 2"), True),
        (Row("a", 2.1, "ms", bar="≤ 2 ms idle"), False),
        (Row("a", 5_000, "/s", bar="≥ 5,000/s"), True),
        (Row("a", 4, "ms", other=10, beside="Scrapy", bar="≤ 0.5×"), True),
        (Row("a", 4, "ms", other=5, beside="Scrapy", bar="≤ 0.5× of it"), False),
        (Row("a", 4, "ms", other=5, ratio=0.4, beside="Scrapy", bar="≤ 0.5×"), True),
        (Row("a", 4, "ms", bar="≤ 0.5×"), None),
        (Row("a", 4, "ms"), None),
    ],
)
def test_a_bar_is_judged_as_it_reads(row: Row, met: bool | None) -> None:
    assert row.met is met


def test_several_runs_are_told_by_their_median_and_range() -> None:
    row = of_runs("a", [3.0, 1.0, 2.0], "ms")
    assert (row.value, row.low, row.high) == (2.0, 1.0, 3.0)
    assert Row(**row.as_json()) == row


def test_the_sheet_shows_each_part_with_its_figures_and_what_failed() -> None:
    rows = [Row("a page", 3.0, "ms", 2.0, 4.0, "Scrapy", 10.0, "≤ 0.5×").as_json()]
    run = {"at": "2026-01-01", "seconds": 3.0, "load": [0.5, 1.0], "machine": MACHINE, "rows": rows}
    text = sheet({"line": run, "read": run | {"failed": "no lxml", "rows": []}})
    assert "| a page | 3.00 ms (2.00 to 4.00) | 10.0 (Scrapy) | 0.30 | ≤ 0.5× | yes |" in text
    assert "1 of 1 bars are reached. Failed: Reading." in text
    assert "**The last run failed:** no lxml" in text
    assert text.index("## Reading") < text.index("## The whole line")


def test_figures_have_about_three_digits() -> None:
    assert [plain(one) for one in (12_345.6, 99.94, 1.234, 0.001)] == ["12,346", "99.9", "1.23", "0.00"]


def test_a_part_that_fails_keeps_its_last_figures_and_the_others_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    good = part(module="json.tool")
    monkeypatch.setattr(bench, "PARTS", {"one": part(module="no.such.module"), "two": good})
    monkeypatch.setattr(bench, "sheet", lambda _: "")
    monkeypatch.setattr(sys, "argv", ["bench", "--docs", str(tmp_path)])
    before: dict[str, Any] = {"rows": [Row("old", 1.0, "ms").as_json()]}
    (tmp_path / "performance.json").write_text(json.dumps({"one": before}))

    def run(one: Part, *_: object) -> dict[str, Any]:
        return {"rows": []} if one is good else {"failed": "why"}

    monkeypatch.setattr(bench, "run", run)
    assert bench.main() == 1
    kept = json.loads((tmp_path / "performance.json").read_text())
    assert kept["one"] == before | {"failed": "why"}
    assert kept["two"] == {"rows": []}


def test_a_script_that_fails_tells_why() -> None:
    assert bench.run(part(module="no_such_module"), Path(sys.executable), [])["failed"].endswith("no_such_module")


def test_a_part_in_an_environment_that_is_not_there_fails_with_what_to_do(tmp_path: Path) -> None:
    assert "make .venv-bench/.bench" in bench.run(part(), tmp_path / "python", [])["failed"]


def test_one_value_a_line_is_read_as_several() -> None:
    figure = {"what": "a", "ours": 1.0, "unit": "ms", "beside": "", "other": None, "bar": "≤ 2 ms"}
    rows = PARTS["relay"].read(json.dumps(figure) + "\n" + json.dumps(figure | {"what": "b"}))
    assert [row.what for row in rows] == ["a", "b"]
    assert len(PARTS["relay"].read(json.dumps(figure))) == 1


def test_growth_is_held_against_the_smallest_ledger_of_the_same_run() -> None:
    cost = {
        "cpu_ms": 10.0,
        "cpu_ms_from": 9.0,
        "cpu_ms_to": 11.0,
        "wall_ms": 12.0,
        "ratio": 1.0,
        "steps": {"crawl": 4.0},
    }
    answers = {"notices": {"p50": 2.0, "p95": 60.0, "items": 100}}
    size = {"bytes_a_notice": 2048, "cost": cost, "answers": answers}
    rows = tellings.growth({"PostgreSQL": {"10": size, "1000": size | {"cost": cost | {"ratio": 1.3}}}})
    (grown,) = [row for row in rows if row.bar == "≤ 1.2×"]
    assert (grown.times, grown.met) == (1.3, False)
    (answer,) = [row for row in rows if row.bar == "≤ 50"]
    assert answer.met is False


def test_the_line_is_held_against_scrapy_altogether() -> None:
    memory = {"crawl": {"rss": 150.0, "uss": 100.0}}
    told = {"cpu_ms_a_page": {"crawl": 3.0, "work": 5.0}, "seconds": 9.0, "memory_mib": memory}
    whole, *_, held = tellings.line(told | {"scrapy_ms_a_page": 10.0})
    assert (whole.value, whole.met, held.met) == (8.0, False, True)
    assert tellings.line(told | {"scrapy_ms_a_page": None})[0].met is None
