"""Recordings are made from their sources, the same bytes each time."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from demo_recordings import fire, rain, subsidence, tank
from demo_recordings.story import grid, mirror, text_of
from make_demo_recordings import make


def _write(path: Path, rows: Sequence[Sequence[object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """The public data sets in miniature: a few rows in the form their authors gave them."""
    folder = tmp_path / "source"
    _write(
        folder / "gas" / "ADED2022_obs.csv",
        [
            ["time_utc", *range(8), "WD", "WS"],
            ["2022-05-08T00:00:00Z", *[1.5] * 8, 1.0, 2.0],  # before the story
            ["2022-05-10T22:08:00Z", *[1.5] * 7, "", 1.0, 2.0],
            ["2022-05-10T22:09:00Z", *[1.6] * 8, 1.1, 2.1],
        ],
    )
    _write(
        folder / "gas" / "ADED2022_leak_data.csv",
        [
            ["tc_EquipmentUnitID", "tc_ExpStartDatetime", "tc_C1MassFlow"],
            ["4T-1", "2022-05-10 20:28:39+00:00", 3191.07],
            ["4T-1", "2022-05-12 20:28:39+00:00", 1.0],  # after the story
        ],
    )
    for test in fire.FIRES:
        columns = [*test.columns, test.untenable]
        rows = [
            [2.0 * k, *[0.01 * k + (90 if k == 6 and c.startswith("TC") else 0) for c in columns]] for k in range(60)
        ]
        _write(folder / "fire" / f"NIST_Smoke_Alarms_{test.test}.csv", [["TIME", *columns], *rows])
    (folder / "tank").mkdir()
    np.savetxt(folder / "tank" / "d00_te.dat", np.random.default_rng(1).normal(50.0, 1.0, (20, 52)))
    for licence in ("gas/LICENSE", "fire/LICENSE.md", "tank/LICENSE"):
        (folder / licence).write_text(licence)
    return folder


def test_the_same_source_gives_the_same_bytes(source: Path, tmp_path: Path) -> None:
    written = []
    for run in ("first", "second"):
        make(source, tmp_path / run)
        files = sorted(path for path in (tmp_path / run).rglob("*") if path.is_file())
        written.append({path.relative_to(tmp_path / run): path.read_bytes() for path in files})
    assert len(written[0]) == 10
    assert written[0] == written[1]


def test_gas_keeps_instants_and_values_and_leaves_gaps_out(source: Path, tmp_path: Path) -> None:
    make(source, tmp_path)
    rows = pq.read_table(tmp_path / "recordings" / "gas.parquet").to_pylist()
    assert len(rows) == 2 * 10 - 1
    assert {row["sensor"] for row in rows if row["value"] == 1.5} == {
        f"methane-{post}" for post in ("s", "nw", "se", "e", "n", "w", "sw")
    }
    assert "2022-05-10T20:28:39Z,controlled release of 3191 g/h" in (tmp_path / "truth.csv").read_text()
    assert "2022-05-12" not in (tmp_path / "truth.csv").read_text()


def test_fire_begins_quiet_burns_as_recorded_and_dies_down(source: Path) -> None:
    block = next(block for block in fire.blocks(source) if block.sensor == "house-1.b.temperature")
    burning = (block.at_s >= -90.0) & (block.at_s <= -90.0 + 118.0)
    assert block.value[burning].tolist() == pytest.approx([0.01 * k + (90 if k == 6 else 0) for k in range(60)])
    assert np.abs(block.value[block.at_s < -90.0]).max() < 0.6  # noise of 0.1 K
    assert np.abs(block.value[block.at_s > 1800.0]).max() < 0.6
    assert np.all(np.diff(block.at_s) > 0)


def test_smoke_is_obscuration_above_the_days_zero(source: Path) -> None:
    block = next(block for block in fire.blocks(source) if block.sensor == "house-1.b.smoke")
    at_ignition = int(np.searchsorted(block.at_s, -90.0))
    density = 0.01 * np.arange(60)
    expected = 100 * (1 - 10 ** -np.maximum(density - density[:6].mean(), 0))
    assert block.value[at_ignition : at_ignition + 60].tolist() == pytest.approx(expected.round(2).tolist())


def test_storm_has_the_depth_and_the_peak_it_states() -> None:
    minute = np.arange(0, 180, 0.01)
    intensity = rain.hyetograph_mm_min(minute)
    assert intensity.sum() * 0.01 == pytest.approx(116, abs=0.5)
    assert minute[int(intensity.argmax())] == pytest.approx(72, abs=0.01)
    assert intensity.max() == pytest.approx(29.2 / 20**0.72, rel=1e-3)


@pytest.mark.parametrize("window_min", [10, 60, 120])
def test_storm_keeps_its_mean_intensity_around_the_peak(window_min: float) -> None:
    around = np.arange(72 - 0.4 * window_min, 72 + 0.6 * window_min, 0.01)
    mean = rain.hyetograph_mm_min(around).mean()
    assert mean == pytest.approx(29.2 / (window_min + 20) ** 0.72, rel=1e-3)


def test_slope_follows_inverse_velocity_to_the_stated_failure() -> None:
    at_s = np.array([-3600.0, 0.0, 3600.0])
    per_h = (subsidence.displacement_mm(at_s + 1.0) - subsidence.displacement_mm(at_s - 1.0)) / 2.0 * 3600.0
    assert per_h == pytest.approx(10.0 / np.array([3.0, 2.0, 1.0]), rel=1e-3)


def test_slope_creeps_steadily_until_it_runs_away_without_a_jump() -> None:
    mm_d = np.diff(subsidence.displacement_mm(grid(600.0))) * 144.0
    before = int(np.searchsorted(grid(600.0), subsidence.ACCELERATES_S))
    assert mm_d[:before] == pytest.approx(12.0)
    assert mm_d[before] == pytest.approx(12.0, rel=0.01)
    assert (np.diff(mm_d[before : before + 100]) > 0).all()


def test_after_failure_the_slope_lies_still() -> None:
    moved = subsidence.displacement_mm(grid(600.0))
    assert np.ptp(moved[grid(600.0) >= subsidence.FAILS_S]) == 0.0


def test_tank_runs_over_when_the_truth_says(source: Path) -> None:
    (event,) = tank.events(source)
    gauge = next(block for block in tank.blocks(source) if block.sensor == "tank-1.a")
    after = gauge.at_s > event.onset_s + 60
    assert gauge.value[gauge.at_s < event.onset_s - 60].max() < tank.BRIM_M <= gauge.value[after].max()


@pytest.mark.parametrize(
    ("values", "count", "walked"),
    [([1, 2, 3], 7, [1, 2, 3, 2, 1, 2, 3]), ([1, 2], 4, [1, 2, 1, 2]), ([5], 3, [5, 5, 5]), ([1, 2], 0, [])],
)
def test_mirror_walks_there_and_back(values: list[float], count: int, walked: list[float]) -> None:
    assert mirror(values, count).tolist() == walked


def test_instants_are_told_to_the_second() -> None:
    assert text_of(-0.4) == "2022-05-10T22:09:00Z"
