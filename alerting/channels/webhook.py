"""Channel `webhook`: each report by HTTP POST, as CAP XML or as JSON.

Every try of a delivery carries the same Idempotency-Key, so that a receiver can tell a repeat. 2xx is ACCEPTED, never
DELIVERED: a server took it, nobody knows whether a person saw it. Services that report errors inside a 200 are read by
`success_path` and `success_value`.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from enum import StrEnum
from functools import cached_property
from typing import Any, ClassVar, Final, Self

import httpx
import msgspec
from pydantic import Field, model_validator

from alerting.base import Channel, ChannelOptions, FailureReason, Message, Outcome, failed
from alerting.channels.http_answer import failure_reason, retry_after_s
from alerting.channels.quiet import quiet
from alerting.channels.secret_url import SecretUrl, redact
from pipeline.model.delivery import DeliveryState

_DETAIL_MAX: Final = 300
_ANSWER_MAX: Final = 65_536


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
        targets: name -> receiver, its address from one of url, url_env, url_file.
    """

    targets: dict[str, WebhookTarget] = Field(min_length=1)


class Webhook(Channel):
    """Redirections are not followed: a warning goes where it was told to go."""

    kind: ClassVar[str] = "webhook"
    options_type: ClassVar[type[ChannelOptions]] = WebhookOptions

    def __init__(self, name: str, options: WebhookOptions) -> None:
        super().__init__(name, options)
        quiet("httpx", "httpcore")
        self._targets = dict(options.targets)
        self._urls = {key: one.read(f"channel {name!r}, target {key!r}") for key, one in options.targets.items()}

    @property
    def targets(self) -> Sequence[str]:
        """Names of the receivers."""
        return tuple(sorted(self._targets))

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context()

    async def send(self, message: Message, target: str) -> Outcome:
        """One POST; ACCEPTED on 2xx whose own verdict, if one is configured, says success."""
        receiver = self._targets.get(target)
        if receiver is None:
            return failed(FailureReason.MISCONFIGURED, f"no target {target!r} in channel {self.name!r}")
        url = self._urls[target]
        try:
            async with asyncio.timeout(self.timeout_s):
                status, headers, answer = await self._post(url, receiver.form, message)
        except (TimeoutError, httpx.TimeoutException):
            return failed(FailureReason.TIMEOUT, f"no answer within {self.timeout_s:g} s")
        except (httpx.UnsupportedProtocol, httpx.InvalidURL):
            return failed(FailureReason.MISCONFIGURED, "the address is no http or https URL")
        except httpx.HTTPError as error:
            return failed(FailureReason.UNREACHABLE, redact(f"{type(error).__name__}: {error}", url))
        outcome = _verdict(receiver, status, headers, answer)
        return Outcome(outcome.state, outcome.reason, redact(outcome.detail, url), outcome.retry_after_s)

    async def _post(self, url: str, form: Form, message: Message) -> tuple[int, httpx.Headers, bytes]:
        content_type, content = _body(form, message)
        headers = {"Content-Type": content_type, "Idempotency-Key": message.delivery_id}
        async with (
            httpx.AsyncClient(timeout=self.timeout_s, verify=self._trust) as client,
            client.stream("POST", url, content=content, headers=headers) as response,
        ):
            answer = bytearray()
            async for part in response.aiter_bytes():
                answer += part
                if len(answer) > _ANSWER_MAX:
                    break
            return response.status_code, response.headers, bytes(answer)


def _body(form: Form, message: Message) -> tuple[str, bytes]:
    if form is Form.CAP:
        return "application/cap+xml; charset=utf-8", message.cap_xml
    document = {
        "delivery": message.delivery_id,
        "title": message.title,
        "body": message.body,
        "warning": message.warning.model_dump(mode="json"),
    }
    return "application/json", msgspec.json.encode(document)


def _verdict(receiver: WebhookTarget, status: int, headers: httpx.Headers, answer: bytes) -> Outcome:
    words = f"HTTP {status}: {answer.decode(errors='replace')[:_DETAIL_MAX]}".rstrip(": ")
    reason = failure_reason(status)
    if reason is not FailureReason.NONE:
        return failed(reason, words, retry_after_s(headers))
    if receiver.success_path is not None and _own_verdict(receiver.success_path, answer) != str(receiver.success_value):
        return failed(FailureReason.PROVIDER, words, retry_after_s(headers))
    return Outcome(DeliveryState.ACCEPTED, detail=words)


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
