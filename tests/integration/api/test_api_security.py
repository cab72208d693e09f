"""Who may ask what: every route, with and without a token, with and without its scope."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.routing import APIRoute, iter_route_contexts

from services.api.app import create_app
from services.api.security import OPEN
from services.desk.tokens import revoke
from services.wiring import Wiring
from shared.domain.states import Scope
from shared.settings import Settings
from tests.integration.api.asgi import Client
from tests.integration.api.world import World, open_world

R, C, S, A = Scope.READ, Scope.RECRAWL, Scope.SUBSCRIPTIONS, Scope.ADMIN

# What each route is meant to demand, written down a second time: any one of the scopes will do.
MEANT: dict[tuple[str, str], set[Scope]] = {
    ("GET", "/v1/notices"): {R},
    ("GET", "/v1/notices/{notice_id}"): {R},
    ("GET", "/v1/notices/{notice_id}/attachments/{number}"): {R},
    ("GET", "/v1/notices/{notice_id}/revisions"): {R},
    ("GET", "/v1/notices/{notice_id}/revisions/{number}"): {R},
    ("GET", "/v1/problems"): {R},
    ("GET", "/v1/problems/{problem_id}"): {R},
    ("GET", "/v1/events"): {R},
    ("GET", "/v1/events/stream"): {R},
    ("GET", "/v1/sources"): {R},
    ("POST", "/v1/sources"): {A},
    ("GET", "/v1/sources/{source_id}"): {R},
    ("DELETE", "/v1/sources/{source_id}"): {A},
    ("POST", "/v1/sources/{source_id}/pause"): {A},
    ("POST", "/v1/sources/{source_id}/resume"): {A},
    ("GET", "/v1/columns"): {R},
    ("GET", "/v1/recrawls"): {R, C},
    ("GET", "/v1/backfills"): {R, C},
    ("POST", "/v1/recrawls"): {C},
    ("POST", "/v1/backfills"): {C},
    ("GET", "/v1/recrawls/{recrawl_id}"): {R, C},
    ("GET", "/v1/backfills/{backfill_id}"): {R, C},
    ("GET", "/v1/subscriptions"): {S},
    ("POST", "/v1/subscriptions"): {S},
    ("GET", "/v1/subscriptions/{subscription_id}"): {S},
    ("DELETE", "/v1/subscriptions/{subscription_id}"): {S},
    ("POST", "/v1/subscriptions/{subscription_id}/pause"): {S},
    ("POST", "/v1/subscriptions/{subscription_id}/resume"): {S},
    ("POST", "/v1/subscriptions/{subscription_id}/redrive"): {S},
    ("GET", "/v1/deliveries"): {S},
    ("GET", "/v1/deliveries/{delivery_id}"): {S},
    ("POST", "/v1/deliveries/{delivery_id}/redrive"): {S},
    ("GET", "/v1/tokens"): {A},
    ("POST", "/v1/tokens"): {A},
    ("DELETE", "/v1/tokens/{token_id}"): {A},
    ("GET", "/metrics"): {R},
}
ROUTES = sorted(MEANT)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with open_world(tmp_path_factory.mktemp("security")) as world:
        yield world


def concrete(path: str) -> str:
    """Fill a route's path with ids that could be, but are not."""
    prefixes = {
        "notice": "ntc",
        "problem": "prb",
        "source": "src",
        "recrawl": "rcr",
        "backfill": "bfl",
        "subscription": "sub",
        "delivery": "dlv",
        "token": "tok",
    }
    for kind, prefix in prefixes.items():
        path = path.replace(f"{{{kind}_id}}", f"{prefix}_{'0' * 26}")
    return path.replace("{number}", "1")


def routes_of(world: World) -> set[tuple[str, str]]:
    found = set()
    for route in iter_route_contexts(world.app.routes):
        assert isinstance(route.original_route, APIRoute)
        found |= {(method, str(route.path)) for method in route.methods or ()}
    return found


