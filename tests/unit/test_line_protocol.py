from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from device_adapters.codecs.base import Decoded, RejectReason
from device_adapters.codecs.line_protocol import LineOptions, LineProtocol
from device_adapters.codecs.measurements import Measurements
from device_adapters.codecs.times import EpochUnit
from pipeline.model.inventory import Inventory
from pipeline.model.quality import DeviceStatus
from tests.adapter_rig import FIELD, NOW_NS, sensor

TABLE = Measurements.of(FIELD)


def decode(text: str | bytes, precision: EpochUnit | None = None, **options: Any) -> Decoded:
    payload = text.encode() if isinstance(text, str) else text
    return LineProtocol(LineOptions.model_validate(options), TABLE).decode(payload, NOW_NS, precision)


LINES = {
    "measurement names the quantity": "gas_ppm,sensor=north-h2s value=1.5",
    "field names the quantity": "weather,sensor=north-h2s gas_ppm=1.5",
    "integer": "gas_ppm,sensor=north-h2s value=15i",
    "unsigned": "gas_ppm,sensor=north-h2s value=15u",
    "exponent": "gas_ppm,sensor=north-h2s value=1.5e0",
    "negative": "gas_ppm,sensor=north-h2s value=-1.5",
    "other tags": r"gas_ppm,host=a\ b\,c\=d,sensor=north-h2s value=1.5",
    "unit stated": "gas_ppm,sensor=north-h2s,unit=ppb value=1500",
    "status stated": "gas_ppm,sensor=north-h2s,status=normal value=1.5",
    "carriage return": "gas_ppm,sensor=north-h2s value=1.5\r",
    "comment and blank lines around it": "# hello\n\ngas_ppm,sensor=north-h2s value=1.5\n\n",
}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_lines(line: str) -> None:
    decoded = decode(line)
    assert not decoded.rejects
    assert decoded.batch
    assert abs(decoded.batch.value.tolist()[0]) in (1.5, 15)
    assert decoded.batch.observed_at_ns.tolist() == [NOW_NS]


REJECTS = {
    "no field": ("gas_ppm,sensor=north-h2s", RejectReason.MALFORMED, "not a line of line protocol"),
    "NaN": ("gas_ppm,sensor=north-h2s value=NaN", RejectReason.MALFORMED, "field value"),
    "infinite": ("gas_ppm,sensor=north-h2s value=inf", RejectReason.MALFORMED, "field value"),
    "tag twice": ("gas_ppm,sensor=a,sensor=b value=1", RejectReason.MALFORMED, "tag"),
    "tag empty": ("gas_ppm,sensor= value=1", RejectReason.MALFORMED, "tag"),
    "time beyond int64": ("gas_ppm,sensor=north-h2s value=1 99999999999999999999", RejectReason.MALFORMED, "timestamp"),
    "no UTF-8": (b"gas_ppm,sensor=\xff value=1", RejectReason.MALFORMED, "decode byte 0xff"),
    "zero byte": ("gas_ppm,sensor=a\0 value=1", RejectReason.MALFORMED, "NUL"),
    "text": ('gas_ppm,sensor=north-h2s value="high"', RejectReason.BAD_VALUE, "value 'high'"),
    "boolean": ("gas_ppm,sensor=north-h2s value=t", RejectReason.BAD_VALUE, "value True"),
    "no sensor tag": ("gas_ppm value=1", RejectReason.MALFORMED, "nothing where the sensor's id"),
    "unknown sensor": ("gas_ppm,sensor=x value=1", RejectReason.UNKNOWN_SENSOR, "'x' is not in the inventory"),
    "unknown names": ("cpu,sensor=north-h2s load=1", RejectReason.UNKNOWN_QUANTITY, "field 'load' of 'cpu' names no"),
    "other quantity": ("rain,sensor=north-h2s value=1", RejectReason.UNKNOWN_QUANTITY, "measures gas_ppm, not 'rain'"),
    "unknown unit": ("gas_ppm,sensor=north-h2s,unit=mm value=1", RejectReason.BAD_UNIT, "unit 'mm'"),
    "unknown status": ("gas_ppm,sensor=north-h2s,status=odd value=1", RejectReason.BAD_STATUS, "status 'odd'"),
    "before 2000": ("gas_ppm,sensor=north-h2s value=1 1", RejectReason.BAD_TIME, "not between 2000"),
}


@pytest.mark.parametrize(("line", "reason", "words"), REJECTS.values(), ids=REJECTS)
def test_rejects(line: str | bytes, reason: RejectReason, words: str) -> None:
    decoded = decode(line)
    assert decoded.batch is None
    assert [(one.position, one.reason) for one in decoded.rejects] == [(0, reason)]
    assert words in decoded.rejects[0].detail


def test_bad_lines_and_fields_cost_only_themselves() -> None:
    text = "x\ngas_ppm,sensor=north-h2s value=1,load=2\n#\ngas_ppm,sensor=zzz value=1\nrain,sensor=north-rain value=3"
    decoded = decode(text)
    assert decoded.batch
    assert [series.sensor for series in decoded.batch.series] == ["north-h2s", "north-rain"]
    assert sorted((one.position, one.reason.value) for one in decoded.rejects) == [
        (0, "malformed"),
        (1, "unknown_quantity"),
        (3, "unknown_sensor"),
    ]


@pytest.mark.parametrize(("precision", "divisor"), [("ns", 1), ("us", 10**3), ("ms", 10**6), ("s", 10**9)])
def test_precision(precision: str, divisor: int) -> None:
    line = f"gas_ppm,sensor=north-h2s value=1 {NOW_NS // divisor}"
    asked = decode(line, EpochUnit(precision)).batch
    configured = decode(line, times={"epoch_unit": precision}).batch
    assert asked
    assert configured
    assert asked.observed_at_ns.tolist() == configured.observed_at_ns.tolist() == [NOW_NS]


def test_a_line_without_a_timestamp_may_be_refused() -> None:
    (reject,) = decode("gas_ppm,sensor=north-h2s value=1", times={"epoch_unit": "ns"}).rejects
    assert reject.reason is RejectReason.BAD_TIME


def test_own_names() -> None:
    decoded = decode(
        "mine,id=north-h2s,status=zz ch4=1.5",
        sensor_tag="id",
        quantities={"ch4": "gas_ppm"},
        status_codes={"ZZ": "warm_up"},
    )
    assert decoded.batch
    assert decoded.batch.status.tolist() == [DeviceStatus.WARM_UP]


def test_several_sensors_under_one_tag() -> None:
    field = Inventory(
        FIELD.areas,
        FIELD.sites,
        (sensor("w1-temperature", "fire", "temperature", 90), sensor("w1-humidity", "fire", "humidity", 100)),
    )
    codec = LineProtocol(LineOptions(sensor="{sensor}-{field}"), Measurements.of(field))
    batch = codec.decode(b"weather,sensor=w1 temperature=21,humidity=60", NOW_NS).batch
    assert batch
    assert {str(row.series): row.value for row in batch.readings()} == {
        "w1-humidity/humidity": 60,
        "w1-temperature/temperature": 21,
    }


@pytest.mark.parametrize("pattern", ["{tag}", "{sensor", "{sensor.__class__}", ""])
def test_a_pattern_that_names_something_else_is_refused(pattern: str) -> None:
    with pytest.raises(ValidationError, match="sensor"):
        LineOptions(sensor=pattern)
