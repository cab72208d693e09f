"""Chats and mail: digests in order, by a rate, tried again and parked in the end; no address is ever shown."""

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event as Flag

import pytest

from services.desk.channels import ChatWish, span, subscribe_chat, subscribe_stream
from services.desk.delivering import Replayed, Which, redrive, replay
from services.windows import streams_of
from services.wiring import Wiring
from shared.db.digests import Waiting
from shared.db.models import Attempt, Delivery, Subscription
from shared.domain.events import NOTICE_REVISED
from shared.domain.filters import Filter
from shared.errors import Invalid
from shared.http import AllowList
from shared.settings import Settings
from tests.integration.scene import event, events, rows
from tests.servers.mailbox import Mailbox
from worker.deliver.chat import FAILING_THREADS, ChatRules, Chats, Sender
from worker.deliver.retry import PAUSES
from worker.deliver.services import Chat, chat_of
from worker.relay import Relay

BOT = "wecombot://canary-key-0123456789"
EVERYTHING = Filter()
ADDRESSES = (
    *("json://169.254.169.254/x", "xml://10.0.0.1", "form://h", "file:///etc/passwd", "apprise://h/token", "exec://x"),
    *("wecombot://", "https://qyapi.weixin.qq.com/x", "dbus://", "syslog://", "mailto://", "", "wecombot"),
    *(
        f"{BOT}?verify=no",
        f"{BOT}?redirect=yes",
        f"{BOT}?format=html",
        f"{BOT}\n",
        "mailtos://u:p@h.example?pgppub=/etc/x",
    ),
)


@pytest.fixture
def wiring(tmp_path: Path, database_url: str) -> Iterator[Wiring]:
    made = Wiring(Settings(data_dir=tmp_path, database_url=database_url, redis_url="redis://127.0.0.1:1/0"))
    yield made
    made.close()


@dataclass
class Friends:
    """What chats were sent, at apprise's place; some fail, one hangs until it is let go."""

    sent: list[tuple[str, str]] = field(default_factory=list)
    failing: set[str] = field(default_factory=set)
    hanging: set[str] = field(default_factory=set)
    released: Flag = field(default_factory=Flag)

    def send(self, chat: Chat, title: str, body: str, allow: AllowList) -> str | None:
        name = chat.url.partition("://")[2]
        if name in self.hanging:
            self.released.wait(30)
        if name in self.failing:
            return "out of order"
        self.sent.append((title, body))
        return None


@pytest.fixture
def friends() -> Friends:
    return Friends()


@pytest.fixture
def chats_with(wiring: Wiring) -> Iterator[Callable[[Sender], Chats]]:
    made: list[Chats] = []

    def make(sender: Sender) -> Chats:
        made.append(Chats(wiring.ledger, wiring.box, ChatRules(1e-9, 5 * 86_400.0), sender))
        return made[-1]

    yield make
    for one in made:
        one.close()


def wish(wiring: Wiring, url: str = BOT, **more: object) -> Subscription:
    given: dict[str, object] = {"url": url, "wanted": EVERYTHING, "rate_per_minute": 1000} | more
    return subscribe_chat(wiring, ChatWish(**given))  # type: ignore[arg-type]


def publish(wiring: Wiring, *causes: int) -> None:
    for cause in causes:
        event(wiring.ledger, cause=f"revision/{cause}")
    Relay(wiring.ledger).relay()


def at_rest(wiring: Wiring, chats: Chats) -> None:
    """Send until nothing is under way or waits; the tests' time limit is the deadline."""
    while chats.bring() or chats.busy or waiting(wiring):
        pass


def waiting(wiring: Wiring) -> object:
    with wiring.ledger.reading() as uow:
        return uow.digests.waiting(uow.now())


def states(wiring: Wiring) -> set[str]:
    return {one.state for one in rows(wiring.ledger, Delivery)}


@pytest.mark.timeout(60)
def test_events_go_into_one_message_the_oldest_first(
    wiring: Wiring, friends: Friends, chats_with: Callable[[Sender], Chats]
) -> None:
    wish(wiring, language="both")
    publish(wiring, 1, 2, 3)
    at_rest(wiring, chats_with(friends.send))
    [(title, body)] = friends.sent
    assert title == "noticewire: 3 件新事 / 3 events"
    assert body.count("发布") == body.count("Published") == 3
    assert states(wiring) == {"delivered"}
    assert len(rows(wiring.ledger, Attempt)) == 3


@pytest.mark.timeout(60)
def test_a_digest_waits_for_its_time_and_then_takes_what_came_meanwhile(
    wiring: Wiring, friends: Friends, chats_with: Callable[[Sender], Chats]
) -> None:
    made, chats = wish(wiring, digest_seconds=3600), chats_with(friends.send)
    publish(wiring, 1)
    publish(wiring, 2)
    assert chats.bring() == 0
    first = min(rows(wiring.ledger, Delivery), key=lambda one: one.position)
    with wiring.ledger.begin() as uow:  # an hour later: the first is due, the second not yet
        held = uow.deliveries.by_id(first.id)
        assert held is not None
        held.next_attempt_at = first.created_at
        uow.commit()
    at_rest(wiring, chats)
    assert [title for title, _ in friends.sent] == ["noticewire: 2 件新事"]
    assert made.kind == "chat"


