"""The contract of a delivery channel: one message, one target, one recorded outcome."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from pipeline.model.delivery import DeliveryState
from pipeline.model.warning import HazardWarning


class FailureReason(StrEnum):
    """Why a try did not succeed; the retry stage decides by it."""

    NONE = ""
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    THROTTLED = "throttled"
    REFUSED = "refused"
    MISCONFIGURED = "misconfigured"
    INTERNAL = "internal"


RETRYABLE = frozenset(
    {FailureReason.UNREACHABLE, FailureReason.TIMEOUT, FailureReason.THROTTLED, FailureReason.INTERNAL}
)
"""The rest will not get better by trying again."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is evidenced of one try.

    Attributes:
        state: ACCEPTED when the provider took it, DELIVERED or better only when the target itself was heard of.
        detail: the provider's words, without secrets.
        retry_after_s: how long the provider asked us to wait, None if it did not say.
    """

    state: DeliveryState
    reason: FailureReason = FailureReason.NONE
    detail: str = ""
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A warning made ready for channels: the report, its CAP document, plain words for short media."""

    delivery_id: str
    warning: HazardWarning
    cap_xml: bytes
    title: str
    body: str


class ChannelOptions(BaseModel):
    """What every channel can be told; each adds its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    timeout_s: float = 10.0


class Channel(ABC):
    """One way to reach targets. Sends are independent: a hung target never delays another.

    Constructing it checks the options and touches nothing outside.
    """

    kind: ClassVar[str]
    options_type: ClassVar[type[ChannelOptions]]

    def __init__(self, name: str, options: ChannelOptions) -> None:
        self.name = name

    @property
    @abstractmethod
    def targets(self) -> Sequence[str]:
        """Names of the targets, as deliveries and people cite them."""

    @abstractmethod
    async def send(self, message: Message, target: str) -> Outcome:
        """Try once. Failures are Outcomes, not exceptions; no secret is in `detail`."""
