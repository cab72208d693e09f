"""Learned furniture: a line at the edge of many notices of a source is cut, is no change, and can be told of."""

from pathlib import Path

import pytest

from shared.db import Ledger
from shared.db.learned import NEWEST, OTHERS
from shared.db.models import EdgeLine, Revision
from tests.integration.scene import rows
from tests.integration.telling import Teller, document
from tests.integration.test_processing import RULES, Desk
from worker.clean.text import key
from worker.process import Processor

FOOT = "清源在线 用心服务每一天"


class Board:
    """Pages of one source, and a worker who reads them."""

    def __init__(self, ledger: Ledger, folder: Path) -> None:
        self.ledger = ledger
        self.folder = folder

    def desk(self, path: str) -> Desk:
        return Desk(self.ledger, self.folder, path)

    def read(self, path: str, *lines: str) -> Desk:
        desk = self.desk(path)
        self.read_again(desk, *lines)
        return desk

    def read_again(self, desk: Desk, *lines: str) -> None:
        text = "".join(f"<p>{line}</p>" for line in (f"通报第{desk.target.url[-8:]}号的内容已经全部核对完毕。", *lines))
        page = f"<html><head><title>关于督察事项的通报</title></head><body><div id='zoom'>{text}</div></body></html>"
        fetched = desk.fetch(digest=desk.blobs.put(page.encode()), content_type="text/html; charset=utf-8")
        Processor(self.ledger, desk.blobs, desk.bell, RULES).process(fetched)

    def learned(self) -> list[tuple[str, int, int]]:
        with self.ledger.reading() as uow:
            (source, *_) = uow.sources.page()
            return [(line.text, line.notices, line.looked_at) for line in uow.learned.lines(source.id)]


@pytest.fixture
def board(ledger: Ledger, tmp_path: Path) -> Board:
    return Board(ledger, tmp_path / "blobs")


def body(desk: Desk) -> str:
    (revision,) = rows(desk.ledger, Revision, notice_id=desk.notice().id)
    return str(revision.document["body"])


def test_a_line_at_the_foot_of_many_notices_is_cut_from_the_next_and_named(board: Board) -> None:
    desks = [board.read(f"{number}.html", FOOT) for number in range(OTHERS)]
    assert all(FOOT in body(desk) for desk in desks)
    assert board.learned() == [(FOOT, OTHERS, OTHERS)]
    after = board.read("after.html", FOOT)
    assert FOOT not in body(after)
    (revision,) = rows(board.ledger, Revision, notice_id=after.notice().id)
    assert {"rule": "learned", "text": FOOT} in revision.document["removed"]
    assert board.learned() == [(FOOT, OTHERS + 1, OTHERS + 1)], "what is cut is still counted"


def test_what_was_learned_meanwhile_is_no_change_of_a_notice(board: Board) -> None:
    first, *_ = [board.read(f"{number}.html", FOOT) for number in range(OTHERS + 1)]
    told = len(first.told())
    board.read_again(first, FOOT)
    assert first.decisions() == [("published", "first-text"), ("unchanged", "same-text-read-anew")]
    assert FOOT not in body(first)
    assert len(first.told()) == told


def test_a_line_that_fewer_share_or_that_is_on_less_than_half_is_what_they_say(board: Board) -> None:
    for number in range(OTHERS - 1):
        board.read(f"{number}.html", FOOT)
    assert board.learned() == []
    for number in range(OTHERS + 2):
        board.read(f"other{number}.html")
    board.read("last.html", FOOT)
    assert board.learned() == [], "on five of twelve"


def test_a_notice_is_no_witness_in_its_own_cause(board: Board) -> None:
    desks = [board.read(f"{number}.html", FOOT) for number in range(OTHERS)]
    board.read_again(desks[0], FOOT)
    assert desks[0].decisions()[-1] == ("unchanged", "same-text")
    with board.ledger.reading() as uow:
        source = desks[0].target.source_id
        assert uow.learned.of_source(source, besides=desks[0].notice().id) == frozenset()
        assert uow.learned.of_source(source) == {key(FOOT)}


def test_a_line_that_a_revision_drops_is_forgotten(board: Board) -> None:
    desks = [board.read(f"{number}.html", FOOT) for number in range(OTHERS)]
    board.read_again(desks[0], "另有三项仍在办理之中，将于年内办结。")
    assert board.learned() == []
    assert len(rows(board.ledger, EdgeLine, key=key(FOOT))) == OTHERS - 1


def test_another_source_learns_for_itself(board: Board) -> None:
    for number in range(OTHERS):
        board.read(f"{number}.html", FOOT)
    teller = Teller(board.ledger)
    teller.tell(document(body="正文。"), host="other.example")
    with board.ledger.reading() as uow:
        assert uow.learned.of_source(teller.notice(host="other.example").source_id) == frozenset()


def test_only_the_newest_notices_are_looked_at(ledger: Ledger) -> None:
    teller = Teller(ledger)
    for number in range(NEWEST + 5):
        teller.tell(document(body=f"正文\n{FOOT}", title=str(number)), f"{number}.html")
    with ledger.reading() as uow:
        (source,) = uow.sources.page()
        (line,) = [one for one in uow.learned.lines(source.id) if one.text == FOOT]
    assert (line.notices, line.looked_at) == (NEWEST, NEWEST)
