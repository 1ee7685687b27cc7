"""Channel `aliyun_sms`: SMS by Aliyun's Short Message Service (Dysmsapi, 2017-05-25, SendSms).

One call takes up to 1000 numbers and gives one verdict for all of them. Codes: help.aliyun.com/document_detail/101346.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from pydantic import Field

from alerting.base import PART, FailureReason, Receipt, Tell
from alerting.channels.aliyun_signature import authorization, digest, query_of
from alerting.channels.http_answer import DETAIL_MAX, Answer
from alerting.channels.sms_cloud import Call, SmsCloud, Told
from alerting.channels.sms_options import SmsOptions
from alerting.channels.sms_receipts import Awaited, Message, ReceiptsError, days_of
from pipeline.model.delivery import DeliveryState
from pipeline.model.identity import content_id
from pipeline.model.instant import to_ns

PAGE: Final = 50
"""Messages that one call tells of (help.aliyun.com, QuerySendDetails)."""
_STATES: Final = {"2": DeliveryState.FAILED, "3": DeliveryState.DELIVERED}
"""SendStatus; 1 waits for the operator's word."""
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

    def __init__(self, name: str, options: SmsOptions) -> None:
        super().__init__(name, options)
        self._awaited = Awaited(options.receipts_every_s)
        now = self.clock.now()
        days = dict.fromkeys(day for back in (1, 0) for day in days_of(now - timedelta(days=back)))
        numbers = dict.fromkeys(_as_told(one) for group in self.numbers.values() for one in group)
        self._unasked: Sequence[tuple[str, str]] = [(number, day) for number in numbers for day in days]

    def call(
        self, numbers: Sequence[str], words: Mapping[str, str], delivery: str, key: tuple[str, str], now: datetime
    ) -> Call:
        """Everything stands in the query; the body is empty."""
        parameters = {
            "PhoneNumbers": ",".join(one.removeprefix("+86") for one in numbers),
            "SignName": self.options.sign_name,
            "TemplateCode": self.options.template,
            "TemplateParam": json.dumps(words, ensure_ascii=False),
            "OutId": delivery,
        }
        return self._signed("SendSms", parameters, key, now)

    def _signed(self, action: str, parameters: Mapping[str, str], key: tuple[str, str], now: datetime) -> Call:
        query = query_of(parameters)
        headers = {
            "host": urlsplit(self.options.endpoint).netloc,
            "x-acs-action": action,
            "x-acs-version": "2017-05-25",
            "x-acs-date": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "x-acs-signature-nonce": content_id("nonce", query, to_ns(now)),
            "x-acs-content-sha256": digest(b""),
        }
        signed = headers | {"authorization": authorization(query, headers, b"", *key)}
        return Call(f"{self.options.endpoint}/?{query}", signed, b"")

    def read(self, answer: Answer, numbers: Sequence[str]) -> Told | None:
        """`Code` counts for all of them."""
        code = answer.json().get("Code")
        return Told({code: numbers}) if isinstance(code, str) else None

    def references(self, delivery: str, names: Mapping[str, str]) -> tuple[str, ...]:
        """One of our own for each telephone, which does not tell its number; from now on it is asked for."""
        messages = [Message(_as_told(number), delivery) for number in names]
        now = self.clock.now()
        self._awaited.add(messages, days_of(now), self.clock.monotonic_s())
        return tuple(_reference(one) for one in messages)

    async def pull(self, tell: Tell) -> None:
        """Ask for each telephone that something is awaited from; after a start for all, as of today and yesterday."""
        for number, day in self._unasked:
            await self._ask(number, day, tell)
        self._unasked = ()
        for number, day in self._awaited.due(self.clock.monotonic_s()):
            await self._ask(number, day, tell)

    async def _ask(self, number: str, day: str, tell: Tell) -> None:
        page = 1
        while True:
            asked = {"PhoneNumber": number, "SendDate": day, "PageSize": str(PAGE), "CurrentPage": str(page)}
            answer = await self.ask(self._signed("QuerySendDetails", asked, self.key, self.clock.now()))
            rows = _details(answer)
            for one in rows:
                state = _STATES.get(str(one.get("SendStatus")))
                message = Message(number, str(one.get("OutId") or ""))
                if state and message.delivery:  # without an OutId it was sent by somebody else
                    await tell(Receipt(_reference(message), state, str(one.get("ErrCode"))[:DETAIL_MAX]))
                    self._awaited.told([message])
            if len(rows) < PAGE:
                return
            page += 1

    def reason(self, code: str) -> tuple[FailureReason, float | None]:
        """By the table; what throttles by its name, the rest is tried again."""
        if code.startswith("Throttling"):
            return FailureReason.THROTTLED, 1.0
        return _REASONS.get(code, (FailureReason.PROVIDER, None))


def _as_told(number: str) -> str:
    """As QuerySendDetails wants it: without +86, and without any other plus."""
    return number.removeprefix("+86").removeprefix("+")


def _reference(message: Message) -> str:
    return PART + content_id("sms", message.delivery, message.number)


def _details(answer: Answer) -> list[dict[str, Any]]:
    """What was sent to one telephone.

    Raises:
        ReceiptsError: an answer of another kind.
    """
    document = answer.json()
    found = document.get("SmsSendDetailDTOs")
    rows = found.get("SmsSendDetailDTO") if isinstance(found, dict) else None
    if document.get("Code") != AliyunSms.ok or not isinstance(rows, list):
        raise ReceiptsError(str(document.get("Code") or answer.failure or "no such answer"))
    return [one for one in rows if isinstance(one, dict)]
