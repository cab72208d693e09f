"""Asking twice does once, asking too often waits, and who has an answer is not sent it again."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response

from services.api.once import Once
from services.desk.tokens import create_token
from shared.db.models import KeptAnswer
from shared.domain.states import Scope
from tests.integration.api.asgi import Answer, Client
from tests.integration.api.world import World, open_world

KEY = {"idempotency-key": "a wish of mine"}
HOOK = {"url": "https://hook.example/in"}


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path, database_url=database_url) as world:
        yield world


@pytest.fixture
def admin(world: World) -> Client:
    return world.client(Scope.ADMIN)


def subscriptions(client: Client) -> list[Any]:
    items: list[Any] = client.get("/v1/subscriptions").json()["items"]
    return items


def test_the_same_key_and_body_get_the_same_answer_and_make_one_thing(admin: Client) -> None:
    first, again = (admin.post("/v1/subscriptions", HOOK, headers=KEY) for _ in range(2))
    assert (first.status, again.status) == (201, 201)
    assert first.body == again.body
    assert again.headers["location"] == first.headers["location"]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    quoted = {"idempotency-key": '"a wish of mine"'}
    assert admin.post("/v1/subscriptions", HOOK, headers=quoted).body == first.body
    assert len(subscriptions(admin)) == 1


def test_a_key_belongs_to_its_token(world: World, admin: Client) -> None:
    other = world.client(Scope.ADMIN)
    one, two = (client.post("/v1/subscriptions", HOOK, headers=KEY).json() for client in (admin, other))
    assert one["id"] != two["id"]


@pytest.mark.parametrize(
    ("path", "wish", "where"),
    [
        ("/v1/filters", {"name": "../x", "filter": {}}, "body.name"),
        ("/v1/filters/try", {"filter": {"statuses": ["done"]}}, "body.filter.statuses"),
        ("/v1/filters/try", {"filter": {"republications": "yes"}}, "body.filter.republications"),
        ("/v1/subscriptions", {"url": "ftp://x.example"}, "body.url"),
        ("/v1/subscriptions", HOOK | {"allow": ["nowhere/99"]}, "body.allow"),
        ("/v1/subscriptions", HOOK | {"republications": 1}, "body.republications"),
        ("/v1/recrawls", {"subject": "nope"}, "body.subject"),
        ("/v1/sources", {"url": "javascript:1"}, "body.url"),
    ],
)
def test_what_is_wrong_is_told_with_where_it_lies_and_in_our_own_words(
    admin: Client, path: str, wish: Any, where: str
) -> None:
    answer = admin.post(path, wish)
    assert answer.status == 422
    assert [one["where"] for one in answer.json()["errors"]] == [where]
    assert "Value error" not in answer.detail


def test_a_header_that_is_wrong_is_named(admin: Client) -> None:
    stream = admin.get("/v1/events/stream", headers={"last-event-id": "1e3"})
    assert stream.json()["errors"] == [
        {"where": "header.Last-Event-ID", "detail": "it is not a position of this stream"}
    ]
    key = admin.post("/v1/subscriptions", HOOK, headers={"idempotency-key": "\u00e4"})
    assert [one["where"] for one in key.json()["errors"]] == ["header.Idempotency-Key"]


@pytest.mark.parametrize(
    ("path", "wish"), [("/v1/subscriptions", {"url": "https://hook.example/other"}), ("/v1/tokens", HOOK)]
)
def test_the_same_key_for_another_wish_is_refused_in_words(admin: Client, path: str, wish: Any) -> None:
    admin.post("/v1/subscriptions", HOOK, headers=KEY)
    answer = admin.post(path, wish, headers=KEY)
    assert answer.status == 422
    assert "another request" in answer.detail
    assert len(subscriptions(admin)) == 1


def test_what_failed_has_made_nothing_and_may_be_tried_again_under_its_key(admin: Client) -> None:
    wish = {"column": "https://gov.example/a/"}
    assert admin.post("/v1/backfills", wish, headers=KEY).status == 404
    admin.post("/v1/sources", {"url": "https://gov.example/a/"})
    assert admin.post("/v1/backfills", wish, headers=KEY).status == 202


def test_a_request_that_is_under_way_is_a_409(world: World) -> None:
    token, _ = world.token(Scope.ADMIN)
    meanwhile: list[Answer] = []

    async def ask() -> Answer:
        async def admitted(scope: Any, receive: Any, send: Any) -> None:
            await once(scope | {"state": {"token": token}}, receive, send)

        return await Client(admitted)._ask("POST", "/v1/subscriptions", [b"{}"], dict(KEY))

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        """Stand where the routes do, and send the same request again before it is answered."""
        meanwhile.append(await ask())
        await Response("done", 201)(scope, receive, send)

    once = Once(slow, lambda: world.wiring)
    assert asyncio.run(ask()).status == 201
    assert [answer.status for answer in meanwhile] == [409]
    assert int(meanwhile[0].headers["retry-after"]) > 0
    assert "under way" in meanwhile[0].detail


def test_a_request_that_was_cut_short_is_never_done_again_under_its_key(world: World, admin: Client) -> None:
    admin.post("/v1/subscriptions", HOOK, headers=KEY)
    with world.ledger.begin() as uow:
        uow._session.query(KeptAnswer).update({"answer": None})  # as a kill before the answer was kept leaves it
        uow.commit()
    answer = admin.post("/v1/subscriptions", HOOK, headers=KEY)
    assert answer.status == 409
    assert "look" in answer.detail
    assert len(subscriptions(admin)) == 1


def test_an_answer_is_kept_for_a_day_and_sealed(world: World, admin: Client) -> None:
    secret = admin.post("/v1/subscriptions", HOOK, headers=KEY).json()["secret"]
    with world.ledger.begin() as uow:
        (kept,) = uow._session.query(KeptAnswer).all()
        assert secret not in str(kept.answer)
        assert "whsec" not in str(kept.answer)
        kept.began_at -= timedelta(hours=25)
        uow.commit()
    assert admin.post("/v1/subscriptions", HOOK, headers=KEY).status == 201
    assert len(subscriptions(admin)) == 2


@pytest.mark.parametrize("key", ["", "x" * 256, "é"])
def test_a_key_that_is_none_is_refused(admin: Client, key: str) -> None:
    answer = admin.post("/v1/subscriptions", HOOK, headers={"idempotency-key": key})
    assert answer.status == 422
    assert "Idempotency-Key" in answer.detail


def test_a_body_that_is_too_large_is_a_413_with_a_key_too(admin: Client) -> None:
    parts = [b"x" * 600_000, b"x" * 600_000]
    assert admin.ask("POST", "/v1/subscriptions", body=parts, headers=KEY).status == 413


def test_a_token_that_asks_too_often_is_told_when_it_may_again(tmp_path: Path) -> None:
    with open_world(tmp_path, api_requests_per_minute=3) as world:
        client, other = world.client(Scope.READ), world.client(Scope.READ)
        answers = [client.get("/v1/notices") for _ in range(4)]
        assert [answer.status for answer in answers] == [200, 200, 200, 429]
        assert [answer.headers["ratelimit"].split(";")[1] for answer in answers] == ["r=2", "r=1", "r=0", "r=0"]
        assert answers[0].headers["ratelimit-policy"] == '"token";q=3;w=60'
        assert 0 < int(answers[3].headers["retry-after"]) <= 20
        assert "3 requests in a minute" in answers[3].detail
        assert other.get("/v1/notices").status == 200
        assert Client(world.app).get("/healthz").status == 200


def test_who_has_an_answer_is_not_sent_it_again_until_it_changes(world: World, admin: Client) -> None:
    source, _ = world.column()
    first = admin.get(f"/v1/sources/{source.id}")
    mark = first.headers["etag"]
    assert mark.startswith('W/"')
    assert first.headers["cache-control"] == "private, no-cache"
    for given in (mark, mark.removeprefix("W/"), f'"x", {mark}', "*"):
        again = admin.get(f"/v1/sources/{source.id}", headers={"if-none-match": given})
        assert (again.status, again.body) == (304, b""), given
        assert again.headers["etag"] == mark
    admin.post(f"/v1/sources/{source.id}/pause")
    changed = admin.get(f"/v1/sources/{source.id}", headers={"if-none-match": mark})
    assert changed.status == 200
    assert changed.headers["etag"] != mark


def test_what_is_no_whole_answer_has_no_mark(world: World, admin: Client) -> None:
    for answer in (admin.get("/metrics"), admin.get("/v1/nothing"), admin.post("/v1/tokens", {})):
        assert "etag" not in answer.headers
        assert answer.headers["cache-control"] == "no-store"


def test_a_look_that_brings_nothing_new_costs_a_304_for_every_resource(world: World, admin: Client) -> None:
    notice = world.notice("a")
    subscription = world.subscription()
    world.relay()
    token, _ = create_token(world.ledger, name="x", scopes=[Scope.READ])
    (delivery,) = admin.get("/v1/deliveries").json()["items"]
    paths = (
        *(f"/v1/notices/{notice.id}", f"/v1/notices/{notice.id}/revisions/1", "/v1/notices", "/v1/events"),
        *(f"/v1/subscriptions/{subscription.id}", f"/v1/deliveries/{delivery['id']}", f"/v1/tokens/{token.id}"),
        *("/v1/columns", "/v1/schemas/document.json", "/openapi.json"),
    )
    for path in paths:
        mark = admin.get(path).headers["etag"]
        assert admin.get(path, headers={"if-none-match": mark}).status == 304, path
