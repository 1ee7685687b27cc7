"""The study of rain forecasts from gauges alone: a network sampled from radar frames, every 15 km."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from pipeline.clock import Clock
from pipeline.evaluation.radar import AIMS as _OF_RADAR
from pipeline.evaluation.radar import RATE, persistence
from pipeline.evaluation.rain_boxes import EVERY, STEP_MIN, Amounts, Forecast, Frames, frames_of
from pipeline.evaluation.rain_fit import Brought
from pipeline.evaluation.rain_lead import posts_on
from pipeline.evaluation.rain_tables import bounds_of, scores_of, table_of
from pipeline.evaluation.study import Study
from pipeline.evaluation.suite import Published
from pipeline.forecast.lags import LAGS_MIN, motion_km_h
from pipeline.forecast.network import NEAR, Network, usual_spacing_km
from pipeline.forecast.spread import HORIZONS_MIN, exceeded, spreads, told

OURS: Final = "gauges"
FLOORS: Final = (0.27, 0.16, 0.22)
GOALS: Final = (0.45, 0.25, 0.25)
AIMS: Final = dict(zip(_OF_RADAR, zip(FLOORS, GOALS, strict=True), strict=True))
ABOUT: Final = """Gauges every 15 km that report every 5 minutes, sampled from the radar composites of the study above
at single pixels; nothing else is known to the forecast. Boxes, starts, halves and the probability 0.3 are those of that
study. What persists is the radar's own mean over the box, which gauges do not even know."""


def study(recordings: Path, _: Clock | None) -> Study:
    """Score the forecasts.

    Raises:
        RecordingError: a recording that cannot be read.
    """
    frames = frames_of(recordings)
    forecasts = {OURS: _ours(frames), **persistence(frames)}
    scores = scores_of(frames, forecasts)
    return Study(
        name="gauges",
        title="Rain forecasts from gauges alone (KNMI, 2010-08-26, sampled)",
        about=ABOUT,
        source="KNMI, radar composites RAD_NL25_RAP_5min",
        licence="CC BY 4.0, KNMI open data; not shipped",
        readings=len(frames.rain_mm) * len(_gauges(frames)[0]),
        tables=(table_of(scores, list(forecasts), "Boxes of 10 km"),),
        bounds=bounds_of(scores, OURS, AIMS, RATE),
        published=[
            Published(
                what="the best persistence: CSI .27 / .16 / .22 of 1 h >= 1 mm, 1 h >= 2 mm, 3 h >= 3 mm",
                source="README of the recordings, its own cut of the composites",
            )
        ],
    )


def _gauges(frames: Frames) -> tuple[Amounts, Amounts]:
    """Where they stand f8[n, 2], east and north [km], and what they report f8[frames, n] [mm]."""
    posts = posts_on(frames)
    rows, columns = posts.rows, posts.columns
    return np.stack([columns, -rows], axis=1).astype(np.float64), frames.rain_mm[:, rows, columns].astype(np.float64)


def moved_to(frames: Frames) -> Brought:
    """What the motion by lags brings to boxes, from each start."""
    gauges, reported = _gauges(frames)
    places = np.array([(column, -row) for row, column in frames.centres])
    network = Network(gauges, places, usual_spacing_km(gauges))
    starts = frames.starts(60)
    motions: list[Amounts] = []
    brought = {}
    for number in range(2, starts[-1] + 1, EVERY // 2):
        lags = {lag: reported[number - lag // STEP_MIN] for lag in LAGS_MIN if number * STEP_MIN >= lag}
        found = motion_km_h(gauges, reported[number], lags, 1.5 * NEAR * network.spacing_km) if lags else None
        motions = [*motions, found][-4:] if found is not None else motions
        if number in starts:
            velocity = np.mean(motions, axis=0) if motions else np.zeros(2)
            brought[number] = {
                minutes: network.ahead_mm(reported[number], velocity, minutes) for minutes in HORIZONS_MIN
            }
    return brought


def _ours(frames: Frames) -> Forecast:
    brought = moved_to(frames)

    def forecast(start: int, minutes: int, amount_mm: float) -> Amounts:
        median, high = told(spreads()[OURS].at(minutes), *brought[start][minutes])
        return exceeded(median, high, amount_mm)

    return forecast
