"""Alarm settings of gas: at each one, just below it, just above it."""

from __future__ import annotations

import math
from typing import Any

import pytest
from pydantic import ValidationError

from detectors.gas.gas_levels import GasLevels, GasLevelsOptions
from detectors.gas.limits import LIMITS, ExposureLimit, lel_ppm, limit_of, ppm
from pipeline.model.hazard import Hazard, SensorKind
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor
from pipeline.model.units import GASES
from tests.unit.detector_rig import bind, feed, sensor, told

H2S_MAC_PPM = 10 * 24.465 / 34.08


def gas(quantity: Quantity, name: str | None = None, high: float = 100.0, **more: Any) -> Sensor:
    return sensor(SensorKind.GAS, quantity, 60, range_low=0.0, range_high=high, gas=name, **more)


LEL = gas(Quantity.GAS_LEL)
OXYGEN = gas(Quantity.OXYGEN, high=30)
H2S = gas(Quantity.GAS_PPM, "hydrogen_sulfide")
CO = gas(Quantity.GAS_PPM, "carbon_monoxide", high=2000)
METHANE = gas(Quantity.GAS_PPM, "methane", high=100_000)
OPEN_PATH = gas(Quantity.GAS_LEL, "propane", high=25, unit="LEL.m", path_m=20.0)
METHANE_PATH = gas(Quantity.GAS_PPM, "methane", high=100_000, unit="ppm.m", path_m=50.0)


def level_at(watched: Sensor, value: float, **options: float) -> str:
    found = told(feed(bind(GasLevels(GasLevelsOptions(**options)), watched), [(0, value)]))
    return found[0][1] if found else "none"


