"""Tables of regions: which one holds where, in both detectors that look at tables, and files that cannot be meant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from detectors.rain.rain_forecast import RainForecast, RainForecastOptions
from detectors.rain.rain_signals import RainOptions, RainSignals
from detectors.rain.tables import held_in, regional
from pipeline.model.hazard import SensorKind
from pipeline.model.quantity import Quantity
from tests.unit.detector_rig import inventory, sensor

COUNTY = "330212"
"""Where the rig's site lies."""


def written(folder: Path, *tables: tuple[str, str, int]) -> Path:
    """A file with one blue rule a table: name, areas, amount in an hour [mm]."""
    path = folder / "signals.toml"
    path.write_text(
        "\n".join(
            f'[{name}]\nareas = [{areas}]\nsource = "a bulletin"\n'
            f'rules = [{{ level = "blue", window_h = 1, amount_mm = {amount} }}]'
            for name, areas, amount in tables
        )
    )
    return path


def amounts_um(detector: Any, quantity: Quantity, **thresholds: float) -> list[int]:
    """The amounts of the rules that hold at the rig's site."""
    (subject,) = detector.subjects(inventory(sensor(SensorKind.RAIN, quantity, 60.0, thresholds=thresholds)))
    return list(subject.params["amount_um"][: subject.params["rules"]])


def test_the_table_of_the_narrowest_division_counts(tmp_path: Path) -> None:
    regions = regional(written(tmp_path, ("province", '"33"', 20), ("county", f'"{COUNTY}", "3205"', 30)))
    found = {
        code: table.rules[0].amount_mm
        for code in (f"{COUNTY}001000", "330100000000", "320506000000", "310000000000")
        if (table := held_in(code, regions))
    }
    assert found == {f"{COUNTY}001000": 30, "330100000000": 20, "320506000000": 30}


def test_both_detectors_hold_rain_against_the_table_of_their_place(tmp_path: Path) -> None:
    path = written(tmp_path, ("county", f'"{COUNTY}"', 30))
    gauges, ahead = RainSignals(RainOptions(signals=path)), RainForecast(RainForecastOptions(signals=path))
    assert amounts_um(gauges, Quantity.RAIN) == [30_000]
    assert amounts_um(ahead, Quantity.RAIN_1H) == [30_000]
    assert amounts_um(gauges, Quantity.RAIN, **{"rain_signals.blue_mm": 12.0}) == [12_000], "the sensor's own counts"


def test_elsewhere_the_national_table_counts(tmp_path: Path) -> None:
    path = written(tmp_path, ("elsewhere", '"44"', 30))
    assert amounts_um(RainSignals(RainOptions(signals=path)), Quantity.RAIN) == [100_000, 50_000, 50_000, 50_000]


@pytest.mark.parametrize("options", [RainOptions, RainForecastOptions])
def test_a_table_of_ones_own_beside_those_of_regions_is_refused(options: Any, tmp_path: Path) -> None:
    path = written(tmp_path, ("county", f'"{COUNTY}"', 30))
    own = {"level": "blue", "window_h": 1, "amount_mm": 5}
    with pytest.raises(ValidationError, match=r"rules and signals: .* leave out one, or put the rules into signals"):
        options(rules=[own], signals=path)
    assert options(rules=[own]).rules_in_force[0].amount_mm == 5


def test_an_amount_for_a_colour_that_the_region_has_not_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, ("county", f'"{COUNTY}"', 30))
    with pytest.raises(ValidationError, match="red_mm needs exactly one red rule, the table has 0"):
        amounts_um(RainSignals(RainOptions(signals=path, red_mm=80.0)), Quantity.RAIN)


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        ([("a", "", 20)], "a: no areas"),
        ([("a", '"33"', 20), ("b", '"44", "33"', 20)], "b: area 33 has a table already"),
        ([("a", '"zhejiang"', 20)], "areas"),
        ([("a", '"333"', 20)], "areas"),
        ([("a", '"33"', -1)], "amount_mm"),
        ([("a b", '"33"', 20)], "signals.toml"),
    ],
)
def test_tables_that_cannot_be_meant(tmp_path: Path, tables: list[tuple[str, str, int]], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        regional(written(tmp_path, *tables))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"gone\.toml"):
        RainSignals(RainOptions(signals=tmp_path / "gone.toml")).subjects(inventory())
