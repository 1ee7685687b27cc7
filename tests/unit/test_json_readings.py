from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from device_adapters.codecs.base import EXCERPT_MAX, Decoded, RejectReason
from device_adapters.codecs.claims import Claims
from device_adapters.codecs.json_readings import JsonOptions, JsonReadings
from device_adapters.codecs.measurements import Measurements
from pipeline.model.instant import NS_PER_S
from pipeline.model.quality import DeviceStatus, Quality
from tests.adapter_rig import AT, FIELD, NOW_NS

TABLE = Measurements.of(FIELD)
H2S = {"sensor": "north-h2s", "value": 1.5, "at": AT}


def decode(message: object, *, topic: str = "", table: Measurements = TABLE, **options: Any) -> Decoded:
    payload = message if isinstance(message, bytes) else json.dumps(message).encode()
    return JsonReadings(JsonOptions.model_validate(options), table).decode(payload, NOW_NS, topic)


def told(decoded: Decoded) -> list[tuple[str, float]]:
    rows = decoded.batch.readings() if decoded.batch else ()
    return [(row.series.sensor, round(row.value, 6)) for row in rows]


FORMS: dict[str, object] = {
    "envelope": {"readings": [H2S]},
    "bare list": [H2S],
    "one alone": H2S,
    "keys that are none of ours": {"gateway": 7, "readings": [H2S | {"battery": 3.3}]},
    "unit stated": H2S | {"unit": "ppm"},
    "another unit stated": H2S | {"value": 1500, "unit": "ppb"},
    "quantity stated": H2S | {"quantity": "gas_ppm"},
    "status stated": H2S | {"status": "Normal"},
    "number in text": H2S | {"value": "1.5"},
    "nulls for what is not stated": H2S | {"unit": None, "quantity": None, "status": None},
}


@pytest.mark.parametrize("message", FORMS.values(), ids=FORMS)
def test_forms(message: object) -> None:
    decoded = decode(message)
    assert told(decoded) == [("north-h2s", 1.5)]
    assert not decoded.rejects


REJECTS: dict[str, tuple[object, RejectReason, str]] = {
    "unknown sensor": (H2S | {"sensor": "x"}, RejectReason.UNKNOWN_SENSOR, "'x' is not in the inventory; add it"),
    "no sensor": ({"value": 1}, RejectReason.MALFORMED, "nothing where the sensor's id is expected"),
    "sensor a list": (H2S | {"sensor": [1]}, RejectReason.MALFORMED, "[1] where the sensor's id"),
    "sensor empty": (H2S | {"sensor": ""}, RejectReason.MALFORMED, "'' where the sensor's id"),
    "no value": ({"sensor": "north-h2s"}, RejectReason.BAD_VALUE, "no value; send a finite number"),
    "value null": (H2S | {"value": None}, RejectReason.BAD_VALUE, "value None; send a finite number"),
    "value the text null": (H2S | {"value": "null"}, RejectReason.BAD_VALUE, "value 'null'"),
    "value NaN": (H2S | {"value": float("nan")}, RejectReason.BAD_VALUE, "value nan"),
    "value Infinity": (H2S | {"value": float("inf")}, RejectReason.BAD_VALUE, "value inf"),
    "value true": (H2S | {"value": True}, RejectReason.BAD_VALUE, "value True"),
    "value beyond a double": (H2S | {"value": 10**400}, RejectReason.BAD_VALUE, "send a finite number"),
    "value an object": (H2S | {"value": {}}, RejectReason.BAD_VALUE, "value {}"),
    "value with underscores": (H2S | {"value": "1_0"}, RejectReason.BAD_VALUE, "value '1_0'"),
    "unit unknown": (H2S | {"unit": "mm"}, RejectReason.BAD_UNIT, "unit 'mm' cannot be brought to gas_ppm [ppm]"),
    "unit a number": (H2S | {"unit": 3}, RejectReason.MALFORMED, "unit 3 is no text"),
    "other quantity": (H2S | {"quantity": "rain"}, RejectReason.UNKNOWN_QUANTITY, "measures gas_ppm, not 'rain'"),
    "status unknown": (H2S | {"status": "sleepy"}, RejectReason.BAD_STATUS, "status 'sleepy' is none of normal, "),
    "no time": ({"sensor": "north-h2s", "value": 1}, RejectReason.BAD_TIME, "time None cannot be read; send RFC 3339"),
    "time unreadable": (H2S | {"at": "noon"}, RejectReason.BAD_TIME, "time 'noon' cannot be read"),
    "time before 2000": (
        H2S | {"at": "1999-12-31T23:59:59Z"},
        RejectReason.BAD_TIME,
        "not between 2000-01-01T00:00:00Z",
    ),
    "time over a day ahead": (H2S | {"at": "2026-05-02T08:00:01Z"}, RejectReason.BAD_TIME, "and 2026-05-02T08:00:00Z"),
    "time beyond int64": (H2S | {"at": 10**30}, RejectReason.BAD_TIME, "cannot be read"),
    "item no object": ([3], RejectReason.MALFORMED, "not a JSON object; send one a reading"),
}


