"""What a document gains by its files, and when a file speaks for its notice."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from worker.fingerprint import fingerprint
from worker.read import File, Hints, read, read_text, with_files
from worker.read.files import says_nothing
from worker.read.schema import document_schema

TITLE = "关于云岭镇巡察整改进展情况的通报"
SAID = "\n".join(
    [
        "一、整改落实情况",
        "（一）党的建设方面",
        "1.关于“学习不深入”的问题。",
        "整改情况：一是制定学习计划。二是组织专题研讨。",
        "整改状态：已完成并长期坚持",
    ]
)
TABLE = "序号\t问题\t整改措施\t整改状态\n1\t学习不深入\t制定学习计划\t已完成\n2\t账实不符\t清理台账\t未完成"


def page(*lines: str, files: int = 1) -> bytes:
    links = "".join(f"<p><a href='/f/{n}.pdf'>附件{n}.pdf</a></p>" for n in range(1, files + 1))
    text = "".join(f"<p>{line}</p>" for line in lines)
    head = f"<meta charset='utf-8'><meta name='ArticleTitle' content='{TITLE}'><title>{TITLE}</title>"
    return f"<html><head>{head}</head><body><div id='zoom'>{text}{links}</div></body></html>".encode()


def url(number: int) -> str:
    return f"https://gov.example/f/{number}.pdf"


def file(number: int, status: str = "read", reason: str | None = None) -> File:
    return File(status, reason, f"{number:064d}", 10, "pdf")


@pytest.mark.parametrize(
    "lines",
    [
        (),
        ("详见附件。",),
        ("具体内容详见附件：",),
        ("现将有关情况通报如下，详见附件。",),
        (TITLE, "请点击下载附件查看全文。"),
        ("附件：关于云岭镇巡察整改进展情况的通报",),
        ("附：",),
    ],
)
def test_a_page_that_only_points_to_its_file_is_read_from_it(lines: tuple[str, ...]) -> None:
    document = read(page(*lines), url="https://gov.example/1.html")
    assert says_nothing(document)
    told = with_files(document, {url(1): file(1)}, {f"{1:064d}": SAID})
    assert (told.body_from_attachment, told.title) == (1, TITLE)
    assert "组织专题研讨" in told.body
    assert [one.status for aspect in told.ledger.aspects for one in aspect.problems] == ["completed_sustained"]


@pytest.mark.parametrize(
    "lines",
    [
        ("云岭镇党委高度重视巡察反馈意见，逐项研究整改措施，现将情况通报如下。", "详见附件。"),
        ("一、整改落实情况", "1.关于“学习不深入”的问题。"),
        ("经研究，决定予以公示，公示期为2026年3月4日至10日。",),
    ],
)
def test_a_page_that_says_something_speaks_for_itself(lines: tuple[str, ...]) -> None:
    document = read(page(*lines), url="https://gov.example/1.html")
    told = with_files(document, {url(1): file(1)}, {f"{1:064d}": SAID})
    assert (told.body, told.body_from_attachment) == (document.body, None)
    assert told.attachments[0].file == file(1)


def test_the_file_that_bears_the_title_speaks_before_the_first() -> None:
    markup = page("详见附件。", files=2).replace("附件2.pdf".encode(), f"{TITLE}.pdf".encode())
    document = read(markup, url="https://gov.example/1.html")
    texts = {f"{number:064d}": f"{SAID}\n第{number}份" for number in (1, 2)}
    assert with_files(document, {url(1): file(1), url(2): file(2)}, texts).body_from_attachment == 2


def test_a_file_without_a_text_leaves_the_document_as_it_is() -> None:
    document = read(page("详见附件。"), url="https://gov.example/1.html")
    told = with_files(document, {url(1): file(1, "no_text", "scanned")}, {})
    assert told.body_from_attachment is None
    assert "body_from_attachment" not in told.as_json()
    assert told.as_json()["attachments"] == [
        {"url": url(1), "title": "附件1.pdf", "status": "no_text", "reason": "scanned"}
        | {"digest": f"{1:064d}", "size": 10, "type": "pdf"}
    ]


def test_tables_of_a_file_are_read_as_tables() -> None:
    read_anew = read_text(f"整改任务清单\n{TABLE}", Hints(TITLE))
    problems = [one for aspect in read_anew.ledger.aspects for one in aspect.problems]
    assert [(one.title, one.status) for one in problems] == [("学习不深入", "completed"), ("账实不符", "not_started")]


def test_bytes_of_files_are_part_of_the_fingerprint_and_reasons_are_not() -> None:
    document = read(page("云岭镇党委高度重视巡察反馈意见，逐项研究。"), url="https://gov.example/1.html")

    def of(known: File | None) -> str:
        return fingerprint(with_files(document, {url(1): known} if known else {}, {}))

    assert (
        of(None) == of(File("not_fetched", "gone-404")) == of(File("not_fetched", "too-large")) == fingerprint(document)
    )
    assert of(file(1)) == of(file(1, "no_text", "scanned")) != of(None)
    assert of(file(1)) != of(file(2))


@given(st.text(st.sampled_from("一二（）1.、\t\n问题整改<>&\"' "), max_size=200), st.sampled_from(["read", "no_text"]))
def test_whatever_a_file_says_the_document_is_valid(text: str, status: str) -> None:
    document = read(page("详见附件。"), url="https://gov.example/1.html")
    told = with_files(document, {url(1): file(1, status)}, {f"{1:064d}": text})
    assert [*Draft202012Validator(document_schema()).iter_errors(json.loads(json.dumps(told.as_json())))] == []
