"""Every error is a problem, tells where it lies, and gives nothing away."""

import json
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.api.edge import LARGEST_BODY
from shared.domain.states import Scope
from shared.errors import Unavailable
from tests.integration.api.asgi import Client
from tests.integration.api.world import World, open_world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with open_world(tmp_path_factory.mktemp("problems")) as world:
        world.publish("a")
        yield world


@pytest.fixture(scope="module")
def admin(world: World) -> Client:
    return world.client(Scope.ADMIN)


WISHES: dict[str, dict[str, object]] = {
    "/v1/sources": {"url": "https://gov.example/b/"},
    "/v1/recrawls": {"subject": "https://gov.example/a/"},
    "/v1/subscriptions": {"url": "https://hook.example/"},
    "/v1/tokens": {"name": "x", "scopes": ["read"]},
}
LISTS = [
    "/v1/notices",
    "/v1/sources",
    "/v1/columns",
    "/v1/recrawls",
    "/v1/subscriptions",
    "/v1/deliveries",
    "/v1/tokens",
]


@pytest.mark.parametrize("path", sorted(WISHES))
def test_an_unknown_field_is_a_422_that_names_it(admin: Client, path: str) -> None:
    answer = admin.post(path, WISHES[path] | {"colour": "blue"})
    assert answer.status == 422
    assert "body.colour" in answer.detail
    assert answer.json()["errors"][0]["where"] == "body.colour"
    assert b"blue" not in answer.body


@pytest.mark.parametrize("path", [*LISTS, "/v1/events", "/v1/events/stream"])
def test_an_unknown_parameter_is_a_422_that_names_it(admin: Client, path: str) -> None:
    answer = admin.get(f"{path}?sort=asc")
    assert (answer.status, "query.sort" in answer.detail) == (422, True)


@pytest.mark.parametrize("path", [*LISTS, "/v1/events"])
@pytest.mark.parametrize("limit", ["0", "501", "-1", "x", "9" * 40])
def test_a_page_holds_1_to_500_items(admin: Client, path: str, limit: str) -> None:
    answer = admin.get(f"{path}?limit={limit}")
    assert (answer.status, "query.limit" in answer.detail) == (422, True)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/notices?after=%00",
        "/v1/notices?after=x",
        "/v1/notices?state=lost",
        "/v1/notices?source=gov.example",
        "/v1/notices?changed_since=2026-03-01T00:00:00",
        "/v1/notices?changed_since=0001-01-01T00:00:00%2B14:00",
        "/v1/notices?changed_since=yesterday",
        f"/v1/notices/ntc_{'0' * 26}/revisions/0",
        f"/v1/notices/ntc_{'0' * 26}/revisions/99999999999999999999",
        "/v1/events?after=-1",
        "/v1/events?after=9223372036854775808",
        "/v1/events?type=notice.vanished",
        "/v1/events/stream?after=x",
        "/v1/deliveries?state=lost",
    ],
)
def test_a_wrong_parameter_is_a_422(admin: Client, path: str) -> None:
    answer = admin.get(path)
    assert answer.status == 422
    assert answer.detail


@pytest.mark.parametrize(
    "identifier", ["x", "ntc_", "ntc_%00" + "0" * 25, "src_" + "0" * 26, "ntc_" + "é" * 26, "ntc_" + "0" * 26]
)
def test_an_id_that_names_no_notice_is_a_404(admin: Client, identifier: str) -> None:
    answer = admin.get(f"/v1/notices/{identifier}")
    assert (answer.status, answer.detail[:3]) == (404, "no ")


def test_an_unknown_address_and_a_wrong_method_are_problems(admin: Client) -> None:
    assert admin.get("/v1/nothing").status == admin.get("/v1/notices/").status == admin.get("/docs").status == 404
    wrong = admin.ask("PUT", "/v1/notices")
    assert (wrong.status, wrong.headers["allow"], "PUT" in wrong.detail) == (405, "GET", True)


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'"x"', b"null", b"\xff\xfe", b"[" * 100_000, b'{"name": "x", "scopes": "read"}', b"{}", b" "]
)
def test_a_body_that_is_not_what_was_asked_for_is_a_problem(admin: Client, body: bytes) -> None:
    answer = admin.ask("POST", "/v1/tokens", body=[body])
    assert answer.status in (400, 422)
    assert answer.detail


