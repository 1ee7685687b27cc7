"""The study of made-up tanks: what `tank_overfill` says an hour before they are full, and in sound months."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np

from detectors.tank.tank_overfill import TankOverfill, TankOverfillOptions
from pipeline.clock import Clock
from pipeline.evaluation.alone import alone, played
from pipeline.evaluation.made_tanks import INTERVALS_S, SHAPES, SHARES, Filling, Gauge, draw, sound_month
from pipeline.evaluation.study import Bound, Study, StudyTable
from pipeline.model.finding import Finding, FindingState
from pipeline.model.hazard import SensorKind
from pipeline.model.instant import NS_PER_S
from pipeline.model.inventory import Inventory
from pipeline.model.quantity import Quantity

FILLINGS: Final = range(1, 400, 2)
MONTHS: Final = range(1, 120, 2)
"""Odd numbers: the even ones were chosen by."""
MINUTE_S: Final = 60.0
EARLY_S: Final = 75 * MINUTE_S
LATE_S: Final = 40 * MINUTE_S
START_S: Final = 1_767_225_600
"""2026-01-01."""
CLOSE: Final = 0.1
PUMPS: Final = ("one", "changed", "two", "batches")
ABOUT: Final = f"""{len(FILLINGS)} made-up tanks that are filled to their critical height in 3 to 12 hours: standing and
lying cylinders, spheres and strapping tables; one reading every 10 s to 15 min, noise of 1 to 10 mm, a quarter of the
gauges read to the centimetre, 1 % of the readings lost; one pump, a change of pumping at least 75 min before the end,
a second pump, batches. What counts is the first statement of the last 75 min: by how much of what was left it was
wrong, and whether its interval held. None with 40 min left or more: not told. And {len(MONTHS)} sound months, with
gauges that stick and wrong readings."""

Told = tuple[float, bool] | None
"""Share by which the time left was wrong, and whether the interval held; None: not told in time."""


def study(_recordings: Path, _clock: Clock | None) -> Study:
    """Make them, play them, and count."""
    tanks = [draw(number) for number in FILLINGS]
    months = [sound_month(number) for number in MONTHS]
    with TemporaryDirectory() as folder:
        told = [an_hour_before(tank, Path(folder)) for tank in tanks]
    groups = {
        "all": [True] * len(tanks),
        **{shape: [tank.shape == shape for tank in tanks] for shape in SHAPES},
        **{f"pumps: {pumps}": [tank.pumps == pumps for tank in tanks] for pumps in PUMPS},
        **{f"every {each:.0f} s": [tank.gauge.interval_s == each for tank in tanks] for each in INTERVALS_S},
    }
    rows = tuple(
        (name, *_cells([one for one, is_in in zip(told, members, strict=True) if is_in]))
        for name, members in groups.items()
    )
    found = [one for one in told if one]
    false = sum(opened(gauge) for gauge in months)
    columns = ("tanks", "told in time", "wrong by, p10 / p50 / p90", f"within {CLOSE:.0%}", "interval held")
    return Study(
        name="fills",
        title="Made-up tanks, an hour before they are full",
        about=ABOUT,
        source="pipeline/evaluation/made_tanks.py",
        licence="Apache-2.0 (this project)",
        readings=sum(len(gauge.at_s) for gauge in [*(tank.gauge for tank in tanks), *months]),
        tables=(
            StudyTable("The time left, as told", columns, rows),
            StudyTable("Sound months", ("months", "false episodes"), ((str(len(months)), str(false)),)),
        ),
        bounds=(
            Bound("all", TankOverfill.kind, f"within {CLOSE:.0%}, of those told", _close(found), goal=0.9),
            Bound("all", TankOverfill.kind, "interval held, of those told", _held(found), goal=0.9),
            Bound("sound months", TankOverfill.kind, "false episodes", false, goal=0, rising=False),
        ),
    )


def an_hour_before(tank: Filling, folder: Path) -> Told:
    """What is said first in the last 75 minutes.

    Args:
        folder: where a strapping table may be written.
    """
    for finding in played(_detector(tank, folder), _inventory(tank.gauge, tank.shape), *_readings(tank.gauge)):
        left_s = START_S + tank.full_s - finding.at.timestamp()
        if left_s < LATE_S:
            return None
        if finding.level and left_s <= EARLY_S and finding.expected_at:
            earliest, latest = finding.expected_earliest_at, finding.expected_latest_at
            full_at_s = START_S + tank.full_s
            held = bool(earliest and latest and earliest.timestamp() <= full_at_s <= latest.timestamp())
            return (finding.expected_at - finding.at).total_seconds() / left_s - 1.0, held
    return None


def opened(gauge: Gauge) -> int:
    """Episodes."""
    said: list[Finding] = played(TankOverfill(), _inventory(gauge), *_readings(gauge))
    return sum(one.state is FindingState.OPENED for one in said)


def _detector(tank: Filling, folder: Path) -> TankOverfill:
    if tank.shape not in {"sphere", "strapped"}:
        return TankOverfill()
    rows = [f"one,{tank.gauge.height_m * s:.4f},{500 * v:.4f}" for s, v in zip(SHARES, tank.volumes, strict=True)]
    path = folder / "strapping.csv"
    path.write_text("\n".join(["sensor,level_m,volume_m3", *rows[::10]]), encoding="utf-8")
    return TankOverfill(TankOverfillOptions(strapping=path))


def _inventory(gauge: Gauge, shape: str = "") -> Inventory:
    own: dict[str, Any] = {"tank_overfill.lying_diameter_m": gauge.height_m} if shape == "lying" else {}
    return alone(SensorKind.TANK, Quantity.TANK_LEVEL, gauge.interval_s, 0.0, gauge.height_m, thresholds=own)


def _readings(gauge: Gauge) -> tuple[Any, Any]:
    return ((START_S + gauge.at_s) * NS_PER_S).astype(np.int64), gauge.level_m


def _cells(told: Sequence[Told]) -> tuple[str, ...]:
    found = [one for one in told if one]
    wrong = np.percentile([share for share, _ in found], (10, 50, 90)) if found else ()
    spread = " / ".join(f"{100 * one:+.1f} %" for one in wrong)
    return f"{len(found)} of {len(told)}", spread, f"{_close(found):.2f}", f"{_held(found):.2f}"


def _close(found: Sequence[tuple[float, bool]]) -> float:
    return _share([abs(share) <= CLOSE for share, _ in found])


def _held(found: Sequence[tuple[float, bool]]) -> float:
    return _share([held for _, held in found])


def _share(holds: Sequence[bool]) -> float:
    return round(sum(holds) / max(len(holds), 1), 3)
