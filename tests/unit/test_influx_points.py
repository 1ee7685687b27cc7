"""What is written to InfluxDB, read back by another's parser of its line protocol."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from line_protocol_parser import parse_line

from alerting.lead_time import reckon
from alerting.ledger import Onset, entry
from pipeline.config.influx import InfluxOptions
from pipeline.connectors.influx.points import Field, point
from pipeline.connectors.influx.readings import ReadingLines
from pipeline.connectors.influx.results import (
    assessment_line,
    counter_lines,
    delivery_line,
    finding_line,
    lag_line,
    lead_time_line,
    warning_line,
)
from pipeline.connectors.kafka.topics import Topic
from pipeline.connectors.kafka.wire import encode
from pipeline.model.batch import BatchError, ReadingBatch
from pipeline.model.delivery import Delivery
from pipeline.model.entry import Tick
from pipeline.model.hazard import Hazard
from pipeline.model.instant import to_ns
from pipeline.model.quality import Quality
from pipeline.model.quantity import Quantity
from pipeline.model.reading import Reading, Series
from pipeline.runners.replay import Replayed
from pipeline.runners.sink_points import COMPONENT, Points
from pipeline.telemetry import Event, Telemetry
from tests.district import BEGIN, batches, inventory
from tests.unit.cli_rig import SAMPLE

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\\"), min_size=1)
NAMES = st.from_regex(r"\A[a-z]{1,9}\Z")
VALUES = st.one_of(
    WORDS,
    st.integers(-(2**62), 2**62),
    st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False),
)
AT_NS = to_ns(BEGIN)


def parsed(line: bytes) -> dict[str, Any]:
    found: dict[str, Any] = parse_line(line.decode())
    return found


@given(NAMES, st.dictionaries(NAMES, WORDS, max_size=4), st.dictionaries(NAMES, VALUES, min_size=1, max_size=5))
def test_a_point_is_read_as_it_was_meant(measurement: str, tags: dict[str, str], fields: dict[str, Field]) -> None:
    found = parsed(point(measurement, tags, fields, AT_NS))
    assert found == {"measurement": measurement, "tags": tags, "fields": fields, "time": AT_NS}


def test_what_line_protocol_cannot_carry_is_left_out_or_put_plainly() -> None:
    fields: dict[str, Field] = {
        "a": None,
        "b": float("nan"),
        "c": float("inf"),
        "d": 'a "word"\nof C:\\ours',
        "e": True,
    }
    found = parsed(point("m", {"empty": "", "t": "two\nlines, a=b"}, fields, 5))
    assert found["tags"] == {"t": "two lines, a=b"}
    assert found["fields"]["e"] is True
    assert found["fields"]["d"].replace("\\\\", "\\") == 'a "word" of C:\\ours'
    assert found["fields"].keys() == {"d", "e"}


def test_a_reading_has_its_place_by_sensor_quantity_and_instant() -> None:
    batch = next(batches())
    lines, unknown, left_out = ReadingLines(inventory(), 0).lines(batch)
    assert (len(lines), unknown, left_out) == (len(batch), 0, 0)
    first, reading = parsed(lines[0]), next(batch.readings())
    assert first["measurement"] == "reading"
    assert first["tags"] == {
        "area": "990101001001", "kind": "gas", "quantity": "gas_lel", "sensor": "gas-1", "site": "s1"
    }  # fmt: skip
    assert first["fields"] == {"value": reading.value, "quality": reading.quality, "status": reading.status}
    assert first["time"] == reading.observed_at_ns


def test_a_missing_value_is_a_point_without_one_and_strangers_are_counted() -> None:
    known = inventory().sensors[0].series
    rows = [
        Reading(known, AT_NS, float("nan"), Quality.MISSING),
        Reading(Series("stranger", Quantity.RAIN), AT_NS, 1.0),
    ]
    lines, unknown, _ = ReadingLines(inventory(), 0).lines(ReadingBatch.of(rows))
    assert unknown == 1
    assert [parsed(line)["fields"] for line in lines] == [{"quality": 9, "status": 0}]


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 400), st.floats(0, 9, allow_subnormal=False)), min_size=1),
    st.integers(1, 5),
)
def test_a_window_keeps_its_last_reading_however_the_stream_is_cut(
    rows: list[tuple[int, int, float]], pieces: int
) -> None:
    sensors = inventory().sensors
    batch = ReadingBatch.of(Reading(sensors[n].series, AT_NS + at * 10**9, value) for n, at, value in rows)
    last = {(sensors[n].id, AT_NS + at // 60 * 60 * 10**9): value for n, at, value in rows}
    made = ReadingLines(inventory(), 60)
    found: dict[tuple[str, int], float] = {}
    left_out = 0
    for part in np.array_split(np.arange(len(batch)), pieces):
        chosen = np.isin(np.arange(len(batch)), part)
        lines, _, out = made.lines(batch.take(chosen))
        left_out += out
        found |= {(one["tags"]["sensor"], one["time"]): one["fields"]["value"] for one in map(parsed, lines)}
        assert len(lines) + out == chosen.sum()
    assert found == last
    assert left_out <= len(rows) - len(last)


@pytest.fixture(scope="module")
def played() -> Replayed:
    from pipeline.testing.played import play  # noqa: PLC0415  # what it loads is much

    return play([SAMPLE / "readings.csv"], SAMPLE / "forewarn.toml", None)._shown.replayed


def test_every_statement_has_a_place_of_its_own(played: Replayed) -> None:
    """Also those of one instant that differ in nothing but their number, or their id."""
    first = played.findings[0], played.assessments[0], played.warnings[0]
    made = [
        *map(finding_line, [*played.findings, first[0].model_copy(update={"revision": 1})]),
        *map(assessment_line, [*played.assessments, first[1].model_copy(update={"id": "another"})]),
        *map(warning_line, [*played.warnings, first[2].model_copy(update={"number": 2})]),
    ]
    places = {(one["measurement"], tuple(one["tags"].items()), one["time"]) for one in map(parsed, made)}
    assert len(places) == len(made) == 9


def test_statements_say_what_they_say(played: Replayed) -> None:
    finding = next(one for one in played.findings if one.subject == "gas-1")
    fields = parsed(finding_line(finding))["fields"]
    assert (fields["value"], fields["threshold"], fields["level_number"]) == (25.6, 25.0, 2)
    assert fields["since_onset_s"] == (finding.at - finding.onset_at).total_seconds()
    report = next(one for one in played.warnings if one.hazard is Hazard.TANK_OVERFILL)
    told = parsed(warning_line(report))
    assert told["tags"]["level"] == "blue"
    assert told["fields"]["headline_zh"] == report.texts[0].headline
    assert report.expected_onset_at is not None
    assert told["fields"]["expected_in_s"] == (report.expected_onset_at - report.sent_at).total_seconds()


def test_deliveries_and_lead_times_say_how_long_each_step_took(played: Replayed) -> None:
    report = played.warnings[0]
    queued = Delivery(
        id="d", warning=report.id, channel="sms", target="village", queued_at=BEGIN, next_attempt_at=BEGIN
    )
    done = queued.model_copy(update={"finished_at": BEGIN + timedelta(seconds=4), "attempts": 2})
    before, after = parsed(delivery_line(queued, report)), parsed(delivery_line(done, report))
    assert (before["tags"], before["time"]) == (after["tags"], after["time"])
    assert "took_s" not in before["fields"]
    assert (after["fields"]["took_s"], after["fields"]["attempts"]) == (4.0, 2)
    opened = entry(report, report.sent_at + timedelta(seconds=2), report.sent_at - timedelta(seconds=1))
    onset = Onset(report.hazard, report.area, report.sent_at + timedelta(hours=1))
    (account,) = reckon([opened], [onset])
    line = lead_time_line(account)
    assert line is not None
    fields = parsed(line)["fields"]
    assert (fields["lead_time_s"], fields["decide_s"], fields["issue_s"]) == (3598.0, 1.0, 2.0)
    assert (fields["basis"], fields["chain"]) == ("observed", report.chain)
    (missed,) = reckon([], [onset])
    line = lead_time_line(missed)
    assert line is not None
    assert (parsed(line)["time"], parsed(line)["fields"]["lead_time_s"]) == (to_ns(onset.at), 0.0)
    assert lead_time_line(replace(missed, onset_at=None)) is None


def test_counters_and_lags_are_told() -> None:
    telemetry = Telemetry()
    telemetry.count("core", Event.DROPPED, 3, "late")
    (line,) = counter_lines(telemetry.counts(), "run", 7)
    assert parsed(line)["tags"] == {"component": "core", "event": "dropped", "reason": "late", "process": "run"}
    assert parsed(line)["fields"] == {"total": 3}
    assert parsed(lag_line("readings", 4, 12, 7))["tags"] == {"topic": "readings", "partition": "4"}


def test_messages_become_points_and_what_is_none_is_told(played: Replayed) -> None:
    telemetry = Telemetry()
    points = Points(inventory(), InfluxOptions(), telemetry)
    batch = next(batches())
    assert len(points.of_message(Topic.READINGS, encode(batch))) == len(batch)
    assert points.of_message(Topic.READINGS, encode(Tick(BEGIN))) == []
    for topic, value in (
        (Topic.FINDINGS, played.findings[0]),
        (Topic.ASSESSMENTS, played.assessments[0]),
        (Topic.WARNINGS, played.warnings[0]),
    ):
        (line,) = points.of_message(topic, value.model_dump_json().encode())
        assert parsed(line)["measurement"] == str(topic).removesuffix("s")
        with pytest.raises(BatchError, match=f"not one of {topic}"):
            points.of_message(topic, b"{}")
    with pytest.raises(BatchError, match="topic state is not written"):
        points.of_message(Topic.STATE, b"")
    assert telemetry.total(COMPONENT, Event.RECEIVED) == telemetry.total(COMPONENT, Event.SENT) == len(batch)
