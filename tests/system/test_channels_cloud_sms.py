"""SMS by the clouds' interfaces: signatures by the providers' own examples, a verdict for every number."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import ValidationError

from alerting.base import FailureReason, Outcome
from alerting.channels import aliyun_signature, tencent_signature
from alerting.channels.aliyun_sms import AliyunSms, AliyunSmsOptions
from alerting.channels.sms_cloud import SmsCloud
from alerting.channels.tencent_sms import TencentSms, TencentSmsOptions
from pipeline.errors import ChannelError
from pipeline.model.delivery import DeliveryState
from pipeline.model.warning import WarningText
from tests.receivers import Receiver, closed_port, receiver
from tests.reports import message, warning

pytestmark = pytest.mark.system

A, B = "13800000001", "+8613800000002"
SECRET: Final = "T0pSecretK3y"
TEXT: Final = WarningText(
    language="zh-CN", event="火灾", headline="清风村火灾橙色预警" * 6, description="。", instruction="撤离。\n关阀。"
)


@pytest.fixture
def server() -> Iterator[Receiver]:
    with receiver("ok") as one:
        yield one


def options(endpoint: str, *numbers: str, **more: Any) -> dict[str, Any]:
    return {
        "timeout_s": 60,
        "endpoint": endpoint,
        "key_id": {"value": "id-of-the-key"},
        "key_secret": {"value": SECRET},
        "sign_name": "样例应急",
        "template": "SMS_1",
        "parameters": {"headline": "{headline}", "advice": "{level} {instruction}"},
        "targets": {"village": {"numbers": numbers or (A, B)}},
    } | more


def aliyun(endpoint: str, *numbers: str, **more: Any) -> AliyunSms:
    return AliyunSms("sms", AliyunSmsOptions.model_validate(options(endpoint, *numbers, **more)))


def tencent(endpoint: str, *numbers: str, **more: Any) -> TencentSms:
    return TencentSms(
        "sms", TencentSmsOptions.model_validate(options(endpoint, *numbers, **more) | {"sdk_app_id": "1400"})
    )


def send(one: SmsCloud, target: str = "village") -> Outcome:
    return asyncio.run(one.send(message(warning(texts=(TEXT,))), target))


def at(server: Receiver) -> str:
    return f"http://127.0.0.1:{server.port}"


def statuses(**codes: str) -> bytes:
    rows = [{"PhoneNumber": f"+86{number[1:]}", "Code": code} for number, code in codes.items()]
    return json.dumps({"Response": {"SendStatusSet": rows, "RequestId": "r"}}).encode()


def test_aliyun_signs_as_its_document_does() -> None:
    """The example of help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature."""
    query = "ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai"
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": aliyun_signature.digest(b""),
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-version": "2014-05-26",
    }
    said = aliyun_signature.authorization(query, headers, b"", "YourAccessKeyId", "YourAccessKeySecret")
    assert said.endswith("Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0")
    assert "SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version" in said


def test_tencent_signs_as_its_document_does() -> None:
    """The example of cloud.tencent.com/document/api/213/30654."""
    headers = {"content-type": "application/json; charset=utf-8", "host": "cvm.tencentcloudapi.com"}
    body = rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}'
    key = ("AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE")
    now = datetime.fromtimestamp(1551113065, UTC)
    said = tencent_signature.authorization("cvm", headers, body, key, now)
    assert said == (
        "TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE/2019-02-25/cvm/tc3_request, "
        "SignedHeaders=content-type;host, Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"
    )


def test_aliyun_is_asked_for_all_numbers_at_once(server: Receiver) -> None:
    server.say = b'{"Code": "OK", "BizId": "900619746936498440^0", "RequestId": "r"}'
    assert send(aliyun(at(server))).state is DeliveryState.ACCEPTED
    (one,) = server.received
    query = {name: values[0] for name, values in parse_qs(urlsplit(one.path).query).items()}
    assert query["PhoneNumbers"] == "13800000001,13800000002"
    assert query["OutId"] == message(warning()).delivery_id
    words = json.loads(query["TemplateParam"])
    assert words["advice"] == "橙色 撤离。 关阀。"
    assert len(words["headline"]) == 35
    assert one.headers["x-acs-action"] == "SendSms"
    assert one.headers["authorization"].startswith("ACS3-HMAC-SHA256 Credential=id-of-the-key,")


def test_tencent_is_asked_for_all_numbers_at_once(server: Receiver) -> None:
    server.say = statuses(_13800000001="Ok", _13800000002="Ok")
    assert send(tencent(at(server))).state is DeliveryState.ACCEPTED
    document = server.received[0].json()
    assert document["PhoneNumberSet"] == ["+8613800000001", "+8613800000002"]
    assert document["TemplateParamSet"][1] == "橙色 撤离。 关阀。"
    assert server.received[0].headers["x-tc-action"] == "SendSms"


def test_only_those_not_taken_are_tried_again(server: Receiver) -> None:
    one = tencent(at(server))
    server.say = statuses(_13800000001="Ok", _13800000002="LimitExceeded.PhoneNumberThirtySecondLimit")
    outcome = send(one)
    assert (outcome.reason, outcome.retry_after_s) == (FailureReason.THROTTLED, 30)
    assert "not all of 2 taken: 1 LimitExceeded" in outcome.detail
    server.say = statuses(_13800000002="Ok")
    assert send(one).state is DeliveryState.ACCEPTED
    assert server.received[1].json()["PhoneNumberSet"] == ["+8613800000002"]


def test_a_number_without_a_verdict_was_not_taken(server: Receiver) -> None:
    server.say = statuses(_13800000001="Ok")
    assert "1 no verdict" in send(tencent(at(server))).detail


CODES = [
    ("isv.BUSINESS_LIMIT_CONTROL", FailureReason.THROTTLED),
    ("Throttling.User", FailureReason.THROTTLED),
    ("isv.SMS_TEMPLATE_ILLEGAL", FailureReason.MISCONFIGURED),
    ("isv.BLACK_KEY_CONTROL_LIMIT", FailureReason.REFUSED),
    ("isp.SYSTEM_ERROR", FailureReason.PROVIDER),
]


@pytest.mark.parametrize(("code", "reason"), CODES)
def test_a_code_of_aliyun_inside_200_is_what_counts(server: Receiver, code: str, reason: FailureReason) -> None:
    server.say = json.dumps({"Code": code, "Message": "m"}).encode()
    assert send(aliyun(at(server))).reason is reason


TENCENT_CODES = [
    ("AuthFailure.SignatureFailure", FailureReason.MISCONFIGURED),
    ("RequestLimitExceeded", FailureReason.THROTTLED),
    ("LimitExceeded.PhoneNumberDailyLimit", FailureReason.REFUSED),
    ("InternalError.Timeout", FailureReason.PROVIDER),
]


@pytest.mark.parametrize(("code", "reason"), TENCENT_CODES)
def test_an_error_of_tencent_counts_for_all(server: Receiver, code: str, reason: FailureReason) -> None:
    server.say = json.dumps({"Response": {"Error": {"Code": code, "Message": "m"}}}).encode()
    assert send(tencent(at(server))).reason is reason


@pytest.mark.parametrize("make", [aliyun, tencent])
@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        ("hang", FailureReason.TIMEOUT),
        ("reset", FailureReason.UNREACHABLE),
        ("s500", FailureReason.PROVIDER),
        ("throttled", FailureReason.THROTTLED),
        ("no-json", FailureReason.PROVIDER),
    ],
)
def test_servers_that_fail(server: Receiver, make: Any, behaviour: str, reason: FailureReason) -> None:
    server.behaviour = behaviour
    outcome = send(make(at(server), timeout_s=1 if behaviour == "hang" else 60))
    assert outcome.reason is reason
    assert not [secret for secret in (SECRET, "id-of-the-key", "13800000001") if secret in repr(outcome)]


@pytest.mark.parametrize("make", [aliyun, tencent])
def test_nobody_there_and_no_such_target(make: Any) -> None:
    assert send(make(f"http://127.0.0.1:{closed_port()}")).reason is FailureReason.UNREACHABLE
    assert send(make("http://127.0.0.1:9"), "fax").reason is FailureReason.MISCONFIGURED


def test_numbers_in_words_that_name_none_of_them(tmp_path: Any) -> None:
    many = [f"1380000{n:04}" for n in range(201)]
    with pytest.raises(ChannelError, match="201 numbers; one call takes 200"):
        tencent("http://127.0.0.1:9", *many)
    with pytest.raises(ChannelError, match="number 2 is none") as told:
        tencent("http://127.0.0.1:9", A, "Ms Wang's")
    assert "Wang" not in str(told.value)
    file = tmp_path / "numbers"
    with pytest.raises(ChannelError, match="cannot read"):
        tencent("http://127.0.0.1:9", targets={"x": {"numbers_file": file}})
    file.write_text(f"{A}\n{B}\n{A}\n")
    assert tencent("http://127.0.0.1:9", targets={"x": {"numbers_file": file}}).numbers["x"] == (A, B)
    with pytest.raises(ValidationError, match="exactly one of numbers"):
        tencent("http://127.0.0.1:9", targets={"x": {}})
    with pytest.raises(ChannelError, match="NO_SUCH_VARIABLE is not set"):
        tencent("http://127.0.0.1:9", key_id={"env": "NO_SUCH_VARIABLE"})
