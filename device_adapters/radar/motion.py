"""Where rain goes: the motion of the last hour, from a sequence of composites.

Features tracked from frame to frame (Lucas-Kanade, by pySTEPS: Pulkkinen et al. 2019, Geoscientific Model Development
12, 4185) follow cells, which move differently from the system that makes them. So the mean of an hour of such motions
is corrected by what it misses over that hour: frames an hour old are carried to now, held against now by dense optical
flow (Farneback 2003), and the difference is taken up, three times. On the recording this was chosen on (the first half
of KNMI 2010-08-26) that raised the CSI of 2 mm in an hour, by motion alone, from .29 to .38.
"""

from __future__ import annotations

import contextlib
import io
from collections import deque
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from device_adapters.radar.advection import Motion, carried, opencv, smoothed
from device_adapters.radar.composite import Field
from pipeline.errors import PluginError

FRAMES_LK: Final = 4
"""Frames that one Lucas-Kanade motion is made of."""
MOTIONS: Final = 12
"""Motions that are averaged: an hour of them."""
LAG: Final = 12
LATER: Final = (0, 3)
"""Frames LAG ago are held against the newest, and against the one 3 before that likewise."""
ROUNDS: Final = 3
WINDOW_KM: Final = 61
TAKEN_KM: Final = 30.0
"""Widths of the dense flow's window and of the average that is taken of it."""
COARSE: Final = 10
"""Motions are kept on every tenth pixel."""
SMOOTH_KM: Final = 80.0
_KNOWN: Final = 0.5
_WELL_KNOWN: Final = 0.9
"""Shares of a pixel that was carried along which come from where radars see."""
_GREY_MIN: Final = 20
"""Lighter rain than this grey is not trusted to tell a motion."""
_RAIN_MIN_MM_H: Final = 0.1
_DRY_DB: Final = -15.0
_FRAMES: Final = LAG + max(LATER) + 1


class Tracker:
    """The motion of rain over a sequence of frames at one interval. `minutes` is that interval."""

    def __init__(self, minutes: float, pixel_km: float) -> None:
        self._per_hour = 60.0 / minutes
        self._pixel_km = pixel_km
        self._frames: deque[Field] = deque(maxlen=_FRAMES)
        self._motions: deque[Motion] = deque(maxlen=MOTIONS)

    def add(self, rain_mm: Field) -> None:
        """Take in the next frame; NaN where no radar sees."""
        self._frames.append(rain_mm)
        if len(self._frames) >= FRAMES_LK:
            newest = np.stack(list(self._frames)[-FRAMES_LK:])
            self._motions.append(_shrunk(_lucas_kanade(newest * self._per_hour)))

    def motion(self) -> Motion | None:
        """Pixels a step; None before there are frames enough."""
        if not self._motions:
            return None
        rows, columns = self._frames[-1].shape
        mean = np.mean(np.stack(self._motions), axis=0)
        width = max(SMOOTH_KM / self._pixel_km / COARSE / 2, 0.5)
        motion = np.stack([_grown(_even(one, width), (rows, columns)) for one in mean])
        for _ in range(ROUNDS):
            motion = motion + self._missed(motion)
        return motion

    def _missed(self, motion: Motion) -> Motion:
        """What the motion falls short of, a step."""
        frames = list(self._frames)
        total, weight = np.zeros_like(motion), np.full(motion.shape[1:], 1e-6, np.float32)
        lag = 0
        for later in LATER:
            to = len(frames) - 1 - later
            if to - LAG < 0 and later:
                continue
            lag = min(LAG, to)
            flow, trust = self._flow(frames[to - lag], frames[to], motion, lag)
            total += flow * trust
            weight += trust
        width = TAKEN_KM / self._pixel_km
        below = np.maximum(smoothed(weight, width), np.float32(1e-6)) * np.float32(max(lag, 1))
        return np.stack([smoothed(one, width) / below for one in total])

    def _flow(self, then: Field, now: Field, motion: Motion, lag: int) -> tuple[Motion, Field]:
        """How far the old frame, carried to now, is from now [px]; and where that can be trusted."""
        seen = np.isfinite(then).astype(np.float32)
        *_, (moved, known) = carried((np.nan_to_num(then), seen), motion, lag)
        here = np.isfinite(now) & (known > _KNOWN)
        before, after = (_picture(one * self._per_hour, self._pixel_km) for one in (moved, np.nan_to_num(now) * here))
        window = max(15, round(WINDOW_KM / self._pixel_km) | 1)
        flow = opencv().calcOpticalFlowFarneback(before, after, None, 0.5, 4, window, 3, 7, 1.5, 0)
        rainy = smoothed((before > _GREY_MIN).astype(np.float32), 5 / self._pixel_km)
        return flow.transpose(2, 0, 1), rainy * (known > _WELL_KNOWN) * np.isfinite(now)


def _picture(rate_mm_h: Field, pixel_km: float) -> NDArray[np.uint8]:
    """Rain as grey, its logarithm: light rain tells of motion too."""
    grey: NDArray[np.uint8] = np.minimum(np.log1p(smoothed(rate_mm_h, 2 / pixel_km)) * 60, 255).astype(np.uint8)
    return grey


def _lucas_kanade(rate_mm_h: NDArray[np.float32]) -> Motion:
    """Of some frames f4[k, rows, columns], by pySTEPS.

    Raises:
        PluginError: the extra `radar` is not installed.
    """
    track = pysteps_flow()
    with np.errstate(divide="ignore", invalid="ignore"):
        decibels = np.where(rate_mm_h >= _RAIN_MIN_MM_H, 10 * np.log10(rate_mm_h), _DRY_DB)
    motion: Motion = np.asarray(track(decibels, verbose=False), np.float32)
    return motion


def require_pysteps() -> None:
    """Look whether it is there, without loading it.

    Raises:
        PluginError: the extra `radar` is not installed.
    """
    if find_spec("pysteps") is None:
        raise PluginError("pySTEPS is not installed; it comes with the extra `radar`")


def pysteps_flow() -> Any:
    """Its Lucas-Kanade. The first call takes seconds.

    Raises:
        PluginError: the extra `radar` is not installed.
    """
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # it greets
            return import_module("pysteps.motion.lucaskanade").dense_lucaskanade
    except ImportError as error:
        raise PluginError("pySTEPS is not installed; it comes with the extra `radar`") from error


def _shrunk(motion: Motion) -> Motion:
    cv2 = opencv()
    rows, columns = (max(1, size // COARSE) for size in motion.shape[1:])
    return np.stack([cv2.resize(one, (columns, rows), interpolation=cv2.INTER_AREA) for one in motion])


def _grown(one: Field, shape: tuple[int, int]) -> Field:
    cv2 = opencv()
    grown: Field = cv2.resize(one, shape[::-1], interpolation=cv2.INTER_LINEAR)
    return grown


def _even(one: Field, width_px: float) -> Field:
    cv2 = opencv()
    even: Field = cv2.GaussianBlur(one, (0, 0), width_px, borderType=cv2.BORDER_REPLICATE)
    return even
