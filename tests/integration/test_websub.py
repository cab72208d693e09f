"""The WebSub hub with a real subscriber: nothing begins unconfirmed, and nothing outlives its lease."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from lxml import etree

from services.desk import filtering
from services.desk.tokens import revoke
from services.processes.relaying import courier_rules
from shared.db.models import Delivery, Intent, Subscription
from shared.domain.filters import Filter
from shared.domain.states import Scope
from shared.syndication import ATOM
from tests.integration.api.asgi import Answer, Client
from tests.integration.api.world import World, open_world
from tests.integration.scene import rows
from tests.servers.callback import Callback
from tests.standards.jsonfeed import flaws_of
from worker.deliver import hub as hubs
from worker.deliver.courier import Courier
from worker.deliver.hub import Hub, HubRules

SCHEMA = etree.RelaxNG(etree.parse(Path(__file__).parents[1] / "standards" / "atom.rng"))
TOPIC = "https://wire.example/v1/feeds/mine.atom"


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> Iterator[World]:
    settings = {"database_url": database_url, "websub_allow": "127.0.0.0/8", "delivery_schedule_scale": 1e-9}
    with open_world(tmp_path, **settings) as world:
        filtering.save(world.ledger, "mine", Filter.parse({"types": ["notice.published"]}))
        yield world


@pytest.fixture
def callback() -> Iterator[Callback]:
    with Callback() as callback:
        yield callback


@pytest.fixture
def hub(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    monkeypatch.setattr(hubs, "LOOK_SECONDS", 0.0)
    rules = HubRules(5.0, 1e-9, "noticewire/test", ("127.0.0.0/8",))
    made = Hub(world.ledger, world.wiring.http, world.wiring.box, rules)
    yield made
    made.close()


@pytest.fixture
def courier(world: World) -> Iterator[Courier]:
    made = Courier(world.ledger, world.wiring.webhooks, world.wiring.box, courier_rules(world.wiring.settings))
    yield made
    made.close()


def ask(client: Client, callback: str, mode: str = "subscribe", **more: str) -> Answer:
    form = {"hub.callback": callback, "hub.mode": mode, "hub.topic": TOPIC}
    form |= {f"hub.{name}": value for name, value in more.items()}
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return client.ask("POST", "/v1/hub", body=[urlencode(form).encode()], headers=headers)


def tend(hub: Hub) -> None:
    """Let the hub ask and hear what the callbacks say."""
    hub.tend()
    hub.settle()


def bring(courier: Courier, callback: Callback, count: int) -> None:
    """Deliver until so much was sent; the tests' time limit is the deadline."""
    while len(callback.distributed) < count or courier.busy:
        courier.bring()
    courier.bring()


@pytest.mark.timeout(60)
def test_a_confirmed_subscriber_is_sent_each_new_entry_signed(
    world: World, hub: Hub, courier: Courier, callback: Callback
) -> None:
    client = world.client(Scope.READ)
    world.publish("before")
    assert ask(client, callback.url, secret="s3cret", lease_seconds="60").status == 202
    assert rows(world.ledger, Subscription) == []
    tend(hub)
    [question] = callback.questions
    assert question["mine"] == "1", "the callback's own query stays"
    assert (question["hub.mode"], question["hub.topic"]) == ("subscribe", TOPIC)
    assert question["hub.lease_seconds"] == "300", "no shorter than the hub's shortest"
    world.notice("a", ["first", "second"])
    world.relay()
    bring(courier, callback, 1)
    [sent] = callback.distributed
    assert sent.headers["content-type"] == "application/atom+xml"
    assert sent.headers["link"] == f'<https://wire.example/v1/hub>; rel="hub", <{TOPIC}>; rel="self"'
    digest = hmac.new(b"s3cret", sent.body, hashlib.sha256).hexdigest()
    assert sent.headers["x-hub-signature"] == f"sha256={digest}"
    found = etree.fromstring(sent.body)
    SCHEMA.assertValid(found)
    in_feed = etree.fromstring(client.get("/v1/feeds/mine.atom").body).findall(f"{{{ATOM}}}entry")
    assert [etree.tostring(one) for one in found.findall(f"{{{ATOM}}}entry")] == [etree.tostring(in_feed[0])]
    assert {one.state for one in rows(world.ledger, Delivery)} == {"delivered"}


