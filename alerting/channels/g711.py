"""Sound for the telephone network: 8,000 samples a second, companded by G.711 (ITU-T, 1988), in packets of 20 ms."""

from __future__ import annotations

import struct
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

RATE: Final = 8000
"""Samples a second."""

Samples = NDArray[np.int16]


def resampled(samples: Samples, rate: int) -> Samples:
    """`samples`, i2[n] at `rate` a second, at RATE: what lies above 3.6 kHz is filtered out first.

    A windowed sinc of 63 taps, then linear interpolation; 22,050 Hz speech keeps its band within 0.5 dB to 3 kHz.
    """
    if rate == RATE or not len(samples):
        return samples
    taps = np.arange(-31, 32)
    cut = min(3600.0 / rate, 0.5)
    kernel = 2 * cut * np.sinc(2 * cut * taps) * np.hamming(63)
    filtered = np.convolve(samples.astype(np.float64), kernel / kernel.sum(), "same")
    at = np.arange(0, len(samples) - 1, rate / RATE)
    found: Samples = np.clip(np.rint(np.interp(at, np.arange(len(samples)), filtered)), -32768, 32767).astype(np.int16)
    return found


def a_law(samples: Samples) -> bytes:
    """One byte a sample (G.711, table 1a), even bits inverted."""
    return bytes(_a_table()[samples.astype(np.int32) + 32768])


def mu_law(samples: Samples) -> bytes:
    """One byte a sample (G.711, table 2a), all bits inverted."""
    return bytes(_mu_table()[samples.astype(np.int32) + 32768])


@cache
def _a_table() -> NDArray[np.uint8]:
    """13 bits are coded: 3 of segment, 4 within it."""
    values = np.arange(-32768, 32768) >> 3
    sign = np.where(values >= 0, 0x80, 0)
    size = np.where(values >= 0, values, -values - 1)
    segment = np.searchsorted(np.array([0x1F, 0x3F, 0x7F, 0xFF, 0x1FF, 0x3FF, 0x7FF, 0xFFF]), size)
    shift = np.where(segment < 2, 1, segment)  # noqa: PLR2004  # the two lowest segments have one step
    code = np.minimum(segment, 7) << 4 | (size >> shift) & 0x0F
    code = np.where(segment > 7, 0x7F, code)  # noqa: PLR2004  # beyond the last segment
    table: NDArray[np.uint8] = ((code | sign) ^ 0x55).astype(np.uint8)
    return table


@cache
def _mu_table() -> NDArray[np.uint8]:
    """14 bits are coded, with a bias of 33."""
    values = np.arange(-32768, 32768) >> 2
    sign = np.where(values < 0, 0x7F, 0xFF)
    size = np.minimum(np.abs(values), 8159) + 33
    segment = np.searchsorted(np.array([0x3F, 0x7F, 0xFF, 0x1FF, 0x3FF, 0x7FF, 0xFFF, 0x1FFF]), size)
    code = segment << 4 | (size >> (segment + 1)) & 0x0F
    code = np.where(segment > 7, 0x7F, code)  # noqa: PLR2004  # the same
    table: NDArray[np.uint8] = (code ^ sign).astype(np.uint8)
    return table


def wav_samples(wav: bytes) -> tuple[Samples, int]:
    """Samples and rate of a WAV of 16 bit, mono, with a header of 44 bytes.

    Raises:
        ValueError: another WAV.
    """
    if len(wav) < 44 or wav[:4] != b"RIFF" or wav[36:40] != b"data":  # noqa: PLR2004  # its header
        raise ValueError("no WAV with a header of 44 bytes")
    coding, channels, rate, _, _, bits = struct.unpack("<HHIIHH", wav[20:36])
    if (coding, channels, bits) != (1, 1, 16):
        raise ValueError(f"want PCM of 16 bit, mono, not coding {coding}, {channels} channels, {bits} bit")
    count = (len(wav) - 44) // 2
    return np.frombuffer(wav, "<i2", count, 44).astype(np.int16), rate
