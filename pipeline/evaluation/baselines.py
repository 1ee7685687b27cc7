"""What stands beside the detectors: one threshold for every sensor, and river's Gaussian scorer as it comes.

Where the threshold is not given it is chosen on the calibration part: the lowest of a ladder of quantiles that costs no
more false episodes than a budget.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import PluginError
from pipeline.evaluation.episodes import Who
from pipeline.evaluation.readings import Values
from pipeline.evaluation.suite import Baseline
from pipeline.evaluation.voices import Voice
from pipeline.model.inventory import Inventory
from pipeline.model.level import Level
from pipeline.model.reading import Series

Rate = Callable[[Voice], float]
"""False episodes per sensor-month on the calibration part."""

LADDER: Final = (0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 1.0)
THRESHOLD: Final = "plain threshold"
RIVER: Final = "river GaussianScorer"


def baselines(
    wanted: Baseline, tracks: Mapping[Series, Values], inventory: Inventory, calibration: tuple[int, int], rate: Rate
) -> Iterator[Voice]:
    """A voice for each.

    Args:
        tracks: every series of the recording; those of the wanted quantity are taken.
        calibration: from and to [ns].
    """
    ours = {series: track for series, track in tracks.items() if series.quantity is wanted.quantity}
    areas = {series: inventory.area_of(series.sensor).code for series in ours}
    yield _voice(THRESHOLD, ours, areas, wanted, calibration, rate)
    if wanted.river:
        scored = {series: (at_ns, gaussian_scores(value)) for series, (at_ns, value) in ours.items()}
        yield _voice(RIVER, scored, areas, wanted.model_copy(update={"threshold": None}), calibration, rate)


def gaussian_scores(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """f8[n]: each value scored by what came before it, then learned.

    Raises:
        PluginError: the extra `learned` is not installed.
    """
    try:
        anomaly: Any = import_module("river.anomaly")
    except ImportError as error:
        raise PluginError("river is not installed; it comes with the extra `learned`") from error
    scorer = anomaly.GaussianScorer()
    scores = np.empty(len(values))
    for row, value in enumerate(values.tolist()):
        scores[row] = scorer.score_one(None, value)
        scorer.learn_one(None, value)
    return scores


def crossings(track: Values, threshold: float) -> list[tuple[int, Level]]:
    """When the track reaches the threshold and when it falls below it again."""
    at_ns, value = track
    above = value >= threshold
    changes = np.flatnonzero(np.diff(above, prepend=False))
    return [(int(at_ns[row]), Level.BLUE if above[row] else Level.NONE) for row in changes]


def _voice(
    name: str,
    tracks: Mapping[Series, Values],
    areas: Mapping[Series, str],
    wanted: Baseline,
    calibration: tuple[int, int],
    rate: Rate,
) -> Voice:
    def voice(threshold: float) -> Voice:
        told = {Who(str(series), areas[series]): crossings(track, threshold) for series, track in tracks.items()}
        return Voice(f"{name} {threshold:.4g}", frozenset(tracks), told)

    if wanted.threshold is not None:
        return voice(wanted.threshold)
    ladder = [voice(rung) for rung in _rungs(tracks, calibration)]
    return next((one for one in ladder if rate(one) <= wanted.budget_per_sensor_month), ladder[-1])


def _rungs(tracks: Mapping[Series, Values], calibration: tuple[int, int]) -> list[float]:
    begin_ns, end_ns = calibration
    pooled = [value[(at_ns >= begin_ns) & (at_ns < end_ns)] for at_ns, value in tracks.values()]
    return [float(rung) for rung in np.quantile(np.concatenate([np.zeros(0), *pooled]), LADDER)]