@pytest.mark.timeout(60)
def test_a_subscriber_of_a_json_feed_is_sent_valid_ones(
    world: World, hub: Hub, courier: Courier, callback: Callback
) -> None:
    topic = TOPIC.replace(".atom", ".json")
    assert ask(world.client(Scope.READ), callback.url, topic=topic).status == 202
    tend(hub)
    world.publish("a")
    bring(courier, callback, 1)
    [sent] = callback.distributed
    told = json.loads(sent.body)
    assert (sent.headers["content-type"], told["feed_url"], flaws_of(told)) == ("application/feed+json", topic, [])


@pytest.mark.timeout(60)
def test_a_distribution_that_fails_is_tried_again_and_the_same(
    world: World, hub: Hub, courier: Courier, callback: Callback
) -> None:
    ask(world.client(Scope.READ), callback.url)
    tend(hub)
    callback.answers = [500, 503]
    world.publish("a")
    bring(courier, callback, 3)
    assert len({one.body for one in callback.distributed}) == 1
    assert "x-hub-signature" not in callback.distributed[0].headers


@pytest.mark.parametrize("answer", ["another challenge", 404, 302])
def test_who_does_not_confirm_is_not_subscribed(world: World, hub: Hub, callback: Callback, answer: str | int) -> None:
    ask(world.client(Scope.READ), callback.url)
    if isinstance(answer, int):
        callback.answers = [answer]
    else:
        callback.echo = False
    tend(hub)
    tend(hub)
    assert len(callback.questions) == 1
    assert rows(world.ledger, Subscription) == rows(world.ledger, Intent) == []


def test_a_callback_that_is_out_of_order_is_asked_again_but_not_for_ever(
    world: World, hub: Hub, callback: Callback
) -> None:
    ask(world.client(Scope.READ), callback.url)
    callback.answers = [503, 500]
    tend(hub)
    tend(hub)
    assert rows(world.ledger, Subscription) == []
    tend(hub)
    assert len(rows(world.ledger, Subscription)) == 1
    ask(world.client(Scope.READ), callback.url, "unsubscribe")
    callback.answers = [503] * 9
    for _ in range(9):
        tend(hub)
    assert len(callback.questions) == 3 + hubs.TRIES
    assert rows(world.ledger, Intent) == []


def test_asking_again_renews_and_unsubscribing_ends_it(world: World, hub: Hub, callback: Callback) -> None:
    client = world.client(Scope.READ)
    for lease in ("400", "9000"):
        ask(client, callback.url, lease_seconds=lease)
        tend(hub)
    [renewed] = rows(world.ledger, Subscription)
    assert 8000 < (renewed.expires_at - renewed.created_at).total_seconds() <= 9001
    ask(client, callback.url, "unsubscribe")
    tend(hub)
    assert callback.questions[-1]["hub.mode"] == "unsubscribe"
    assert rows(world.ledger, Subscription) == []


def test_a_lease_that_is_over_ends_the_subscription(world: World, hub: Hub, callback: Callback) -> None:
    ask(world.client(Scope.READ), callback.url)
    tend(hub)
    [made] = rows(world.ledger, Subscription)
    with world.ledger.begin() as uow:
        uow.subscriptions.change(made.id, {"expires_at": uow.now()})
        uow.commit()
    tend(hub)
    assert rows(world.ledger, Subscription) == []


def test_who_may_read_no_more_or_whose_feed_is_gone_is_denied(world: World, hub: Hub, callback: Callback) -> None:
    token, text = world.token(Scope.READ)
    ask(Client(world.app, text), callback.url)
    tend(hub)
    revoke(world.ledger, token.id)
    tend(hub)
    assert callback.questions[-1]["hub.mode"] == "denied"
    assert rows(world.ledger, Subscription) == []
    ask(world.client(Scope.READ), callback.url)
    tend(hub)
    filtering.remove(world.ledger, "mine")
    tend(hub)
    assert callback.questions[-1]["hub.reason"] == "there is no such feed any more"
    assert rows(world.ledger, Subscription) == []