def test_every_route_is_either_open_or_has_a_scope(world: World) -> None:
    assert routes_of(world) == set(MEANT) | {("GET", path) for path in OPEN}


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_route_without_a_token_is_a_401(world: World, method: str, path: str) -> None:
    answer = Client(world.app).ask(method, concrete(path))
    assert answer.status == 401
    assert "token" in answer.detail
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_route_lets_in_exactly_the_scopes_it_is_meant_to(world: World, method: str, path: str) -> None:
    meant = MEANT[method, path]
    lacking = world.client(*(set(Scope) - meant - {A}))
    if {*Scope} - meant - {A}:
        answer = lacking.ask(method, concrete(path))
        assert answer.status == 403
        assert "scope" in answer.detail
        assert "insufficient_scope" in answer.headers["www-authenticate"]
    if path == "/v1/events/stream":
        return  # it would not end; the tests of the stream show that it is let in
    for scope in meant | {A}:
        answer = world.client(scope).ask(method, concrete(path))
        assert answer.status not in (401, 403), answer


@pytest.mark.parametrize("path", sorted(OPEN))
def test_an_open_route_needs_no_token_and_tells_no_secret(world: World, path: str) -> None:
    _, text = world.token(A)
    answer = Client(world.app).get(path)
    assert answer.status in (200, 503)
    assert text.split("_", 2)[2].encode() not in answer.body
    assert str(world.wiring.settings.data_dir).encode() not in answer.body


def test_an_unknown_address_tells_nothing_without_a_token(world: World) -> None:
    assert Client(world.app).get("/v1/nothing").status == 401
    assert world.client(R).get("/v1/nothing").status == 404


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer nw_x_y", "Basic bm93OndpcmU=", "nw_0_0", "Bearer nw_\x00_%00", "Bearer é"],
)
def test_a_header_that_holds_no_token_is_a_401(world: World, header: str) -> None:
    answer = Client(world.app).get("/v1/notices", headers={"authorization": header})
    assert answer.status == 401


def test_a_token_with_another_secret_is_refused(world: World) -> None:
    _, text = world.token(R)
    forged = text[:-1] + ("A" if text[-1] != "A" else "B")
    assert Client(world.app, forged).get("/v1/notices").status == 401
    assert Client(world.app, text).get("/v1/notices").status == 200


def test_a_revoked_token_is_refused_from_its_next_request_on(world: World) -> None:
    token, text = world.token(R)
    client = Client(world.app, text)
    assert client.get("/v1/notices").status == 200
    revoke(world.ledger, token.id)
    assert client.get("/v1/notices").status == 401


def test_an_expired_token_is_refused(world: World) -> None:
    _, text = world.token(R, days=1e-9)
    assert Client(world.app, text).get("/v1/notices").status == 401


def test_only_the_stream_takes_a_token_in_the_address(world: World) -> None:
    _, text = world.token(R)
    assert Client(world.app).get(f"/v1/events?token={text}").status == 401


@pytest.mark.parametrize("scopes", [(A,), (R, S), (C,)])
def test_a_token_in_the_address_that_can_do_more_than_read_is_refused(world: World, scopes: tuple[Scope, ...]) -> None:
    _, text = world.token(*scopes)
    answer = Client(world.app).get(f"/v1/events/stream?token={text}")
    assert answer.status == 403
    assert "read" in answer.detail


def test_every_answer_carries_the_security_headers(world: World) -> None:
    for answer in (Client(world.app).get("/healthz"), Client(world.app).get("/v1/x"), world.client().get("/v1/tokens")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"


def test_a_database_that_is_down_is_a_503_for_whoever_brings_a_token(tmp_path: Path) -> None:
    nowhere = Wiring(Settings(data_dir=tmp_path, database_url=f"sqlite:///{tmp_path}/folder.db"))
    (tmp_path / "folder.db").mkdir()
    text = "nw_" + "0" * 26 + "_" + "A" * 43
    answer = Client(create_app(nowhere), text).get("/v1/notices")
    assert answer.status == 503
    assert int(answer.headers["retry-after"]) > 0
    assert str(tmp_path) not in answer.detail
    nowhere.close()