SETTINGS = {
    "combustible, first level 25 %LEL": (LEL, 25.0, "none", "yellow"),
    "combustible, second level 50 %LEL": (LEL, 50.0, "yellow", "orange"),
    "combustible, the explosive limit": (LEL, 100.0, "orange", "red"),
    "open path of 20 m, 1 LEL.m": (OPEN_PATH, 5.0, "none", "yellow"),
    "open path of 20 m, 2 LEL.m": (OPEN_PATH, 10.0, "yellow", "orange"),
    "open path, end of the range": (OPEN_PATH, 25.0, "orange", "red"),
    "open path of 50 m in ppm, 1 LEL.m": (METHANE_PATH, 1000.0, "none", "yellow"),
    "H2S, MAC 10 mg/m3": (H2S, ppm("hydrogen_sulfide", 10, 25), "none", "yellow"),
    "H2S, twice MAC": (H2S, 2 * ppm("hydrogen_sulfide", 10, 25), "yellow", "orange"),
    "H2S, end of a range below IDLH": (H2S, 100.0, "orange", "red"),
    "CO, TWA 20 mg/m3": (CO, ppm("carbon_monoxide", 20, 25), "none", "yellow"),
    "CO, twice TWA": (CO, 2 * ppm("carbon_monoxide", 20, 25), "yellow", "orange"),
    "CO, IDLH 1700 mg/m3": (CO, ppm("carbon_monoxide", 1700, 25), "orange", "red"),
    "HF, MAC 2 mg/m3": (gas(Quantity.GAS_PPM, "hydrogen_fluoride"), ppm("hydrogen_fluoride", 2, 25), "none", "yellow"),
    "phosgene, IDLH 8 mg/m3": (gas(Quantity.GAS_PPM, "phosgene"), ppm("phosgene", 8, 25), "orange", "red"),
    "phenol, twice TWA": (gas(Quantity.GAS_PPM, "phenol"), 2 * ppm("phenol", 10, 25), "yellow", "orange"),
    "acrylonitrile, TWA 1 mg/m3": (
        gas(Quantity.GAS_PPM, "acrylonitrile"),
        ppm("acrylonitrile", 1, 25),
        "none",
        "yellow",
    ),
    "methane in ppm, 25 %LEL": (METHANE, 12_500.0, "none", "yellow"),
    "methane in ppm, 50 %LEL": (METHANE, 25_000.0, "yellow", "orange"),
    "methane in ppm, the explosive limit": (METHANE, 50_000.0, "orange", "red"),
    "oxygen, enrichment 23.5 %VOL": (OXYGEN, 23.5, "none", "yellow"),
    "oxygen, more enrichment": (OXYGEN, 25.0, "yellow", "orange"),
    "oxygen, much enrichment": (OXYGEN, 28.0, "orange", "red"),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_setting(name: str) -> None:
    watched, setting, below, at = SETTINGS[name]
    assert level_at(watched, math.nextafter(setting, 0)) == below
    assert level_at(watched, setting) == at
    assert level_at(watched, math.nextafter(setting, math.inf)) == at


@pytest.mark.parametrize(
    ("setting", "above", "at"), [(19.5, "none", "yellow"), (18.0, "yellow", "orange"), (16.0, "orange", "red")]
)
def test_deficiency_of_oxygen(setting: float, above: str, at: str) -> None:
    assert level_at(OXYGEN, math.nextafter(setting, 21)) == above
    assert level_at(OXYGEN, setting) == at
    assert level_at(OXYGEN, math.nextafter(setting, 0)) == at


def test_settings_in_ppm_are_those_of_the_published_conversion() -> None:
    assert ppm("hydrogen_sulfide", 10, 25) == pytest.approx(7.2, abs=0.05)
    assert ppm("hydrogen_sulfide", 10, 20) == pytest.approx(7.1, abs=0.05)
    assert ppm("carbon_monoxide", 20, 25) == pytest.approx(17.5, abs=0.05)
    assert ppm("carbon_monoxide", 20, 20) == pytest.approx(17.2, abs=0.05)
    assert ppm("hydrogen_fluoride", 2, 25) == pytest.approx(2.44, abs=0.01)
    assert ppm("phosgene", 0.5, 25) == pytest.approx(0.124, abs=0.001)
    assert lel_ppm("methane", 100.0) == 50_000.0
    assert lel_ppm("chlorine", 100.0) is None
    assert lel_ppm("phlogiston", 100.0) is None


def test_the_temperature_of_the_conversion_is_an_option() -> None:
    between = ppm("carbon_monoxide", 20, 22)
    assert level_at(CO, between) == "none"
    assert level_at(CO, between, temperature_c=20.0) == "yellow"


def test_a_finding_cites_its_criterion_and_threshold() -> None:
    found = {
        watched.quantity: feed(bind(GasLevels(), watched), [(0, value)])[0]
        for watched, value in ((LEL, 60.0), (H2S, 9.0), (OXYGEN, 17.0))
    }
    said = {quantity: (one.criterion, one.threshold) for quantity, one in found.items()}
    assert said == {
        Quantity.GAS_LEL: ("combustible", 50.0),
        Quantity.GAS_PPM: ("toxic", pytest.approx(H2S_MAC_PPM, rel=1e-3)),
        Quantity.OXYGEN: ("oxygen_deficiency", 18.0),
    }
    assert {one.hazard for one in found.values()} == {Hazard.GAS_LEAK}
    assert found[Quantity.GAS_LEL].score == pytest.approx(1.2)


def test_a_level_is_left_below_its_deadband_only() -> None:
    rows = [(0, 30.0), (1000, 22.6), (2000, 22.6), (3000, 22.4), (4000, 22.4)]
    assert told(feed(bind(GasLevels(), LEL), rows)) == [(0, "yellow", "combustible"), (4000, "none", "combustible")]


@pytest.mark.parametrize(
    ("watched", "clean", "high"), [(LEL, 0.0, 100.0), (CO, 1.0, 2000.0), (OXYGEN, 20.9, 30.0), (OXYGEN, 20.9, 10.0)]
)
def test_one_reading_is_yellow_two_are_what_they_say(watched: Sensor, clean: float, high: float) -> None:
    def heard(*values: float) -> list[tuple[float, str]]:
        rows = [(5.0 * k, value) for k, value in enumerate(values)]
        return [(at_s, level) for at_s, level, _ in told(feed(bind(GasLevels(), watched), rows))]

    assert heard(clean, high, clean, clean) == [(5.0, "yellow")]
    assert heard(clean, high, high) == [(5.0, "yellow"), (10.0, "red")]
    assert heard(high) == [(0.0, "red")]


def test_gas_that_climbs_is_told_at_each_colour_with_its_first_reading() -> None:
    rows = [(5.0 * k, 20.0 * k) for k in range(6)]
    assert [one[:2] for one in told(feed(bind(GasLevels(), LEL), rows))] == [
        (10.0, "yellow"), (15.0, "orange"), (25.0, "red"),
    ]  # fmt: skip


def test_the_colour_in_force_is_held_by_one_reading_above_it() -> None:
    rows = [(0.0, 60.0), (5.0, 45.1), (10.0, 0.0), (15.0, 60.0)]
    assert [one[:2] for one in told(feed(bind(GasLevels(), LEL), rows))] == [(0.0, "orange")]


OVERRIDES = {
    "combustible": (LEL, {"gas_levels.first_lel": 20.0}, 21.0),
    "toxic": (CO, {"gas_levels.first_ppm": 10.0}, 11.0),
    "oxygen": (OXYGEN, {"gas_levels.low_oxygen": 20.0}, 19.8),
}


@pytest.mark.parametrize("name", OVERRIDES)
def test_a_sensor_may_have_its_own_setting(name: str) -> None:
    watched, thresholds, value = OVERRIDES[name]
    assert level_at(watched, value) == "none"
    assert level_at(watched.model_copy(update={"thresholds": thresholds}), value) == "yellow"


def test_a_second_level_of_ones_own_is_twice_the_first_unless_set() -> None:
    own = CO.model_copy(update={"thresholds": {"gas_levels.first_ppm": 50.0}})
    assert [level_at(own, value) for value in (49.0, 50.0, 99.0, 100.0)] == ["none", "yellow", "yellow", "orange"]


REFUSED: dict[str, tuple[dict[str, float], str]] = {
    "first above the standard": ({"first_lel": 26.0}, "less than or equal to 25"),
    "second above the standard": ({"second_lel": 51.0}, "less than or equal to 50"),
    "deficiency below the standard": ({"low_oxygen": 19.0}, "greater than or equal to 19.5"),
    "enrichment above the standard": ({"high_oxygen": 24.0}, "less than or equal to 23.5"),
    "levels that do not rise": ({"first_lel": 20.0, "second_lel": 20.0}, "must rise; they are 20, 20, 100"),
    "toxic levels that do not rise": ({"first_ppm": 20.0, "second_ppm": 10.0}, "must rise; they are 20, 10"),
    "an unknown option": ({"third_lel": 75.0}, "third_lel"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_options_that_are_refused(name: str) -> None:
    options, complaint = REFUSED[name]
    with pytest.raises(ValidationError, match=complaint):
        GasLevelsOptions.model_validate(options)


def test_a_ppm_sensor_of_an_unknown_gas_is_watched_once_it_has_settings() -> None:
    unknown = gas(Quantity.GAS_PPM)
    assert not bind(GasLevels(), unknown).subjects
    own = unknown.model_copy(update={"thresholds": {"gas_levels.first_ppm": 5.0}})
    assert [level_at(own, value) for value in (4.9, 5.0, 10.0)] == ["none", "yellow", "orange"]


def test_sensors_of_other_kinds_are_not_watched() -> None:
    room = sensor(SensorKind.FIRE, Quantity.GAS_PPM, 60, gas="carbon_monoxide")
    assert not bind(GasLevels(), room).subjects


def test_every_limit_is_of_a_known_gas_and_rises() -> None:
    assert LIMITS.keys() <= GASES.keys()
    for limit in LIMITS.values():
        rising = [value for value in (limit.oel, limit.stel, limit.idlh) if value is not None]
        assert rising == sorted(rising)
    assert limit_of(LEL) == ExposureLimit()
