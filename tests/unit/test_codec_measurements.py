from __future__ import annotations

import numpy as np
import pytest

from device_adapters.codecs.measurements import Measurements
from device_adapters.intake import table_of
from pipeline.errors import ConfigError
from pipeline.model.inventory import Inventory
from pipeline.model.quality import DeviceStatus, Quality
from pipeline.model.units import UnitError
from tests.adapter_rig import FIELD, sensor

TABLE = Measurements.of(FIELD)
MG_M3_OF_CO = 28.01 / 24.465  # of one ppm at 25 degC

CASES = {
    "own unit": ("north-h2s", 12.5, 12.5, DeviceStatus.NORMAL),
    "declared unit": ("north-co", MG_M3_OF_CO * 30, 30.0, DeviceStatus.NORMAL),
    "tenths": ("north-rain", 12.0, 1.2, DeviceStatus.NORMAL),
    "current within the range": ("north-ch4", 12.0, 50.0, DeviceStatus.NORMAL),
    "current a little below zero": ("north-ch4", 3.9, 0.0, DeviceStatus.NORMAL),
    "current a little above full scale": ("north-ch4", 20.4, 100.0, DeviceStatus.NORMAL),
    "current below the range": ("north-ch4", 3.7, 0.0, DeviceStatus.UNDER_RANGE),
    "current above the range is evidence with a bound": ("north-ch4", 20.6, 100.0, DeviceStatus.OVER_RANGE),
}


def converted(name: str, sent: float, status: DeviceStatus = DeviceStatus.NORMAL) -> tuple[float, int, int]:
    slot = np.array([TABLE.slot_by_sensor[name]], np.int32)
    measured = TABLE.convert(slot, np.array([sent]), np.array([status], np.uint8))
    return float(measured.value[0]), int(measured.quality[0]), int(measured.status[0])


@pytest.mark.parametrize(("name", "sent", "value", "status"), CASES.values(), ids=CASES)
def test_declared_conversion(name: str, sent: float, value: float, status: DeviceStatus) -> None:
    got = converted(name, sent)
    assert got[0] == pytest.approx(value, rel=1e-4)
    assert got[1:] == (Quality.NOT_EVALUATED, status)


@pytest.mark.parametrize("current_ma", [0.0, 3.5, 21.0, 22.5])
def test_a_faulty_loop_gives_no_value(current_ma: float) -> None:
    value, quality, status = converted("north-ch4", current_ma)
    assert np.isnan(value)
    assert (quality, status) == (Quality.MISSING, DeviceStatus.FAULT)


def test_what_the_device_says_of_itself_precedes_its_current() -> None:
    assert converted("north-ch4", 20.6, DeviceStatus.CALIBRATION)[2] == DeviceStatus.CALIBRATION


def test_slots_are_those_of_the_inventory() -> None:
    assert {series: slot for slot, series in enumerate(TABLE.series)} == FIELD.slot_by_series


def test_only_allows_by_pattern() -> None:
    allowed = TABLE.only(["north-c*", "south-tank"]).allowed
    assert [series.sensor for series, ok in zip(TABLE.series, allowed, strict=False) if ok] == [
        "north-ch4",
        "north-co",
        "south-tank",
    ]


def test_in_unit_converts_from_one_unit_and_marks_what_cannot_be() -> None:
    table = TABLE.in_unit("mm")
    sent = np.full(len(FIELD.sensors), 5.0)
    slots = np.arange(len(FIELD.sensors), dtype=np.int32)
    values = table.convert(slots, sent, np.zeros(len(slots), np.uint8)).value
    told = {series.sensor: value for series, value in zip(TABLE.series, values.tolist(), strict=True)}
    assert told["north-rain"] == 5.0
    assert told["south-tank"] == 0.005
    assert np.isnan(told["north-h2s"])


def test_in_declared_unit_nothing_changes() -> None:
    table = TABLE.in_unit("mA")
    slot = TABLE.slot_by_sensor["north-ch4"]
    assert table.is_loop[slot]
    assert table.factor[slot] == TABLE.factor[slot]


def test_a_stated_unit_is_converted_unless_it_is_the_declared_one() -> None:
    slot = TABLE.slot_by_sensor["north-co"]
    assert TABLE.stated(slot, "mg/m3") is None
    stated = TABLE.stated(slot, "ppb")
    assert stated
    assert stated.factor == 1e-3
    with pytest.raises(UnitError, match="'furlong'"):
        TABLE.stated(slot, "furlong")


def test_an_inventory_with_an_impossible_unit_is_refused_by_name() -> None:
    bad = Inventory(FIELD.areas, FIELD.sites, (sensor("north-x", "rain", "rain", 5, unit="ppm"),))
    with pytest.raises(ConfigError, match=r"inventory: sensor north-x: unit 'ppm' cannot be brought to rain"):
        table_of(bad)


def test_an_empty_inventory_knows_nobody() -> None:
    assert Measurements.of(Inventory((), (), ())).slot_by_sensor == {}
