"""What people ask for: whole or not at all, once however often they press, and at the same moment as others."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from services.desk.recrawling import recrawl
from services.desk.subscribing import Webhook, find, pause, resume, subscribe, unsubscribe
from services.desk.tokens import allows, authenticate, create_token, revoke
from services.desk.watching import Watch, find_source, forget, watch
from shared.db import Ledger
from shared.db.claims import Claimed
from shared.db.frontier import Link
from shared.db.models import Column, Delivery, RecrawlRequest, Source, Subscription, Target, Token
from shared.db.recrawls import Recrawls
from shared.domain.filters import Filter
from shared.domain.states import Scope, SubscriptionState
from shared.errors import Invalid, NotFound
from shared.ids import new_id
from tests.integration.scene import BOX, HOST, column, event, rows, subscription, target, together
from worker.relay import Relay


def visit(ledger: Ledger, host: str = HOST) -> Claimed:
    """Claim, settle and close, as a crawler does."""
    with ledger.begin() as uow:
        now = uow.now()
        claimed = uow.claims.claim_due(host, now, 60)
        assert claimed is not None
        assert uow.claims.settle(claimed, {"due_at": now + timedelta(hours=1)})
        if claimed.recrawl_id:
            uow.recrawls.finish_if_done(claimed.recrawl_id, now)
        uow.commit()
    return claimed


def finished(ledger: Ledger, request_id: str) -> bool:
    (found,) = rows(ledger, RecrawlRequest, id=request_id)
    return found.finished_at is not None


def test_pressing_twice_returns_the_open_request(ledger: Ledger) -> None:
    _, found = column(ledger)
    first, new = recrawl(ledger, found.id, by="test", reason="a caller said so")
    again, newer = recrawl(ledger, found.url, by="somebody else")
    assert (new, newer) == (True, False)
    assert (again.id, again.requested_by, again.reason) == (first.id, "test", "a caller said so")


def test_pressing_at_the_same_moment_makes_one_request(open_another: Callable[[], Ledger]) -> None:
    first = open_another()
    callers = [open_another() for _ in range(4)]
    _, found = column(first)
    for _ in range(5):
        told: list[tuple[str, bool]] = []

        def press(ledger: Ledger, told: list[tuple[str, bool]] = told) -> None:
            request, new = recrawl(ledger, found.id, by="test")
            told.append((request.id, new))

        together(*(lambda one=one: press(one) for one in callers))
        assert len({request_id for request_id, _ in told}) == 1
        assert sum(new for _, new in told) == 1
        visit(first)


def test_a_wish_whose_forerunner_is_done_while_it_is_recorded_is_recorded_after_all(ledger: Ledger) -> None:
    """Between the row that was refused and the look at the open one, a crawler closed that one."""

    class Overtaken(Session):
        def scalar(self, *given: Any, **more: Any) -> Any:
            found = super().scalar(*given, **more)
            super().execute(update(RecrawlRequest).where(RecrawlRequest.id == first.id).values(finished_at=first_at))
            return found

    _, subject = column(ledger)
    first, _ = recrawl(ledger, subject.id, by="test")
    first_at = first.created_at
    wish = {"id": new_id("rcr"), "subject": subject.id, "targets": 1, "requested_by": "test", "created_at": first_at}
    with Overtaken(ledger.engine) as session:
        request, new = Recrawls(session).open_or_add(wish)
        assert (request.id, new) == (wish["id"], True)


def test_once_it_is_done_pressing_again_is_a_new_request(ledger: Ledger) -> None:
    _, found = column(ledger)
    first, _ = recrawl(ledger, found.id, by="test")
    visit(ledger)
    assert finished(ledger, first.id)
    second, new = recrawl(ledger, found.id, by="test")
    assert new
    assert second.id != first.id


def test_a_wish_for_what_has_no_targets_is_done_at_once(ledger: Ledger) -> None:
    source, found = column(ledger)
    with ledger.begin() as uow:
        (listing,) = uow.frontier.ids_of(column_id=found.id)
        uow.sources.remove(source.id)
        uow.commit()
    source, _, _ = watch(ledger, Watch(f"https://{HOST}/b/"))
    with pytest.raises(NotFound):
        recrawl(ledger, listing, by="test")
    request, _ = recrawl(ledger, source.id, by="test")
    assert request.targets == 1
    visit(ledger)
    assert finished(ledger, request.id)


def test_a_wish_whose_last_target_a_later_wish_took_over_is_closed_with_it(ledger: Ledger) -> None:
    """Otherwise it would stay open for ever, and pressing again would do nothing for ever."""
    source, found = column(ledger)
    narrow, _ = recrawl(ledger, found.id, by="test")
    wide, _ = recrawl(ledger, source.id, by="test")
    visit(ledger)
    assert finished(ledger, wide.id)
    assert finished(ledger, narrow.id)


def test_two_crawlers_that_serve_the_last_two_targets_at_once_close_the_wish(
    open_another: Callable[[], Ledger],
) -> None:
    first = open_another()
    crawlers = [open_another(), open_another()]
    source, found = column(first)
    with first.begin() as uow:
        link = [Link("https://elsewhere.example/1.html", "elsewhere.example")]
        uow.frontier.add_details(source_id=source.id, column_id=found.id, links=link, now=uow.now())
        uow.commit()
    for _ in range(10):
        request, _ = recrawl(first, source.id, by="test")
        hosts = (HOST, "elsewhere.example")
        together(*(lambda one=one, host=host: visit(one, host) for one, host in zip(crawlers, hosts, strict=True)))
        assert finished(first, request.id)


def test_what_nobody_knows_cannot_be_crawled_again(ledger: Ledger) -> None:
    for unknown in (new_id("ntc"), new_id("col"), new_id("src"), new_id("tgt"), "https://gov.example/none"):
        with pytest.raises(NotFound):
            recrawl(ledger, unknown, by="test")
    with pytest.raises(Invalid):
        recrawl(ledger, "nonsense", by="test")
    assert rows(ledger, RecrawlRequest) == []


def test_a_column_is_watched_once(ledger: Ledger) -> None:
    first = watch(ledger, Watch(f"https://{HOST}/a/", name="通报"))
    again = watch(ledger, Watch(f"HTTPS://{HOST.upper()}:443/a/#top", delay_seconds=9))
    assert (first[2], again[2]) == (True, False)
    assert (again[0].id, again[1].id) == (first[0].id, first[1].id)
    (source,) = rows(ledger, Source)
    assert (source.delay_seconds, source.name, source.verify_tls, source.allow) == (9, "通报", True, [])
    assert len(rows(ledger, Target)) == 1


def test_columns_of_one_site_watched_at_the_same_moment_share_its_source(open_another: Callable[[], Ledger]) -> None:
    ledgers = [open_another() for _ in range(4)]
    for path in ("a", "b", "c"):
        host = f"{path}.example"
        urls = [f"https://{host}/{number // 2}/" for number in range(4)]
        told: list[bool] = []
        together(
            *(
                lambda one=one, url=url, told=told: told.append(watch(one, Watch(url))[2])
                for one, url in zip(ledgers, urls, strict=True)
            )
        )
        assert sum(told) == 2
        assert len(rows(ledgers[0], Source, host=host)) == 1
    assert len(rows(ledgers[0], Column)) == len(rows(ledgers[0], Target)) == 6


@pytest.mark.parametrize(
    "wish",
    [
        Watch("nonsense"),
        Watch("ftp://gov.example/"),
        Watch("https://user:word@gov.example/"),
        Watch("https://gov.example/", allow=["300.1.1.1/99"]),
        Watch("https://gov.example/", delay_seconds=-1),
        Watch("https://gov.example/", delay_seconds=1e6),
        Watch("https://gov.example/" + "a" * 3000),
    ],
)
def test_a_wrong_wish_leaves_nothing(ledger: Ledger, wish: Watch) -> None:
    with pytest.raises(Invalid):
        watch(ledger, wish)
    assert rows(ledger, Source) == rows(ledger, Column) == rows(ledger, Target) == []


def test_a_source_is_found_by_what_people_call_it(ledger: Ledger) -> None:
    source, _ = column(ledger)
    for name in (source.id, HOST, HOST.upper(), f"https://{HOST}/whatever"):
        assert find_source(ledger, name).id == source.id
    with pytest.raises(NotFound, match="noticewire source list"):
        find_source(ledger, "elsewhere.example")


def test_forgetting_a_source_leaves_its_events(ledger: Ledger) -> None:
    target(ledger)
    subscription(ledger)
    event(ledger)
    Relay(ledger).relay()
    forget(ledger, HOST)
    assert rows(ledger, Source) == rows(ledger, Target) == []
    assert len(rows(ledger, Delivery)) == 1


def test_a_subscriptions_secret_is_shown_once_and_kept_sealed(ledger: Ledger) -> None:
    made, secret = subscribe(
        ledger, BOX, Webhook("https://hook.example/x", wanted=Filter.parse({"types": ["notice.revised"]}))
    )
    (kept,) = rows(ledger, Subscription)
    assert secret not in kept.secret
    assert BOX.open(kept.secret) == secret
    assert kept.types == ["notice.revised"]
    assert made.starts_after == 0


@pytest.mark.parametrize(
    "wish",
    [
        Webhook("nonsense"),
        Webhook("https://hook.example/", wanted=Filter(sources=(new_id("src"),))),
        Webhook("https://hook.example/", allow=["300.1.1.1/99"]),
    ],
)
def test_a_wrong_subscription_leaves_nothing(ledger: Ledger, wish: Webhook) -> None:
    with pytest.raises(Invalid):
        subscribe(ledger, BOX, wish)
    assert rows(ledger, Subscription) == []


def test_a_subscription_is_paused_resumed_and_removed_with_what_it_is_owed(ledger: Ledger) -> None:
    made = subscription(ledger)
    event(ledger)
    Relay(ledger).relay()
    assert pause(ledger, made.id).state == SubscriptionState.PAUSED
    assert resume(ledger, made.id).state == SubscriptionState.ACTIVE
    unsubscribe(ledger, made.id)
    assert rows(ledger, Subscription) == rows(ledger, Delivery) == []
    for act in (find, pause, resume, unsubscribe):
        with pytest.raises(NotFound):
            act(ledger, made.id)


def test_a_token_lets_in_until_it_is_revoked(ledger: Ledger) -> None:
    token, text = create_token(ledger, name="test", scopes=[Scope.READ])
    found = authenticate(ledger, text)
    assert found is not None
    assert found.id == token.id
    assert allows(found, Scope.READ)
    assert not allows(found, Scope.ADMIN)
    assert text.split("_", 2)[2] not in rows(ledger, Token)[0].secret_sha256
    assert rows(ledger, Token)[0].last_used_at is not None
    revoke(ledger, token.id)
    assert authenticate(ledger, text) is None
    with pytest.raises(NotFound):
        revoke(ledger, token.id)


def test_an_expired_token_lets_nobody_in(ledger: Ledger) -> None:
    _, text = create_token(ledger, name="test", scopes=[Scope.ADMIN], days=-1)
    assert authenticate(ledger, text) is None


@pytest.mark.parametrize("text", ["", "nw", "nw_", "nw__", "nw_x_y", "nw_" + "0" * 26 + "_x", "x_y_z", "Bearer"])
def test_what_is_no_token_lets_nobody_in(ledger: Ledger, text: str) -> None:
    assert authenticate(ledger, text) is None


@pytest.mark.parametrize("scopes", [[], ["everything"]])
def test_a_token_needs_known_scopes(ledger: Ledger, scopes: list[str]) -> None:
    with pytest.raises(Invalid, match="recrawl"):
        create_token(ledger, name="test", scopes=scopes)
