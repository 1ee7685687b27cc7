"""The contract of a delivery channel: one message, one target, one recorded outcome."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final

from pydantic import BaseModel, ConfigDict, Field

from pipeline.model.delivery import DeliveryState
from pipeline.model.warning import HazardWarning


class FailureReason(StrEnum):
    """Why a try did not succeed; the retry stage decides by it.

    UNREACHABLE: no connection, or it broke off. TIMEOUT: no answer in time. THROTTLED: told to come later.
    PROVIDER: reached, and it says that it failed itself. REFUSED: it will not take this message. MISCONFIGURED:
    wrong address, credential or target. INTERNAL: our own program went wrong.
    """

    NONE = ""
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    THROTTLED = "throttled"
    PROVIDER = "provider"
    REFUSED = "refused"
    MISCONFIGURED = "misconfigured"
    INTERNAL = "internal"


RETRYABLE = frozenset(FailureReason) - {FailureReason.NONE, FailureReason.REFUSED, FailureReason.MISCONFIGURED}
"""The rest will not get better by trying again."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is evidenced of one try.

    Attributes:
        state: ACCEPTED when the provider took it, DELIVERED or better only when the target itself was heard of,
            FAILED otherwise, with the reason.
        detail: the provider's words, without secrets.
        retry_after_s: how long the provider asked us to wait, None if it did not say.
        references: what the provider calls the message, or each part of it, in the receipts that come later.
    """

    state: DeliveryState
    reason: FailureReason = FailureReason.NONE
    detail: str = ""
    retry_after_s: float | None = None
    references: tuple[str, ...] = ()


def failed(reason: FailureReason, detail: str, retry_after_s: float | None = None) -> Outcome:
    """The outcome of a try that did not succeed."""
    return Outcome(DeliveryState.FAILED, reason, detail, retry_after_s)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was heard of a message after it had been sent.

    Attributes:
        reference: the delivery's id, or one of its outcome's references.
        state: DELIVERED or better, or FAILED: it will not arrive, or was not played.
        word: what the provider or the target said.
        target: who said it, where it was a target itself; it cannot vouch for another.
    """

    reference: str
    state: DeliveryState
    word: str
    target: str | None = None


PART: Final = "part:"
"""A reference that begins so is of one of the telephones of a target: the delivery has failed when all have."""
Tell = Callable[[Receipt], Awaitable[None]]
"""Returns once a receipt is durable: only then is it acknowledged to who sent it."""


@dataclass(frozen=True, slots=True)
class Message:
    """A warning made ready for channels: the report, its CAP document, plain words for short media."""

    delivery_id: str
    warning: HazardWarning
    cap_xml: bytes
    title: str
    body: str


class ChannelOptions(BaseModel):
    """What every channel can be told; each adds its own.

    Attributes:
        timeout_s: how long one try may take.
        max_concurrent: how many calls are made at the same time; without a rate, one that hangs gives up its place, up
            to as many more.
        rate_per_s: how many messages a second the provider takes in the long run; it is used to the full and never
            exceeded. A channel with a rate is one provider: its "later" (HTTP 429) holds back all targets, without
            one only the target that said it.
        burst: how many messages it takes at once, after a rest.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    timeout_s: float = Field(default=10.0, gt=0)
    max_concurrent: int = Field(default=8, ge=1)
    rate_per_s: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    burst: int = Field(default=1, ge=1)


class Channel(ABC):
    """One way to reach targets. Sends are independent: a hung target never delays another.

    Constructing it checks the options, reads secrets from where they say, and connects to nothing.
    """

    kind: ClassVar[str]
    options_type: ClassVar[type[ChannelOptions]]
    tells_repeats: bool = False
    """Whether receivers are given the id of each delivery in a way that lets them tell a repeat. To those that are not,
    nothing more is sent before the last outcome is durable, so that a crash repeats one message at most."""

    def __init__(self, name: str, options: ChannelOptions) -> None:
        self.name = name
        self.timeout_s = options.timeout_s
        self.max_concurrent = options.max_concurrent
        self.rate_per_s = options.rate_per_s
        self.burst = options.burst
        self.batch_max = 1
        """Messages that one call of `send_batch` takes; the class says so where its provider takes more than one."""

    @property
    @abstractmethod
    def targets(self) -> Sequence[str]:
        """Names of the targets, as deliveries and people cite them."""

    def open(self) -> None:  # noqa: B027  # most channels keep nothing
        """Sending begins, in this event loop: connections may be kept from now on until `close`."""

    async def close(self) -> None:  # noqa: B027  # the same
        """Sending has ended: give back what was kept."""

    @abstractmethod
    async def send(self, message: Message, target: str) -> Outcome:
        """Try once, for at most `timeout_s`. Failures are Outcomes, not exceptions; no secret is in `detail`.

        The same `message.delivery_id` may come again after a crash: hand it to a provider that can deduplicate.
        """

    async def send_batch(self, batch: Sequence[tuple[Message, str]]) -> Sequence[Outcome]:
        """Try up to `batch_max` messages to as many targets in one call; one outcome each, in the same order.

        Called only where `batch_max` is more than 1, with two or more.
        """
        return [await self.send(message, target) for message, target in batch]

    async def listen(self, tell: Tell) -> None:  # noqa: B027  # most channels never hear of a message again
        """Hear what becomes of messages after they were sent, and `tell` it; until cancelled.

        Returns at once where nothing is ever heard. One that raises is called again after a while.
        """
