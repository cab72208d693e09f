"""The benchmark's pure parts: marks, ratios, and what it prints."""

import json
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from tests.bench.contenders import Answer, Method
from tests.bench.contest import Turns, contest
from tests.bench.pages import OWN_PAGES, Label, Page, pages_in
from tests.bench.report import as_json, notes, ratios, result_of, table
from tests.bench.score import day_of, f1, leaks, marks, minute_of
from tests.bench.turn import answer_of

LABEL = Label(
    "关于防火的通知", "2024-03-01 08:05", "各林场：请于3月15日前报送值班表。", ("打印本页", "值班表", "网站地图")
)
RIGHT = Answer(LABEL.body, LABEL.title, "2024-03-01T08:05:00+08:00")


@given(st.text(), st.text())
def test_f1_is_symmetric_and_between_nought_and_one(one: str, other: str) -> None:
    assert 0 <= f1(one, other) <= 1
    assert f1(one, other) == f1(other, one)


@given(st.text())
def test_a_text_agrees_with_itself_wholly(text: str) -> None:
    assert f1(text, text) == 1


def test_f1_sees_neither_white_space_nor_width() -> None:
    assert f1("各林场：请于３月\n报送", "各林场: 请于3月报送") == 1


def test_f1_is_the_share_of_shingles_in_common() -> None:
    # abcde, bcdef and cdefg against abcde and bcdex: one in common, of three and of two.
    assert f1("abcdefg", "abcdex") == pytest.approx(2 * 1 / (3 + 2))


def test_nothing_said_agrees_with_nothing() -> None:
    assert f1("", LABEL.body) == 0


def test_a_leak_is_boilerplate_that_the_true_body_does_not_hold() -> None:
    assert leaks(f"{LABEL.body}【打印 本页】", LABEL) == 1
    assert leaks(LABEL.body, LABEL) == 0


@pytest.mark.parametrize("text", ["2024-03-01", "2024年3月1日 08:05", "２０２４/3/1", "2024.03.01T08:05:00+08:00"])
def test_a_day_is_the_same_however_it_is_written(text: str) -> None:
    assert day_of(text) == (2024, 3, 1)


def test_a_day_alone_has_no_minute() -> None:
    assert minute_of("2024-03-01") is None
    assert minute_of("2024-03-01 8:05") == (2024, 3, 1, 8, 5)
    assert minute_of(None) is None


@given(st.text())
def test_any_text_may_stand_where_a_date_should(text: str) -> None:
    assert (minute_of(text) is None) or day_of(text)


def test_the_right_answer_has_full_marks() -> None:
    marked = marks([(RIGHT, LABEL)])
    assert marked
    assert (marked.f1, marked.leaks, marked.titles, marked.days, marked.times) == (1, 0, 1, 1, 1)
    assert (marked.pages, marked.samples, marked.dated, marked.timed) == (1, 3, 1, 1)


def test_an_exception_is_an_empty_answer_with_its_name() -> None:
    def work(_page: Page) -> None:
        raise LookupError

    page = Page("page.html", "https://page.example/", b"", LABEL)
    answer = answer_of(Method(work, lambda _page, _said: RIGHT), page)
    assert answer == Answer(error="LookupError")
    marked = marks([(answer, LABEL)])
    assert marked
    assert (marked.f1, marked.titles) == (0, 0)


def test_who_never_tells_a_date_is_not_marked_for_it() -> None:
    marked = marks([(Answer(LABEL.body, LABEL.title), LABEL)])
    assert marked
    assert (marked.days, marked.times) == (None, None)


def test_pages_without_a_date_are_not_counted_among_the_dated() -> None:
    marked = marks([(RIGHT, LABEL), (RIGHT, LABEL._replace(published=None))])
    assert marked
    assert (marked.pages, marked.dated, marked.timed, marked.days, marked.times) == (2, 1, 1, 1, 1)


def test_without_labels_there_are_no_marks() -> None:
    assert marks([]) is None


