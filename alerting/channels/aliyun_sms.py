"""Channel `aliyun_sms`: SMS by Aliyun's Short Message Service (Dysmsapi, 2017-05-25, SendSms).

One call takes up to 1000 numbers and gives one verdict for all of them. Codes: help.aliyun.com/document_detail/101346.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import ClassVar, Final
from urllib.parse import urlsplit

from pydantic import Field

from alerting.base import FailureReason
from alerting.channels.aliyun_signature import authorization, digest, query_of
from alerting.channels.http_answer import Answer
from alerting.channels.sms_cloud import Call, SmsCloud, Told
from alerting.channels.sms_options import SmsOptions
from pipeline.model.identity import content_id
from pipeline.model.instant import to_ns

_MINUTE_S: Final = 60.0
_REASONS: Final[Mapping[str, tuple[FailureReason, float | None]]] = {
    "isv.BUSINESS_LIMIT_CONTROL": (FailureReason.THROTTLED, _MINUTE_S),
    "isv.OUT_OF_SERVICE": (FailureReason.MISCONFIGURED, None),
    "isv.PRODUCT_UN_SUBSCRIPT": (FailureReason.MISCONFIGURED, None),
    "isv.ACCOUNT_NOT_EXISTS": (FailureReason.MISCONFIGURED, None),
    "isv.ACCOUNT_ABNORMAL": (FailureReason.MISCONFIGURED, None),
    "isv.AMOUNT_NOT_ENOUGH": (FailureReason.MISCONFIGURED, None),
    "isp.RAM_PERMISSION_DENY": (FailureReason.MISCONFIGURED, None),
    "isv.SMS_TEMPLATE_ILLEGAL": (FailureReason.MISCONFIGURED, None),
    "isv.SMS_SIGNATURE_ILLEGAL": (FailureReason.MISCONFIGURED, None),
    "isv.SMS_SIGN_ILLEGAL": (FailureReason.MISCONFIGURED, None),
    "isv.MOBILE_NUMBER_ILLEGAL": (FailureReason.MISCONFIGURED, None),
    "isv.MOBILE_COUNT_OVER_LIMIT": (FailureReason.MISCONFIGURED, None),
    "isv.TEMPLATE_MISSING_PARAMETERS": (FailureReason.MISCONFIGURED, None),
    "InvalidAccessKeyId.NotFound": (FailureReason.MISCONFIGURED, None),
    "SignatureDoesNotMatch": (FailureReason.MISCONFIGURED, None),
    "isv.INVALID_PARAMETERS": (FailureReason.REFUSED, None),
    "isv.INVALID_JSON_PARAM": (FailureReason.REFUSED, None),
    "isv.BLACK_KEY_CONTROL_LIMIT": (FailureReason.REFUSED, None),
    "isv.PARAM_LENGTH_LIMIT": (FailureReason.REFUSED, None),
    "isv.PARAM_NOT_SUPPORT_URL": (FailureReason.REFUSED, None),
}


class AliyunSmsOptions(SmsOptions):
    """As of all SMS services, with Aliyun's address."""

    endpoint: str = Field(default="https://dysmsapi.aliyuncs.com", pattern=r"^https?://[^/\s]+$")


class AliyunSms(SmsCloud):
    """The delivery's id goes along as OutId, and comes back in Aliyun's receipts."""

    kind: ClassVar[str] = "aliyun_sms"
    options_type: ClassVar[type[SmsOptions]] = AliyunSmsOptions
    ok: ClassVar[str] = "OK"
    numbers_max: ClassVar[int] = 1000

    def call(
        self, numbers: Sequence[str], words: Mapping[str, str], delivery: str, key: tuple[str, str], now: datetime
    ) -> Call:
        """Everything stands in the query; the body is empty."""
        query = query_of(
            {
                "PhoneNumbers": ",".join(one.removeprefix("+86") for one in numbers),
                "SignName": self.options.sign_name,
                "TemplateCode": self.options.template,
                "TemplateParam": json.dumps(words, ensure_ascii=False),
                "OutId": delivery,
            }
        )
        headers = {
            "host": urlsplit(self.options.endpoint).netloc,
            "x-acs-action": "SendSms",
            "x-acs-version": "2017-05-25",
            "x-acs-date": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "x-acs-signature-nonce": content_id("nonce", delivery, to_ns(now)),
            "x-acs-content-sha256": digest(b""),
        }
        signed = headers | {"authorization": authorization(query, headers, b"", *key)}
        return Call(f"{self.options.endpoint}/?{query}", signed, b"")

    def read(self, answer: Answer, numbers: Sequence[str]) -> Told | None:
        """`Code` counts for all of them."""
        code = answer.json().get("Code")
        return Told({code: numbers}) if isinstance(code, str) else None

    def reason(self, code: str) -> tuple[FailureReason, float | None]:
        """By the table; what throttles by its name, the rest is tried again."""
        if code.startswith("Throttling"):
            return FailureReason.THROTTLED, 1.0
        return _REASONS.get(code, (FailureReason.PROVIDER, None))
