"""Gas: controlled methane releases, as recorded.

Source: ADED 2022 at METEC, Fort Collins, 8 point sensors [ppm], 1 min, with wind (W. Daniels, CMS-durations, MIT).
Nothing is changed: not the instants, not the values; minutes without a value are left out.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final

import numpy as np

from demo_recordings.story import END_S, START_S, Block, Event, seconds_of

AREA: Final = "990101001001"
SENSORS: Final = {
    **{str(k): (f"methane-{name}", "ppm") for k, name in enumerate(("s", "nw", "se", "e", "n", "w", "sw", "ne"))},
    "WS": ("wind-speed-1", "m/s"),
    "WD": ("wind-direction-1", "rad"),
}
"""Column of the source -> sensor and unit; the columns are in the order of the source's list of sensor positions."""


def blocks(source: Path) -> list[Block]:
    """Methane at eight posts around the site, and its wind."""
    with (source / "gas" / "ADED2022_obs.csv").open(encoding="utf-8-sig", newline="") as file:
        table = [(seconds_of(row["time_utc"]), row) for row in csv.DictReader(file)]
    inside = [(at_s, row) for at_s, row in table if START_S <= at_s <= END_S]
    at_s = np.array([at_s for at_s, _ in inside])
    return [
        Block(sensor, unit, at_s, np.array([float(row[column] or "nan") for _, row in inside]))
        for column, (sensor, unit) in SENSORS.items()
    ]


def events(source: Path) -> list[Event]:
    """One event a release: when the valve was opened."""
    with (source / "gas" / "ADED2022_leak_data.csv").open(encoding="utf-8-sig", newline="") as file:
        releases = list(csv.DictReader(file))
    return [
        Event("gas_leak", AREA, onset_s, _what(release), "ADED2022 leak_data")
        for release in releases
        if START_S <= (onset_s := seconds_of(release["tc_ExpStartDatetime"])) <= END_S
    ]


def _what(release: dict[str, str]) -> str:
    flow_g_h = round(float(release["tc_C1MassFlow"]))
    return f"controlled release of {flow_g_h} g/h methane begins at {release['tc_EquipmentUnitID']}"
