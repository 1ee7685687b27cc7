"""What the robots of group chats have in common: one POST of JSON, and a verdict inside an answer of HTTP 200."""

from __future__ import annotations

import base64
import hashlib
import hmac
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final

import msgspec
from pydantic import Field

from alerting.base import ChannelOptions, FailureReason, Message, Outcome, failed
from alerting.channels.http_answer import Answer
from alerting.channels.http_channel import HttpChannel
from alerting.channels.secret_text import SecretText
from alerting.channels.secret_url import HIDDEN, SecretUrl
from pipeline.clock import SystemClock
from pipeline.model.delivery import DeliveryState

Verdict = tuple[FailureReason, float | None]
"""What an error code of a provider means for us, and how long it asks us to wait [s]."""

OK: Final = 0
_JSON: Final = {"Content-Type": "application/json; charset=utf-8"}


class RobotTarget(SecretUrl):
    """One robot.

    Attributes:
        secret: the key that signs, where the robot asks for signatures; from one of value, env, file.
    """

    secret: SecretText | None = None


class RobotOptions(ChannelOptions):
    """Whom it posts to.

    Attributes:
        targets: name -> the robot's address, from one of url, url_env, url_file, and its secret.
    """

    targets: dict[str, RobotTarget] = Field(min_length=1)


class Robot(HttpChannel):
    """A robot is reached once for each message. ACCEPTED when its own code says so, never for HTTP 200 alone."""

    options_type: ClassVar[type[ChannelOptions]] = RobotOptions
    verdicts: ClassVar[Mapping[int, Verdict]]
    """Error code -> what it means; one that is not listed is PROVIDER and tried again."""

    def __init__(self, name: str, options: RobotOptions) -> None:
        super().__init__(name, options)
        self._clock = SystemClock()
        self._urls: dict[str, str] = {}
        self._secrets: dict[str, str] = {}
        for key, target in options.targets.items():
            owner = f"channel {name!r}, target {key!r}"
            self._urls[key] = target.read(owner)
            if target.secret is not None:
                self._secrets[key] = target.secret.read(owner)

    @property
    def targets(self) -> Sequence[str]:
        """Names of the robots."""
        return tuple(sorted(self._urls))

    async def send(self, message: Message, target: str) -> Outcome:
        """One POST; the code in the answer decides."""
        url = self._urls.get(target)
        if url is None:
            return failed(FailureReason.MISCONFIGURED, f"no target {target!r} in channel {self.name!r}")
        secret = self._secrets.get(target)
        address, document = self.request(url, secret, f"{message.title}\n{message.body}", self._clock.now())
        answer = await self.post(address, msgspec.json.encode(document), _JSON)
        outcome = self.read(answer) if isinstance(answer, Answer) else answer
        detail = outcome.detail.replace(secret, HIDDEN) if secret else outcome.detail
        return Outcome(outcome.state, outcome.reason, detail, outcome.retry_after_s)

    @abstractmethod
    def request(self, url: str, secret: str | None, text: str, now: datetime) -> tuple[str, dict[str, Any]]:
        """Address and document of one message, signed for `now` where there is a secret."""

    @abstractmethod
    def code(self, answer: Mapping[str, Any]) -> object:
        """The provider's verdict in its answer; None where there is none."""

    def read(self, answer: Answer) -> Outcome:
        """What an answer comes to."""
        if answer.failure:
            return failed(answer.failure, answer.words, answer.retry_after_s)
        code = self.code(answer.json())
        if type(code) is int and code == OK:
            return Outcome(DeliveryState.ACCEPTED, detail=answer.words)
        known = self.verdicts.get(code) if isinstance(code, int) else None
        reason, wait_s = known or (FailureReason.PROVIDER, None)
        return failed(reason, answer.words, wait_s if answer.retry_after_s is None else answer.retry_after_s)


def signature(key: str, text: str) -> str:
    """HMAC-SHA256 of `text` in base64."""
    return base64.b64encode(hmac.digest(key.encode(), text.encode(), hashlib.sha256)).decode()


def utf8_cut(text: str, bytes_max: int) -> str:
    """`text` in at most so many bytes of UTF-8, whole characters, "…" where it was cut."""
    if len(text.encode()) <= bytes_max:
        return text
    return text.encode()[: bytes_max - len("…".encode())].decode(errors="ignore") + "…"
