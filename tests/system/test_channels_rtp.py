"""Reports read aloud, received as an IP loudspeaker would: packets in order and in time, sound that is speech."""

from __future__ import annotations

import asyncio
import socket
import struct
from hashlib import sha256
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from alerting.base import FailureReason, Outcome
from alerting.channels.g711 import a_law, mu_law, resampled, wav_samples
from alerting.channels.rtp_speaker import PACKET_BYTES, RtpSpeaker, RtpSpeakerOptions, packets
from alerting.channels.speech import SpeechError, SpeechOptions, speak
from pipeline.model.delivery import DeliveryState
from pipeline.model.warning import WarningText
from tests.reports import message, warning

pytestmark = pytest.mark.system

TEXTS = (
    WarningText(language="zh-CN", event="火灾", headline="火灾预警", description="。", instruction="请撤离。"),
    WarningText(language="en-US", event="Fire", headline="Fire.", description=".", instruction="Go."),
)
EVERY = np.arange(-32768, 32768).astype(np.int16)


def decoded(sound: bytes) -> Any:
    """The middle of the samples that have each code."""
    codes = np.frombuffer(a_law(EVERY), np.uint8)
    middle = np.array([EVERY[codes == code].astype(float).mean() for code in range(256)])
    return middle[np.frombuffer(sound, np.uint8)]


def channel(port: int, host: str = "127.0.0.1", **changes: Any) -> RtpSpeaker:
    options = {"repeat": 1, "targets": {"square": {"host": host, "port": port}}}
    return RtpSpeaker("horns", RtpSpeakerOptions.model_validate(options | changes))


def listening(group: str | None = None) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_000_000)
    sock.bind(("" if group else "127.0.0.1", 0))
    if group:
        joined = socket.inet_aton(group) + socket.inet_aton("127.0.0.1")
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, joined)
    sock.settimeout(0.2)
    return sock


def received(sock: socket.socket) -> list[bytes]:
    found: list[bytes] = []
    try:
        while True:
            found.append(sock.recv(2048))
    except TimeoutError:
        return found


def send(one: RtpSpeaker, target: str = "square") -> Outcome:
    return asyncio.run(one.send(message(warning(texts=TEXTS)), target))


@pytest.mark.parametrize(("group", "changes"), [(None, {}), ("239.255.77.1", {"interface": "127.0.0.1"})])
def test_a_loudspeaker_hears_it(group: str | None, changes: dict[str, Any]) -> None:
    with listening(group) as sock:
        outcome = send(channel(sock.getsockname()[1], group or "127.0.0.1", **changes))
        heard = received(sock)
    assert outcome.state is DeliveryState.ACCEPTED
    assert f"{len(heard)} packets" in outcome.detail
    heads = [struct.unpack(">BBHII", packet[:12]) for packet in heard]
    first = heads[0]
    assert (first[0], first[1]) == (0x80, 0x88)  # version 2; marker, payload type 8
    assert {head[1] for head in heads[1:]} == {8}
    assert [head[2] for head in heads] == [(first[2] + n) % 65536 for n in range(len(heads))]
    assert [head[3] for head in heads] == [(first[3] + 160 * n) % 2**32 for n in range(len(heads))]
    assert {head[4] for head in heads} == {first[4]}
    assert {len(packet) for packet in heard} == {12 + PACKET_BYTES}
    sound = decoded(b"".join(packet[12:] for packet in heard))
    assert np.abs(sound[:3900]).max() < 50  # the pause
    assert np.abs(sound[4000:]).max() > 3000  # speech


def test_packets_keep_their_time() -> None:
    loop_s: list[float] = []

    async def run() -> None:
        loop = asyncio.get_running_loop()
        begun_s = loop.time()
        outcome = await channel(9).send(message(warning(texts=TEXTS)), "square")
        loop_s.append(loop.time() - begun_s - int(outcome.detail.split()[0]) * 0.02)

    asyncio.run(run())
    assert -0.1 < loop_s[0] < 60  # no quicker; how much slower is up to the machine


@pytest.mark.parametrize(("ours", "digest"), [(a_law, "38488f6fd710f468"), (mu_law, "81d633c9e6972a18")])
def test_every_sample_is_coded_as_the_reference_codes_it(ours: Any, digest: str) -> None:
    """The reference is what Python's audioop, gone since 3.13, made of all 65,536 samples (lin2alaw, lin2ulaw)."""
    assert sha256(ours(EVERY)).hexdigest()[:16] == digest


@pytest.mark.parametrize(("hertz", "kept"), [(300, 1.0), (1000, 1.0), (3000, 0.94), (5000, 0.02), (9000, 0.02)])
def test_resampling_keeps_speech_and_lets_nothing_fold_back(hertz: int, kept: float) -> None:
    wave = (10_000 * np.sin(2 * np.pi * hertz * np.arange(22050) / 22050)).astype(np.int16)
    found = resampled(wave, 22050)[200:-200].astype(float)
    amplitude = np.sqrt(2 * np.mean(found**2)) / 10_000
    assert amplitude >= kept * 0.93 if kept > 0.5 else amplitude <= kept


def test_two_languages_one_after_the_other() -> None:
    def seconds(*languages: str) -> float:
        options = SpeechOptions.model_validate({"languages": languages})
        samples, rate = wav_samples(asyncio.run(speak(message(warning(texts=TEXTS)), options)))
        return len(samples) / rate

    both = seconds("zh-CN", "en-US")
    assert both == pytest.approx(seconds("zh-CN") + seconds("en-US"), rel=0.05)
    assert seconds("zh-CN") > 0.5


def test_what_goes_wrong_is_told() -> None:
    assert send(channel(9), "fax").reason is FailureReason.MISCONFIGURED
    missing = send(channel(9, speech={"program": "no-such-program"}))
    assert missing.reason is FailureReason.MISCONFIGURED
    assert "install espeak-ng" in missing.detail
    assert send(channel(9, timeout_s=0.3)).reason is FailureReason.TIMEOUT
    with pytest.raises(SpeechError, match="failed"):
        asyncio.run(speak(message(warning(texts=TEXTS)), SpeechOptions(program="false")))
    with pytest.raises(ValueError, match="header of 44"):
        wav_samples(b"RIFF")
    with pytest.raises(ValidationError, match="host"):
        channel(9, "loudspeaker.example")


def test_a_repeat_is_the_same_stream() -> None:
    sound = bytes(PACKET_BYTES * 3)
    assert list(packets(sound, 8, "d1")) == list(packets(sound, 8, "d1"))
    assert next(packets(sound, 8, "d1"))[:12] != next(packets(sound, 8, "d2"))[:12]
