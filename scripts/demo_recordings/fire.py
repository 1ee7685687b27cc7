"""Fire: full-scale room fires, as recorded, with a quiet time before and a decay after.

Source: NIST home smoke alarm tests SDC02, SDC05, SDC10 (Technical Note 1455-1, 2008). Of each, ceiling temperature
[degC], smoke at the ceiling as optical density [1/m], here brought to obscuration [%/m] = 100 (1 - 10^-OD), and carbon
monoxide [%VOL]. Changed: smoke and carbon monoxide count from the mean of the first 10 s, the instruments' zero of
that day; nothing is below it. Made here: the time before ignition, once a minute, without smoke or carbon monoxide and
at the temperature of the first 10 s, noise 0.1 K; and after the last reading an exponential decay to that, as if the
fire had been put out.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

import numpy as np
from numpy.typing import NDArray

from demo_recordings.story import Block, Event, grid

CHANNELS: Final = {"TC": ("temperature", "degC"), "SM": ("smoke", "%/m"), "GAS": ("co", "%VOL")}
QUIET_S: Final = 10.0
"""Nothing had risen by then, no alarm of any make had sounded (Activation_Times)."""
NOISE_C: Final = 0.1
DECAY_S: Final = 240.0
DECAY_STEP_S: Final = 15.0
DECAY_FOR_S: Final = 1800.0
UNTENABLE_C: Final = 88.0
UNTENABLE_OD: Final = 0.25


@dataclass(frozen=True)
class Fire:
    """One test, put at an instant; its `columns` become sensors of the house.

    `untenable` is the column that tells when a room could no longer be passed, 900 mm below the ceiling: heat above
    88 degC, or, where heat never got there, an optical density of 0.25 1/m (both of the Technical Note).
    """

    test: str
    house: str
    area: str
    ignition_s: float
    columns: tuple[str, ...]
    untenable: str


_ROOMS: Final = ("TCB_1", "SMB_1", "GASB_1", "TCC_1", "SMC_1", "GASC_1", "TCE_1", "SME_1")
FIRES: Final = (
    Fire("SDC05", "house-1", "990101002002", -90.0, _ROOMS, "TCB_4"),
    Fire("SDC02", "house-2", "990101003001", -20 * 3600.0, _ROOMS, "SMC_4"),
    Fire(
        "SDC10",
        "house-3",
        "990101004001",
        300.0,
        ("TCB_1", "SMB_1", "GASB_1", "TCD_1", "SMD_1", "TCF_1", "SMF_1"),
        "TCF_4",
    ),
)


def blocks(source: Path) -> list[Block]:
    """Three houses with three rooms each."""
    return [_block(fire, column, _table(source, fire)) for fire in FIRES for column in fire.columns]


def events(source: Path) -> list[Event]:
    """One event a fire: the first instant at which a room could no longer be passed."""
    return [_event(fire, _table(source, fire)) for fire in FIRES]


def sensor_of(house: str, column: str) -> str:
    """TCB_1 of house-1 -> house-1.b.temperature."""
    location = column.partition("_")[0]
    return f"{house}.{location[-1].lower()}.{CHANNELS[location[:-1]][0]}"


def _table(source: Path, fire: Fire) -> dict[str, NDArray[np.float64]]:
    with (source / "fire" / f"NIST_Smoke_Alarms_{fire.test}.csv").open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    columns = zip(*rows, strict=True)
    return {
        name: np.array(column, float) for name, column in zip(header, columns, strict=True) if name in _wanted(fire)
    }


def _wanted(fire: Fire) -> set[str]:
    return {"TIME", fire.untenable, *fire.columns}


def _block(fire: Fire, column: str, table: dict[str, NDArray[np.float64]]) -> Block:
    unit = CHANNELS[column.partition("_")[0][:-1]][1]
    burning_s = table["TIME"] - table["TIME"][0] + fire.ignition_s
    calm = burning_s - fire.ignition_s <= QUIET_S
    burning = _measured(column, table[column], calm)
    rest = burning[calm].mean() if column.startswith("TC") else 0.0
    fading_s = np.arange(DECAY_STEP_S, DECAY_FOR_S, DECAY_STEP_S)
    fading = rest + (burning[-1] - rest) * np.exp(-fading_s / DECAY_S)
    every_minute_s = grid(60.0)
    before_s = every_minute_s[every_minute_s < burning_s[0]]
    after_s = every_minute_s[every_minute_s > burning_s[-1] + DECAY_FOR_S]
    quiet = rest + _noise(sensor_of(fire.house, column), before_s.size + after_s.size)
    value = np.concatenate([quiet[: before_s.size], burning, fading, quiet[before_s.size :]])
    at_s = np.concatenate([before_s, burning_s, burning_s[-1] + fading_s, after_s])
    return Block(sensor_of(fire.house, column), unit, at_s, np.round(value, 4 if unit == "%VOL" else 2))


def _noise(sensor: str, count: int) -> NDArray[np.float64]:
    """f8[count]: of a thermometer in a quiet room; the others show nothing there."""
    draw = Random(sensor)  # noqa: S311  # measurement noise, not a secret
    spread_c = NOISE_C if sensor.endswith("temperature") else 0.0
    return np.array([draw.gauss(0.0, spread_c) for _ in range(count)])


def _measured(column: str, value: NDArray[np.float64], calm: NDArray[np.bool_]) -> NDArray[np.float64]:
    """f8[n]: temperature as it is; the rest above the day's zero, smoke as obscuration [%/m]."""
    if column.startswith("TC"):
        return value
    above_zero = np.maximum(value - value[calm].mean(), 0.0)
    return np.asarray(100.0 * (1.0 - 10.0**-above_zero) if column.startswith("SM") else above_zero)


def _event(fire: Fire, table: dict[str, NDArray[np.float64]]) -> Event:
    heat = fire.untenable.startswith("TC")
    bound = UNTENABLE_C if heat else UNTENABLE_OD
    reached = int(np.argmax(table[fire.untenable] >= bound))
    what = f"{'88 degC' if heat else 'optical density of 0.25 1/m'} 900 mm below the ceiling ({fire.untenable})"
    onset_s = fire.ignition_s + table["TIME"][reached] - table["TIME"][0]
    return Event("fire", fire.area, float(onset_s), what, f"NIST TN 1455-1, test {fire.test}")
