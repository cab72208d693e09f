"""The lists as files: the same rows by the same filters, whatever the format."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from shared.db.models import Notice
from shared.domain.states import NoticeState, Scope
from tests.integration.api.asgi import Answer, Client
from tests.integration.api.world import World, open_world


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path, database_url=database_url) as world:
        yield world


@pytest.fixture
def reader(world: World) -> Client:
    return world.client(Scope.READ)


def rows(answer: Answer) -> list[dict[str, str]]:
    """Return the rows of a file by its name, as texts."""
    assert answer.status == 200, answer
    name = answer.headers["content-disposition"].partition("filename=")[2].strip('"')
    if name.endswith(".jsonl"):
        return [json.loads(line) for line in answer.body.decode().splitlines()]
    if name.endswith(".csv"):
        return list(csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig"), newline="")))
    heading, *body = CalamineWorkbook.from_filelike(io.BytesIO(answer.body)).get_sheet_by_index(0).to_python()
    return [dict(zip(map(str, heading), map(str, row), strict=True)) for row in body]


@pytest.mark.parametrize("form", ["csv", "xlsx", "jsonl"])
def test_notices_are_exported_as_the_list_shows_them(world: World, reader: Client, form: str) -> None:
    for name in "abc":
        world.notice(name)
    gone = world.notice("d", state=NoticeState.WITHDRAWN)
    listed = [item["id"] for item in reader.get("/v1/notices").json()["items"]]
    found = rows(reader.get(f"/v1/exports/notices.{form}"))
    assert [row["id"] for row in found] == listed
    assert found[0]["title"] == "公告 a"
    assert [row["id"] for row in rows(reader.get(f"/v1/exports/notices.{form}?state=withdrawn"))] == [gone.id]
    assert reader.get(f"/v1/exports/notices.{form}?limit=3").status == 422
    assert "etag" not in reader.get(f"/v1/exports/notices.{form}").headers


@pytest.mark.parametrize("form", ["csv", "xlsx", "jsonl"])
def test_events_are_exported_by_position_and_type(world: World, reader: Client, form: str) -> None:
    world.notice("a", ["first", "second"])
    world.publish("b")
    found = rows(reader.get(f"/v1/exports/events.{form}?after=1&type=notice.published"))
    (event,) = found
    assert event["type"].endswith("notice.published")
    assert "公告 b" in str(event)


def test_events_as_lines_are_those_of_every_window(world: World, reader: Client) -> None:
    world.publish(*"abc")
    listed = reader.get("/v1/events").body
    for line in reader.get("/v1/exports/events.jsonl").body.splitlines():
        assert line in listed


def test_problems_are_exported_also_where_there_are_none(reader: Client) -> None:
    assert rows(reader.get("/v1/exports/problems.csv")) == []
    assert reader.get("/v1/exports/problems.csv?status=none&bom=true").body.startswith("\ufeff".encode())
    assert reader.get("/v1/exports/problems.jsonl").body == b""
    assert reader.get("/v1/exports/problems.pdf").status == 422
    assert reader.get("/v1/exports/problems.csv?q=" + "%20".join("abcdefghijklmnopq")).status == 422


def test_a_title_that_is_a_formula_is_none_in_a_file(world: World, reader: Client) -> None:
    notice = world.notice("a")
    with world.ledger.begin() as uow:
        found = uow._session.get(Notice, notice.id)
        assert found is not None
        found.title = '＝HYPERLINK("https://evil.example")'
        uow.commit()
    assert b"\"'\xef\xbc\x9dHYPERLINK" in reader.get("/v1/exports/notices.csv").body
    (row,) = rows(reader.get("/v1/exports/notices.xlsx"))
    assert row["title"] == found.title
