"""Whatever is changed at the desk is told in the audit log, with who, from where and why."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.desk import audit
from shared.domain.states import Scope
from shared.errors import Invalid
from tests.integration.api.asgi import Client
from tests.integration.api.world import World, open_world


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path, database_url=database_url) as world:
        yield world


def actions(client: Client, query: str = "") -> list[str]:
    return [entry["action"] for entry in client.get(f"/v1/audit{query}").json()["items"]]


def test_every_change_is_told_with_who_and_from_where_and_why(world: World) -> None:
    token, text = world.token(Scope.ADMIN)
    admin = Client(world.app, text)
    why = {"noticewire-reason": "搬家".encode().decode("latin-1")}
    source = admin.post("/v1/sources", {"url": "https://gov.example/a/"}, headers=why).json()["source"]["id"]
    entry = admin.get("/v1/audit?action=source.added").json()["items"][0]
    assert (entry["actor"], entry["origin"], entry["subject"]) == (token.id, "127.0.0.1", source)
    assert entry["reason"] == "搬家"
    assert entry["details"]["url"] == "https://gov.example/a/"
    assert admin.get(f"/v1/audit/{entry['id']}").json() == entry

    admin.post(f"/v1/sources/{source}/pause")
    admin.post(f"/v1/sources/{source}/resume", headers={"noticewire-reason": "%E5%A5%BD"})
    admin.post("/v1/recrawls", {"subject": source, "reason": "a complaint"})
    column = admin.get("/v1/columns").json()["items"][0]["id"]
    admin.post("/v1/backfills", {"column": column})
    hook = admin.post("/v1/subscriptions", {"url": "https://hook.example/"}).json()["id"]
    admin.post(f"/v1/subscriptions/{hook}/pause")
    admin.post(f"/v1/subscriptions/{hook}/resume")
    admin.post(f"/v1/subscriptions/{hook}/redrive")
    admin.delete(f"/v1/subscriptions/{hook}")
    made = admin.post("/v1/tokens", {"name": "x", "scopes": ["read"]}).json()["id"]
    admin.post(f"/v1/tokens/{made}/rotate", {})
    admin.delete(f"/v1/tokens/{made}")
    admin.delete(f"/v1/sources/{source}")
    assert actions(admin, f"?actor={token.id}") == [
        *("source.added", "source.paused", "source.resumed", "recrawl.requested", "backfill.requested"),
        *("subscription.created", "subscription.paused", "subscription.resumed", "deliveries.redriven"),
        *("subscription.removed", "token.created", "token.rotated", "token.revoked", "source.removed"),
    ]
    reasons = [entry["reason"] for entry in admin.get(f"/v1/audit?actor={token.id}").json()["items"]]
    assert reasons[:4] == ["搬家", None, "好", "a complaint"]
    assert actions(admin, f"?subject={made}") == ["token.created", "token.rotated", "token.revoked"]


def test_what_came_to_nothing_is_not_told(world: World) -> None:
    admin = world.client()
    before = actions(admin)
    assert admin.post("/v1/sources", {"url": "ftp://gov.example/"}).status == 422
    assert admin.post(f"/v1/sources/src_{'0' * 26}/pause").status == 404
    assert admin.delete(f"/v1/tokens/tok_{'0' * 26}").status == 404
    assert actions(admin) == before


def test_no_secret_is_told(world: World) -> None:
    admin = world.client()
    secrets = [
        admin.post("/v1/subscriptions", {"url": "https://hook.example/"}).json()["secret"],
        admin.post("/v1/tokens", {"name": "x", "scopes": ["read"]}).json()["token"],
    ]
    told = admin.get("/v1/audit").body.decode()
    assert [secret for secret in secrets if secret in told or secret.split("_")[-1] in told] == []


def test_a_reason_that_is_no_line_of_text_is_refused(world: World) -> None:
    admin = world.client()
    for reason in ("x" * 501, "a%0Ab", "%00"):
        answer = admin.post("/v1/sources", {"url": "https://gov.example/a/"}, headers={"noticewire-reason": reason})
        assert answer.status == 422, reason
        assert "reason" in answer.detail
    assert actions(admin, "?action=source.added") == []


def test_whoever_types_a_command_is_named() -> None:
    assert audit.person_at_the_keyboard(" moved ").name.startswith("cli:")
    assert audit.person_at_the_keyboard(" moved ").reason == "moved"
    with pytest.raises(Invalid):
        audit.person_at_the_keyboard("a\nb")
