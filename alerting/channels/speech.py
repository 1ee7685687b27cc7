"""Reports read aloud by espeak-ng, for terminals and loudspeakers that take sound."""

from __future__ import annotations

import asyncio
import struct
from contextlib import suppress
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from alerting.base import Message
from alerting.short_text import text_of
from pipeline.model.warning import Language

VOICES: Final[dict[Language, str]] = {"zh-CN": "cmn", "en-US": "en-us"}
_HEADER_BYTES: Final = 44
"""Of the WAV that espeak-ng writes: RIFF, fmt of 16 bytes, data."""


class SpeechOptions(BaseModel):
    """How a report is spoken.

    Attributes:
        languages: in which, one after the other.
        words_per_min: how fast.
        program: espeak-ng, or its path.
        timeout_s: longest time it may take.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    languages: tuple[Language, ...] = Field(default=("zh-CN",), min_length=1)
    words_per_min: int = Field(default=150, ge=80, le=450)
    program: str = "espeak-ng"
    timeout_s: float = Field(default=8.0, gt=0)
    gender: Literal["male", "female"] = Field(default="female", description="of the voice")


class SpeechError(Exception):
    """It could not be spoken; the text says why, and how to mend it."""


async def speak(message: Message, options: SpeechOptions) -> bytes:
    """Headline and instruction as a WAV (16 bit, mono, 22,050 Hz), a language after the other.

    Raises:
        SpeechError: espeak-ng is missing, fails or takes too long.
    """
    samples = b""
    header = b""
    for language in options.languages:
        text = text_of(message.warning, language)
        wav = await _spoken(f"{text.headline}\n{text.instruction}", VOICES[language], options)
        header, samples = wav[:_HEADER_BYTES], samples + wav[_HEADER_BYTES:]
    return with_lengths(header, samples)


def with_lengths(header: bytes, samples: bytes) -> bytes:
    """A WAV whose header tells its true lengths; one that is written to a pipe cannot know them."""
    riff = struct.pack("<I", _HEADER_BYTES - 8 + len(samples))
    return header[:4] + riff + header[8:40] + struct.pack("<I", len(samples)) + samples


async def _spoken(text: str, voice: str, options: SpeechOptions) -> bytes:
    variant = "+f3" if options.gender == "female" else ""
    command = (options.program, "-v", voice + variant, "-s", str(options.words_per_min), "--stdin", "--stdout")
    pipe = asyncio.subprocess.PIPE
    try:
        process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=pipe)
    except OSError as error:
        what = f"cannot start {options.program}: {error.strerror}; install espeak-ng, or name it by speech.program"
        raise SpeechError(what) from error
    try:
        async with asyncio.timeout(options.timeout_s):
            wav, said = await process.communicate(text.encode())
    except TimeoutError as error:
        raise SpeechError(f"{options.program} took longer than {options.timeout_s:g} s") from error
    finally:
        with suppress(ProcessLookupError):
            process.kill()
    if process.returncode or not wav.startswith(b"RIFF") or wav[36:40] != b"data":
        raise SpeechError(f"{options.program} -v {voice} failed: {said.decode(errors='replace').strip()[:200]}")
    return wav
