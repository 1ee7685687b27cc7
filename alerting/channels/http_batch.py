"""Channel `http_batch`: many recipients in one POST, for gateways that take batches.

The body is {"messages": [{"delivery", "to", "title", "body", "level"}, ...]}. 2xx means that all were taken, but for
those that the answer names: {"refused": [{"delivery", "reason"}, ...]}. `delivery` is the same at every try of one
message, so that the gateway can tell a repeat.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import msgspec
from pydantic import Field

from alerting.base import ChannelOptions, FailureReason, Message, Outcome, failed
from alerting.channels.http_answer import Answer
from alerting.channels.http_channel import HttpChannel
from alerting.channels.secret_url import SecretUrl
from pipeline.model.delivery import DeliveryState

_TAKEN = Outcome(DeliveryState.ACCEPTED)


class HttpBatchOptions(ChannelOptions):
    """Where the gateway is, and whom it reaches.

    Attributes:
        gateway: its address, from one of url, url_env, url_file.
        batch_max: how many messages it takes in one request.
        targets: name -> what the gateway calls the recipient: a telephone number, an account.
    """

    gateway: SecretUrl
    batch_max: int = Field(default=100, ge=1)
    targets: dict[str, str] = Field(min_length=1)


class HttpBatch(HttpChannel):
    """One request a batch; each message has its own outcome."""

    kind: ClassVar[str] = "http_batch"
    options_type: ClassVar[type[ChannelOptions]] = HttpBatchOptions
    tells_repeats = True

    def __init__(self, name: str, options: HttpBatchOptions) -> None:
        super().__init__(name, options)
        self.batch_max = options.batch_max
        self._targets = dict(options.targets)
        self._url = options.gateway.read(f"channel {name!r}")

    @property
    def targets(self) -> Sequence[str]:
        """Names of the recipients."""
        return tuple(sorted(self._targets))

    async def send(self, message: Message, target: str) -> Outcome:
        """A batch of one."""
        return (await self.send_batch([(message, target)]))[0]

    async def send_batch(self, batch: Sequence[tuple[Message, str]]) -> Sequence[Outcome]:
        """One POST. What the gateway does not refuse by name, it has taken."""
        known = [(message, target) for message, target in batch if target in self._targets]
        refused = {
            message.delivery_id: failed(FailureReason.MISCONFIGURED, f"no target {target!r} in channel {self.name!r}")
            for message, target in batch
            if target not in self._targets
        }
        if known:
            content = msgspec.json.encode({"messages": [self._entry(message, target) for message, target in known]})
            headers = {"Content-Type": "application/json", "Idempotency-Key": known[0][0].delivery_id}
            answer = await self.post(self._url, content, headers)
            refused |= _refused(answer, [message.delivery_id for message, _ in known])
        return [refused.get(message.delivery_id, _TAKEN) for message, _ in batch]

    def _entry(self, message: Message, target: str) -> dict[str, str]:
        return {
            "delivery": message.delivery_id,
            "to": self._targets[target],
            "title": message.title,
            "body": message.body,
            "level": message.warning.level.word,
        }


def _refused(answer: Answer | Outcome, ids: list[str]) -> dict[str, Outcome]:
    """Delivery -> why it failed; all of them where there is no answer that says otherwise."""
    if isinstance(answer, Outcome):
        return dict.fromkeys(ids, answer)
    if answer.failure is not FailureReason.NONE:
        return dict.fromkeys(ids, failed(answer.failure, answer.words, answer.retry_after_s))
    named = answer.json().get("refused", [])
    if not isinstance(named, list) or not all(isinstance(one, dict) for one in named):
        return dict.fromkeys(ids, failed(FailureReason.PROVIDER, answer.words))
    return {str(one.get("delivery")): failed(FailureReason.REFUSED, str(one.get("reason", ""))[:300]) for one in named}