@pytest.mark.parametrize(("message", "reason", "words"), REJECTS.values(), ids=REJECTS)
def test_rejects(message: object, reason: RejectReason, words: str) -> None:
    decoded = decode(message)
    assert decoded.batch is None
    assert [(one.position, one.reason) for one in decoded.rejects] == [(0, reason)]
    assert words in decoded.rejects[0].detail


def test_edges_of_time_are_taken() -> None:
    assert decode([H2S | {"at": "2000-01-01T00:00:00Z"}, H2S | {"at": "2026-05-02T08:00:00Z"}]).rejects == []


WHOLE = {
    "no JSON": b"hello",
    "nothing": b"",
    "cut off": b'{"readings":[{"sensor":"north-h2s","value":1.5',
    "no UTF-8": b'{"sensor":"\xff"}',
    "too deep": b"[" * 100_000,
    "too many digits": b'{"sensor":"north-h2s","value":' + b"1" * 5000 + b"}",
    "a number": b"3",
    "readings no list": b'{"readings":3}',
}


@pytest.mark.parametrize("payload", WHOLE.values(), ids=WHOLE)
def test_a_message_that_is_none_is_one_reject(payload: bytes) -> None:
    decoded = decode(payload)
    assert decoded.batch is None
    assert [(one.position, one.reason) for one in decoded.rejects] == [(None, RejectReason.MALFORMED)]
    assert len(decoded.rejects[0].excerpt) <= EXCERPT_MAX


def test_bad_ones_cost_only_themselves_and_are_named_by_position() -> None:
    bad = [H2S | {"value": float("nan")}, H2S | {"sensor": "x"}, H2S | {"at": 0}]
    decoded = decode({"readings": [H2S, bad[0], H2S | {"value": 2}, bad[1], bad[2], H2S | {"value": 3}]})
    assert told(decoded) == [("north-h2s", 1.5), ("north-h2s", 2.0), ("north-h2s", 3.0)]
    assert sorted((one.position, one.reason.value) for one in decoded.rejects) == [
        (1, "bad_value"),
        (3, "unknown_sensor"),
        (4, "bad_time"),
    ]


def test_a_reject_shows_what_was_sent_and_not_more_than_its_bound() -> None:
    decoded = decode([H2S | {"sensor": "x" * 2000}])
    assert decoded.rejects[0].excerpt.startswith(b'{"sensor": "xxx')
    assert len(decoded.rejects[0].excerpt) == EXCERPT_MAX


def test_a_device_that_does_not_measure_may_leave_the_value_out() -> None:
    batch = decode(H2S | {"value": None, "status": "calibration"}).batch
    assert batch
    (reading,) = batch.readings()
    assert (reading.quality, reading.status) == (Quality.MISSING, DeviceStatus.CALIBRATION)


def test_a_device_may_only_speak_for_its_own_sensors() -> None:
    decoded = decode([H2S, {"sensor": "south-tank", "value": 2, "at": AT}], table=TABLE.only(["north-*"]))
    assert told(decoded) == [("north-h2s", 1.5)]
    assert decoded.rejects[0].reason is RejectReason.NOT_ALLOWED


def test_a_batch_lists_only_the_series_it_holds_and_when_it_came() -> None:
    batch = decode([H2S, {"sensor": "south-tank", "value": 2, "at": AT}, H2S]).batch
    assert batch
    assert [series.sensor for series in batch.series] == ["north-h2s", "south-tank"]
    assert batch.index.tolist() == [0, 1, 0]
    assert batch.received_at_ns == NOW_NS


def test_own_words_for_the_status() -> None:
    codes = {"Inhibited": "maintenance", "7": "fault"}
    batch = decode([H2S | {"status": "inhibited"}, H2S | {"status": 7}], status_codes=codes).batch
    assert batch
    assert batch.status.tolist() == [DeviceStatus.MAINTENANCE, DeviceStatus.FAULT]


