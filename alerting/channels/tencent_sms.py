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

from alerting.base import PART, FailureReason, Receipt, Tell
from alerting.channels.http_answer import DETAIL_MAX, Answer
from alerting.channels.sms_cloud import Call, SmsCloud, Told
from alerting.channels.sms_options import SmsOptions
from alerting.channels.sms_receipts import ReceiptsError
from alerting.channels.tencent_signature import authorization
from pipeline.model.delivery import DeliveryState
from pipeline.model.instant import to_ns

PULL_MAX: Final = 100
"""Receipts that one call gives (cloud.tencent.com/document/product/382/55977)."""
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
        document = {
            "PhoneNumberSet": [_e164(one) for one in numbers],
            "SmsSdkAppId": self.options.sdk_app_id,
            "SignName": self.options.sign_name,
            "TemplateId": self.options.template,
            "TemplateParamSet": list(words.values()),
            "SessionContext": delivery,
        }
        return self._signed("SendSms", document, key, now)

    async def pull(self, tell: Tell) -> None:
        """Take what has come from the queue that the service keeps for the application: it tells everything once.

        What it told and we had not written down when we were killed is lost: such a delivery stays ACCEPTED.
        """
        document = {"SmsSdkAppId": self.options.sdk_app_id, "Limit": PULL_MAX}
        while True:
            answer = await self.ask(self._signed("PullSmsSendStatus", document, self.key, self.clock.now()))
            rows = _statuses(answer)
            for one in rows:
                state = DeliveryState.DELIVERED if one.get("ReportStatus") == "SUCCESS" else DeliveryState.FAILED
                await tell(Receipt(f"{PART}{one.get('SerialNo')}", state, str(one.get("Description"))[:DETAIL_MAX]))
            if len(rows) < PULL_MAX:
                return

    def references(self, delivery: str, names: Mapping[str, str]) -> tuple[str, ...]:
        """SerialNo of each."""
        del delivery
        return tuple(PART + name for name in names.values() if name)

    def _signed(self, action: str, document: Mapping[str, Any], key: tuple[str, str], now: datetime) -> Call:
        body = json.dumps(document).encode()
        signed = {
            "content-type": "application/json; charset=utf-8",
            "host": urlsplit(self.options.endpoint).netloc,
            "x-tc-action": action,
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
    rows = {str(one.get("PhoneNumber")): one for one in statuses if isinstance(one, dict)}
    found: dict[str, list[str]] = {}
    names: dict[str, str] = {}
    for number in numbers:
        row = rows.get(_e164(number), {})
        code = str(row.get("Code", "no verdict"))
        found.setdefault(code, []).append(number)
        if code == TencentSms.ok and row.get("SerialNo"):
            names[number] = str(row["SerialNo"])
    return Told(found, names)


def _statuses(answer: Answer) -> list[dict[str, Any]]:
    """What the queue held.

    Raises:
        ReceiptsError: an answer of another kind.
    """
    response = answer.json().get("Response")
    found = response.get("PullSmsSendStatusSet") if isinstance(response, dict) else None
    if not isinstance(found, list):
        error = response.get("Error") if isinstance(response, dict) else None
        raise ReceiptsError(
            str(error.get("Code")) if isinstance(error, dict) else str(answer.failure or "no such answer")
        )
    return [one for one in found if isinstance(one, dict) and one.get("SerialNo")]


def _e164(number: str) -> str:
    return number if number.startswith("+") else f"+86{number}"
