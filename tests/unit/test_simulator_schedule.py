"""What simulated devices report, and in which bytes."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from device_adapters.simulator.options import HttpTarget, MqttTarget, SimulateOptions
from device_adapters.simulator.outbox import LONGEST_PAUSE_S, pause_s
from device_adapters.simulator.schedule import TAIL, Report, Track, reports, tracks
from device_adapters.simulator.story import load_story, truth
from device_adapters.simulator.wire import http_body, mqtt_payload, mqtt_topic
from pipeline.errors import RecordingError
from pipeline.model.instant import NS_PER_S, to_ns

AT = datetime(2026, 5, 10, 22, 9, tzinfo=UTC)


def track(sensor: str, seconds: list[int], values: list[float]) -> Track:
    return Track(sensor, "ppm", np.array(seconds, np.int64) * NS_PER_S, np.array(values))


def told(recorded: list[Track], since_s: int, count: int, interval_s: float = 10) -> list[tuple[int, str, float]]:
    intervals = dict.fromkeys((one.sensor for one in recorded), interval_s)
    return [
        (r.at_ns // NS_PER_S, r.sensor, r.value)
        for r in islice(reports(recorded, since_s * NS_PER_S, intervals), count)
    ]


def test_only_what_comes_after_the_given_instant() -> None:
    assert told([track("a", [0, 10, 20], [1, 2, 3])], 10, 1) == [(20, "a", 3)]


def test_sensors_take_turns_by_time_then_name() -> None:
    recorded = [track("b", [0, 10, 20], [1, 2, 3]), track("a", [5, 10, 20], [4, 5, 6])]
    assert told(recorded, -1, 5) == [(0, "b", 1), (5, "a", 4), (10, "a", 5), (10, "b", 2), (20, "a", 6)]


def test_after_the_end_the_last_readings_are_walked_back_and_forth() -> None:
    assert told([track("a", [0, 10, 20], [1, 2, 3])], 20, 6) == [
        (30, "a", 2),
        (40, "a", 1),
        (50, "a", 2),
        (60, "a", 3),
        (70, "a", 2),
        (80, "a", 1),
    ]


def test_only_the_last_regime_goes_on() -> None:
    quiet = [0.1 * (k % 3) for k in range(TAIL)]
    values = [9.0] * 100 + quiet
    going_on = told([track("a", list(range(0, 10 * len(values), 10)), values)], 10_000, 500)
    assert {value for _, _, value in going_on} == set(quiet)


def test_a_single_reading_goes_on_as_it_is() -> None:
    assert told([track("a", [0], [7])], 0, 2) == [(10, "a", 7), (20, "a", 7)]


def test_a_start_long_after_the_end_falls_into_the_same_step() -> None:
    recorded = [track("a", [0, 10, 20], [1, 2, 3])]
    assert told(recorded, 55, 2) == told(recorded, 20, 6)[3:5]


def test_a_sensor_that_fell_silent_stays_silent() -> None:
    recorded = [track("a", [0, 10], [1, 2]), track("b", list(range(0, 60, 10)), [1, 2, 3, 4, 5, 6])]
    assert {sensor for _, sensor, _ in told(recorded, 30, 20)} == {"b"}


def test_order_is_kept_for_ever() -> None:
    recorded = [track("a", [0, 10], [1, 2]), track("b", [3, 13], [1, 2])]
    assert all(one < two for one, two in pairwise(told(recorded, -1, 300)))


def test_tracks_are_moved_and_ordered(tmp_path: Path) -> None:
    path = write(tmp_path / "r.parquet", [(0, "b", 1.0), (0, "a", 2.0), (10, "a", 3.0)])
    first, second = tracks(load_story(path).table(), NS_PER_S)
    assert (first.sensor, first.at_ns.tolist(), first.value.tolist()) == (
        "a",
        [to_ns(AT) + NS_PER_S, to_ns(AT) + 11 * NS_PER_S],
        [2.0, 3.0],
    )
    assert (second.sensor, second.unit) == ("b", "ppm")


def write(path: Path, rows: list[tuple[int, str, float]]) -> Path:
    columns = {
        "observed_at": pa.array([AT + timedelta(seconds=second) for second, _, _ in rows], pa.timestamp("us", "UTC")),
        "sensor": [sensor for _, sensor, _ in rows],
        "value": [value for _, _, value in rows],
        "unit": ["ppm"] * len(rows),
    }
    pq.write_table(pa.table(columns), path)
    return path


def test_one_file_is_a_story_that_begins_now(tmp_path: Path) -> None:
    story = load_story(write(tmp_path / "r.parquet", [(5, "a", 1.0)]))
    assert story.present_at == AT + timedelta(seconds=5)
    assert list(truth(story, AT)) == []


BROKEN: dict[str, tuple[Callable[[Path], Path], str]] = {
    "no folder": (lambda folder: folder / "missing", "no story"),
    "no TOML": (lambda folder: _demo(folder, "present_at ="), "no story"),
    "no time zone": (lambda folder: _demo(folder, "present_at = 2026-01-01T00:00:00\nrecordings=[{file='x'}]"), "zone"),
    "unknown key": (lambda folder: _demo(folder, "colour = 1"), "colour"),
    "no Parquet": (lambda folder: _text(folder / "r.parquet", "x"), "no recording"),
    "empty": (lambda folder: write(folder / "r.parquet", []), "holds no reading"),
    "other columns": (lambda folder: _other(folder / "r.parquet"), "observed_at, sensor, value, unit"),
}


def _text(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def _demo(folder: Path, text: str) -> Path:
    return _text(folder / "demo.toml", text).parent


def _other(path: Path) -> Path:
    pq.write_table(pa.table({"time": [1]}), path)
    return path


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_story_says_where_and_why(name: str, tmp_path: Path) -> None:
    make, words = BROKEN[name]
    with pytest.raises(RecordingError, match=words) as caught:
        load_story(make(tmp_path))
    assert str(tmp_path) in str(caught.value)


@pytest.mark.parametrize(
    "text", ["hazard\nfire\n", "hazard,area,onset_at,what,source\nflood,1,2026-01-01T00:00:00Z,,\n"]
)
def test_what_is_no_truth_file_says_so(text: str, tmp_path: Path) -> None:
    (tmp_path / "truth.csv").write_text(text)
    toml = "present_at = 2026-01-01T00:00:00Z\ntruth = 'truth.csv'\nrecordings = [{file='r.parquet'}]"
    with pytest.raises(RecordingError, match=r"truth\.csv: no truth file"):
        list(truth(load_story(_demo(tmp_path, toml)), AT))


REPORT = Report(to_ns(AT), "g1", 1.25, "ppm")


def test_http_body_is_literally() -> None:
    assert http_body([REPORT]) == (
        b'{"readings":[{"sensor":"g1","value":1.25,"unit":"ppm","at":"2026-05-10T22:09:00Z","status":"normal"}]}'
    )


def test_mqtt_message_is_literally() -> None:
    assert mqtt_topic("forewarn/{site}/{sensor}", "s-1", "g1") == "forewarn/s-1/g1"
    assert json.loads(mqtt_payload(REPORT)) == {
        "value": 1.25,
        "unit": "ppm",
        "at": "2026-05-10T22:09:00Z",
        "status": "normal",
    }


def test_pauses_double_up_to_the_longest() -> None:
    assert [pause_s(tries) for tries in (0, 1, 2, 3)] == [0.2, 0.4, 0.8, 1.6]
    assert pause_s(6) == pause_s(10_000) == LONGEST_PAUSE_S


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "nobody": ({}, "nobody to push to"),
    "no speed": ({"http": HttpTarget(), "speed": 0}, "speed"),
    "endless speed": ({"http": HttpTarget(), "speed": float("inf")}, "speed"),
    "backwards": ({"mqtt": MqttTarget(), "for_s": -1}, "for_s"),
    "local time": ({"http": HttpTarget(), "present_at": datetime(2026, 1, 1)}, "time zone"),  # noqa: DTZ001  # the case
    "no URL": ({"http": {"url": "localhost:8080"}}, "url"),
    "no port": ({"mqtt": {"port": 70_000}}, "port"),
}


@pytest.mark.parametrize("name", WRONG)
def test_options_that_cannot_work_are_refused(name: str) -> None:
    options, words = WRONG[name]
    with pytest.raises(ValidationError, match=words):
        SimulateOptions.model_validate({"story": "demo", **options})


def test_secrets_are_not_shown() -> None:
    options = SimulateOptions(
        story=Path("demo"),
        http=HttpTarget.model_validate({"token": "t0psecret"}),
        mqtt=MqttTarget.model_validate({"password": "t0psecret"}),
    )
    assert "t0psecret" not in f"{options!r} {options.model_dump_json()}"