def test_a_body_that_is_not_called_json_is_not_read(admin: Client) -> None:
    body = json.dumps(WISHES["/v1/tokens"]).encode()
    assert admin.ask("POST", "/v1/tokens", body=[body], headers={"content-type": "text/plain"}).status == 422


@pytest.mark.parametrize(
    "wish",
    [
        {"name": "a\u0000b", "scopes": ["read"]},
        {"name": "\ud800", "scopes": ["read"]},
        {"name": "x", "scopes": ["read"], "\ud800": 1},
        {"name": " ", "scopes": ["read"]},
        {"name": "x" * 2001, "scopes": ["read"]},
        {"name": "x", "scopes": []},
        {"name": "x", "scopes": ["root"]},
        {"name": "x", "scopes": ["read"], "days": 0},
        {"name": "x", "scopes": ["read"], "days": float("nan")},
        {"name": "x", "scopes": ["read"], "days": 1e300},
    ],
)
def test_a_wish_that_cannot_be_stored_is_a_422(admin: Client, wish: dict[str, object]) -> None:
    answer = admin.post("/v1/tokens", wish)
    assert answer.status == 422
    assert answer.detail


@pytest.mark.parametrize(
    ("path", "wish"),
    [
        ("/v1/sources", {"url": "ftp://gov.example/"}),
        ("/v1/sources", {"url": "https://user:secret@gov.example/"}),
        ("/v1/sources", {"url": "https://gov.example/", "delay_seconds": -1}),
        ("/v1/sources", {"url": "https://gov.example/", "allow": ["10.0.0.0/99"]}),
        ("/v1/subscriptions", {"url": "https://hook.example/", "types": ["notice.vanished"]}),
        ("/v1/subscriptions", {"url": "hook.example"}),
    ],
)
def test_a_wish_that_the_desk_refuses_is_a_422(admin: Client, path: str, wish: dict[str, object]) -> None:
    answer = admin.post(path, wish)
    assert (answer.status, "secret" in answer.detail) == (422, False)


def test_a_body_of_more_than_1_mib_is_a_413_whether_its_length_is_declared_or_not(admin: Client) -> None:
    big = json.dumps({"name": "x" * LARGEST_BODY, "scopes": ["read"]}).encode()
    declared = admin.ask("POST", "/v1/tokens", body=[big], headers={"content-length": str(len(big))})
    parts: Sequence[bytes] = [big[start : start + 65536] for start in range(0, len(big), 65536)]
    undeclared = admin.ask("POST", "/v1/tokens", body=parts)
    assert declared.status == undeclared.status == 413
    assert declared.detail == undeclared.detail


def test_a_surprise_is_a_500_without_a_trace_of_why(world: World, admin: Client) -> None:
    @world.app.get("/v1/surprise")
    def surprise() -> None:
        raise RuntimeError("the password is swordfish")

    answer = admin.get("/v1/surprise")
    assert answer.status == 500
    assert answer.detail
    assert b"swordfish" not in answer.body
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_what_is_down_is_a_503_that_names_no_server(world: World, admin: Client) -> None:
    @world.app.get("/v1/down")
    def down() -> None:
        raise Unavailable("connection to 10.1.2.3 as user wire failed")

    answer = admin.get("/v1/down")
    assert (answer.status, int(answer.headers["retry-after"]) > 0) == (503, True)
    assert b"10.1.2.3" not in answer.body
    assert answer.detail


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(sorted(WISHES)),
    fields=st.dictionaries(
        st.sampled_from(["url", "name", "subject", "reason", "types", "allow", "scopes", "days", "delay_seconds"]),
        JSON,
        max_size=4,
    ),
)
def test_no_wish_is_a_surprise(admin: Client, path: str, fields: dict[str, object]) -> None:
    answer = admin.post(path, WISHES[path] | fields)
    assert answer.status < 500
    assert answer.status < 300 or answer.detail
