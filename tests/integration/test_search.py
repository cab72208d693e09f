"""Searching: both databases find exactly what holds every term, whatever the question is made of."""

import random

import pytest
from sqlalchemy import Select, select, text
from sqlalchemy.orm import Session

from shared.db import Ledger
from shared.db.models import Searchable
from shared.db.notices import NoticeQuery
from shared.db.problems import ProblemQuery
from shared.db.search import MOST_TERMS, holds, terms_of
from shared.errors import Invalid
from shared.width import folded
from tests.integration.telling import Teller, document, problem

BODIES = {
    "关于整改进展情况的通报": "已退还保证金１２万元（大写：壹拾贰万元）。\n完成率100%，下划线_也在。",
    "ＡＢＣ公司巡察整改": 'It\'s a "quoted" line; DROP TABLE notices; -- 注释\\反斜线',
    "整改": "镇",
    "云岭镇党委关于巡察整改进展情况的公告": "整改进展整改进展。AND OR NOT NEAR(a b) col:x a* ^a +a -a",
    "清源街道": "İstanbul STRASSE Straße ﬁn 𠮷野家 emoji😀。",
}
QUESTIONS = [
    *(
        "整改",
        "整改进展",
        "整改进展情况",
        "镇",
        "保证金 12万",
        "12万元(大写",
        "１００％",
        "100%",
        "%",
        "_",
        "线_",
        "\\",
        "反斜",
        "\\反",
    ),
    *(
        "abc",
        "ABC公司",
        "ａｂｃ",
        "it's",
        '"quoted"',
        '"',
        "'",
        "DROP TABLE",
        "--",
        "; --",
        "AND",
        "and or not",
        "NEAR(a",
        "col:x",
    ),
    *(
        "a*",
        "^a",
        "+a",
        "-a",
        "(",
        ")",
        "*",
        "𠮷野",
        "𠮷野家",
        "😀",
        "straße",
        "STRASSE",
        "i̇st",
        "ﬁn",
        "fin",
        "\x00整改\x00",
        "整\u200b改",
    ),
    *("没有这样的词", "整改 没有", "清源街道 整改", "整" * 200, "进展情况的通", "展情况的公", "。\n完成"),
]


@pytest.fixture
def told(ledger: Ledger) -> Teller:
    teller = Teller(ledger)
    for number, (title, body) in enumerate(BODIES.items()):
        teller.tell(document(title=title, body=body), f"{number}.html")
    return teller


def found(ledger: Ledger, question: str, **other: object) -> list[str]:
    with ledger.reading() as uow:
        return [str(one.title) for one in uow.notices.page(NoticeQuery(q=question), **other)]  # type: ignore[arg-type]


def expected(question: str) -> list[str]:
    terms = folded(question).split()
    return [title for title, body in BODIES.items() if all(term in folded(f"{title}\n{body}") for term in terms)]


def test_a_question_finds_the_texts_that_hold_each_of_its_terms_literally(told: Teller) -> None:
    answers = {question: found(told.ledger, question) for question in QUESTIONS}
    assert answers == {question: expected(question) for question in QUESTIONS}
    assert sum(map(bool, answers.values())) > len(QUESTIONS) * 0.7


def test_any_piece_of_a_text_finds_it(told: Teller) -> None:
    chance = random.Random(7)
    for title, body in BODIES.items():
        for _ in range(30):
            start = chance.randrange(len(body))
            piece = body[start : start + chance.randint(1, 12)]
            assert found(told.ledger, piece) == expected(piece), piece
            if piece.strip():
                assert title in found(told.ledger, piece)


def test_the_newest_come_first_page_by_page(told: Teller) -> None:
    titles = [title for title in BODIES if "整改" in title]
    pages, after = [], ""
    with told.ledger.reading() as uow:
        while page := uow.notices.page(NoticeQuery(q="整改"), after=after, limit=2, newest_first=True):
            pages.append([one.title for one in page])
            after = page[-1].id
    assert [title for page in pages for title in page] == titles[::-1]
    assert found(told.ledger, "整改", limit=2) == titles[:2]


