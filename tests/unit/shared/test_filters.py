"""Filters: what is accepted, what matches, and that the index answers as asking one by one does."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.events import EVENT_TYPES
from shared.domain.filter_index import FilterIndex
from shared.domain.filters import KINDS, MOST_VALUES, STATUSES, Facets, Filter, matches
from shared.errors import Invalid
from shared.ids import new_id
from shared.width import folded

SOURCES = [new_id("src") for _ in range(3)]
COLUMNS = [new_id("col") for _ in range(3)]
BODIES = ["清源区水务局", "江州市清源区水务局", "中共清源区水务局党组", "云岭镇", "云岭镇人民政府", "清源区卫生健康局"]
WORDS = ["整改", "河道", "河", "食堂 采购", "ＡＢＣ", "销号", "道采"]
DAYS = ["2026-03-31", "2026-06-30", "2026-12-31"]


def some(*values: str) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), max_size=3)


def conditions() -> st.SearchStrategy[dict[str, Any]]:
    wanted = {
        "types": some(*EVENT_TYPES[:4]),
        "sources": some(*SOURCES),
        "columns": some(*COLUMNS),
        "kinds": some(*KINDS),
        "bodies": some(*BODIES),
        "keywords": some(*WORDS),
        "statuses": some(*STATUSES[:3]),
        "due_from": st.just(DAYS[0]),
        "due_before": st.sampled_from(DAYS[1:]),
        "republications": st.booleans(),
    }
    return st.fixed_dictionaries({}, optional=wanted)


def happenings() -> st.SearchStrategy[Facets]:
    return st.builds(
        Facets,
        type=st.sampled_from(EVENT_TYPES[:4]),
        source=st.sampled_from(SOURCES),
        column=st.none() | st.sampled_from(COLUMNS),
        republication=st.booleans(),
        kind=st.none() | st.sampled_from(KINDS),
        bodies=st.frozensets(st.sampled_from(BODIES), max_size=2),
        text=st.lists(st.sampled_from(["整改", "河", "道", "食堂", "采购", "abc", "销", "号", "\n"])).map("".join),
        statuses=st.frozensets(st.sampled_from(STATUSES[:3])),
        due=st.lists(st.sampled_from(DAYS)).map(tuple),
    )


@given(st.lists(conditions(), max_size=20), st.lists(happenings(), min_size=1, max_size=5))
def test_the_index_answers_as_asking_one_by_one_does(wanted: list[dict[str, Any]], events: list[Facets]) -> None:
    filters = [Filter.parse(one) for one in wanted]
    index = FilterIndex(enumerate(filters))
    for event in events:
        found = index.matching(event)
        assert sorted(found) == [number for number, one in enumerate(filters) if matches(one, event)]


@given(conditions())
def test_what_a_filter_says_of_itself_makes_it_again(given_: dict[str, Any]) -> None:
    made = Filter.parse(given_)
    assert Filter.parse(made.to_json()) == made


def event(**known: Any) -> Facets:
    return Facets(**{"type": "notice.published", "source": SOURCES[0]} | known)


def test_the_empty_filter_wants_everything_but_a_text_told_again() -> None:
    everything = Filter.parse({})
    assert everything == Filter()
    assert everything.to_json() == {}
    assert matches(everything, event())
    assert not matches(everything, event(republication=True))
    assert matches(Filter.parse({"republications": True}), event(republication=True))


def test_to_ask_for_republished_notices_is_to_ask_for_republications_and_the_other_way_round() -> None:
    both = Filter.parse({"types": ["notice.published"], "republications": True})
    assert both.types == ("notice.published", "notice.republished")
    assert Filter.parse({"types": ["notice.republished"]}).republications


def test_all_conditions_must_hold_and_of_the_values_of_one_any() -> None:
    wanted = Filter.parse({"types": ["notice.published", "notice.revised"], "sources": SOURCES[:2]})
    assert matches(wanted, event())
    assert matches(wanted, event(type="notice.revised", source=SOURCES[1]))
    assert not matches(wanted, event(type="notice.withdrawn"))
    assert not matches(wanted, event(source=SOURCES[2]))


@pytest.mark.parametrize(
    ("keyword", "found"),
    [("食堂", True), ("食堂 采购", True), ("食堂采购", False), ("ＡＢｃ", True), ("abc", True), ("食堂 道路", False)],
)
def test_keywords_are_found_whatever_their_width_and_case_and_their_words_in_any_order(
    keyword: str, found: bool
) -> None:
    text = folded("关于采购与食堂管理的通报（ＡＢＣ）")
    assert matches(Filter.parse({"keywords": [keyword]}), event(text=text)) is found


@pytest.mark.parametrize(
    ("wanted", "printed", "same"),
    [
        ("清源区水务局", "中共清源区水务局党组", True),
        ("清源区水务局", "江州市清源区水务局", True),
        ("青山省江州市清源区水务局", "清源区水务局", True),
        ("海州市清源区水务局", "江州市清源区水务局", False),
        ("水务局", "清源区水务局", False),
        ("清源区卫健局", "中共清源区卫生健康局党组", True),
        ("江州市住建局", "江州市住房和城乡建设局", True),
        ("云岭镇", "云岭镇人民政府", True),
        ("云岭街道", "清源区云岭街道办事处", True),
        ("清源区人民政府", "清源区", False),
        ("清源区市场监管局", "清源区市场监督管理局", True),
        ("清源区发改委", "清源区发展和改革委员会", True),
    ],
)
def test_a_body_is_found_by_its_names_in_full_and_in_short(wanted: str, printed: str, same: bool) -> None:
    assert matches(Filter.parse({"bodies": [wanted]}), event(bodies=frozenset([printed]))) is same


def test_one_and_the_same_day_must_be_in_the_span() -> None:
    wanted = Filter.parse({"due_from": "2026-06-01", "due_before": "2026-07-01"})
    assert matches(wanted, event(due=("2026-03-31", "2026-06-01")))
    assert not matches(wanted, event(due=("2026-03-31", "2026-07-01")))
    assert not matches(wanted, event())


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"type": ["notice.published"]}, "type: there is no such condition; known are types, sources"),
        ({"types": ["notice.lost"]}, "types[0]: unknown event type 'notice.lost'; known are notice.published"),
        ({"types": "notice.published"}, "types: write a list of texts"),
        ({"types": [7]}, "types[0]: write a text"),
        ({"types": None}, "types: write a list of texts"),
        ({"kinds": ""}, "kinds: write a list of texts"),
        ({"sources": ["gov.example"]}, "sources[0]: 'gov.example' is no id of a source; they begin with src_"),
        ({"columns": [SOURCES[0]]}, "columns[0]: "),
        ({"kinds": ["article"]}, "kinds[0]: unknown kind of notice 'article'; known are rectification"),
        ({"bodies": ["云岭镇", "  "]}, "bodies[1]: write 1 to 200 characters"),
        ({"keywords": ["整改", "一 二 三 四 五 六 七 八 九"]}, "keywords[1]: write 1 to 8 words"),
        ({"keywords": ["长" * 201]}, "keywords[0]: write 1 to 200 characters"),
        ({"keywords": ["词"] * (MOST_VALUES + 1)}, "keywords: at most 200 are taken; these are 201"),
        ({"statuses": ["done"]}, "statuses[0]: unknown status 'done'; known are completed"),
        ({"due_before": "31.12.2026"}, "due_before: '31.12.2026' is no date; write it as 2026-12-31"),
        ({"due_from": 20261231}, "due_from: '20261231' is no date"),
        ({"due_from": "2026-12-31", "due_before": "2026-12-31"}, "due_before: it is not after due_from"),
        ({"republications": 0}, "republications: write true or false"),
        ({"republications": "yes"}, "republications: write true or false"),
    ],
)
def test_what_is_wrong_is_told_with_its_place_and_what_would_be_right(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(Invalid) as refused:
        Filter.parse(wrong)
    assert str(refused.value).startswith(told)


def test_only_what_somebody_asks_for_must_be_known() -> None:
    assert not FilterIndex([(1, Filter())]).reads_notices
    about = FilterIndex([(1, Filter()), (2, Filter.parse({"kinds": ["inspection"]}))])
    assert about.reads_notices
    assert not about.reads_text
    assert FilterIndex([(1, Filter.parse({"keywords": ["河道"]}))]).reads_text
