"""The ledger of a notice through the API, on each kind of database: notices searched, problems asked, follow-ups."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from jsonschema import Draft202012Validator

from services.desk.ledgers import KINDS, LONGEST_QUESTION, STATUSES
from shared.domain.states import Scope
from tests.integration.api.asgi import Client
from tests.integration.api.world import World, open_world
from tests.integration.telling import Teller, document, problem
from worker.read import read

FIRST = "学习贯彻上级决策部署不够深入"
SECOND = "工程项目招投标管理不规范"
THIRD = "公务用车使用登记不全"
EARLIER = document(
    problem(1, FIRST, "staged", due="2026-06-30", text="1.学习\n已退还保证金１２万元。"),
    problem(2, SECOND),
    on="2025-03-01",
)
LATER = document(problem(1, FIRST, "completed", measures=["一是建章立制"]), on="2025-09-01")
OTHER = document(
    problem(1, THIRD, "in_progress", due="2026-09-30"), inspection={"inspected": "清源街道党工委"}, title="清源街道整改"
)


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path, database_url=database_url) as world:
        yield world


@pytest.fixture
def teller(world: World) -> Teller:
    teller = Teller(world.ledger)
    for path, said in (("earlier.html", EARLIER), ("later.html", LATER), ("other.html", OTHER)):
        teller.tell(said, path)
    return teller


@pytest.fixture
def reader(world: World) -> Client:
    return world.client(Scope.READ)


def found(client: Client, noun: str, **asked: str) -> list[Any]:
    """Return the items of a list that is asked with parameters."""
    query = "&".join(f"{name}={quote(value)}" for name, value in asked.items())
    answer = client.get(f"/v1/{noun}?{query}")
    assert answer.status == 200, answer.body
    items: list[Any] = answer.json()["items"]
    return items


def test_notices_are_found_by_their_text_their_kind_and_whom_they_are_about(teller: Teller, reader: Client) -> None:
    earlier, later, other = (teller.notice(f"{name}.html") for name in ("earlier", "later", "other"))

    def ids(**asked: str) -> list[str]:
        return [one["id"] for one in found(reader, "notices", **asked)]

    assert ids() == ids(kind="rectification") == [earlier.id, later.id, other.id]
    assert ids(kind="notice") == []
    assert ids(q="保证金 12万") == [earlier.id]
    assert ids(q="保证金 街道") == []
    assert ids(q="清源", inspected="中共清源街道工作委员会") == [other.id]
    assert ids(inspected="云岭镇") == [earlier.id, later.id]
    assert ids(since="2000-01-01") == ids(since="2000-01-01T00:00:00Z") == [earlier.id, later.id, other.id]
    assert ids(since="2000-01-01", changed_since="2900-01-01T00:00:00Z") == []
    assert ids(since="2900-01-01") == []


def test_a_notice_shows_its_ledger_beside_its_document(teller: Teller, reader: Client) -> None:
    earlier, later = teller.notice("earlier.html"), teller.notice("later.html")
    ids = {title: one.id for title, one in teller.problems().items()}
    shown = reader.get(f"/v1/notices/{earlier.id}").json()
    assert (shown["kind"], shown["inspected"], shown["signed_on"]) == (
        "rectification",
        "中共云岭镇委员会",
        "2025-03-01",
    )
    assert shown["latest"]["document"] == EARLIER
    assert (shown["follows_id"], shown["followed_by"]) == (None, [later.id])
    assert shown["problems"] == [
        {
            "number": 1,
            "printed_number": 1,
            "problem_id": ids[FIRST],
            "status": "completed",
            "due_by": "2026-06-30",
        },
        {"number": 2, "printed_number": 2, "problem_id": ids[SECOND], "status": None, "due_by": None},
    ]
    after = reader.get(f"/v1/notices/{later.id}").json()
    assert (after["follows_id"], after["followed_by"]) == (earlier.id, [])
    assert [one["problem_id"] for one in after["problems"]] == [ids[FIRST]]


def test_problems_are_asked_by_each_of_their_sides(teller: Teller, reader: Client) -> None:
    earlier, other = teller.notice("earlier.html"), teller.notice("other.html")

    def titles(**asked: str) -> list[str]:
        return [one["title"] for one in found(reader, "problems", **asked)]

    assert titles() == titles(source=earlier.source_id) == [FIRST, SECOND, THIRD]
    assert titles(status="completed") == [FIRST]
    assert titles(status="none") == [SECOND]
    assert titles(due_before="2026-12-31") == [THIRD], "what is finished is owed no more"
    assert titles(due_before="2026-09-30") == []
    assert titles(notice=earlier.id) == [FIRST, SECOND]
    assert titles(inspected="清源街道") == titles(notice=other.id) == [THIRD]
    assert titles(q="保证金 12万") == [FIRST]
    assert titles(q="保证金", status="none") == []


def test_problems_are_turned_over_page_by_page(teller: Teller, reader: Client) -> None:
    first = reader.get("/v1/problems?limit=2").json()
    rest = reader.get(f"/v1/problems?limit=2&after={first['next']}").json()
    assert [one["title"] for one in (*first["items"], *rest["items"])] == [FIRST, SECOND, THIRD]
    assert rest["next"] is None


def test_a_problem_tells_which_notice_said_what_and_how_it_came_to_its_status(teller: Teller, reader: Client) -> None:
    earlier, later = teller.notice("earlier.html"), teller.notice("later.html")
    known = teller.problems()[FIRST]
    shown = reader.get(f"/v1/problems/{known.id}").json()
    assert (shown["status"], shown["due_by"], shown["due_precision"]) == ("completed", "2026-06-30", "month")
    assert [(one["status"], one["notice_id"]) for one in shown["history"]] == [
        ("completed", later.id),
        ("staged", earlier.id),
    ]
    newest, oldest = shown["accounts"]
    assert [one["notice"]["id"] for one in (newest, oldest)] == [later.id, earlier.id]
    assert (newest["status"], newest["measures"], newest["commitments"]) == ("completed", ["一是建章立制"], [])
    assert oldest["commitments"] == [{"due_by": "2026-06-30", "precision": "month", "text": "预计2026-06-30完成"}]
    assert oldest["text"].startswith("1.学习")
    assert reader.get(f"/v1/problems/prb_{'0' * 26}").status == 404


@pytest.mark.parametrize("noun", ["notices", "problems"])
@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("", "at least 1"),
        ("%E3%80%80%20", "at least 1"),
        ("%E2%80%8B", "nothing to search for"),
        ("x" * (LONGEST_QUESTION + 1), "at most 200 characters"),
        ("+".join("abcdefghijklmnopq"), "at most 16 terms"),
        ("%00", "control characters"),
    ],
)
def test_an_empty_or_over_long_search_is_refused_with_a_reason(
    teller: Teller, reader: Client, noun: str, question: str, told: str
) -> None:
    answer = reader.get(f"/v1/{noun}?q={question}")
    assert (answer.status, answer.json()["errors"][0]["where"]) == (422, "query.q")
    assert told in answer.detail


@pytest.mark.parametrize(
    ("asked", "where"),
    [
        ("problems?status=eaten", "query.status"),
        ("problems?status=", "query.status"),
        ("problems?due_before=2026-02-30", "query.due_before"),
        ("problems?due_before=20260230", "query.due_before"),
        ("problems?due_before=tomorrow", "query.due_before"),
        ("problems?source=gov.example", "query.source"),
        ("problems?colour=blue", "query.colour"),
        ("problems?limit=0", "query.limit"),
        ("problems?inspected=", "query.inspected"),
        ("notices?inspected=%E2%80%8B", "query.inspected"),
        ("notices?kind=gossip", "query.kind"),
        ("notices?since=yesterday", "query.since"),
        ("notices?since=2026-02-30", "query.since"),
        ("notices?since=2026-03-01T00:00:00", "query.since"),
    ],
)
def test_a_wrong_parameter_is_named(reader: Client, asked: str, where: str) -> None:
    answer = reader.get(f"/v1/{asked}")
    assert (answer.status, answer.json()["errors"][0]["where"]) == (422, where)
    assert answer.detail


def test_the_schema_of_a_document_is_open_and_holds_for_what_is_read(world: World) -> None:
    answer = Client(world.app).get("/v1/schemas/document.json")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/schema+json")
    validator = Draft202012Validator(answer.json())
    validator.validate(dict(read("关于花园改造的公告\n\n小路已经铺好，请各位居民留意。".encode()).as_json()))


def test_the_description_names_the_schema_of_a_document_and_what_may_be_asked(world: World) -> None:
    told = Client(world.app).get("/openapi.json").json()
    shapes = told["components"]["schemas"]
    assert shapes["RevisionDetail"]["properties"]["document"]["$ref"] == "#/components/schemas/Document"
    assert shapes["Document"]["properties"]["kind"]["enum"]
    asked = {one["name"]: one["schema"] for one in told["paths"]["/v1/problems"]["get"]["parameters"]}
    assert asked["status"]["anyOf"][0]["enum"] == list(STATUSES)
    assert asked["q"]["anyOf"][0]["maxLength"] == LONGEST_QUESTION
    kinds = {one["name"]: one["schema"] for one in told["paths"]["/v1/notices"]["get"]["parameters"]}["kind"]
    assert kinds["anyOf"][0]["enum"] == list(KINDS)


def test_a_republication_and_its_original_show_each_other(teller: Teller, reader: Client) -> None:
    text = "\n".join(f"{number}.针对第{number}项反馈意见，已召开会议研究。" for number in range(1, 40))
    for host in ("here.example", "there.example"):
        teller.tell(document(body=text), host=host)
    original, copy = teller.notice(host="here.example"), teller.notice(host="there.example")
    shown = reader.get(f"/v1/notices/{copy.id}").json()
    assert (shown["republishes_id"], shown["republishes"]["url"]) == (original.id, original.url)
    shown = reader.get(f"/v1/notices/{original.id}").json()
    assert (shown["republishes"], [one["url"] for one in shown["republications"]]) == (None, [copy.url])
