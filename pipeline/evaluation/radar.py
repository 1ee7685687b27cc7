"""The study of rain forecasts from radar: boxes of 10 km against what fell, beside pySTEPS and persistence."""

from __future__ import annotations

import contextlib
import io
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from device_adapters.radar.motion import Tracker
from device_adapters.radar.nowcast import ahead_mm
from pipeline.clock import Clock
from pipeline.evaluation.rain_boxes import FIRST, STEP_MIN, Amounts, Forecast, Frames, frames_of
from pipeline.evaluation.rain_fit import Brought
from pipeline.evaluation.rain_lead import Ahead, leads, posts_on
from pipeline.evaluation.rain_tables import bounds_of, scores_of, table_of
from pipeline.evaluation.study import Study
from pipeline.evaluation.suite import Published
from pipeline.forecast.spread import exceeded, spreads, told

OURS: Final = "radar"
_RAIN_MIN_MM_H: Final = 0.1
EXTRAPOLATED: Final = "pySTEPS extrapolation"
RATE: Final = "the last rate persists"
HOUR: Final = "the last hour persists"
AIMS: Final = {(60, 1.0): (0.56, 0.60), (60, 2.0): (0.35, 0.42), (180, 3.0): (0.24, 0.35)}
ABOUT: Final = """Radar composites of the Netherlands, every 5 minutes from 00:00 to 07:35 UTC. Mean rain over boxes of
10 km, 400 by 400 km around the greatest total of the recording, is forecast every 30 min from 00:55 on; boxes of which
radars see nothing are left out. Coefficients and the probability from which on rain counts as forecast (0.3) were
chosen on the first half of the forecasts, the second half is reported; of the forecasts for 3 hours, the truth of the
first half reaches into the second. Baselines are recomputed on the same boxes and starts: Lucas-Kanade motion of the
last three frames and semi-Lagrangian extrapolation, both of pySTEPS as they come; what is beyond the radars is dry."""


def study(recordings: Path, _: Clock | None) -> Study:
    """Score the forecasts.

    Raises:
        RecordingError: a recording that cannot be read.
        PluginError: the extra `radar` is not installed.
    """
    frames = frames_of(recordings)
    brought, ahead = carried_to(frames)
    forecasts = {OURS: _ours(brought), EXTRAPOLATED: _extrapolated(frames), **persistence(frames)}
    scores = scores_of(frames, forecasts)
    return Study(
        name="radar",
        title="Rain forecasts from radar (KNMI, 2010-08-26)",
        about=ABOUT,
        source="KNMI, radar composites RAD_NL25_RAP_5min",
        licence="CC BY 4.0, KNMI open data; not shipped",
        readings=frames.rain_mm.size,
        tables=(table_of(scores, list(forecasts), "Boxes of 10 km"), *leads(frames, ahead)),
        bounds=bounds_of(scores, OURS, AIMS, EXTRAPOLATED),
        published=[
            Published(
                what="pySTEPS extrapolation: CSI .56 / .35 / .24 of 1 h >= 1 mm, 1 h >= 2 mm, 3 h >= 3 mm",
                source="README of the recordings, its own cut of the composites",
            )
        ],
    )


def persistence(frames: Frames) -> dict[str, Forecast]:
    """What stands still: the rate of the last frame, and the mean of the last hour."""

    def rate(start: int, minutes: int, amount_mm: float) -> Amounts:
        return (frames.fell_mm(start, start + 1) * (minutes / STEP_MIN) >= amount_mm).astype(np.float64)

    def hour(start: int, minutes: int, amount_mm: float) -> Amounts:
        return (frames.fell_mm(start - FIRST, start + 1) * (minutes / 60) >= amount_mm).astype(np.float64)

    return {RATE: rate, HOUR: hour}


def carried_to(frames: Frames) -> tuple[Brought, Ahead]:
    """What motion brings to boxes, from each start; and median and upper bound at posts, from every second frame."""
    tracker = Tracker(STEP_MIN, frames.grid.pixel_km)
    places, posts = frames.centres, posts_on(frames).places
    brought: dict[int, dict[int, tuple[Amounts, Amounts]]] = {}
    ahead: dict[int, dict[int, tuple[Amounts, Amounts]]] = {}
    for number, rain_mm in enumerate(frames.rain_mm):
        tracker.add(rain_mm)
        motion = tracker.motion() if number % 2 else None
        if motion is not None:
            found = ahead_mm(rain_mm, motion, STEP_MIN, frames.grid.pixel_km, [*places, *posts])
            brought[number] = {m: (near[: len(places)], wide[: len(places)]) for m, (near, wide) in found.items()}
            at_posts = {m: (near[len(places) :], wide[len(places) :]) for m, (near, wide) in found.items()}
            ahead[number] = {m: told(spreads()[OURS].at(m), *amounts) for m, amounts in at_posts.items()}
    return brought, ahead


def _ours(brought: Brought) -> Forecast:
    def forecast(start: int, minutes: int, amount_mm: float) -> Amounts:
        median, high = told(spreads()[OURS].at(minutes), *brought[start][minutes])
        return exceeded(np.nan_to_num(median), np.nan_to_num(high), amount_mm)

    return forecast


def _extrapolated(frames: Frames) -> Forecast:
    with contextlib.redirect_stdout(io.StringIO()):
        track: Any = import_module("pysteps.motion.lucaskanade").dense_lucaskanade
        carry: Any = import_module("pysteps.extrapolation.semilagrangian").extrapolate
    total: dict[tuple[int, int], Amounts] = {}
    long = set(frames.starts(180))
    for start in frames.starts(60):
        rate = frames.rain_mm[start - 2 : start + 1] * (60 / STEP_MIN)
        with np.errstate(divide="ignore", invalid="ignore"):
            motion = track(np.where(rate >= _RAIN_MIN_MM_H, 10 * np.log10(rate), -15.0), verbose=False)
        steps = 36 if start in long else 12
        moved: NDArray[np.float64] = np.nan_to_num(carry(np.nan_to_num(rate[-1]), motion, steps)) * STEP_MIN / 60
        for minutes in (60, 180) if start in long else (60,):
            field = moved[: minutes // STEP_MIN].sum(axis=0)
            total[start, minutes] = frames.boxed_mm(field)

    def forecast(start: int, minutes: int, amount_mm: float) -> Amounts:
        return (total[start, minutes] >= amount_mm).astype(np.float64)

    return forecast
