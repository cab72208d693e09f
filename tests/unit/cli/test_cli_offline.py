"""`read`, `listing` and `robots`: single pages and robots files."""

import json
from pathlib import Path

import pytest

from services.cli.reading import show_document
from services.simulation.files import pdf
from tests.unit.cli.desk import Desk

PAGE = """<!doctype html><html><head><meta charset="utf-8"><title>关于花园改造的公告</title>
<meta name="ArticleTitle" content="关于花园改造的公告"><meta name="PubDate" content="2026-01-05 09:00"></head>
<body><div id="zoom"><p>花园的小路已经铺好，长椅将在三月摆放，请各位居民留意现场的指示牌。</p>
<p>如有意见，可以在开放日当面告诉园艺组，我们会逐条答复。</p></div></body></html>"""
LISTING = """<html><body><ul>
<li><a href="t20260105_11.html">关于花园改造的公告之一</a><span>2026-01-05</span></li>
<li><a href="/tzgg/t20260104_12.html">关于花园改造的公告之二</a><span>2026-01-04</span></li>
<li><a href="http://gov.example/tzgg/t20260103_13.html">关于花园改造的公告之三</a><span>2026-01-03</span></li>
</ul></body></html>"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_text(PAGE, encoding="utf-8")
    return path


@pytest.fixture
def listing(tmp_path: Path) -> Path:
    path = tmp_path / "listing.html"
    path.write_text(LISTING, encoding="utf-8")
    return path


def test_files_and_standard_input_are_read_in_order(desk: Desk, page: Path, tmp_path: Path) -> None:
    text = tmp_path / "note.txt"
    text.write_text("园艺组的说明\n\n长椅已经到货，将在下周一摆放，请留意现场的指示牌。\n", encoding="utf-8")
    words = (str(page), "-", str(text), "--url", "http://gov.example/a.html", "--json")
    answer = desk("read", *words, stdin=PAGE.encode("gb18030").replace(b"utf-8", b"gb18030"))
    assert answer.code == 0
    first, second, third = answer.records
    assert first["title"] == second["title"] == "关于花园改造的公告"
    assert first["url"] == "http://gov.example/a.html"
    assert "三月摆放" in first["body"]
    assert "长椅已经到货" in third["body"]


def test_a_pdf_is_read_as_a_text_and_one_without_text_says_why(desk: Desk, tmp_path: Path) -> None:
    good, bad = tmp_path / "a.pdf", tmp_path / "b.pdf"
    good.write_bytes(pdf(["一、整改落实情况", "1.关于“小路不平整”的问题。", "整改状态：已完成"]))
    bad.write_bytes(b"%PDF-1.4 torn")
    answer = desk("read", "--json", str(good), str(bad))
    read, failed = answer.records
    assert [one["status"] for aspect in read["aspects"] for one in aspect["problems"]] == ["completed"]
    assert (answer.code, failed["error"][-7:]) == (1, " broken")


def test_an_input_that_fails_leaves_its_error_in_its_place(desk: Desk, page: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty.html"
    empty.touch()
    missing = tmp_path / "missing.html"
    answer = desk("read", str(missing), str(page), str(tmp_path), str(empty), "--json")
    assert answer.code == 1
    gone, fine, folder, blank = answer.records
    assert list(gone) == list(folder) == list(blank) == ["error"]
    assert str(missing) in gone["error"]
    assert fine["title"] == "关于花园改造的公告"
    assert str(missing) in answer.err


LEDGER = """关于巡察整改进展情况的通报

