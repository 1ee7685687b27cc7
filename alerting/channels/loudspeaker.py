"""Channel `loudspeaker`: loudspeaker terminals over MQTT, each with receipts of its own.

A message is retained, so that a terminal that was away plays it when it is back, and the broker forgets it when the
report expires. The broker's answer is ACCEPTED; what a terminal did, only its receipts tell. What vendors call it is
mapped by configuration.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Final, Self

import msgspec
from pydantic import Field, model_validator

from alerting.base import Channel, ChannelOptions, FailureReason, Message, Outcome, Receipt, Tell, failed
from alerting.channels.loudspeaker_message import FIELDS, Documents
from alerting.channels.mqtt_link import BrokerOptions, Link
from alerting.channels.mqtt_packets import REFUSED_FROM
from alerting.channels.mqtt_publisher import BROKEN_OFF, UNHEARD, BrokerError, Publication
from alerting.channels.quiet import quiet
from alerting.channels.speech import SpeechError, SpeechOptions
from pipeline.clock import SystemClock
from pipeline.model.delivery import DeliveryState

_TERMINAL: Final = "{terminal}"
Topic = Annotated[str, Field(pattern=r"^[^#+]*\{terminal\}[^#+]*$")]
Code = Annotated[str, Field(min_length=1)]


class Deed(StrEnum):
    """What a terminal can say of a message."""

    RECEIVED = "received"
    PLAYING = "playing"
    PLAYED = "played"
    FAILED = "failed"


STATES: Final[Mapping[Deed, DeliveryState]] = {
    Deed.RECEIVED: DeliveryState.DELIVERED,
    Deed.PLAYING: DeliveryState.DELIVERED,
    Deed.PLAYED: DeliveryState.PLAYED,
    Deed.FAILED: DeliveryState.FAILED,
}
BATCH_MAX: Final = 200
"""Messages under way at the same time in one call."""
_ACCEPTED: Final = Outcome(DeliveryState.ACCEPTED, detail="at the broker")


class LoudspeakerOptions(ChannelOptions, BrokerOptions):
    """The broker, the terminals, the vendor's words.

    Attributes:
        play_topic: where a terminal listens; {terminal} stands for its id, {hazard} for the hazard: the reports of two
            hazards must not take each other's place among retained messages.
        receipt_topic: where terminals answer.
        retain: whether the broker keeps a message for terminals that are away.
        repeat: how often a terminal is to play it.
        message: the vendor's key -> one of delivery, hazard, level, colour, status, title, text, sent_at, expires_at,
            cap (the CAP document), audio (WAV in base64, spoken by espeak-ng); `repeat` goes as it is.
        receipt_delivery, receipt_code: the vendor's keys, joined by dots, of the delivery and of the code.
        codes: what a terminal said -> the vendor's codes for it.
        speech: how it is spoken, where a message holds audio.
        targets: name -> the terminal's id.
    """

    play_topic: str = Field(
        default="forewarn/loudspeakers/{terminal}/play/{hazard}", pattern=r"^[^#+]*\{terminal\}[^#+]*$"
    )
    receipt_topic: str = Field(
        default="forewarn/loudspeakers/{terminal}/receipt", pattern=r"^[^#+]*\{terminal\}[^#+]*$"
    )
    retain: bool = True
    repeat: int = Field(default=3, ge=1)
    message: dict[str, str] = Field(
        default={name: name for name in FIELDS if name not in {"cap", "audio"}}, validate_default=True
    )
    receipt_delivery: str = "delivery"
    receipt_code: str = "state"
    codes: dict[Deed, tuple[Code, ...]] = Field(default={deed: (deed.value,) for deed in Deed})
    speech: SpeechOptions = Field(default_factory=SpeechOptions)
    targets: dict[str, Annotated[str, Field(pattern=r"^[^/#+\s]+$")]] = Field(min_length=1)

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        strange = sorted(set(self.message.values()) - set(FIELDS))
        if strange:
            raise ValueError(f"message: no such field {', '.join(strange)}; known: {', '.join(FIELDS)}")
        said = [code for codes in self.codes.values() for code in codes]
        if len(said) != len(set(said)):
            raise ValueError("codes: a code stands for two things")
        if len(set(self.targets.values())) != len(self.targets):
            raise ValueError("targets: two names for one terminal")
        return self


class Loudspeaker(Channel):
    """One publish a delivery; receipts by one subscription for all terminals."""

    kind: ClassVar[str] = "loudspeaker"
    options_type: ClassVar[type[ChannelOptions]] = LoudspeakerOptions

    def __init__(self, name: str, options: LoudspeakerOptions) -> None:
        super().__init__(name, options)
        quiet("mqtt", "aiomqtt")
        self._options = options
        self._link = Link(name, options, options.timeout_s)
        self._documents = Documents(options.message, options.repeat, options.speech)
        self._clock = SystemClock()
        self.batch_max = BATCH_MAX
        self.tells_repeats = "delivery" in options.message.values()
        self._name_of = {terminal: key for key, terminal in options.targets.items()}
        self._deed_of = {code: deed for deed, codes in options.codes.items() for code in codes}
        before, after = map(re.escape, options.receipt_topic.split(_TERMINAL))
        self._answer = re.compile(f"{before}([^/]+){after}")

    @property
    def targets(self) -> Sequence[str]:
        """Names of the terminals."""
        return tuple(sorted(self._options.targets))

    async def send(self, message: Message, target: str) -> Outcome:
        """ACCEPTED once the broker has it."""
        return (await self.send_batch([(message, target)]))[0]

    async def send_batch(self, batch: Sequence[tuple[Message, str]]) -> Sequence[Outcome]:
        """All of them under way together: no terminal waits for the broker's answer to another's message."""
        try:
            async with asyncio.timeout(self.timeout_s):
                await self._documents.prepare(message for message, _ in batch)
        except TimeoutError:
            return [self._failed(UNHEARD)] * len(batch)
        now = self._clock.now()
        made = [self._made(message, target, now) for message, target in batch]
        self._documents.forget()
        publications = [one for one in made if isinstance(one, Publication)]
        codes = iter(await self._published(publications))
        return [self._told(next(codes), one) if isinstance(one, Publication) else one for one in made]

    async def _published(self, publications: Sequence[Publication]) -> Sequence[int | Outcome]:
        try:
            return await self._link.publish(publications) if publications else ()
        except TimeoutError:
            return [UNHEARD] * len(publications)
        except BrokerError as error:
            away = failed(FailureReason.UNREACHABLE, f"broker {self._options.host}: {error}")
            return [away] * len(publications)

    def _told(self, code: int | Outcome, one: Publication) -> Outcome:
        """What the broker said of a message."""
        if isinstance(code, Outcome):
            return code
        if code in {UNHEARD, BROKEN_OFF}:
            return self._failed(code)
        if code >= REFUSED_FROM:
            return failed(FailureReason.MISCONFIGURED, f"the broker refuses topic {one.topic!r}: {code:#x}")
        return _ACCEPTED

    def _failed(self, code: int) -> Outcome:
        host = self._options.host
        if code == UNHEARD:
            return failed(FailureReason.TIMEOUT, f"broker {host}: no answer within {self.timeout_s:g} s")
        return failed(FailureReason.UNREACHABLE, f"broker {host}: the connection broke off")

    def _made(self, message: Message, target: str, now: datetime) -> Publication | Outcome:
        """The message for a terminal; the outcome where none can be made."""
        terminal = self._options.targets.get(target)
        if terminal is None:
            return failed(FailureReason.MISCONFIGURED, f"no target {target!r} in channel {self.name!r}")
        left_s = int((message.warning.expires_at - now).total_seconds())
        topic = self._options.play_topic.replace(_TERMINAL, terminal).replace("{hazard}", message.warning.hazard)
        try:
            payload = self._documents.document(message)
        except SpeechError as error:
            return failed(FailureReason.MISCONFIGURED, str(error))
        return Publication(topic, payload, max(left_s, 1), self._options.retain)

    async def close(self) -> None:
        """Leave the broker."""
        await self._link.close()

    async def listen(self, tell: Tell) -> None:
        """Receipts of all terminals; those of terminals or codes we do not know are passed over."""

        async def take(topic: str, payload: bytes) -> None:
            receipt = self.receipt(topic, payload)
            if receipt is not None:
                await tell(receipt)

        await self._link.receive([self._options.receipt_topic.replace(_TERMINAL, "+")], take)

    def receipt(self, topic: str, payload: bytes) -> Receipt | None:
        """What a terminal said, None where it is none of ours or cannot be understood."""
        answer = self._answer.fullmatch(topic)
        name = self._name_of.get(answer[1]) if answer else None
        delivery = _at(payload, self._options.receipt_delivery)
        code = _at(payload, self._options.receipt_code)
        deed = self._deed_of.get(code or "")
        if name is None or not delivery or deed is None:
            return None
        return Receipt(delivery, STATES[deed], deed if code == deed else f"{deed} ({code})", name)


def _at(payload: bytes, path: str) -> str | None:
    """The value at `path` as text; None where the payload is no JSON or has no such place."""
    try:
        value: Any = msgspec.json.decode(payload)
    except msgspec.DecodeError:
        return None
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return str(value) if isinstance(value, (str, int)) else None