@pytest.mark.timeout(60)
def test_a_revoked_token_ends_its_subscription_at_once_though_every_callback_hangs(
    world: World, hub: Hub, callback: Callback
) -> None:
    token, text = world.token(Scope.READ)
    ask(Client(world.app, text), callback.url)
    tend(hub)
    callback.answering.clear()
    for number in range(hubs.THREADS + 2):
        ask(world.client(Scope.READ), f"{callback.url}&n={number}")
    assert hub.tend() == hubs.THREADS
    revoke(world.ledger, token.id)
    hub.tend()
    assert rows(world.ledger, Subscription) == []
    assert "denied" in {one.mode for one in rows(world.ledger, Intent)}, "to be told as soon as there is time"
    callback.answering.set()
    while rows(world.ledger, Intent):
        tend(hub)
    assert [one["hub.mode"] for one in callback.questions].count("denied") == 1
    assert len(rows(world.ledger, Subscription)) == hubs.THREADS + 2


def test_a_callback_that_is_no_address_is_forgotten_and_others_are_asked(
    world: World, hub: Hub, callback: Callback
) -> None:
    for _ in range(2):
        ask(world.client(Scope.READ), callback.url)
    with world.ledger.begin() as uow:
        first = uow.intents.due(uow.now(), 1)[0]
        first.callback = "http://[broken"
        uow.commit()
    tend(hub)
    assert rows(world.ledger, Intent) == []
    assert len(rows(world.ledger, Subscription)) == 1


def test_a_denial_that_is_not_heard_is_told_again(world: World, hub: Hub, callback: Callback) -> None:
    token, text = world.token(Scope.READ)
    ask(Client(world.app, text), callback.url)
    tend(hub)
    revoke(world.ledger, token.id)
    callback.answers = [503]
    tend(hub)
    tend(hub)
    tend(hub)
    assert [one["hub.mode"] for one in callback.questions] == ["subscribe", "denied", "denied"]


def test_a_subscription_follows_the_saved_filter(world: World, hub: Hub, callback: Callback) -> None:
    ask(world.client(Scope.READ), callback.url)
    tend(hub)
    filtering.change(world.ledger, "mine", Filter.parse({"types": ["notice.revised"]}))
    tend(hub)
    assert rows(world.ledger, Subscription)[0].types == ["notice.revised"]


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"hub.mode": "publish"}, "hub.mode"),
        ({"hub.topic": "https://wire.example/v1/feeds/nobody.atom"}, "there is no feed"),
        ({"hub.topic": "https://wire.example/v1/notices"}, "hub.topic"),
        ({"hub.topic": TOPIC + "?archive=0"}, "hub.topic"),
        ({"hub.callback": "http://169.254.169.254/latest"}, "hub.callback"),
        ({"hub.callback": "http://10.0.0.1/"}, "hub.callback"),
        ({"hub.callback": "file:///etc/passwd"}, "hub.callback"),
        ({"hub.callback": ""}, "hub.callback"),
        ({"hub.lease_seconds": "soon"}, "hub.lease_seconds"),
        ({"hub.secret": "s" * 200}, "hub.secret"),
    ],
)
def test_what_cannot_be_is_refused_with_the_parameter_named(world: World, form: dict[str, str], told: str) -> None:
    usual = {"hub.callback": "https://reader.example/", "hub.mode": "subscribe", "hub.topic": TOPIC} | form
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = world.client(Scope.READ).ask("POST", "/v1/hub", body=[urlencode(usual).encode()], headers=headers)
    assert answer.status == 422
    assert told in answer.detail
    assert rows(world.ledger, Intent) == []


def test_the_topic_and_the_secret_are_sealed_at_rest(world: World, hub: Hub, callback: Callback) -> None:
    ask(world.client(Scope.READ), callback.url, secret="s3cret-canary")
    kept = json.dumps([one.details for one in rows(world.ledger, Intent)])
    tend(hub)
    [made] = rows(world.ledger, Subscription)
    kept += json.dumps([made.secret, made.name, made.manner, made.url])
    assert "canary" not in kept
    assert "wire.example" not in kept
