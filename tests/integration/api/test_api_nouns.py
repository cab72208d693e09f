"""Each noun through the API, on each kind of database."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from services.desk.watching import Watch, watch
from shared.domain.states import NoticeState, Scope
from shared.envelope import envelope
from tests.integration.api.asgi import Client
from tests.integration.api.world import World, open_world


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path, database_url=database_url) as world:
        yield world


@pytest.fixture
def reader(world: World) -> Client:
    return world.client(Scope.READ)


@pytest.fixture
def admin(world: World) -> Client:
    return world.client(Scope.ADMIN)


def every(client: Client, path: str, limit: int) -> list[str]:
    """Follow the pages of a list to its end; return the ids."""
    found, after = [], ""
    for _ in range(50):
        mark = "&" if "?" in path else "?"
        page = client.get(f"{path}{mark}limit={limit}{after}").json()
        assert len(page["items"]) <= limit
        found += [item["id"] for item in page["items"]]
        if page["next"] is None:
            return found
        after = f"&after={page['next']}"
    raise AssertionError("the pages do not end")


def test_a_backfill_is_asked_for_once_and_shown(world: World, admin: Client) -> None:
    asker = world.client(Scope.RECRAWL)
    _, column, _ = watch(world.ledger, Watch("https://plum.example/news/"))
    made = asker.post("/v1/backfills", {"column": column.url, "pages": 3, "since": "2026-01-31"})
    assert made.status == 202
    told = made.json()
    assert (told["column_id"], told["pages"], told["since"], told["finished_at"]) == (column.id, 3, "2026-01-31", None)
    assert asker.post("/v1/backfills", {"column": column.id}).json()["id"] == told["id"]
    shown = asker.get(made.headers["location"]).json()
    assert shown == told | {"waiting": 0, "unprocessed": 0}
    assert every(admin, "/v1/backfills", 5) == [told["id"]]
    for wish, status in (({"column": "nowhere"}, 404), ({"column": column.id, "pages": 9999}, 422), ({}, 422)):
        assert asker.post("/v1/backfills", wish).status == status
    assert asker.get("/v1/backfills/bfl_00000000000000000000000000").status == 404
    assert world.client(Scope.READ).post("/v1/backfills", {"column": column.id}).status == 403


def test_how_a_column_reads_and_that_nobody_has_verified_it_are_shown(world: World, admin: Client) -> None:
    doubt = {"reason": "not asked yet"}
    url = "https://plum.example/news/"
    watched = watch(world.ledger, Watch(url, profile={"family": "trs"}, unverified=doubt))
    (column,) = admin.get(f"/v1/sources/{watched[0].id}").json()["columns"]
    assert (column["profile"], column["unverified"]) == ({"family": "trs"}, doubt)
    assert admin.get("/v1/columns").json()["items"] == [column]


def test_notices_are_listed_page_by_page_each_once(world: World, reader: Client) -> None:
    made = [world.notice(name).id for name in "abcde"]
    assert (
        every(reader, "/v1/notices", 2) == every(reader, "/v1/notices", 5) == every(reader, "/v1/notices", 500) == made
    )


def test_notices_are_narrowed_by_state_column_source_and_time(world: World, reader: Client) -> None:
    live, gone = world.notice("a"), world.notice("b", state=NoticeState.WITHDRAWN)
    before = (live.changed_at - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    after = (live.changed_at + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S%%2B00:00")
    assert every(reader, "/v1/notices?state=withdrawn", 9) == [gone.id]
    assert every(reader, f"/v1/notices?column={live.column_id}&source={live.source_id}", 9) == [live.id, gone.id]
    assert every(reader, f"/v1/notices?source=src_{'0' * 26}", 9) == []
    assert every(reader, f"/v1/notices?changed_since={before}", 9) == [live.id, gone.id]
    assert every(reader, f"/v1/notices?changed_since={after}", 9) == []


def test_a_notice_shows_its_latest_document_and_every_revision(world: World, reader: Client) -> None:
    notice = world.notice("a", ["first", "second", "third"])
    shown = reader.get(f"/v1/notices/{notice.id}").json()
    assert shown["title"] == "公告 a"
    assert shown["latest"]["number"] == 3
    assert shown["latest"]["document"]["text"] == "third"
    listed = reader.get(f"/v1/notices/{notice.id}/revisions?limit=2").json()
    assert [one["number"] for one in listed["items"]] == [1, 2]
    rest = reader.get(f"/v1/notices/{notice.id}/revisions?limit=2&after={listed['next']}").json()
    assert ([one["number"] for one in rest["items"]], rest["next"]) == ([3], None)
    assert reader.get(f"/v1/notices/{notice.id}/revisions/2").json()["document"]["text"] == "second"
    assert reader.get(f"/v1/notices/{notice.id}/revisions/4").status == 404


def test_events_are_read_by_cursor_with_the_bytes_of_every_window(world: World, reader: Client) -> None:
    world.publish(*"abcde")
    with world.ledger.reading() as uow:
        wanted = [envelope(event) for event in uow.events.after(0)]
    answer = reader.get("/v1/events")
    assert b"[" + b",".join(wanted) + b"]" in answer.body
    page = answer.json()
    assert (page["next"], page["first_position"], page["last_position"]) == (5, 1, 5)
    part = reader.get("/v1/events?after=1&limit=2").json()
    assert [int(event["sequence"]) for event in part["items"]] == [2, 3]
    assert part["next"] == 3
    assert reader.get("/v1/events?after=5").json() == page | {"items": []}


def test_who_asks_for_events_that_are_no_longer_kept_is_told_so(world: World, reader: Client) -> None:
    world.publish(*"abcde")
    with world.ledger.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM events WHERE position <= 3")
    for after, missed in ((0, None), (2, 3), (3, None), (5, None)):
        assert reader.get(f"/v1/events?after={after}").json()["missed_up_to"] == missed
    refused = reader.get("/v1/exports/events.csv?after=2")
    assert (refused.status, "up to position 3 are no longer kept" in refused.detail) == (410, True)
    assert reader.get("/v1/exports/events.csv?after=3").status == 200


def test_a_filtered_cursor_moves_past_what_it_does_not_want(world: World, reader: Client) -> None:
    world.notice("a", ["first", "second"])
    world.notice("b")
    world.relay()
    page = reader.get("/v1/events?type=notice.revised").json()
    assert [event["type"] for event in page["items"]] == ["org.noticewire.notice.revised"]
    assert page["next"] == 3
    both = reader.get("/v1/events?type=notice.revised&type=org.noticewire.notice.published").json()
    assert len(both["items"]) == 3


def test_a_cursor_beyond_the_last_position_comes_back_to_it(world: World, reader: Client) -> None:
    world.publish("a")
    assert reader.get("/v1/events?after=90").json()["next"] == 1


def test_a_column_is_watched_once_and_its_source_can_be_paused_and_forgotten(world: World, admin: Client) -> None:
    wish = {"url": "https://gov.example/news/", "name": "news", "delay_seconds": 9}
    made = admin.post("/v1/sources", wish)
    assert made.status == 201
    place = made.headers["location"]
    assert made.json()["new"]
    again = admin.post("/v1/sources", wish).json()
    assert (again["new"], again["column"]["id"]) == (False, made.json()["column"]["id"])
    shown = admin.get(place).json()
    assert (shown["delay_seconds"], [column["name"] for column in shown["columns"]]) == (9, ["news"])
    assert admin.post(f"{place}/pause").json()["paused_at"] is not None
    assert admin.post(f"{place}/resume").json()["paused_at"] is None
    assert every(admin, "/v1/columns", 5) == [made.json()["column"]["id"]]
    (told,) = admin.get("/v1/columns").json()["items"]
    assert (told["profile"], told["unverified"]) == (None, None)
    assert every(admin, f"/v1/columns?source={shown['id']}", 5) == every(admin, "/v1/columns", 1)
    assert every(admin, "/v1/sources", 1) == [shown["id"]]
    assert admin.delete(place).status == 204
    assert admin.get(place).status == admin.delete(place).status == 404


def test_a_recrawl_pressed_twice_is_one_request_that_names_who_pressed(world: World) -> None:
    notice, presser = world.notice("a"), world.client(Scope.RECRAWL)
    first = presser.post("/v1/recrawls", {"subject": notice.url, "reason": "looks cut off"})
    second = presser.post("/v1/recrawls", {"subject": notice.id})
    assert first.status == second.status == 202
    assert first.json()["id"] == second.json()["id"]
    assert first.headers["location"] == second.headers["location"] == f"/v1/recrawls/{first.json()['id']}"
    shown = presser.get(first.headers["location"]).json()
    assert (shown["subject"], shown["targets"], shown["reason"]) == (notice.id, 1, "looks cut off")
    assert shown["requested_by"].startswith("test (tok_")
    assert every(presser, "/v1/recrawls", 3) == [shown["id"]]


def test_a_recrawl_of_what_nobody_knows_is_a_404(world: World) -> None:
    presser = world.client(Scope.RECRAWL)
    for subject in ("https://gov.example/unknown", f"ntc_{'0' * 26}", f"fet_{'0' * 26}"):
        assert presser.post("/v1/recrawls", {"subject": subject}).status == 404
    assert presser.post("/v1/recrawls", {"subject": "not a url"}).status == 422


def test_a_subscription_shows_its_secret_only_when_it_is_made(world: World) -> None:
    subscriber = world.client(Scope.SUBSCRIPTIONS)
    made = subscriber.post("/v1/subscriptions", {"url": "https://hook.example/in", "types": ["notice.revised"]})
    assert made.status == 201
    secret = made.json()["secret"]
    assert secret.startswith("whsec_")
    place = made.headers["location"]
    with world.ledger.reading() as uow:
        stored = uow.subscriptions.page()[0].secret
    for answer in (subscriber.get(place), subscriber.get("/v1/subscriptions"), subscriber.post(f"{place}/pause")):
        assert secret.encode() not in answer.body
        assert stored.encode() not in answer.body
        assert b"secret" not in answer.body
    assert subscriber.get(place).json()["state"] == "paused"
    assert subscriber.post(f"{place}/resume").json()["state"] == "active"
    assert subscriber.delete(place).status == 204
    assert subscriber.get(place).status == 404


def test_only_an_admin_opens_private_addresses_to_a_subscription(world: World, admin: Client) -> None:
    wish = {"url": "http://127.0.0.1:9/", "allow": ["127.0.0.1"]}
    refused = world.client(Scope.SUBSCRIPTIONS).post("/v1/subscriptions", wish)
    assert refused.status == 403
    assert "admin" in refused.detail
    assert admin.get("/v1/subscriptions").json()["items"] == []
    assert admin.post("/v1/subscriptions", wish).json()["allow"] == ["127.0.0.1"]


def test_parked_deliveries_are_listed_with_their_attempts_and_redriven(world: World) -> None:
    subscriber, subscription = world.client(Scope.SUBSCRIPTIONS), world.subscription()
    world.publish("a", "b", "c")
    parked = world.park(subscription.id)
    assert sorted(parked) == every(subscriber, f"/v1/deliveries?state=parked&subscription={subscription.id}", 2)
    shown = subscriber.get(f"/v1/deliveries/{parked[0]}").json()
    assert shown["parked_reason"] == "the endpoint answered 500"
    assert [(one["status"], one["answer"]) for one in shown["history"]] == [(500, "out of order")]
    assert subscriber.post(f"/v1/deliveries/{parked[0]}/redrive").json() == {"redriven": 1}
    twice = subscriber.post(f"/v1/deliveries/{parked[0]}/redrive")
    assert (twice.status, "not parked" in twice.detail) == (422, True)
    assert subscriber.post(f"/v1/subscriptions/{subscription.id}/redrive").json() == {"redriven": 2}
    assert every(subscriber, "/v1/deliveries?state=parked", 5) == []
    assert len(every(subscriber, "/v1/deliveries?state=due", 5)) == 3


def test_a_token_is_shown_once_listed_without_its_key_and_revoked(world: World, admin: Client) -> None:
    made = admin.post("/v1/tokens", {"name": "dashboard", "scopes": ["read"], "days": 30})
    assert made.status == 201
    text, token_id = made.json()["token"], made.json()["id"]
    holder = Client(world.app, text)
    assert holder.get("/v1/notices").status == 200
    assert holder.get("/v1/tokens").status == 403
    listed = admin.get("/v1/tokens")
    assert {one["id"]: one["scopes"] for one in listed.json()["items"]}[token_id] == ["read"]
    assert text.split("_", 2)[2].encode() not in listed.body
    assert b"sha256" not in listed.body
    assert admin.delete(f"/v1/tokens/{token_id}").status == 204
    assert holder.get("/v1/notices").status == 401
    assert admin.delete(f"/v1/tokens/{token_id}").status == 404


def test_metrics_count_what_the_ledger_holds(world: World, reader: Client) -> None:
    subscription = world.subscription()
    world.publish("a", "b")
    world.park(subscription.id)
    world.notice("c", ["first", "second"])
    world.fetch(world.target("https://gov.example/a/slow.html"), 1, rung_ago=5, ago=40)
    answer = reader.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    lines = answer.body.decode().splitlines()
    for line in (
        'noticewire_rows{table="notices"} 3.0',
        'noticewire_notices_by_state{state="live"} 3.0',
        'noticewire_deliveries_by_state{state="parked"} 2.0',
        "noticewire_deliveries_parked 2.0",
        "noticewire_relay_last_position 2.0",
        "noticewire_fetches_owed 1.0",
        "noticewire_fetches_quarantined 0.0",
        'noticewire_age_seconds{work="oldest_due_delivery"} 0.0',
    ):
        assert line in lines, answer.body.decode()
    ages = {line.split('"')[1]: float(line.split()[-1]) for line in lines if line.startswith("noticewire_age_seconds{")}
    assert 35 < ages["oldest_unprocessed_fetch"] < 300
    assert ages["oldest_unrelayed_event"] > 0
