"""Receipts of SMS that are asked for, against servers that keep to the clouds' documents and check what is signed."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest

from alerting.channels import aliyun_signature, tencent_signature
from alerting.channels.aliyun_sms import PAGE, AliyunSms, AliyunSmsOptions
from alerting.channels.sms_cloud import SmsCloud
from alerting.channels.sms_receipts import GIVEN_UP_AFTER_S, Awaited, Message, ReceiptsError, days_of
from alerting.channels.tencent_sms import TencentSms, TencentSmsOptions
from alerting.store.store import Store
from pipeline.clock import SystemClock
from pipeline.model.delivery import DeliveryState
from pipeline.model.warning import HazardWarning, WarningText
from tests.dispatch_rig import dispatching, queue, states, until
from tests.receivers import Received, Receiver, receiver
from tests.reports import warning

pytestmark = pytest.mark.system

A, B = "13800000001", "13800000002"
KEY: Final = ("id-of-the-key", "T0pSecretK3y")
TEXT: Final = WarningText(language="zh-CN", event="火灾", headline="火灾", description="。", instruction="撤离。")
OPTIONS: Final = {
    "key_id": {"value": KEY[0]},
    "key_secret": {"value": KEY[1]},
    "sign_name": "样例应急",
    "template": "SMS_1",
    "receipts": "pull",
    "receipts_every_s": 0.05,
}


@pytest.fixture
def server() -> Iterator[Receiver]:
    with receiver("ok") as one:
        yield one


class Aliyun:
    """SendSms and QuerySendDetails; `told`: number -> SendStatus, 1 before that."""

    def __init__(self) -> None:
        self.sent: dict[str, list[str]] = {}
        self.told: dict[str, int] = {}
        self.asked: Counter[tuple[str, str]] = Counter()

    def __call__(self, request: Received) -> bytes:
        query = urlsplit(request.path).query
        expected = aliyun_signature.authorization(query, request.headers, request.body, *KEY)
        if request.headers["authorization"] != expected:
            return json.dumps({"Code": "SignatureDoesNotMatch"}).encode()
        said = {name: values[0] for name, values in parse_qs(query).items()}
        if request.headers["x-acs-action"] == "SendSms":
            for number in said["PhoneNumbers"].split(","):
                self.sent.setdefault(number, []).append(said["OutId"])
            return b'{"Code": "OK", "BizId": "9006^0"}'
        number, day, page = said["PhoneNumber"], said["SendDate"], int(said["CurrentPage"])
        self.asked[number, day] += 1
        rows = [self._row(number, delivery) for delivery in ["", *self.sent.get(number, [])]]
        rows = rows if day in days_of(SystemClock().now()) else []
        answer = {"SmsSendDetailDTO": rows[(page - 1) * PAGE : page * PAGE]}
        return json.dumps({"Code": "OK", "TotalCount": len(rows), "SmsSendDetailDTOs": answer}).encode()

    def _row(self, number: str, delivery: str) -> dict[str, Any]:
        status = self.told.get(number, 1)
        words = {1: "", 2: "MK:0001", 3: "DELIVERED"}
        return {"PhoneNum": number, "SendStatus": status, "ErrCode": words[status], "OutId": delivery}


class Tencent:
    """SendSms and PullSmsSendStatus, whose queue gives everything once."""

    def __init__(self) -> None:
        self.serials: dict[str, str] = {}
        self.queue: list[dict[str, Any]] = []
        self.pulls = 0

    def __call__(self, request: Received) -> bytes:
        names = ("content-type", "host", "x-tc-action")
        signed = {name: request.headers[name] for name in names}
        at = datetime.fromtimestamp(int(request.headers["x-tc-timestamp"]), UTC)
        expected = tencent_signature.authorization("sms", signed, request.body, KEY, at)
        if request.headers["authorization"] != expected:
            return json.dumps({"Response": {"Error": {"Code": "AuthFailure.SignatureFailure"}}}).encode()
        said = request.json()
        if request.headers["x-tc-action"] == "SendSms":
            self.serials |= {number: f"5000:{number}" for number in said["PhoneNumberSet"]}
            rows = [{"PhoneNumber": n, "Code": "Ok", "SerialNo": self.serials[n]} for n in said["PhoneNumberSet"]]
            return json.dumps({"Response": {"SendStatusSet": rows}}).encode()
        assert said["SmsSdkAppId"] == "1400"
        self.pulls += 1
        given, self.queue = self.queue[: said["Limit"]], self.queue[said["Limit"] :]
        return json.dumps({"Response": {"PullSmsSendStatusSet": given}}).encode()

    def tell(self, number: str, report: str, word: str) -> None:
        self.queue.append({"SerialNo": self.serials[f"+86{number}"], "ReportStatus": report, "Description": word})


def made(kind: str, server: Receiver, *numbers: str, **more: Any) -> SmsCloud:
    options = OPTIONS | {"endpoint": f"http://127.0.0.1:{server.port}", "targets": {"village": {"numbers": numbers}}}
    if kind == "aliyun":
        return AliyunSms("duty", AliyunSmsOptions.model_validate(options | more))
    return TencentSms("duty", TencentSmsOptions.model_validate(options | {"sdk_app_id": "1400"} | more))


def report() -> HazardWarning:
    now = SystemClock().now()
    return warning(texts=(TEXT,), sent_at=now, expires_at=now + timedelta(hours=1))


def play(store: Store, channel: SmsCloud, then: Any, state: DeliveryState) -> None:
    queue(store, report(), to="village")

    async def run() -> None:
        async with dispatching(store, channel, clock=SystemClock()):
            await until(lambda: set(states(store)) == {DeliveryState.ACCEPTED})
            then()
            await until(lambda: set(states(store)) == {state})

    asyncio.run(run())


@pytest.mark.parametrize(("status", "state"), [(3, DeliveryState.DELIVERED), (2, DeliveryState.FAILED)])
def test_aliyun_is_asked_until_it_knows(store: Store, server: Receiver, status: int, state: DeliveryState) -> None:
    server.say = cloud = Aliyun()
    play(store, made("aliyun", server, A, f"+86{B}"), lambda: cloud.told.update({A: status, B: status}), state)
    (one,) = store.deliveries(9)
    assert {word for _, _, word in store.receipts(one.id)} == {"DELIVERED" if status == 3 else "MK:0001"}
    assert A not in repr([one, store.receipts(one.id)])


@pytest.mark.parametrize(("said", "state"), [("SUCCESS", DeliveryState.DELIVERED), ("FAIL", DeliveryState.FAILED)])
def test_tencents_queue_is_read(store: Store, server: Receiver, said: str, state: DeliveryState) -> None:
    server.say = cloud = Tencent()

    def then() -> None:
        for one in (A, B):
            cloud.tell(one, said, "DELIVRD")

    play(store, made("tencent", server, A, B), then, state)


def test_one_telephone_that_is_off_does_not_fail_the_others(store: Store, server: Receiver) -> None:
    server.say = cloud = Tencent()

    queue(store, report(), to="village")

    def words() -> list[str]:
        return sorted(word for _, _, word in store.receipts(store.deliveries(9)[0].id))

    async def run() -> None:
        async with dispatching(store, made("tencent", server, A, B), clock=SystemClock()):
            await until(lambda: set(states(store)) == {DeliveryState.ACCEPTED})
            cloud.tell(A, "FAIL", "off")
            cloud.tell(B, "SUCCESS", "DELIVRD")
            await until(lambda: words() == ["DELIVRD", "off"])

    asyncio.run(run())
    assert set(states(store)) == {DeliveryState.ACCEPTED}


def test_after_a_restart_aliyun_is_asked_for_what_was_sent_before(store: Store, server: Receiver) -> None:
    server.say = cloud = Aliyun()
    play(store, made("aliyun", server, A), lambda: None, DeliveryState.ACCEPTED)
    cloud.told[A] = 3

    async def run() -> None:
        async with dispatching(store, made("aliyun", server, A), clock=SystemClock()):
            await until(lambda: set(states(store)) == {DeliveryState.DELIVERED})
            await asyncio.sleep(0.2)  # about midnight it has two days to ask for
            asked = cloud.asked.total()
            await asyncio.sleep(0.5)
            assert cloud.asked.total() == asked, "what is known for good is asked for again"

    asyncio.run(run())


def test_all_pages_are_read(server: Receiver) -> None:
    server.say = cloud = Aliyun()
    cloud.sent[A], cloud.told[A] = [f"d{number}" for number in range(PAGE + 9)], 3
    told: list[str] = []

    async def tell(receipt: Any) -> None:
        told.append(receipt.reference)

    asyncio.run(made("aliyun", server, A).pull(tell))
    assert len(set(told)) == PAGE + 9


def test_a_full_answer_is_followed_by_the_next(server: Receiver) -> None:
    server.say = cloud = Tencent()
    cloud.queue = [{"SerialNo": f"{n}", "ReportStatus": "SUCCESS", "Description": ""} for n in range(250)]
    told: list[str] = []

    async def tell(receipt: Any) -> None:
        told.append(receipt.reference)

    asyncio.run(made("tencent", server, A).pull(tell))
    assert (len(told), cloud.pulls) == (250, 3)


@pytest.mark.parametrize("kind", ["aliyun", "tencent"])
@pytest.mark.parametrize(
    ("behaviour", "key", "says"),
    [
        ("ok", "wrong", "Signature"),
        ("s500", KEY[1], "provider"),
        ("hang", KEY[1], "timeout"),
        ("no-json", KEY[1], "no such"),
    ],
)
def test_a_service_that_does_not_tell_is_an_error(
    server: Receiver, kind: str, behaviour: str, key: str, says: str
) -> None:
    server.behaviour = behaviour
    server.say = (Aliyun() if kind == "aliyun" else Tencent()) if behaviour == "ok" else None

    async def tell(_: Any) -> None:
        raise AssertionError

    one = made(kind, server, A, key_secret={"value": key}, timeout_s=0.3 if behaviour == "hang" else 60)
    with pytest.raises(ReceiptsError, match=says):
        asyncio.run(one.pull(tell))


def test_nobody_is_asked_where_that_is_not_wanted(server: Receiver) -> None:
    asyncio.run(asyncio.wait_for(made("tencent", server, A, receipts="off").listen(None), 60))  # type: ignore[arg-type]
    assert server.received == []


def test_what_is_awaited_is_asked_for_ever_more_seldom_and_given_up() -> None:
    awaited, one = Awaited(10), Message(A, "d")
    awaited.add([one, Message(A, "e")], ("20260501",), 0)
    asked = [now_s for now_s in range(0, 4000, 5) if awaited.due(now_s)]
    assert asked == [10, 30, 70, 150, 310, 630, 1230, 1830, 2430, 3030, 3630]
    awaited.told([one])
    assert len(awaited) == 1
    assert awaited.due(GIVEN_UP_AFTER_S) == [(A, "20260501")]
    assert len(awaited) == 0


@pytest.mark.parametrize(
    ("at", "days"),
    [
        ("2026-05-01T12:00:00+00:00", ("20260501",)),
        ("2026-05-01T16:30:00+00:00", ("20260502",)),
        ("2026-05-01T15:59:30+00:00", ("20260501", "20260502")),
    ],
)
def test_days_are_those_of_beijing(at: str, days: tuple[str, ...]) -> None:
    assert days_of(datetime.fromisoformat(at)) == days
