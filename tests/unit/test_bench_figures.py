"""What the figures measure is what they say: one core, a stream that begins alike, alarms at fresh villages."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline.model.area import AreaLevel
from pipeline.model.hazard import SensorKind
from tests.bench import hung_receiver
from tests.bench.field import ALARM_EVERY, ALARM_LEL, READINGS_PER_POST, Sensors, villages
from tests.bench.figures_memory import _resident_bytes
from tests.bench.figures_replay import replayed_per_s
from tests.bench.pinned import measured
from tests.bench.workload import START_NS, Stream, inventory

POSTS_PER_ROUND = 10_000 // READINGS_PER_POST


@pytest.mark.system
def test_a_measurement_has_one_core_one_thread_a_library_and_its_environment() -> None:
    before = os.sched_getaffinity(0)
    assert measured("tests.bench.machine", "machine")["cores"] == 1
    assert measured("os", "getenv", "OMP_NUM_THREADS") == "1"
    assert measured("os", "getenv", "GIVEN", GIVEN="yes") == "yes"
    assert os.sched_getaffinity(0) == before


@pytest.mark.system
def test_a_replay_takes_every_reading_of_its_file(tmp_path: Path) -> None:
    path = tmp_path / "stream.parquet"
    Stream(inventory()).write_parquet(path, 20_000)
    assert pq.read_metadata(path).num_rows == 20_000
    assert replayed_per_s(str(path), "1") > 0


@pytest.mark.system
def test_memory_is_looked_at_after_each_mark() -> None:
    first, second = _resident_bytes(50, [100, 1_000])
    assert 1_000_000 < first < second * 2


def test_every_site_of_the_field_has_a_village_of_its_own() -> None:
    field = villages()
    assert len(field.sensors) == 10_000
    assert len({site.area for site in field.sites}) == len(field.sites) == 1_000
    assert {field.area_by_code[site.area].level for site in field.sites} == {AreaLevel.VILLAGE}


def test_posts_go_round_all_sensors() -> None:
    sensors = Sensors(villages())
    posts = [json.loads(sensors.post(number, START_NS, alarm=False))["readings"] for number in range(POSTS_PER_ROUND)]
    names = [one["sensor"] for post in posts for one in post]
    assert sorted(names) == [sensor.id for sensor in villages().sensors]
    assert {one["at"] for post in posts for one in post} == {"2026-06-01T00:00:00Z"}
    assert not sensors.leaking_ns


def test_each_alarm_is_a_gas_sensor_of_a_fresh_village_that_goes_on_leaking() -> None:
    field, sensors = villages(), Sensors(villages())
    for alarm in range(250):
        sensors.post(alarm * ALARM_EVERY, START_NS + alarm, alarm=True)
    assert sorted(sensors.leaking_ns.values()) == [START_NS + alarm for alarm in range(250)]
    posts = [json.loads(sensors.post(number, START_NS, alarm=False))["readings"] for number in range(POSTS_PER_ROUND)]
    leaking = [one["sensor"] for post in posts for one in post if one["value"] == ALARM_LEL]
    assert {field.area_of(name).code for name in leaking} == sensors.leaking_ns.keys()
    assert {field.sensor_by_id[name].kind for name in leaking} == {SensorKind.GAS}


@pytest.mark.system
def test_a_hung_receiver_is_measured_beside_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hung_receiver, "WARM_UP", 1)
    hung_s, none_s = hung_receiver.p99s_s(0.2)
    assert hung_s > 0
    assert none_s > 0