def test_a_ratio_is_the_median_of_the_rounds() -> None:
    ours = result_of(Turns("noticewire", None, [1.0, 2.0, 1.0], [RIGHT]), None)
    peer = result_of(Turns("gne", None, [5.0, 8.0, 3.0], [RIGHT]), None)
    assert ratios([ours, peer]) == {"noticewire": {"gne": 4.0}}
    assert ours.pages_per_second == 1.0


def test_pages_that_raise_make_nobody_fast() -> None:
    failed = Answer(error="KeyError")
    ours = result_of(Turns("noticewire", None, [1.0], [RIGHT, failed]), None)
    half = result_of(Turns("gne", None, [1.0], [RIGHT, RIGHT]), None)
    none = result_of(Turns("readability", None, [0.1], [failed, failed]), None)
    assert (ours.pages_per_second, half.pages_per_second, none.pages_per_second) == (1.0, 2.0, 0.0)
    assert ratios([ours, half, none]) == {"noticewire": {"gne": 0.5}}


def test_who_is_absent_is_named_and_has_no_ratio() -> None:
    results = [
        result_of(Turns("noticewire", None, [1.0], [RIGHT]), marks([(RIGHT, LABEL)])),
        result_of(Turns("gne", "No module named 'gne'"), None),
    ]
    assert ratios(results) == {"noticewire": {}}
    assert "gne took no part: No module named 'gne'" in notes(results)


def test_the_report_prints_and_is_json() -> None:
    failed = Answer(error="KeyError")
    results = [
        result_of(Turns("noticewire", None, [1.0], [RIGHT, RIGHT]), marks([(RIGHT, LABEL)] * 2)),
        result_of(Turns("gne", None, [4.0], [RIGHT, failed]), marks([(RIGHT, LABEL), (failed, LABEL)])),
    ]
    printed = StringIO()
    Console(file=printed, width=100).print(table(results))
    assert "8.0" in printed.getvalue()
    assert "gne raised KeyError on 1 pages" in notes(results)
    told = json.loads(json.dumps(as_json(results)))
    assert [row["name"] for row in told["results"]] == ["noticewire", "gne"]
    assert told["ratios"]["noticewire"]["gne"] == 8.0
    assert LABEL.body not in json.dumps(told, ensure_ascii=False)


def test_labelled_pages_are_taken_where_there_are_any(tmp_path: Path) -> None:
    pages, labels = tmp_path / "html", tmp_path / "labels"
    pages.mkdir()
    labels.mkdir()
    for name in ("a", "b", "c"):
        (pages / f"{name}.html").write_text("<p>页")
    assert [page.name for page in pages_in(pages)] == ["a.html", "b.html", "c.html"]
    facts: dict[str, object] = {"title": "题", "pub_date": None, "body_text": "页", "boilerplate_samples": []}
    (labels / "b.html.json").write_text(json.dumps(facts))
    (labels / "c.html.json").write_text(json.dumps({**facts, "body_text": None}))
    assert [page.name for page in pages_in(pages)] == ["b.html"]
    assert [page.name for page in pages_in(pages, every=True)] == ["a.html", "b.html", "c.html"]
    assert len({page.url for page in pages_in(pages, every=True)}) == 3


def test_the_contest_goes_on_without_who_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # A package that cannot be imported, wherever the peers happen to be installed.
    (tmp_path / "gne.py").write_text("raise ImportError('no gne here')")
    monkeypatch.syspath_prepend(tmp_path)
    ours, peer = contest(["noticewire", "gne"], pages_in(OWN_PAGES)[:2], seconds=0)
    assert (ours.absent, len(ours.passes), len(ours.answers)) == (None, 3, 2)
    assert all(took > 0 for took in ours.passes)
    assert all(answer.body and not answer.error for answer in ours.answers)
    assert (peer.absent, peer.passes, peer.answers) == ("no gne here", [], [])
