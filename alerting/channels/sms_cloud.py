"""SMS by the HTTP interface of a cloud: signed calls, each to a group of telephones, a verdict for each of them."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ClassVar, Final

from alerting.base import RETRYABLE, FailureReason, Message, Outcome, Tell, failed
from alerting.channels.http_answer import DETAIL_MAX, Answer
from alerting.channels.http_channel import HttpChannel
from alerting.channels.secret_url import HIDDEN, redact
from alerting.channels.sms_options import SmsOptions, filled
from alerting.channels.sms_receipts import ReceiptsError
from pipeline.clock import SystemClock
from pipeline.model.delivery import DeliveryState

PARTIAL_MAX: Final = 10_000
"""Deliveries that reached a part of their numbers, remembered so that the rest is tried alone."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request, signed."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Told:
    """What the service said of a call: code -> numbers; `ok` is among the codes for those it took.

    `names`: number -> what the service calls the message to it, where it has a name.
    """

    by_code: Mapping[str, Sequence[str]]
    names: Mapping[str, str] = field(default_factory=dict)


class SmsCloud(HttpChannel):
    """ACCEPTED when the service took every number of the group; whether a telephone got it, only a receipt can tell.

    Where it took a part, the delivery has failed, with the count; a retry goes to the others alone.
    """

    options_type: ClassVar[type[SmsOptions]]
    ok: ClassVar[str]
    numbers_max: ClassVar[int]

    def __init__(self, name: str, options: SmsOptions) -> None:
        super().__init__(name, options)
        self.options = options
        owner = f"channel {name!r}"
        self.key = options.key_id.read(f"{owner}, key_id"), options.key_secret.read(f"{owner}, key_secret")
        self.clock = SystemClock()
        self.numbers = {
            key: one.read(f"channel {name!r}, target {key!r}", self.numbers_max) for key, one in options.targets.items()
        }
        self._taken: OrderedDict[str, dict[str, str]] = OrderedDict()

    @property
    def targets(self) -> Sequence[str]:
        """Names of the groups."""
        return tuple(sorted(self.numbers))

    async def send(self, message: Message, target: str) -> Outcome:
        """One call to all numbers of the target that have not been taken yet."""
        numbers = self.numbers.get(target)
        if numbers is None:
            return failed(FailureReason.MISCONFIGURED, f"no target {target!r} in channel {self.name!r}")
        taken = self._taken.get(message.delivery_id, {})
        left = tuple(one for one in numbers if one not in taken)
        words = filled(self.options.parameters, message, self.options.parameter_max_chars)
        call = self.call(left, words, message.delivery_id, self.key, self.clock.now())
        answer = await self.post(call.url, call.body, call.headers)
        if isinstance(answer, Outcome):
            return self._hidden(answer)
        return self._hidden(self._judge(answer, message.delivery_id, left, len(numbers)))

    async def listen(self, tell: Tell) -> None:
        """Ask again and again what became of messages, where that is wanted."""
        while self.options.receipts == "pull":
            await self.pull(tell)
            await asyncio.sleep(self.options.receipts_every_s)

    @abstractmethod
    async def pull(self, tell: Tell) -> None:
        """Ask once.

        Raises:
            ReceiptsError: the service does not tell.
        """

    @abstractmethod
    def references(self, delivery: str, names: Mapping[str, str]) -> tuple[str, ...]:
        """How receipts will name the messages of a delivery that was taken; `names`: number -> the service's name."""

    async def ask(self, call: Call) -> Answer:
        """One call that sends nothing.

        Raises:
            ReceiptsError: no answer.
        """
        answer = await self.post(call.url, call.body, call.headers)
        if isinstance(answer, Outcome):
            raise ReceiptsError(answer.reason)
        return answer

    @abstractmethod
    def call(
        self, numbers: Sequence[str], words: Mapping[str, str], delivery: str, key: tuple[str, str], now: datetime
    ) -> Call:
        """The request; `key` is the access key's id and secret."""

    @abstractmethod
    def read(self, answer: Answer, numbers: Sequence[str]) -> Told | None:
        """What the service said of each number; None where the answer is none of its own."""

    @abstractmethod
    def reason(self, code: str) -> tuple[FailureReason, float | None]:
        """What an error code means for us."""

    def _judge(self, answer: Answer, delivery: str, numbers: Sequence[str], of: int) -> Outcome:
        told = self.read(answer, numbers)
        if told is None:
            return failed(answer.failure or FailureReason.PROVIDER, answer.words, answer.retry_after_s)
        refused = {code: count for code, those in told.by_code.items() if code != self.ok and (count := len(those))}
        known = self._taken.get(delivery, {}) | dict.fromkeys(told.by_code.get(self.ok, ()), "") | dict(told.names)
        if not refused:
            self._taken.pop(delivery, None)
            references = self.references(delivery, known) if self.options.receipts == "pull" else ()
            return Outcome(DeliveryState.ACCEPTED, detail=answer.words, references=references)
        self._remember(delivery, known)
        judged = [self.reason(code) for code in refused]
        reason, wait_s = next((one for one in judged if one[0] in RETRYABLE), judged[0])
        codes = ", ".join(f"{count} {code}" for code, count in sorted(refused.items()))
        wait_s = wait_s if answer.retry_after_s is None else answer.retry_after_s
        return failed(reason, f"not all of {of} taken: {codes}; {answer.words}"[:DETAIL_MAX], wait_s)

    def _remember(self, delivery: str, known: dict[str, str]) -> None:
        self._taken[delivery] = known
        while len(self._taken) > PARTIAL_MAX:
            self._taken.popitem(last=False)

    def _hidden(self, outcome: Outcome) -> Outcome:
        detail = redact(outcome.detail, self.options.endpoint)
        for secret in reversed(self.key):
            detail = detail.replace(secret, HIDDEN)
        return replace(outcome, detail=detail)
