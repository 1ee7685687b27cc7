"""From composites in a folder to a warning with its lead time: the embedded runner, end to end."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from alerting.report.forecasts import ANY, scores
from alerting.store.store import Store
from pipeline.clock import SystemClock
from pipeline.config.load import load_config
from pipeline.model.forecast import ForecastState
from pipeline.model.hazard import Hazard
from pipeline.model.inventory import Inventory
from pipeline.runners.embedded import STORE_FILE, Embedded
from pipeline.telemetry import Telemetry
from tests.process import write_inventory
from tests.radar_rig import blobs_mm, odim_bytes
from tests.unit.test_radar_nowcast import AT, field

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

CONFIG = """
[process]
data = "data"
time = "event"
[inventory]
path = "inventory.toml"
[console]
port = 0
[quality]
clock_behind_s = 1e9
[adapters.composites]
kind = "radar_replay"
folder = "composites"
[detectors.rain_signals]
rules = [{ level = "blue", window_h = 12, amount_mm = 5 }]
[detectors.rain_forecast]
rules = [{ level = "blue", window_h = 12, amount_mm = 5 }]
[channels.drop]
kind = "file_drop"
targets.here = "dropped"
[[routes]]
name = "public"
to = ["drop/here"]
"""
SHAPE = (72, 100)
PLACE = (45, 80)
"""Row and column of the site."""
FRAMES = 32
BLUE_MM = 5.0


def rain(number: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.round(np.minimum(blobs_mm(5.0 * number, SHAPE), 10.0) * 24) / 24  # half a mm/h is the format's unit


def inventory() -> Inventory:
    plain = field()
    where = {
        "longitude_deg": 5.0 + (PLACE[1] + 0.5) / SHAPE[1],
        "latitude_deg": 52.72 - (PLACE[0] + 0.5) * 0.72 / SHAPE[0],
    }
    site = plain.sites[0].model_copy(update=where)
    return Inventory(plain.areas, (site,), plain.sensors)


async def play(runner: Embedded) -> None:
    await runner.start()
    running = asyncio.create_task(runner.run())
    try:
        async with asyncio.timeout(800):
            await runner.taking_live.wait()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await runner.close()


def test_composites_become_a_warning_an_hour_before_the_rain_has_fallen(tmp_path: Path) -> None:
    write_inventory(tmp_path, inventory())
    (tmp_path / "composites").mkdir()
    (tmp_path / "dropped").mkdir()
    for number in range(FRAMES):
        at = AT + timedelta(minutes=5 * number)
        (tmp_path / "composites" / f"{at:%Y%m%d%H%M}.h5").write_bytes(odim_bytes(rain(number) * 12, at, UR_lat=52.72))
    (tmp_path / "composites" / "202608270000.h5").write_bytes(b"no composite")
    (tmp_path / "forewarn.toml").write_text(CONFIG)
    config = load_config(tmp_path / "forewarn.toml")
    runner = Embedded(config, SystemClock(), Telemetry())
    asyncio.run(play(runner))

    row, column = PLACE
    fell = np.cumsum([rain(number)[row - 1 : row + 2, column - 1 : column + 2].mean() for number in range(FRAMES)])
    crossed = AT + timedelta(minutes=5 * int(np.argmax(fell >= BLUE_MM)))
    store = Store(f"sqlite:///{config.process.data / STORE_FILE}")
    first = store.ledger()[0]
    found = [one for one in store.findings(100) if one.hazard is Hazard.RAINSTORM]
    by_gauge = min(one.at for one in found if one.detector == "rain_signals")
    by_radar = min(one.at for one in found if one.detector == "rain_forecast")
    assert by_radar <= by_gauge - timedelta(minutes=15)
    assert first.issued_at <= crossed - timedelta(minutes=60)
    assert list((tmp_path / "dropped").iterdir())
    kept = store.forecasts(1000)
    verified = [one for one in kept if one.state is ForecastState.VERIFIED]
    assert {one.source for one in kept} == {"radar"}
    assert len(verified) >= 10
    assert {one.horizon_min for one in verified} == {60}  # the recording ends before 3 hours have passed
    (score,) = [
        one
        for one in scores(store.forecast_tallies(AT, AT + timedelta(hours=6)))
        if (one.source, one.amount_mm) == (ANY, 1.0)
    ]
    assert score.count == len(verified)
    store.close()