@pytest.mark.timeout(60)
def test_what_does_not_fit_goes_into_the_next_message_and_no_sooner_than_the_rate_allows(
    wiring: Wiring, friends: Friends, chats_with: Callable[[Sender], Chats]
) -> None:
    made, chats = wish(wiring, rate_per_minute=1), chats_with(friends.send)
    publish(wiring, *range(1, 41))
    at_rest(wiring, chats)
    assert len(friends.sent) == 1
    with wiring.ledger.begin() as uow:
        assert uow.deliveries.unclaimed_since(uow.now()) is None, "it rests, and nothing stands still"
        uow.subscriptions.change(made.id, {"next_request_at": None})
        uow.commit()
    at_rest(wiring, chats)
    assert [title.split()[1] for title, _ in friends.sent] == ["30", "10"]


@pytest.mark.timeout(60)
def test_a_chat_that_fails_or_hangs_holds_no_other_up_and_is_parked_in_the_end(
    wiring: Wiring, friends: Friends, chats_with: Callable[[Sender], Chats]
) -> None:
    friends.failing, friends.hanging = {"failing"}, {"hanging"}
    for name in ("failing", "hanging", "well"):
        wish(wiring, f"wecombot://{name}")
    chats = chats_with(friends.send)
    publish(wiring, 1)
    while "parked" not in states(wiring) or not friends.sent:
        chats.bring()
    [parked] = [one for one in rows(wiring.ledger, Delivery) if one.state == "parked"]
    assert parked.attempts == len(PAUSES) + 1
    assert "out of order" in str(parked.parked_reason)
    assert len(friends.sent) == 1
    friends.released.set()
    at_rest(wiring, chats)
    assert len(friends.sent) == 2


@pytest.mark.timeout(60)
def test_chats_that_fail_by_hanging_never_take_all_the_threads(
    wiring: Wiring, friends: Friends, chats_with: Callable[[Sender], Chats]
) -> None:
    for number in range(FAILING_THREADS + 2):
        made = wish(wiring, f"wecombot://hanging{number}")
        with wiring.ledger.begin() as uow:
            uow.subscriptions.change(made.id, {"failing_since": uow.now()})
            uow.commit()
        friends.hanging.add(f"hanging{number}")
    wish(wiring, "wecombot://well")
    chats = chats_with(friends.send)
    publish(wiring, 1)
    assert chats.bring() == FAILING_THREADS + 1
    while len(friends.sent) < 1:
        chats.bring()
    friends.released.set()
    at_rest(wiring, chats)
    assert len(friends.sent) == FAILING_THREADS + 3


@pytest.mark.timeout(60)
def test_what_comes_after_a_message_that_may_not_have_arrived_waits_until_that_is_sent_again(
    wiring: Wiring, friends: Friends, chats_with: Callable[[Sender], Chats]
) -> None:
    made, chats = wish(wiring, rate_per_minute=60_000), chats_with(friends.send)
    publish(wiring, 1)
    with wiring.ledger.begin() as uow:  # whoever leased it was killed before, while or after it was sent
        [one] = uow.digests.gathered(made.id, uow.now(), 30)
        assert uow.digests.lease([one.delivery.id], uow.now(), 60.0)
        uow.commit()
    publish(wiring, 2)
    assert chats.bring() == 0
    with wiring.ledger.begin() as uow:
        assert uow.digests.gathered(made.id, uow.now(), 30) == []
        assert uow.deliveries.unclaimed_since(uow.now()) is None, "nothing stands still"
        held = uow.deliveries.by_id(one.delivery.id)
        assert held is not None
        held.leased_until = held.created_at
        uow.commit()
    at_rest(wiring, chats)
    assert [title for title, _ in friends.sent] == ["noticewire: 2 件新事"]


def test_the_chat_that_has_waited_longest_is_sent_to_first(wiring: Wiring) -> None:
    later, first = wish(wiring, "wecombot://later"), wish(wiring, "wecombot://first")
    publish(wiring, 1)
    with wiring.ledger.begin() as uow:
        [owed] = [one for one in rows(wiring.ledger, Delivery) if one.subscription_id == later.id]
        held = uow.deliveries.by_id(owed.id)
        assert held is not None
        held.next_attempt_at = uow.now()
        uow.commit()
    with wiring.ledger.reading() as uow:
        assert uow.digests.waiting(uow.now()) == [Waiting(first.id, False), Waiting(later.id, False)]


