"""A suite in miniature: half a day at two gas sensors, one leak that is seen and one that is not."""

from __future__ import annotations

from pathlib import Path

from pipeline.evaluation.result import Evaluation, Row
from pipeline.evaluation.suite import Suite, load_suite

SUITE = """
title = "Two leaks"
about = "One is found."
licence = "none needed"
source = "this test"
hazard = "gas_leak"
found_within_s = 600
levels = ["blue", "yellow", "orange"]
early_s = 60
{more}

[[recordings]]
files = ["readings.csv"]
layout = "wide"

[[parts]]
name = "learned on"
begin = 2026-06-01T00:00:00Z
end = 2026-06-01T06:00:00Z
calibration = true

[[parts]]
name = "reported"
begin = 2026-06-01T06:00:00Z
end = 2026-06-01T12:00:00Z
list_warnings = true

[baseline]
quantity = "gas_lel"
threshold = 30.0

[[published]]
what = "all of them"
source = "hearsay"

[[aims]]
part = "reported"
row = "gas_levels"
figure = "pod"
floor = 0.5
goal = 1.0

[[aims]]
part = "reported"
row = "gas_levels"
figure = "delay_p50_s"
goal = 60

[[aims]]
part = "reported"
row = "nobody"
figure = "pod"
floor = 0.5
"""
EVENTS = """
[[events]]
name = "first"
begin = 2026-06-01T08:00:00Z
end = 2026-06-01T09:00:00Z
onset = 2026-06-01T08:05:00Z
peers = {"a canary" = 30}

[[events]]
name = "second"
begin = 2026-06-01T10:00:00Z
end = 2026-06-01T11:00:00Z
"""
INVENTORY = {
    "areas.csv": "code,name_zh,name_en\n990101001001,甲一村,Alpha One\n",
    "sites.csv": "id,area,name_zh,name_en\ns1,990101001001,站,Site\n",
    "sensors.csv": "id,site,kind,quantity,gas,range_low,range_high,interval_s\n"
    "g1,s1,gas,gas_lel,methane,0,100,60\ng2,s1,gas,gas_lel,methane,0,100,60\nunheard,s1,gas,gas_lel,methane,0,100,60\n",
}


def field(folder: Path) -> Path:
    """Half a day, a reading a minute: a leak from 08:01 to 08:30 at one sensor of two; nothing at 10:00."""
    lines = ["time,g1,g2"]
    for minute in range(720):
        leak = 30.0 if 481 <= minute < 510 else 0.0
        lines.append(
            f"2026-06-01T{minute // 60:02}:{minute % 60:02}:00Z,{1 + minute % 7 / 10 + leak},{2 + minute % 5 / 10}"
        )
    (folder / "readings.csv").write_text("\n".join(lines))
    for name, text in INVENTORY.items():
        (folder / name).write_text(text)
    return folder


def suite(folder: Path, more: str = "", events: str = EVENTS) -> Suite:
    (folder / "mine.toml").write_text(SUITE.format(more=more) + events)
    loaded = load_suite(folder / "mine.toml", folder)
    assert loaded
    return loaded


def row(evaluation: Evaluation, part: int, name: str) -> Row:
    return next(one for one in evaluation.parts[part].rows if one.name == name)
