"""Channel `tencent_sms`: SMS by Tencent Cloud (sms, 2021-01-11, SendSms).

One call takes up to 200 numbers and gives a verdict for each (cloud.tencent.com/document/product/382/55981).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from pydantic import Field

from alerting.base import FailureReason
from alerting.channels.http_answer import Answer
from alerting.channels.sms_cloud import Call, SmsCloud, Told
from alerting.channels.sms_options import SmsOptions
from alerting.channels.tencent_signature import authorization
from pipeline.model.instant import to_ns

_REASONS: Final[tuple[tuple[str, tuple[FailureReason, float | None]], ...]] = (
    ("LimitExceeded.DeliveryFrequencyLimit", (FailureReason.THROTTLED, 30.0)),
    ("LimitExceeded.PhoneNumberThirtySecondLimit", (FailureReason.THROTTLED, 30.0)),
    ("LimitExceeded.PhoneNumberOneHourLimit", (FailureReason.THROTTLED, 3600.0)),
    ("LimitExceeded", (FailureReason.REFUSED, None)),  # of a day, or of the same words
    ("RequestLimitExceeded", (FailureReason.THROTTLED, 1.0)),
    ("AuthFailure", (FailureReason.MISCONFIGURED, None)),
    ("UnauthorizedOperation", (FailureReason.MISCONFIGURED, None)),
    ("MissingParameter", (FailureReason.MISCONFIGURED, None)),
    ("InvalidParameterValue.IncorrectPhoneNumber", (FailureReason.MISCONFIGURED, None)),
    ("InvalidParameter", (FailureReason.REFUSED, None)),
    ("FailedOperation.SignatureIncorrectOrUnapproved", (FailureReason.MISCONFIGURED, None)),
    ("FailedOperation.TemplateIncorrectOrUnapproved", (FailureReason.MISCONFIGURED, None)),
    ("FailedOperation.InsufficientBalanceInSmsPackage", (FailureReason.MISCONFIGURED, None)),
    ("FailedOperation.ContainSensitiveWord", (FailureReason.REFUSED, None)),
    ("FailedOperation.PhoneNumberInBlacklist", (FailureReason.REFUSED, None)),
    ("UnsupportedOperation", (FailureReason.REFUSED, None)),
)
"""Beginning of a code -> what it means; the first that fits."""


class TencentSmsOptions(SmsOptions):
    """As of all SMS services, with Tencent's address.

    Attributes:
        sdk_app_id: the application's SdkAppId.
        region: the service's region.
    """

    endpoint: str = Field(default="https://sms.tencentcloudapi.com", pattern=r"^https?://[^/\s]+$")
    sdk_app_id: str = Field(min_length=1)
    region: str = "ap-guangzhou"


class TencentSms(SmsCloud):
    """The delivery's id goes along as SessionContext, and comes back in the answer and in receipts."""

    kind: ClassVar[str] = "tencent_sms"
    options_type: ClassVar[type[SmsOptions]] = TencentSmsOptions
    ok: ClassVar[str] = "Ok"
    numbers_max: ClassVar[int] = 200
    options: TencentSmsOptions

    def call(
        self, numbers: Sequence[str], words: Mapping[str, str], delivery: str, key: tuple[str, str], now: datetime
    ) -> Call:
        """JSON in the body; parameters of a template go by their place."""
        body = json.dumps(
            {
                "PhoneNumberSet": [one if one.startswith("+") else f"+86{one}" for one in numbers],
                "SmsSdkAppId": self.options.sdk_app_id,
                "SignName": self.options.sign_name,
                "TemplateId": self.options.template,
                "TemplateParamSet": list(words.values()),
                "SessionContext": delivery,
            }
        ).encode()
        signed = {
            "content-type": "application/json; charset=utf-8",
            "host": urlsplit(self.options.endpoint).netloc,
            "x-tc-action": "SendSms",
        }
        headers = {
            **signed,
            "x-tc-version": "2021-01-11",
            "x-tc-region": self.options.region,
            "x-tc-timestamp": str(to_ns(now) // 1_000_000_000),
            "authorization": authorization("sms", signed, body, key, now),
        }
        return Call(f"{self.options.endpoint}/", headers, body)

    def read(self, answer: Answer, numbers: Sequence[str]) -> Told | None:
        """`SendStatusSet` of each number, or `Error` of the whole call."""
        response = answer.json().get("Response")
        if not isinstance(response, dict):
            return None
        error, statuses = response.get("Error"), response.get("SendStatusSet")
        if isinstance(error, dict):
            return Told({str(error.get("Code")): numbers})
        return _by_code(statuses, numbers) if isinstance(statuses, list) else None

    def reason(self, code: str) -> tuple[FailureReason, float | None]:
        """By the table; the rest is tried again."""
        return next((means for prefix, means in _REASONS if code.startswith(prefix)), (FailureReason.PROVIDER, None))


def _by_code(statuses: list[Any], numbers: Sequence[str]) -> Told:
    """A number that the answer passes over was not taken."""
    codes = {str(one.get("PhoneNumber")): str(one.get("Code")) for one in statuses if isinstance(one, dict)}
    found: dict[str, list[str]] = {}
    for number in numbers:
        code = codes.get(number if number.startswith("+") else f"+86{number}", "no verdict")
        found.setdefault(code, []).append(number)
    return Told(found)
