"""What robots of group chats are sent, and what their codes inside HTTP 200 come to."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from alerting.base import FailureReason, Outcome
from alerting.channels.robot import Robot, RobotOptions, utf8_cut
from pipeline.model.delivery import DeliveryState
from pipeline.registry import Group, load
from tests.receivers import Receiver, receiver
from tests.reports import message, warning

pytestmark = pytest.mark.system

KEY = "SECthisisasecret"
CODES: list[tuple[str, str, FailureReason, float | None]] = [
    ("dingtalk", '{"errcode": 130101, "errmsg": "send too fast"}', FailureReason.THROTTLED, 600),
    ("dingtalk", '{"errcode": 310000, "errmsg": "sign not match"}', FailureReason.MISCONFIGURED, None),
    ("dingtalk", '{"errcode": -1, "errmsg": "system is busy"}', FailureReason.PROVIDER, None),
    ("dingtalk", '{"errcode": 430102}', FailureReason.REFUSED, None),
    ("wecom", '{"errcode": 45009, "errmsg": "api freq out of limit"}', FailureReason.THROTTLED, 60),
    ("wecom", '{"errcode": 93000, "errmsg": "invalid webhook url"}', FailureReason.MISCONFIGURED, None),
    ("wecom", '{"errcode": 40058}', FailureReason.REFUSED, None),
    ("feishu", '{"code": 11232, "msg": "frequency limited"}', FailureReason.THROTTLED, 60),
    ("feishu", '{"code": 19021, "msg": "sign match fail"}', FailureReason.MISCONFIGURED, None),
    ("feishu", '{"code": 9499, "msg": "too many request"}', FailureReason.PROVIDER, None),
    ("feishu", '{"code": "0"}', FailureReason.PROVIDER, None),
    ("feishu", '{"code": false}', FailureReason.PROVIDER, None),
    ("wecom", "<html>maintenance</html>", FailureReason.PROVIDER, None),
    ("dingtalk", "[0]", FailureReason.PROVIDER, None),
    ("dingtalk", "{}", FailureReason.PROVIDER, None),
]


@pytest.fixture
def server() -> Iterator[Receiver]:
    with receiver() as one:
        yield one


def send(kind: str, url: str, **target: Any) -> Outcome:
    of_kind: type[Robot] = load(Group.CHANNELS, kind)
    options = RobotOptions.model_validate({"timeout_s": 60, "targets": {"chat": {"url": url} | target}})
    return asyncio.run(of_kind("duty", options).send(message(warning()), "chat"))


@pytest.mark.parametrize(("kind", "said", "reason", "wait_s"), CODES)
def test_a_code_inside_200_is_what_counts(
    server: Receiver, kind: str, said: str, reason: FailureReason, wait_s: float | None
) -> None:
    server.say = said.encode()
    outcome = send(kind, server.url("ok"))
    assert (outcome.state, outcome.reason, outcome.retry_after_s) == (DeliveryState.FAILED, reason, wait_s)
    assert said in outcome.detail


@pytest.mark.parametrize(("kind", "said"), [("dingtalk", "errcode"), ("wecom", "errcode"), ("feishu", "StatusCode")])
def test_their_own_zero_is_accepted(server: Receiver, kind: str, said: str) -> None:
    server.say = f'{{"{said}": 0}}'.encode()
    assert send(kind, server.url("ok")).state is DeliveryState.ACCEPTED


def test_dingtalk_is_signed_in_the_address(server: Receiver) -> None:
    send("dingtalk", server.url("ok") + "?access_token=t", secret={"value": KEY})
    (one,) = server.received
    query = parse_qs(urlsplit(one.path).query)
    text = f"{query['timestamp'][0]}\n{KEY}"
    wanted = base64.b64encode(hmac.new(KEY.encode(), text.encode(), hashlib.sha256).digest()).decode()
    assert (query["access_token"], query["sign"]) == (["t"], [wanted])
    assert len(query["timestamp"][0]) == len("1700000000000")
    assert one.json() == {
        "msgtype": "text",
        "text": {"content": f"{message(warning()).title}\n{message(warning()).body}"},
    }


def test_feishu_is_signed_in_the_document(server: Receiver) -> None:
    send("feishu", server.url("ok"), secret={"value": KEY})
    document = server.received[0].json()
    key = f"{document['timestamp']}\n{KEY}".encode()
    assert document["sign"] == base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()
    assert len(document["timestamp"]) == len("1700000000")
    assert document["msg_type"] == "text"


@pytest.mark.parametrize("kind", ["dingtalk", "feishu"])
def test_without_a_secret_nothing_is_signed(server: Receiver, kind: str) -> None:
    send(kind, server.url("ok"))
    assert "sign" not in server.received[0].path + server.received[0].body.decode()


@pytest.mark.parametrize("text", ["短" * 900, "a" * 2049, "a" * 2048, "é" * 1024 + "x"])
def test_a_text_is_cut_by_bytes_at_a_whole_character(text: str) -> None:
    cut = utf8_cut(text, 2048)
    assert len(cut.encode()) <= 2048
    assert cut == text or (cut.endswith("…") and text.startswith(cut[:-1]) and len(cut.encode()) > 2044)