@pytest.mark.timeout(60)
def test_what_a_chat_missed_comes_by_redrive_and_what_it_had_comes_again_by_replay(
    wiring: Wiring, friends: Friends, chats_with: Callable[[Sender], Chats]
) -> None:
    made, chats = wish(wiring, "wecombot://failing", rate_per_minute=60_000), chats_with(friends.send)
    friends.failing = {"failing"}
    publish(wiring, 1, 2)
    while states(wiring) != {"parked"}:
        chats.bring()
    friends.failing.clear()
    assert len(redrive(wiring.ledger, made.id)) == 2
    while states(wiring) != {"delivered"}:
        chats.bring()
    assert replay(wiring.ledger, made.id, Which(after=0)) == Replayed(0, 2, 0)
    while states(wiring) != {"delivered"}:
        chats.bring()
    assert len(friends.sent) == 2
    assert friends.sent[0] == friends.sent[1]


def test_only_what_the_filter_wants_is_told(
    wiring: Wiring, friends: Friends, chats_with: Callable[[Sender], Chats]
) -> None:
    wish(wiring, wanted=Filter.parse({"types": [NOTICE_REVISED]}))
    publish(wiring, 1)
    assert chats_with(friends.send).bring() == 0


@pytest.mark.parametrize("url", ADDRESSES)
def test_a_service_that_would_pass_the_guard_by_is_refused_and_its_address_not_repeated(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        chat_of(url)
    assert "canary" not in str(refused.value)


def test_the_address_of_a_chat_is_sealed_and_nowhere_to_be_seen(
    wiring: Wiring, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    made = wish(wiring)
    shown = [value for name, value in vars(made).items() if not name.startswith("_")]
    assert wiring.box.open(made.secret) == BOT
    assert "canary" not in json.dumps(shown, default=str) + repr(chat_of(BOT)) + caplog.text + "".join(
        capfd.readouterr()
    )
    assert made.url == "wecombot://…"


def letterbox(port: int) -> str:
    return f"mailto://127.0.0.1:{port}?mode=insecure&from=wire@notice.example&to=reader@canary.example"


@pytest.mark.timeout(60)
def test_a_letter_arrives_through_a_server_that_an_operator_allows(wiring: Wiring) -> None:
    with Mailbox() as mailbox:
        wish(wiring, letterbox(mailbox.port), allow=["127.0.0.1"])
        publish(wiring, 1, 2)
        chats = Chats(wiring.ledger, wiring.box, ChatRules(1e-9, 86_400.0))
        at_rest(wiring, chats)
        chats.close()
    [letter] = mailbox.letters
    assert letter["subject"] == "noticewire: 2 件新事"
    assert letter["to"] == "reader@canary.example"
    assert letter.get_content().count("发布") == 2
    assert states(wiring) == {"delivered"}


@pytest.mark.timeout(60)
def test_a_mail_server_at_a_private_address_is_never_asked(wiring: Wiring) -> None:
    with Mailbox() as mailbox:
        wish(wiring, letterbox(mailbox.port))
        publish(wiring, 1)
        chats = Chats(wiring.ledger, wiring.box, ChatRules(1e-9, 86_400.0))
        at_rest(wiring, chats)
        chats.close()
    assert mailbox.letters == []
    [one] = rows(wiring.ledger, Delivery)
    assert (one.state, one.attempts) == ("parked", 1)
    assert "operator can allow" in one.parked_reason


@pytest.mark.timeout(60)
def test_why_a_letter_was_not_taken_is_told_without_the_address(wiring: Wiring) -> None:
    with Mailbox() as mailbox:
        mailbox.refusing = True
        wish(wiring, letterbox(mailbox.port), allow=["127.0.0.1"])
        publish(wiring, 1)
        chats = Chats(wiring.ledger, wiring.box, ChatRules(1.0, 86_400.0))
        while chats.bring() or chats.busy:
            pass
        chats.close()
    [attempt] = rows(wiring.ledger, Attempt)
    assert attempt.error
    assert "canary" not in attempt.error


def test_a_stream_of_its_own_holds_what_its_filter_wants_since_it_began(wiring: Wiring) -> None:
    publish(wiring, 1)
    subscribe_stream(wiring, "revisions", Filter.parse({"types": [NOTICE_REVISED]}))
    event(wiring.ledger, cause="revision/2", kind=NOTICE_REVISED)
    publish(wiring, 3)
    every, mine = streams_of(wiring)
    assert (every.key, mine.key) == ("noticewire:events", "noticewire:events:revisions")
    assert [one.position for one in mine.choose(events(wiring.ledger))] == [2]
    assert rows(wiring.ledger, Delivery) == []
    with pytest.raises(Invalid, match="already"):
        subscribe_stream(wiring, "revisions", EVERYTHING)
    with pytest.raises(Invalid, match="no name"):
        subscribe_stream(wiring, "a:b", EVERYTHING)


@pytest.mark.parametrize(("text", "seconds"), [("0s", 0), ("90s", 90), ("15m", 900), ("1h", 3600), ("7d", 604_800)])
def test_the_time_of_a_digest_is_written_with_its_unit(text: str, seconds: int) -> None:
    assert span(text) == seconds


@pytest.mark.parametrize("text", ["", "1", "h", "-1h", "8d", "1.5h", "１h"])
def test_another_time_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        span(text)