根据区委统一部署，2025年3月1日至4月30日，区委第一巡察组对云岭镇党委进行了巡察。现将整改情况予以公布。
一、强化责任担当
镇党委高度重视，逐项制定方案。
二、整改落实情况
（一）履行职责方面
1.学习贯彻不够深入
整改状态：已完成
一是制定学习计划。二是开展专题研讨。
2.招投标管理不规范[red]\x1b[31m
整改状态：阶段性完成，预计2025年12月完成
一是修订制度。
联系电话：0751-5550123
中共云岭镇委员会
2025年9月1日
"""


def test_people_see_the_ledger_of_each_text_and_hostile_words_are_inert(desk: Desk, tmp_path: Path) -> None:
    first, second = tmp_path / "first.txt", tmp_path / "second.txt"
    first.write_text(LEDGER, encoding="utf-8")
    second.write_text("园艺组的说明\n\n长椅已经到货，请留意现场的指示牌。\n", encoding="utf-8")
    told = desk("read", str(first), str(second)).out
    for words in (str(first), str(second), "履行职责方面", "completed", "staged", "2025-12-31 (month)", "0751-5550123"):
        assert words in told
    assert "招投标管理不规范[red]" in told
    assert "\x1b" not in told
    ledger = [line.split() for line in told.splitlines() if "招投标管理不规范" in line]
    assert ledger[0][:2] == ["2", "2"]


def test_a_document_of_any_release_can_be_shown(capsys: pytest.CaptureFixture[str]) -> None:
    show_document({})
    show_document({"title": "旧读法", "body": "正文", "removed": [{"rule": "icp", "text": "很长" * 80}] * 50})
    show_document({"attachments": [{"url": "http://gov.example/a.pdf", "title": "附件\x1b]0;owned\x07"}]})
    show_document({"body": "a", "warnings": [{"code": "declared_mismatch", "message": "declares 3\x1b[2J"}]})
    told = capsys.readouterr().out
    assert "(no text)" in told
    assert "and 10 more" in told
    assert "很长" * 80 not in told
    assert "declared_mismatch" in told
    assert not {"\x1b", "\x07"} & set(told)


def test_people_see_title_and_text(desk: Desk, page: Path, tmp_path: Path) -> None:
    told = desk("read", str(page), str(tmp_path / "missing.html"))
    assert told.code == 1
    assert "关于花园改造的公告" in told.out
    assert "指示牌" in told.out
    assert "missing.html" in told.err


def test_a_wrong_address_of_a_file_is_refused(desk: Desk, page: Path) -> None:
    answer = desk("read", str(page), "--url", "gov.example", "--json")
    assert (answer.code, answer.out) == (1, "")
    assert "not an absolute http or https URL" in answer.err
    assert desk("read").code == 2


def test_a_listing_shows_its_items_with_absolute_urls(desk: Desk, listing: Path) -> None:
    found = desk("listing", str(listing), "--url", "http://gov.example/tzgg/", "--json").record
    assert list(found)[:6] == ["family", "evidence", "items", "next", "requests", "warnings"]
    assert [item["url"] for item in found["items"]] == [
        f"http://gov.example/tzgg/t2026010{day}_1{number}.html" for day, number in ((5, 1), (4, 2), (3, 3))
    ]
    assert found["items"][0] == found["items"][0] | {"title": "关于花园改造的公告之一", "date": "2026-01-05"}
    assert "关于花园改造的公告之二" in desk("listing", str(listing), "--url", "http://gov.example/tzgg/").out


def test_a_listing_keeps_the_fragment_that_names_its_column(desk: Desk, tmp_path: Path) -> None:
    page = tmp_path / "index.html"
    page.write_text("<html><body><script>window._CONFIG = { SID: '9' }</script></body></html>", "utf-8")
    found = desk("listing", str(page), "--url", "http://gov.example/hbj/gkmlpt/index#721", "--json").record
    where = "http://gov.example/hbj/gkmlpt/api/all/721?page=1&sid=9"
    assert found["requests"] == [{"method": "GET", "url": where, "body": None}]
    assert where in desk("listing", str(page), "--url", "http://gov.example/hbj/gkmlpt/index#721").out


def test_a_listing_without_an_address_cannot_be_read(desk: Desk, listing: Path) -> None:
    answer = desk("listing", str(listing), "--json")
    assert answer.code == 1
    assert "--url" in answer.record["error"]


def test_robots_answers_line_by_line_with_the_rule(desk: Desk, tmp_path: Path) -> None:
    robots = "User-agent: *\nDisallow: /a\nAllow: /a/open$\n\nUser-agent: other\nDisallow:\n"
    asked = [("noticewire/1", "/a/x"), ("noticewire/1", "/a/open"), ("other", "/a/x"), ("noticewire/1", "/robots.txt")]
    lines = [
        json.dumps({"robots": robots, "agent": agent, "url": f"http://gov.example{path}"}) for agent, path in asked
    ]
    batch = ("\n".join(lines) + "\n\n").encode()
    answer = desk("robots", "--batch", "-", stdin=batch)
    assert answer.code == 0
    assert [one["allowed"] for one in answer.records] == [False, True, True, True]
    assert [one["rule"] for one in answer.records[:2]] == ["Disallow: /a", "Allow: /a/open$"]
    kept = tmp_path / "batch.jsonl"
    kept.write_bytes(batch)
    assert desk("robots", "--batch", str(kept)).out == answer.out


def test_a_robots_line_that_is_none_is_answered_with_an_error(desk: Desk) -> None:
    good = json.dumps({"robots": "", "agent": "x", "url": "http://gov.example/"}).encode()
    answer = desk("robots", "--batch", "-", stdin=b"nonsense\n" + good + b'\n{"robots": 3}\n')
    assert answer.code == 1
    wrong, fine, short = answer.records
    assert "line 1" in wrong["error"]
    assert fine == {"allowed": True, "rule": "no rule"}
    assert "line 3" in short["error"]
    assert desk("robots", "--batch", "nowhere.jsonl").code == 1
    assert desk("robots").code == 2
