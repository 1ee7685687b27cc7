"""The tables and bounds that studies of rain forecasts share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from pipeline.evaluation.rain_boxes import AMOUNTS, Forecast, Frames, Scored, halves, scored
from pipeline.evaluation.study import Bound, StudyTable

CLIMATOLOGY: Final = "climatology"
PARTS: Final = ("calibration: first half", "report: second half")
_COLUMNS: Final = ("what", "within, at least", "part", "CSI", "said / came", "Brier score", "of climatology")

Scores = Mapping[tuple[str, int, float, str], Scored]


def scores_of(frames: Frames, forecasts: Mapping[str, Forecast]) -> Scores:
    """Every forecast, horizon and amount on both halves; climatology is the share of the first half."""
    found: dict[tuple[str, int, float, str], Scored] = {}
    for minutes, amount_mm in AMOUNTS:
        parts = halves(frames.starts(minutes))
        covered = frames.covered
        first = [frames.after_mm(start, minutes)[covered] >= amount_mm for start in parts[0]]
        share = float(np.mean(np.concatenate(first)))
        usual = {CLIMATOLOGY: _always(share, len(covered))}
        for part, starts in zip(PARTS, parts, strict=True):
            for name, forecast in {**forecasts, **usual}.items():
                found[name, minutes, amount_mm, part] = scored(frames, forecast, starts, minutes, amount_mm)
    return found


def table_of(scores: Scores, names: list[str], title: str) -> StudyTable:
    """A row a forecast, horizon, amount and part."""
    rows = []
    for minutes, amount_mm in AMOUNTS:
        for part in PARTS:
            usual = scores[CLIMATOLOGY, minutes, amount_mm, part].brier
            for name in names:
                one = scores[name, minutes, amount_mm, part]
                told = f"{one.said} / {one.came}"
                what = f"{minutes // 60} h, {amount_mm:g} mm"
                rows.append((name, what, part, f"{one.csi:.3f}", told, f"{one.brier:.4f}", f"{usual:.4f}"))
    return StudyTable(title, _COLUMNS, tuple(rows))


def bounds_of(
    scores: Scores, name: str, aims: Mapping[tuple[int, float], tuple[float, float]], better_than: str | None = None
) -> tuple[Bound, ...]:
    """CSI against floor and goal on the report part, and the Brier score against climatology and a baseline."""
    part = PARTS[1]
    found = []
    for (minutes, amount_mm), (floor, goal) in aims.items():
        what, one = f"{minutes // 60} h, {amount_mm:g} mm", scores[name, minutes, amount_mm, part]
        found.append(Bound(part, name, f"CSI {what}", one.csi, floor, goal))
        others = [CLIMATOLOGY, *([better_than] if better_than else [])]
        least = min(scores[other, minutes, amount_mm, part].brier for other in others)
        found.append(Bound(part, name, f"Brier score {what}", one.brier, goal=least, rising=False))
    return tuple(found)


def _always(share: float, boxes: int) -> Forecast:
    return lambda *_: np.full(boxes, share)
