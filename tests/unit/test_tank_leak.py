"""A slow loss against heat, waves and pumps: found, and nothing else told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from detectors.tank.tank_leak import TankLeak, TankLeakOptions
from pipeline.model.finding import FindingState
from pipeline.model.hazard import Hazard
from pipeline.model.inventory import InventoryError
from tests.unit.detector_rig import bind, feed_many
from tests.unit.tank_rig import SECTION_M2, STEP_S, course, day_of, found, instruments, tank

CALM: dict[str, dict[str, Any]] = {
    "heat that is measured": {"count": 2},
    "heat that is not": {"count": 1},
    "waves": {"count": 2, "noise_m": 0.004},
    "pumping that is measured": {"count": 3, "pump_m3_h": 20.0},
    "pumping that is not": {"count": 2, "pump_m3_h": 20.0},
}


@pytest.mark.parametrize("name", CALM)
def test_what_is_no_leak(name: str) -> None:
    given = dict(CALM[name])
    count = given.pop("count")
    assert found(tank(count), course(20, **given), count) == []


@pytest.mark.parametrize(
    ("leak_share_d", "within_d", "given"),
    [
        pytest.param(0.001, 4.0, {"count": 2}, id="0.1 % a day"),
        pytest.param(0.002, 1.0, {"count": 2}, id="0.2 % a day"),
        pytest.param(0.01, 0.2, {"count": 2}, id="1 % a day"),
        pytest.param(0.01, 1.0, {"count": 1}, id="heat is not measured"),
        pytest.param(0.01, 0.5, {"count": 3, "pump_m3_h": 20.0}, id="while it is pumped from"),
    ],
)
def test_a_leak_is_found(leak_share_d: float, within_d: float, given: dict[str, Any]) -> None:
    more = dict(given)
    count = more.pop("count")
    first = found(tank(count), course(18, leak_share_d, **more), count)[0]
    assert 10.0 < day_of(first) < 10.0 + within_d
    assert (first.hazard, first.criterion, first.state) == (Hazard.TANK_LEAK, "loss", FindingState.OPENED)
    assert first.window_start_at <= first.onset_at <= first.at


def test_levels_rise_with_what_is_lost_and_end_when_it_is_forgotten() -> None:
    rows = course(60, 0.02, from_day=5.0)
    mended = int(7.0 * 288)
    rows[mended:, 0] = rows[mended:, 0] + (rows[mended - 1, 0] - rows[-1, 0]) * np.linspace(0, 1, len(rows) - mended)
    told = [one.level.word for one in found(tank(2), rows, 2)]
    assert told[:3] == ["blue", "yellow", "orange"]
    assert told[-1] == "none"


def test_a_meter_that_falls_silent_makes_the_balance_unknown_and_no_leak() -> None:
    rows = course(20, pump_m3_h=20.0)
    silent = range(10 * 288 + 100, 10 * 288 + 200)
    order = ((k, slot) for k in range(len(rows)) for slot in (1, 2, 0) if not (slot == 2 and k in silent))
    assert feed_many(tank(3), [(STEP_S * k, slot, float(rows[k, slot])) for k, slot in order]) == []


def test_without_the_tanks_shape_meters_are_no_balance() -> None:
    """A tank that is filled for the first time: 100 m3 against 1.3 m of a section that nobody knows."""
    rows = course(8)
    filled = slice(5 * 288, 5 * 288 + 12)
    rows[filled, 2] = -100.0
    rows[1:, 0] -= np.cumsum(rows[:-1, 2]) / 12 / SECTION_M2
    assert found(tank(), rows) == []
    assert found(tank(diameter_m=0.0), rows) == []
    assert len(tank(diameter_m=0.0).subjects[0].series) == 2


OPTIONS: dict[str, Any] = {
    "expansion_per_k": 0.0, "flow_error_share": 0.2, "mean_s": 14_400.0, "allowance_share_d": 0.02, "forget_s": 3600.0,
    "swings": 50.0, "learn_days": 15, "blue_share": 0.02, "yellow_share": 0.5, "orange_share": 0.5, "deadband": 0.99,
    "diameter_m": 5.0, "flow_sign": 1.0, "transfer_m_h": 1e-4,
}  # fmt: skip


@pytest.mark.parametrize("option", OPTIONS)
def test_each_option_counts(option: str) -> None:
    count = 2 if option == "transfer_m_h" else 3
    rows = course(22, 0.012, pump_m3_h=0.0 if count == 2 else 10.0)
    rows[16 * 288 :, 0] += rows[16 * 288, 0] - rows[16 * 288 :, 0] if option == "deadband" else 0.0
    plain = found(tank(count), rows, count)
    own = {option: OPTIONS[option]}
    assert [one.level.word for one in plain][:3] == ["blue", "yellow", "orange"]
    assert found(tank(count, **own), rows, count) != plain


def test_too_many_instruments() -> None:
    gauge, heat, _ = instruments()
    many = [heat.model_copy(update={"id": f"h{k}"}) for k in range(16)]
    with pytest.raises(InventoryError, match="group site/tank: 17 tank instruments, at most 16"):
        bind(TankLeak(TankLeakOptions()), gauge, *many)


@pytest.mark.parametrize("seed", range(6))
def test_a_noisy_gauge_without_meters_is_no_leak(seed: int) -> None:
    """Noise that looks like pumping every third half hour, and was passed over one way only, once summed to a leak."""
    assert found(tank(2), course(25, noise_m=0.015, seed=seed), 2) == []


def test_pumping_is_known_by_a_noisy_gauge_too() -> None:
    assert found(tank(2), course(20, noise_m=0.005, pump_m3_h=12.0), 2) == []
