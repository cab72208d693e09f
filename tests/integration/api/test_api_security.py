"""Who may ask what: every route, with and without a token, with and without its scope."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.routing import APIRoute, iter_route_contexts

from services.api.app import create_app
from services.api.security import OPEN, rights_of
from services.desk.tokens import revoke, rotate
from services.wiring import Wiring
from shared.domain.states import Scope
from shared.ids import PREFIXES
from shared.settings import Settings
from tests.integration.api.asgi import Client
from tests.integration.api.world import World, open_world

R, C, S, A = Scope.READ, Scope.RECRAWL, Scope.SUBSCRIPTIONS, Scope.ADMIN

# What must hold whatever the routes say of themselves: under these addresses nothing else will do.
RULES: tuple[tuple[str, str, set[Scope]], ...] = (
    ("GET", "/v1/tokens", {A}),
    ("GET", "/v1/audit", {A}),
    ("GET", "/v1/subscriptions", {S}),
    ("GET", "/v1/deliveries", {S}),
    ("POST", "/v1/recrawls", {C}),
    ("POST", "/v1/backfills", {C}),
    ("POST", "/v1/subscriptions", {S}),
    ("POST", "/v1/deliveries", {S}),
    ("POST", "/v1/sources", {A}),
    ("POST", "/v1/tokens", {A}),
    ("DELETE", "/v1/subscriptions", {S}),
    ("DELETE", "/v1/sources", {A}),
    ("DELETE", "/v1/tokens", {A}),
)
SAFE = {"GET", "HEAD"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with open_world(tmp_path_factory.mktemp("security")) as world:
        yield world


def concrete(path: str) -> str:
    """Fill a route's path with ids that could be, but are not."""
    prefixes = {kind: prefix for prefix, kind in PREFIXES.items()}
    return re.sub(r"{(\w+?)(?:_id)?}", lambda name: _filled(prefixes, name[1]), path)


def _filled(prefixes: dict[str, str], name: str) -> str:
    return f"{prefixes[name]}_{'0' * 26}" if name in prefixes else "1"


def stated(world: World) -> dict[tuple[str, str], set[Scope]]:
    """Return the scopes that each route states, by method and path; every route of the application is here."""
    found: dict[tuple[str, str], set[Scope]] = {}
    for route in iter_route_contexts(world.app.routes):
        assert isinstance(route.original_route, APIRoute)
        rights = set(rights_of(route.dependant))
        found |= {(method, str(route.path)): rights for method in route.methods or ()}
    return found


def test_every_route_is_either_open_or_states_its_scopes(world: World) -> None:
    silent = {path for (_, path), rights in stated(world).items() if not rights}
    assert silent == set(OPEN)


def test_what_changes_something_is_never_open_to_those_who_may_only_read(world: World) -> None:
    # A question too long for an address; a wish to be sent what one may read, on which the callback decides.
    asking = (("POST", "/v1/filters/try"), ("POST", "/v1/hub"))
    changing = {
        place: rights for place, rights in stated(world).items() if place[0] not in SAFE and place not in asking
    }
    lax = [place for place, rights in changing.items() if R in rights]
    assert lax == []
    for method, prefix, only in RULES:
        under = [rights for (verb, path), rights in stated(world).items() if verb == method and path.startswith(prefix)]
        assert under
        assert all(rights == only for rights in under), (method, prefix)


def test_every_token_and_every_route_agree(world: World) -> None:
    """Each pair of a token (none, expired, revoked, and of each scope) and a route is tried."""
    clients = {scope: world.client(scope) for scope in Scope}
    revoked, text = world.token(A)
    revoke(world.ledger, revoked.id)
    strangers = [Client(world.app), Client(world.app, text), Client(world.app, world.token(A, days=1e-9)[1])]
    for (method, path), rights in stated(world).items():
        if path in OPEN:
            continue
        for stranger in strangers:
            answer = stranger.ask(method, concrete(path))
            assert answer.status == 401, (method, path)
            assert "token" in answer.detail
            assert answer.headers["www-authenticate"].startswith("Bearer")
        for scope, client in clients.items():
            if scope not in rights | {A}:
                answer = client.ask(method, concrete(path))
                assert answer.status == 403, (method, path, scope)
                assert "insufficient_scope" in answer.headers["www-authenticate"]
            elif not path.endswith("/stream"):  # it would not end; the tests of the stream show that it is let in
                answer = client.ask(method, concrete(path))
                assert answer.status not in (401, 403), (method, path, scope)


@pytest.mark.parametrize("path", sorted(OPEN))
def test_an_open_route_needs_no_token_and_tells_no_secret(world: World, path: str) -> None:
    _, text = world.token(A)
    answer = Client(world.app).get(path.replace("{kind}", "notice.published"))
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


def test_a_rotated_token_is_refused_with_its_old_secret_once_the_overlap_is_over(world: World) -> None:
    token, old = world.token(R)
    _, new = rotate(world.ledger, token.id, overlap_seconds=3600)
    assert [Client(world.app, text).get("/v1/notices").status for text in (old, new)] == [200, 200]
    _, newest = rotate(world.ledger, token.id)
    assert [Client(world.app, text).get("/v1/notices").status for text in (old, new, newest)] == [401, 401, 200]
    shown = world.client(A).get(f"/v1/tokens/{token.id}").json()
    assert shown["previous_until"] is None
    again = world.client(A).post(f"/v1/tokens/{token.id}/rotate", {"overlap_seconds": 60})
    assert again.status == 200
    assert Client(world.app, again.json()["token"]).get("/v1/notices").status == 200
    assert world.client(A).post(f"/v1/tokens/{token.id}/rotate", {"overlap_seconds": 1e9}).status == 422


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
    for answer in (
        Client(world.app).get("/healthz"),
        Client(world.app).get("/v1/x"),
        world.client().delete("/v1/tokens"),
    ):
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
