"""Plots of a replay: the gravest sensors of each hazard, their values, the levels found, the onsets observed."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any, Final

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray

from alerting.lead_time import concerns
from alerting.ledger import Onset
from pipeline.cli.episode import Episode, chosen, episodes, stood
from pipeline.errors import ForewarnError
from pipeline.model.batch import ReadingBatch
from pipeline.model.inventory import Inventory
from pipeline.model.level import Level
from pipeline.runners.replay import Replayed

PANELS_MAX: Final = 12
POINTS_MAX: Final = 4_000
MARGIN_MIN: Final = timedelta(minutes=20)
COLOURS: Final = {Level.BLUE: "#2f6fdd", Level.YELLOW: "#d9b400", Level.ORANGE: "#e87a1d", Level.RED: "#d92f2f"}

Line = tuple[NDArray[Any], NDArray[Any]]
"""Instants [datetime64[ns]] and values."""


def draw(
    path: Path, replayed: Replayed, onsets: Sequence[Onset], inventory: Inventory, batches: Iterable[ReadingBatch]
) -> None:
    """Write one panel a sensor, at most 12, each hazard's gravest first; the suffix of `path` says which form.

    Args:
        batches: the readings that were replayed, once more.

    Raises:
        ForewarnError: `path` cannot be written.
    """
    panels = chosen(episodes(replayed.findings), PANELS_MAX)
    lines = _lines([sensor for sensor, _ in panels], batches)
    with rc_context({"date.converter": "concise"}):
        figure = Figure(figsize=(11, 1.0 + 1.9 * max(len(panels), 1)), layout="constrained")
        for (sensor, seen), axes in zip(panels, _axes(figure, len(panels)), strict=True):
            area = inventory.area_of(sensor)
            _panel(axes, lines[sensor], seen, replayed.last_at or seen[-1].begin_at)
            title = f"{sensor} [{inventory.sensor_by_id[sensor].quantity.unit}], {seen[0].hazard}, {area.name_en}"
            axes.set_title(title, fontsize=9, loc="left")
            for onset in onsets:
                if onset.hazard is seen[0].hazard and concerns(onset.area, area.code):
                    axes.axvline(onset.at, color="black", linestyle="--", linewidth=1.2)
        try:
            _save(figure, path)
        except OSError as error:
            raise ForewarnError(f"{path}: cannot be written: {error.strerror}; name another file") from error


def _lines(sensors: list[str], batches: Iterable[ReadingBatch]) -> dict[str, Line]:
    parts: dict[str, list[Line]] = {sensor: [] for sensor in sensors}
    for batch in batches:
        for position, series in enumerate(batch.series):
            if series.sensor in parts:
                rows = batch.index == position
                parts[series.sensor].append((batch.observed_at_ns[rows], batch.value[rows]))
    return {sensor: _joined(pieces) for sensor, pieces in parts.items()}


def _joined(pieces: list[Line]) -> Line:
    at_ns, value = (np.concatenate(column) for column in zip(*pieces, strict=True))
    return at_ns.astype("datetime64[ns]"), value


def _panel(axes: Any, line: Line, seen: Sequence[Episode], end_at: datetime) -> None:
    """The stretch around what was found, levels as bands behind the values."""
    bands = stood(seen, end_at)
    first, last = min(one.begin_at for one in seen), max(one.begin_at for one in seen)
    last = max([last, *(band[1] for band in bands)])
    margin = max(MARGIN_MIN, (last - first) / 5)
    at, value = _thinned(*_cut(*line, first - margin, last + margin))
    axes.plot(at, value, color="#333333", linewidth=0.9)
    for begin_at, until_at, level in bands:
        axes.axvspan(begin_at, until_at, color=COLOURS[level], alpha=0.3, linewidth=0)
    axes.tick_params(labelsize=7)
    axes.margins(x=0)
    axes.set_xlim(first - margin, last + margin)


def _cut(at: NDArray[Any], value: NDArray[Any], first: datetime, last: datetime) -> Line:
    bounds = [np.datetime64(one.replace(tzinfo=None)) for one in (first, last)]
    begin, end = np.searchsorted(at, bounds[0]), np.searchsorted(at, bounds[1], side="right")
    return at[begin:end], value[begin:end]


def _thinned(at: NDArray[Any], value: NDArray[Any]) -> Line:
    """Lowest and highest of every n readings, so that no peak is lost."""
    step = -(-len(at) // (POINTS_MAX // 2))
    if step <= 2:  # noqa: PLR2004  # a pair is its own lowest and highest
        return at, value
    whole = len(at) // step * step
    groups = value[:whole].reshape(-1, step)
    ends = np.stack([groups.min(axis=1), groups.max(axis=1)], axis=1).ravel()
    return np.repeat(at[:whole:step], 2), ends


def _axes(figure: Figure, count: int) -> list[Any]:
    if not count:
        figure.text(0.5, 0.5, "nothing was found", ha="center", va="center")
        return []
    bands = [Patch(color=colour, alpha=0.3, label=level.word) for level, colour in COLOURS.items()]
    onset = Patch(facecolor="white", edgecolor="black", linestyle="--", label="observed onset")
    figure.legend(handles=[*bands, onset], loc="outside upper right", ncols=5, fontsize=8, frameon=False)
    return list(figure.subplots(count, 1, squeeze=False)[:, 0])


def _save(figure: Figure, path: Path) -> None:
    if path.suffix != ".html":
        figure.savefig(path, dpi=110)
        return
    drawn = io.BytesIO()
    figure.savefig(drawn, format="svg")
    image = base64.b64encode(drawn.getvalue()).decode()
    head = f'<!doctype html><meta charset="utf-8"><title>{escape(path.stem)}</title>'
    page = f'{head}<img alt="Values and levels of each sensor" src="data:image/svg+xml;base64,{image}">'
    path.write_text(page, "utf-8")
