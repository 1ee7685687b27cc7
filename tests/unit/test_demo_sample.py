"""The demonstration's files fit each other."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from device_adapters.simulator.story import Story, load_story, truth, write_past
from pipeline.config.inventory_files import load_inventory
from pipeline.model.area import AreaLevel
from pipeline.model.hazard import Hazard, SensorKind
from pipeline.model.units import to_quantity

DEMO: Final = Path(__file__).parents[2] / "pipeline" / "samples" / "demo"
INVENTORY: Final = load_inventory(DEMO / "inventory")
STORY: Final = load_story(DEMO)
FILES: Final = [recording.file.as_posix() for recording in STORY.recordings]


@pytest.fixture(scope="module")
def table() -> Any:
    return STORY.table()


def test_district_has_four_levels_and_is_no_real_one() -> None:
    levels = Counter(area.level for area in INVENTORY.areas)
    assert levels == {AreaLevel.CITY: 1, AreaLevel.DISTRICT: 1, AreaLevel.TOWNSHIP: 4, AreaLevel.VILLAGE: 8}
    assert {area.code[:2] for area in INVENTORY.areas} == {"99"}  # GB/T 2260 gives 99 to no province


def test_each_division_holds_the_people_and_the_corners_of_those_in_it() -> None:
    for area in INVENTORY.areas:
        parts = [a for a in INVENTORY.areas if a.level > AreaLevel.DISTRICT and a.ancestor(area.level) == area.code]
        villages = [part for part in parts if part.level is AreaLevel.VILLAGE]
        if area.level in (AreaLevel.DISTRICT, AreaLevel.TOWNSHIP):
            assert sum(part.population or 0 for part in villages) == area.population
        longitudes, latitudes = zip(*(area.polygon or ()), strict=True)
        for part in parts:
            for longitude, latitude in part.polygon or ():
                assert min(longitudes) <= longitude <= max(longitudes)
                assert min(latitudes) <= latitude <= max(latitudes)


def test_polygons_are_closed_rings() -> None:
    assert all(
        area.polygon and len(area.polygon) >= 4 and area.polygon[0] == area.polygon[-1] for area in INVENTORY.areas
    )


def test_every_site_lies_in_its_area() -> None:
    for site in INVENTORY.sites:
        longitudes, latitudes = zip(*(INVENTORY.area_by_code[site.area].polygon or ()), strict=True)
        assert site.longitude_deg is not None
        assert site.latitude_deg is not None
        assert min(longitudes) < site.longitude_deg < max(longitudes)
        assert min(latitudes) < site.latitude_deg < max(latitudes)


def test_every_kind_of_hazard_has_its_sensors() -> None:
    assert {sensor.kind for sensor in INVENTORY.sensors} == set(SensorKind)


def test_recordings_and_inventory_name_the_same_sensors(table: Any) -> None:
    assert set(table["sensor"].to_pylist()) == set(INVENTORY.sensor_by_id)


@pytest.mark.parametrize("file", FILES)
def test_units_can_be_converted_and_values_fit_the_range(file: str) -> None:
    recording = pq.read_table(DEMO / file)
    for sensor_id in set(recording["sensor"].to_pylist()):
        sensor = INVENTORY.sensor_by_id[sensor_id]
        rows = recording.filter(pc.equal(recording["sensor"], sensor_id))
        assert set(rows["unit"].to_pylist()) == {sensor.unit}
        convert = to_quantity(sensor.unit or "", sensor.quantity, gas=sensor.gas)
        low, high = (convert.factor * bound + convert.offset for bound in pc.min_max(rows["value"]).as_py().values())
        assert sensor.range_low <= low <= high <= sensor.range_high, sensor_id


@pytest.mark.parametrize("file", FILES)
def test_a_recording_is_in_order_without_repeats_or_holes_in_its_columns(file: str) -> None:
    recording = pq.read_table(DEMO / file)
    assert recording.column_names == ["observed_at", "sensor", "value", "unit"]
    assert [str(recording[name].type) for name in ("observed_at", "value")] == ["timestamp[us, tz=UTC]", "double"]
    assert sum(column.null_count for column in recording.columns) == 0
    keys = list(zip(recording["observed_at"].to_pylist(), recording["sensor"].to_pylist(), strict=True))
    assert keys == sorted(set(keys))


def test_sensors_report_from_the_first_minutes_of_the_story_to_its_end(table: Any) -> None:
    grouped = table.group_by("sensor").aggregate([("observed_at", "min"), ("observed_at", "max")])
    begin, end = STORY.present_at - timedelta(hours=36), STORY.present_at + timedelta(hours=3)
    late = [row for row in grouped.to_pylist() if row["observed_at_min"] > begin + timedelta(minutes=10)]
    silent = [row["sensor"] for row in grouped.to_pylist() if row["observed_at_max"] < end - timedelta(minutes=10)]
    assert late == []
    assert silent == ["rain-delta-2"]  # broken on purpose


def test_one_thermometer_is_stuck(table: Any) -> None:
    rows = table.filter(pc.equal(table["sensor"], "air-2"))
    last_five_hours = pc.greater_equal(rows["observed_at"], STORY.present_at - timedelta(hours=5))
    assert len(set(rows.filter(last_five_hours)["value"].to_pylist())) == 1


NOT_SHOWN = {Hazard.SENSOR_FAULT, Hazard.TANK_LEAK, Hazard.FOREST_FIRE, Hazard.FIRE_DANGER}
"""What the demonstration has no recording of; slow leaks and fire weather take days."""


def test_truth_names_known_areas_and_the_hazards_that_are_shown() -> None:
    events = list(truth(STORY, STORY.present_at))
    assert {event.area for event in events} <= set(INVENTORY.area_by_code)
    assert {event.hazard for event in events} == set(Hazard) - NOT_SHOWN
    assert [event.onset_at for event in events] == sorted(event.onset_at for event in events)


def test_at_the_present_each_hazard_has_something_to_warn_of() -> None:
    ahead = {event.hazard for event in truth(STORY, STORY.present_at) if event.onset_at > STORY.present_at}
    assert ahead == set(Hazard) - {*NOT_SHOWN, Hazard.GAS_LEAK}  # a release cannot be foreseen, only seen


def test_truth_moves_with_the_present() -> None:
    now = datetime(2030, 1, 1, tzinfo=UTC)
    there, here = (next(iter(truth(STORY, present))) for present in (now, STORY.present_at))
    assert there.onset_at - here.onset_at == now - STORY.present_at


def test_the_past_is_written_to_end_now(tmp_path: Path, table: Any) -> None:
    now = datetime(2030, 1, 1, 12, 0, 0, 250_000, tzinfo=UTC)
    count = write_past(STORY, now, tmp_path / "past.parquet")
    past = pq.read_table(tmp_path / "past.parquet")
    assert past.num_rows == count == pc.sum(pc.less_equal(table["observed_at"], STORY.present_at)).as_py()
    assert now - timedelta(minutes=1) < past["observed_at"][-1].as_py() <= now
    assert past["observed_at"][0].as_py() - now == table["observed_at"][0].as_py() - STORY.present_at


def test_every_recording_says_what_it_is_and_each_source_has_its_licence() -> None:
    assert all(recording.title_en and recording.title_zh for recording in STORY.recordings)
    assert sorted(path.name for path in (DEMO / "recordings").glob("*.parquet")) == sorted(
        recording.file.name for recording in STORY.recordings
    )
    licences = {path.name for path in (DEMO / "recordings" / "licences").iterdir()}
    assert licences == {"ADED2022-MIT.txt", "NIST.txt", "Tennessee-Eastman-Illinois.txt"}


def test_samples_are_small() -> None:
    assert sum(path.stat().st_size for path in DEMO.parent.rglob("*") if path.is_file()) < 1_000_000


def test_story_without_recordings_is_refused() -> None:
    with pytest.raises(ValueError, match="recordings"):
        Story.model_validate({"present_at": STORY.present_at, "recordings": []})