def test_a_search_is_narrowed_by_the_other_questions(told: Teller) -> None:
    told.tell(document(title="整改的公告", kind="notice", inspection={"inspected": "清源街道党工委"}), "n.html")
    with told.ledger.reading() as uow:
        by_kind = uow.notices.page(NoticeQuery(q="整改", kind="notice"))
        by_body = uow.notices.page(NoticeQuery(q="整改", inspected="中共清源街道工作委员会"))
        assert [one.title for one in by_kind] == [one.title for one in by_body] == ["整改的公告"]
        assert uow.notices.page(NoticeQuery(q="公告", source_id="src_none")) == []


def test_a_revision_is_found_by_what_it_says_now(told: Teller) -> None:
    told.tell(document(title="关于整改进展情况的通报", body="已全部办结。"), "0.html")
    assert found(told.ledger, "保证金") == []
    assert found(told.ledger, "全部办结") == ["关于整改进展情况的通报"]


def test_a_problem_is_found_by_what_one_notice_says_of_it(told: Teller) -> None:
    told.tell(document(problem(1, "往来款清理不及时", text="1.往来款\n已清理３笔。"), problem(2, "账外账")), "p.html")
    with told.ledger.reading() as uow:
        for question in ("往来款", "清理 3笔", "来款\x00清理"):
            assert [one.title for one in uow.problems.page(ProblemQuery(q=question))] == ["往来款清理不及时"], question
        assert uow.problems.page(ProblemQuery(q="往来款 账外")) == []


def test_the_notices_of_a_forgotten_source_are_found_no_more(told: Teller) -> None:
    with told.ledger.begin() as uow:
        uow.sources.remove(told.notice("0.html").source_id)
        uow.commit()
    assert found(told.ledger, "整改进展") == []
    if told.ledger.engine.dialect.name == "sqlite":
        with Session(told.ledger.engine) as session:
            session.execute(text("INSERT INTO searchable_index (searchable_index) VALUES ('integrity-check')"))


def test_too_many_terms_are_refused(ledger: Ledger) -> None:
    assert len(terms_of(" ".join(map(str, range(MOST_TERMS))))) == MOST_TERMS
    assert terms_of("甲 甲\u3000甲") == ["甲"]
    with pytest.raises(Invalid, match="at most 16 terms; this one has 17"):
        found(ledger, " ".join(map(str, range(MOST_TERMS + 1))))


def test_an_empty_question_asks_nothing(told: Teller) -> None:
    assert found(told.ledger, " \n\u3000") == list(BODIES)


def plan(session: Session, query: Select[str]) -> str:
    dialect = session.get_bind().dialect
    compiled = query.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    words = "EXPLAIN QUERY PLAN" if dialect.name == "sqlite" else "EXPLAIN"
    return "\n".join(str(row) for row in session.connection().exec_driver_sql(f"{words} {compiled}"))


def test_a_search_goes_by_the_index(told: Teller) -> None:
    with Session(told.ledger.engine) as session:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("SET enable_seqscan = off"))
            trigrams = session.scalar(text("SELECT show_trgm('整改进展')"))
            assert trigrams, "Chinese characters are no letters to this database: make it with a UTF-8 locale"
        query = select(Searchable.notice_id).where(*holds(session, ["整改进展"]))
        told_plan = plan(session, query)
    assert "ix_searchable_text" in told_plan or "searchable_index VIRTUAL TABLE INDEX" in told_plan


def test_a_ledger_tells_whether_its_texts_are_indexed(ledger: Ledger) -> None:
    with ledger.reading() as uow:
        assert uow.ages.search_indexed()
    lost = {"sqlite": "DROP TABLE searchable_index", "postgresql": "DROP EXTENSION pg_trgm CASCADE"}
    with ledger.engine.begin() as connection:
        connection.execute(text(lost[ledger.engine.dialect.name]))
    with ledger.reading() as uow:
        assert not uow.ages.search_indexed()
