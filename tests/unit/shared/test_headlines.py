"""Headlines: every type in both languages, bounded, on one line, whatever a page or an older release told."""

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.events import EVENT_TYPES
from shared.domain.headlines import LONGEST, Language, headline, lines

NOTICE = {"id": "ntc_1", "title": "关于巡察整改进展情况的通报", "url": "https://gov.example/a/1.html"}
DATA: dict[str, Any] = {
    "notice": NOTICE,
    "revision": {"number": 3},
    "problem": {"id": "prb_1", "title": "制度执行不到位", "status": "staged"},
    "from": "in_progress",
    "to": "completed",
    "commitment": {"due_by": "2026-06-30", "text": "预计6月底完成"},
    "window": {"opens_on": "2026-06-01", "closes_on": "2026-06-30"},
    "source": {"id": "src_1", "name": "清源区"},
    "column": {"name": "通报", "url": "https://gov.example/a/"},
}


@pytest.mark.parametrize(
    ("kind", "zh", "en"),
    [
        ("notice.published", "发布：《关于巡察整改进展情况的通报》", "Published: 关于巡察整改进展情况的通报"),
        (
            "problem.status_changed",
            "整改状态：制度执行不到位：整改中 → 已完成",
            "Status: 制度执行不到位: in progress → completed",
        ),
        ("commitment.overdue", "承诺逾期：制度执行不到位（2026-06-30，阶段性完成）", None),
        ("comment_window.opened", "公开期限开始：《关于巡察整改进展情况的通报》（2026-06-01 — 2026-06-30）", None),
        ("source.silent", "栏目久未更新：清源区 · 通报", "Silent: 清源区 · 通报"),
    ],
)
def test_an_event_is_one_sentence(kind: str, zh: str, en: str | None) -> None:
    assert headline(kind, DATA) == zh
    assert en is None or headline(kind, DATA, "en") == en


@pytest.mark.parametrize("language", get_args(Language))
@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_every_type_has_a_sentence_of_its_own_even_where_data_tells_little(kind: str, language: Language) -> None:
    assert kind not in headline(kind, DATA, language)
    assert headline(kind, {}, language)
    assert lines(kind, {"from": "a", "to": "b"}, language) in ([], ["a → b"])


def test_a_type_of_a_later_release_is_named_as_it_is() -> None:
    assert headline("notice.translated", DATA) == "notice.translated：关于巡察整改进展情况的通报"


def test_details_say_what_changed_where_it_is_and_how_late() -> None:
    diff = {"fields": {"title": ["旧", "新"]}, "text": [" 同", "-甲", "+乙"]}
    told = lines("notice.revised", {"notice": NOTICE, "diff": diff, "late": True, "late_seconds": 7200}, "en")
    assert told == ["title: 旧 → 新", "-甲", "+乙", NOTICE["url"], "told 2 h late"]


@given(st.text(max_size=400), st.sampled_from(EVENT_TYPES))
def test_whatever_a_page_says_a_line_is_one_line_of_bounded_length(text: str, kind: str) -> None:
    data = {
        "notice": {"title": text, "url": text},
        "problem": {"title": text, "status": text},
        "from": text,
        "to": text,
        "source": {"name": text},
        "diff": {"fields": {"title": [text, None]}, "text": [f"+{text}"] * 60},
    }
    for line in (headline(kind, data), *lines(kind, data)):
        assert len(line) <= LONGEST
        assert len(line.splitlines()) <= 1
        assert line.isprintable()
