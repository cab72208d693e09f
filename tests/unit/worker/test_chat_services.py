"""Each chat service by its real plugin: where a message goes, what it says, and which answers mean that it is taken."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from requests.adapters import HTTPAdapter

from worker.deliver.services import SERVICES, Room, chat_of, notify

TITLE, BODY = "noticewire: 清源区", "云岭镇 <b>台账</b>\n第二行 & 其他"
SECRET = "SEC0123456789abcdef"
CHATS = {
    "wecombot": ("wecombot://canary-key-0123456789", "qyapi.weixin.qq.com"),
    "dingtalk": (f"dingtalk://{SECRET}@token0123456789", "oapi.dingtalk.com"),
    "feishu": ("feishu://aaaaaaaa-bbbb-cccc-dddd-eeeeeeee", "open.feishu.cn"),
    "lark": ("lark://aaaaaaaa-bbbb-cccc-dddd-eeeeeeee", "open.larksuite.com"),
    "tgram": ("tgram://123456789:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/12315544", "api.telegram.org"),
}
TAKEN: dict[str, Any] = {
    "wecombot": {"errcode": 0, "errmsg": "ok"},
    "dingtalk": {"errcode": 0, "errmsg": "ok"},
    "feishu": {"StatusCode": 0, "StatusMessage": "success", "code": 0, "msg": "success", "data": {}},
    "lark": {"StatusCode": 0, "StatusMessage": "success", "code": 0, "msg": "success", "data": {}},
    "tgram": {"ok": True, "result": {"message_id": 1}},
}
REFUSED: dict[str, Any] = {
    "wecombot": {"errcode": 93000, "errmsg": "invalid webhook url, key canary-key-0123456789"},
    "dingtalk": {"errcode": 310000, "errmsg": "sign not match"},
    "feishu": {"code": 19001, "msg": "param invalid: incoming webhook access token invalid"},
    "lark": {"code": 19024, "msg": "Key Words Not Found"},
    "tgram": {"ok": False, "error_code": 400, "description": "Bad Request: chat not found"},
}


@dataclass
class Service:
    """A service, at the place of the wire to it."""

    status: int = 200
    answer: bytes = b""
    asked: list[requests.PreparedRequest] = field(default_factory=list)

    def send(self, request: requests.PreparedRequest) -> requests.Response:
        self.asked.append(request)
        response = requests.Response()
        response.status_code, response._content, response.request = self.status, self.answer, request
        response.url = request.url or ""
        return response


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Service:
    made = Service()
    monkeypatch.setattr(HTTPAdapter, "send", lambda _, request, **__: made.send(request))
    return made


def test_every_service_that_is_taken_is_tried_here() -> None:
    assert set(CHATS) == {name for name, one in SERVICES.items() if not one.mail}


@pytest.mark.parametrize("name", CHATS)
def test_a_message_goes_to_the_service_itself_as_plain_text(name: str, service: Service) -> None:
    url, host = CHATS[name]
    service.answer = json.dumps(TAKEN[name]).encode()
    assert notify(chat_of(url), TITLE, BODY) is None
    (asked,) = service.asked
    assert (asked.method, urlsplit(asked.url or "").netloc) == ("POST", host)
    sent = json.loads(asked.body or b"")
    told = sent["text"] if name == "tgram" else (sent.get("text") or sent["content"])
    told = told if isinstance(told, str) else told.get("content") or told["text"]
    assert TITLE in told
    assert ("云岭镇 &lt;b&gt;台账&lt;/b&gt;" if name == "tgram" else BODY) in told


@pytest.mark.parametrize("name", CHATS)
@pytest.mark.parametrize("status", [200, 400])
def test_an_answer_that_names_an_error_is_a_message_not_taken(name: str, status: int, service: Service) -> None:
    """Bots answer 200 to wrong keys, wrong signatures, missing keywords and too many messages alike."""
    service.status, service.answer = status, json.dumps(REFUSED[name]).encode()
    error = notify(chat_of(CHATS[name][0]), TITLE, BODY)
    assert error is not None
    assert error.startswith(SERVICES[name].name)
    assert "canary" not in error


@pytest.mark.parametrize("name", CHATS)
@pytest.mark.parametrize("answer", [b"<html>log in first</html>", b"", b"[]", b'"ok"'])
def test_what_does_not_answer_as_the_service_does_did_not_take_the_message(
    name: str, answer: bytes, service: Service
) -> None:
    service.answer = answer
    assert notify(chat_of(CHATS[name][0]), TITLE, BODY) == f"what answered is not {SERVICES[name].name}"


def test_dingtalk_can_verify_the_signature_that_it_is_sent(service: Service) -> None:
    """By its rule: HMAC-SHA256 over the timestamp, a line feed and the secret, in Base64, percent-encoded once."""
    service.answer = json.dumps(TAKEN["dingtalk"]).encode()
    notify(chat_of(CHATS["dingtalk"][0]), TITLE, BODY)
    query = parse_qs(urlsplit(service.asked[0].url or "").query)
    signed = f"{query['timestamp'][0]}\n{SECRET}".encode()
    assert base64.b64decode(query["sign"][0], validate=True) == hmac.digest(SECRET.encode(), signed, hashlib.sha256)


@pytest.mark.parametrize("name", CHATS)
def test_a_message_as_long_as_there_is_room_for_is_sent_whole_and_in_one(name: str, service: Service) -> None:
    service.answer = json.dumps(TAKEN[name]).encode()
    room = SERVICES[name].room
    title, body = room.share(1, 4).cut("清" * 30_000), room.share(3, 4).cut("云" * 30_000)
    assert notify(chat_of(CHATS[name][0]), title, body) is None
    (asked,) = service.asked
    sent = json.loads(asked.body or b"")
    assert sum(str(sent).count(one) for one in "清云…") == len(title + body)
    if name == "wecombot":
        assert len(sent["text"]["content"].encode()) <= 2_048
    elif name == "tgram":
        assert len(sent["text"].replace("<b>", "").replace("</b>", "")) <= 4_096
    else:
        assert len(asked.body or b"") <= 20_000


@given(
    st.text(alphabet="a清\n😀", max_size=60),
    st.integers(8, 100),
    st.sampled_from([one.room for one in SERVICES.values()]),
)
def test_a_text_is_cut_to_its_room_and_no_shorter(text: str, most: int, like: Room) -> None:
    room = Room(most, like.weigh)
    cut = room.cut(text)
    assert room.weigh(cut) <= most
    if cut != text:
        assert text.startswith(cut[:-1])
        assert room.weigh(text[: len(cut)] + "…") > most
