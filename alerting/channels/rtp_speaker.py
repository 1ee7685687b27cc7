"""Channel `rtp_speaker`: reports read aloud to IP loudspeakers, as RTP over UDP, to one address or a multicast group.

RTP as of RFC 3550, G.711 in packets of 20 ms as of RFC 3551. Nothing ever answers: ACCEPTED says that every packet was
handed to the network in its time, no more.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import struct
from collections.abc import Iterator, Sequence
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, ClassVar, Final

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, field_validator

from alerting.base import Channel, ChannelOptions, FailureReason, Message, Outcome, failed
from alerting.channels.g711 import RATE, a_law, mu_law, resampled, wav_samples
from alerting.channels.speech import SpeechError, SpeechOptions, speak
from pipeline.model.delivery import DeliveryState

PACKET_S: Final = 0.02
PACKET_BYTES: Final = int(RATE * PACKET_S)
SILENCE_S: Final = 0.5
"""Between repetitions, and before the first: a loudspeaker that wakes up must not swallow the first word."""
_VERSION: Final = 0x80
_MARKER: Final = 0x80


class Coding(StrEnum):
    """G.711 as used in China and Europe (A-law, payload type 8), and in America and Japan (mu-law, 0)."""

    A_LAW = "a_law"
    MU_LAW = "mu_law"


class Speaker(BaseModel):
    """One address.

    Attributes:
        host: IPv4 address of a loudspeaker, or of a multicast group (224.0.0.0/4).
        port: UDP, even by convention.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str
    port: Annotated[int, Field(ge=1, le=65535)]

    @field_validator("host")
    @classmethod
    def _is_an_address(cls, host: str) -> str:
        ipaddress.IPv4Address(host)
        return host


class RtpSpeakerOptions(ChannelOptions):
    """How it is spoken, and to whom.

    Attributes:
        timeout_s: speech included: repetitions of half a minute need two.
        coding: "a_law" or "mu_law".
        repeat: how often a report is read.
        ttl: how many routers multicast packets may pass.
        interface: our IPv4 address that multicast goes out by; the system's choice without it.
        speech: languages and speed.
        targets: name -> host and port.
    """

    timeout_s: float = Field(default=180.0, gt=0)
    coding: Coding = Coding.A_LAW
    repeat: int = Field(default=2, ge=1, le=20)
    ttl: int = Field(default=1, ge=1, le=255)
    interface: str | None = None
    speech: SpeechOptions = Field(default_factory=SpeechOptions)
    targets: dict[str, Speaker] = Field(min_length=1)


class RtpSpeaker(Channel):
    """One stream a delivery; packets keep their time by the event loop's clock."""

    kind: ClassVar[str] = "rtp_speaker"
    options_type: ClassVar[type[ChannelOptions]] = RtpSpeakerOptions

    def __init__(self, name: str, options: RtpSpeakerOptions) -> None:
        super().__init__(name, options)
        self._options = options

    @property
    def targets(self) -> Sequence[str]:
        """Names of the loudspeakers and groups."""
        return tuple(sorted(self._options.targets))

    async def send(self, message: Message, target: str) -> Outcome:
        """Speak, then stream it in its own time."""
        speaker = self._options.targets.get(target)
        if speaker is None:
            return failed(FailureReason.MISCONFIGURED, f"no target {target!r} in channel {self.name!r}")
        try:
            async with asyncio.timeout(self.timeout_s):
                sound = self._coded(await speak(message, self._options.speech))
                count = await self._stream(speaker, sound, message.delivery_id)
        except TimeoutError:
            return failed(
                FailureReason.TIMEOUT, f"not read within {self.timeout_s:g} s; give timeout_s more, or repeat less"
            )
        except (SpeechError, ValueError) as error:
            return failed(FailureReason.MISCONFIGURED, str(error))
        except OSError as error:
            return failed(FailureReason.UNREACHABLE, f"{speaker.host}: {error.strerror or type(error).__name__}")
        return Outcome(
            DeliveryState.ACCEPTED, detail=f"{count} packets, {count * PACKET_S:.1f} s; nobody can confirm it"
        )

    def _coded(self, wav: bytes) -> bytes:
        samples, rate = wav_samples(wav)
        coded = a_law if self._options.coding is Coding.A_LAW else mu_law
        pause = coded(np.zeros(int(RATE * SILENCE_S), np.int16))
        once = pause + coded(resampled(samples, rate))
        sound = once * self._options.repeat
        return sound + pause[:1] * (-len(sound) % PACKET_BYTES)

    async def _stream(self, speaker: Speaker, sound: bytes, delivery: str) -> int:
        loop = asyncio.get_running_loop()
        payload_type = 8 if self._options.coding is Coding.A_LAW else 0
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.setblocking(False)  # noqa: FBT003  # its only argument
            self._aim(sock)
            begun_s, count = loop.time(), 0
            for count, packet in enumerate(packets(sound, payload_type, delivery), 1):
                await asyncio.sleep(max(begun_s + (count - 1) * PACKET_S - loop.time(), 0.0))
                await loop.sock_sendto(sock, packet, (speaker.host, speaker.port))
        return count

    def _aim(self, sock: socket.socket) -> None:
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, self._options.ttl)
        if self._options.interface:
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(self._options.interface))


def packets(sound: bytes, payload_type: int, delivery: str) -> Iterator[bytes]:
    """RTP packets of 20 ms (RFC 3550, 5.1): the first marked, sequence and timestamp from the delivery's id on.

    The same delivery gives the same stream, so that a repeat after a crash is one source's.
    """
    source, sequence, timestamp = struct.unpack(">IHI", sha256(delivery.encode()).digest()[:10])
    for number in range(len(sound) // PACKET_BYTES):
        kind = payload_type | (_MARKER if number == 0 else 0)
        at = (timestamp + number * PACKET_BYTES) & 0xFFFFFFFF
        head = struct.pack(">BBHII", _VERSION, kind, (sequence + number) & 0xFFFF, at, source)
        yield head + sound[number * PACKET_BYTES : (number + 1) * PACKET_BYTES]
