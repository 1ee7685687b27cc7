"""Plots of the sensors that found something: values, and a line in the level's colour at each revision."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from pipeline.errors import ForewarnError
from pipeline.model.batch import ReadingBatch
from pipeline.model.finding import Finding
from pipeline.model.hazard import Hazard
from pipeline.model.inventory import Inventory
from pipeline.model.level import Level
from pipeline.runners.replay import Replayed

PANELS_MAX = 16
POINTS_MAX = 4_000
COLOURS = {Level.BLUE: "#2f6fdd", Level.YELLOW: "#d9b400", Level.ORANGE: "#e87a1d", Level.RED: "#d92f2f"}


def draw(path: Path, replayed: Replayed, inventory: Inventory, batches: Iterable[ReadingBatch]) -> None:
    """Write one panel a sensor, the gravest first, at most 16; the suffix of `path` says which form.

    Raises:
        ForewarnError: `path` cannot be written.
    """
    hazards = [one for one in replayed.findings if one.hazard is not Hazard.SENSOR_FAULT]
    sensors = _gravest(hazards)
    lines = _lines(sensors, batches)
    figure = Figure(figsize=(11, 1.9 * max(len(sensors), 1)), layout="constrained")
    for axes, sensor in zip(_panels(figure, len(sensors)), sensors, strict=False):
        _panel(axes, sensor, lines, hazards, inventory)
    try:
        _save(figure, path)
    except OSError as error:
        raise ForewarnError(f"{path}: cannot be written: {error.strerror}; name another file") from error


def _gravest(findings: list[Finding]) -> list[str]:
    peak: dict[str, Level] = {}
    for one in findings:
        sensor = one.trigger.partition("/")[0]
        peak[sensor] = max(peak.get(sensor, Level.NONE), one.level)
    return sorted(peak, key=lambda sensor: (-peak[sensor], sensor))[:PANELS_MAX]


def _lines(sensors: list[str], batches: Iterable[ReadingBatch]) -> dict[str, tuple[NDArray[Any], NDArray[Any]]]:
    """Instants [datetime64[ns]] and values of each sensor."""
    parts: dict[str, list[tuple[NDArray[Any], NDArray[Any]]]] = {sensor: [] for sensor in sensors}
    for batch in batches:
        for position, series in enumerate(batch.series):
            if series.sensor in parts:
                rows = batch.index == position
                parts[series.sensor].append((batch.observed_at_ns[rows], batch.value[rows]))
    return {sensor: _thinned(pieces) for sensor, pieces in parts.items()}


def _thinned(pieces: list[tuple[NDArray[Any], NDArray[Any]]]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Every n-th reading, so that a plot of a year is drawn at all."""
    if not pieces:
        return np.zeros(0, "datetime64[ns]"), np.zeros(0)
    at_ns, value = (np.concatenate(column) for column in zip(*pieces, strict=True))
    step = max(len(at_ns) // POINTS_MAX, 1)
    return at_ns[::step].astype("datetime64[ns]"), value[::step]


def _panels(figure: Figure, count: int) -> list[Any]:
    if not count:
        figure.text(0.5, 0.5, "no findings", ha="center", va="center")
        return []
    return list(figure.subplots(count, 1, squeeze=False)[:, 0])


def _panel(axes: Any, sensor: str, lines: dict[str, Any], findings: list[Finding], inventory: Inventory) -> None:
    at, value = lines[sensor]
    axes.plot(at, value, color="#333333", linewidth=0.8)
    quantity = inventory.sensor_by_id[sensor].quantity
    axes.set_title(f"{sensor} [{quantity.unit}]", fontsize=9, loc="left")
    axes.tick_params(labelsize=7)
    axes.margins(x=0)
    for one in findings:
        if one.trigger.partition("/")[0] == sensor and one.level:
            at = np.datetime64(one.at.replace(tzinfo=None))
            axes.axvline(at, color=COLOURS[one.level], linewidth=1.2)


def _save(figure: Figure, path: Path) -> None:
    if path.suffix != ".html":
        figure.savefig(path, dpi=110)
        return
    drawn = io.BytesIO()
    figure.savefig(drawn, format="svg")
    image = base64.b64encode(drawn.getvalue()).decode()
    head = f'<!doctype html><meta charset="utf-8"><title>{path.stem}</title>'
    page = f'{head}<img alt="" src="data:image/svg+xml;base64,{image}">'
    path.write_text(page, "utf-8")
