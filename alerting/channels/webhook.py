"""Channel `webhook`: each report by HTTP POST, as CAP XML or as JSON.

Every try of a delivery carries the same Idempotency-Key, so that a receiver can tell a repeat. 2xx is ACCEPTED, never
DELIVERED: a server took it, nobody knows whether a person saw it. Services that report errors inside a 200 are read by
`success_path` and `success_value`.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, ClassVar, Self

import msgspec
from pydantic import Field, model_validator

from alerting.base import ChannelOptions, FailureReason, Message, Outcome, failed
from alerting.channels.http_answer import Answer
from alerting.channels.http_channel import HttpChannel
from alerting.channels.secret_url import SecretUrl
from pipeline.model.delivery import DeliveryState
from pipeline.model.warning import HazardWarning


class Form(StrEnum):
    """What the body is."""

    CAP = "cap"
    JSON = "json"


class WebhookTarget(SecretUrl):
    """One receiver.

    Attributes:
        form: "cap" (application/cap+xml) or "json" (delivery, title, body, warning).
        success_path: where in a JSON answer its own verdict stands, as keys joined by dots: "errcode", "result.code".
        success_value: the verdict that means success, compared as text.
    """

    form: Form = Form.CAP
    success_path: str | None = Field(default=None, min_length=1)
    success_value: str | int | bool | None = None

    @model_validator(mode="after")
    def _path_and_value(self) -> Self:
        if (self.success_path is None) != (self.success_value is None):
            message = "success_path and success_value go together: give both or none"
            raise ValueError(message)
        return self


class WebhookOptions(ChannelOptions):
    """Whom it posts to.

    Attributes:
        max_concurrent: as everywhere; more than elsewhere, for receivers are servers of their own, and one that hangs
            must leave room for the others.
        targets: name -> receiver, its address from one of url, url_env, url_file.
    """

    max_concurrent: int = Field(default=64, ge=1)
    targets: dict[str, WebhookTarget] = Field(min_length=1)


class Webhook(HttpChannel):
    """One POST a delivery."""

    kind: ClassVar[str] = "webhook"
    options_type: ClassVar[type[ChannelOptions]] = WebhookOptions
    tells_repeats = True

    def __init__(self, name: str, options: WebhookOptions) -> None:
        super().__init__(name, options)
        self._targets = dict(options.targets)
        self._report: tuple[HazardWarning | None, msgspec.Raw] = (None, msgspec.Raw())
        self._urls = {key: one.read(f"channel {name!r}, target {key!r}") for key, one in options.targets.items()}

    @property
    def targets(self) -> Sequence[str]:
        """Names of the receivers."""
        return tuple(sorted(self._targets))

    async def send(self, message: Message, target: str) -> Outcome:
        """One POST; ACCEPTED on 2xx whose own verdict, if one is configured, says success."""
        receiver = self._targets.get(target)
        if receiver is None:
            return failed(FailureReason.MISCONFIGURED, f"no target {target!r} in channel {self.name!r}")
        content_type, content = self._body(receiver.form, message)
        headers = {"Content-Type": content_type, "Idempotency-Key": message.delivery_id}
        answer = await self.post(self._urls[target], content, headers)
        return answer if isinstance(answer, Outcome) else _verdict(receiver, answer)

    def _body(self, form: Form, message: Message) -> tuple[str, bytes]:
        if form is Form.CAP:
            return "application/cap+xml; charset=utf-8", message.cap_xml
        report = message.warning
        if self._report[0] is not report:  # the next message is mostly of the same
            self._report = (report, msgspec.Raw(msgspec.json.encode(report.model_dump(mode="json"))))
        document = {
            "delivery": message.delivery_id,
            "title": message.title,
            "body": message.body,
            "warning": self._report[1],
        }
        return "application/json", msgspec.json.encode(document)


def _verdict(receiver: WebhookTarget, answer: Answer) -> Outcome:
    if answer.failure is not FailureReason.NONE:
        return failed(answer.failure, answer.words, answer.retry_after_s)
    if receiver.success_path is not None:
        verdict = _own_verdict(receiver.success_path, answer.body)
        if verdict != str(receiver.success_value):
            return failed(FailureReason.PROVIDER, answer.words, answer.retry_after_s)
    return Outcome(DeliveryState.ACCEPTED, detail=answer.words)


def _own_verdict(path: str, answer: bytes) -> str | None:
    """The value at `path` as text; None where the answer is no JSON or has no such place."""
    try:
        value: Any = msgspec.json.decode(answer)
    except msgspec.DecodeError:
        return None
    for key in path.split("."):
        if not isinstance(value, dict) or key not in value:
            return None
        value = value[key]
    return str(value)