def test_times_as_configured() -> None:
    local = {"sensor": "north-h2s", "value": 1, "at": "2026-05-01T16:00:00"}
    seconds = {"sensor": "north-h2s", "value": 2, "at": NOW_NS // NS_PER_S}
    none = {"sensor": "north-h2s", "value": 3}
    times = {"zone": "Asia/Shanghai", "epoch_unit": "s", "absent": "received"}
    batch = decode([local, seconds, none], times=times).batch
    assert batch
    assert batch.observed_at_ns.tolist() == [NOW_NS] * 3


PLACES: dict[str, tuple[dict[str, Any], object, str]] = {
    "one by its keys": ({"sensor": "id", "value": "v", "at": "t"}, {"id": "north-h2s", "v": 1.5, "t": AT}, ""),
    "spread over a list": (
        {"sensor": "items[*].id", "value": "items[*].data.v", "at": "t"},
        {"t": AT, "items": [{"id": "north-h2s", "data": {"v": 1.5}}]},
        "",
    ),
    "a list at the top": (
        {"sensor": "$[*].id", "value": "$[*].v", "at": "[*].t"},
        [{"id": "north-h2s", "v": 1.5, "t": AT}],
        "",
    ),
    "an element of a list": (
        {"sensor": "id", "value": "ch[1]", "at": "t"},
        {"id": "north-h2s", "ch": [9, 1.5], "t": AT},
        "",
    ),
    "sensor from the topic": ({"sensor": "{topic[1]}", "value": "v", "at": "t"}, {"v": 1.5, "t": AT}, "up/north-h2s"),
    "sensor from topic, text and path": (
        {"sensor": "{topic[0]}-h{n}{rest}", "value": "v", "at": "t"},
        {"v": 1.5, "t": AT, "n": 2, "rest": "s"},
        "north/x",
    ),
    "unit, quantity and status": (
        {"sensor": "id", "value": "v", "at": "t", "unit": "u", "quantity": "q", "status": "s"},
        {"id": "north-h2s", "v": 1500, "t": AT, "u": "ppb", "q": "gas_ppm", "s": "normal"},
        "",
    ),
}


@pytest.mark.parametrize(("places", "message", "topic"), PLACES.values(), ids=PLACES)
def test_places(places: dict[str, Any], message: object, topic: str) -> None:
    decoded = decode(message, topic=topic, places=[places])
    assert told(decoded) == [("north-h2s", 1.5)]
    assert not decoded.rejects


def test_a_plain_number_is_a_message_too() -> None:
    places = [{"sensor": "{topic[0]}", "value": "$"}]
    assert told(decode(b"1.5", topic="north-h2s", places=places, times={"absent": "received"})) == [("north-h2s", 1.5)]


def test_several_kinds_of_reading_in_one_message() -> None:
    places = [
        {"sensor": "north-{a}", "value": "h2s", "at": "t", "absent": "skip"},
        {"sensor": "{b}", "value": "tank", "at": "t", "absent": "skip"},
        {"sensor": "{b}", "value": "list[*]", "at": "t", "absent": "skip"},
    ]
    message = {"a": "h2s", "b": "south-tank", "h2s": 1.5, "t": AT}
    decoded = decode(message, places=places)
    assert told(decoded) == [("north-h2s", 1.5)]
    assert not decoded.rejects


def test_what_is_not_where_it_should_be_is_a_reject_unless_it_may_be_absent() -> None:
    places = [{"sensor": "{topic[9]}", "value": "v"}, {"sensor": "id", "value": "w"}, {"sensor": "id", "value": "l[*]"}]
    decoded = decode({"id": "north-h2s", "v": 1}, places=places)
    assert [(one.position, one.reason.value) for one in decoded.rejects] == [
        (0, "malformed"),
        (1, "bad_value"),
        (2, "malformed"),
    ]
    assert "no list where l[*] says that one stands" in decoded.rejects[2].detail


BAD_OPTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "unknown key": ({"pathes": []}, "Extra inputs are not permitted"),
    "no path": ({"places": [{"sensor": "a..b", "value": "v"}]}, "'a..b' is no path; write one like data.items"),
    "open bracket": ({"places": [{"sensor": "a[", "value": "v"}]}, "is no path"),
    "open brace": ({"places": [{"sensor": "a{", "value": "v"}]}, "is no template"),
    "empty path": ({"places": [{"sensor": "a", "value": ""}]}, "is no path"),
    "two lists": ({"places": [{"sensor": "a", "value": "x[*].y[*]"}]}, r"more than one \[\*\]"),
    "another list": ({"places": [{"sensor": "a[*].b", "value": "c[*].d"}]}, "spread over another list than value"),
    "status that is none": ({"status_codes": {"x": "asleep"}}, "Input should be"),
    "zone that is none": ({"times": {"zone": "Nowhere"}}, "is no time zone"),
}


@pytest.mark.parametrize(("options", "words"), BAD_OPTIONS.values(), ids=BAD_OPTIONS)
def test_options_that_cannot_work_are_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        JsonOptions.model_validate(options)


def test_many_messages_at_once_claim_what_they_claim_one_by_one() -> None:
    codec = JsonReadings(JsonOptions(), Measurements.of(FIELD))
    good = [f'{{"sensor": "north-h2s", "value": {n}, "at": "{AT}"}}'.encode() for n in range(3)]
    odd = [b'{"sensor": "", "value": 1}', b'{"sensor": "north-co", "value": 1, "status": "no word"}', b"rubbish", b""]
    several = b'{"readings": [' + good[0] + b"," + good[1] + b"]}"
    indented = good[0].replace(b", ", b",\n")
    two_and_none = [good[0] + b"\n" + good[1], b"", good[2]]
    parted = [b"},{", *good, b"{"]
    for payloads in ([], good, [*good, *odd, several, *good], [odd[0], *good], parted, [indented, *good], two_and_none):
        together, one_by_one = Claims(), Claims()
        codec.read_each(together, [(payload, "") for payload in payloads])
        for payload in payloads:
            codec.read(one_by_one, payload)
        both = [codec.judge(claims, NOW_NS) for claims in (together, one_by_one)]
        assert both[0].batch == both[1].batch
        assert [(one.reason, one.position) for one in both[0].rejects] == [
            (one.reason, one.position) for one in both[1].rejects
        ]
