"""InfluxDB line protocol: `measurement[,tag=value...] field=value[,field=value...] [timestamp]`.

    gas_ppm,sensor=g1,unit=mg/m3 value=1.2 1777622400000000000
    weather,sensor=w1 temperature=21.5 1777622400000000000

A field named after a quantity is a value of that quantity; a field `value` is one of the quantity that the measurement
is named after. Tags `unit` and `status` may state what they say. The parser is line-protocol-parser (MIT).
Format: https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from line_protocol_parser import LineFormatError, parse_line
from pydantic import Field

from device_adapters.codecs.base import Decoded, Options, RejectReason
from device_adapters.codecs.claims import Claims
from device_adapters.codecs.json_paths import ABSENT
from device_adapters.codecs.judgement import judge
from device_adapters.codecs.loose import STATUS_BY_WORD, Loose, StatusWords, claim
from device_adapters.codecs.measurements import Measurements
from device_adapters.codecs.times import EpochUnit, TimeOptions
from pipeline.model.quantity import Quantity

VALUE_FIELD: Final = "value"


class LineOptions(Options):
    """How lines are to be read.

    Attributes:
        times: nanoseconds unless it says otherwise; a line without a timestamp was observed when it was received.
        sensor_tag: the tag with the inventory's id of the sensor.
        sensor: that id, made of the tag's value ({sensor}) and the names of {measurement} and {field}; for devices
            that measure several quantities under one tag, for example "{sensor}-{field}".
        quantities: what the device's own names of measurements and fields mean.
        status_codes: what the device's own words or numbers for its status mean, besides our words.
    """

    times: TimeOptions = TimeOptions(epoch_unit=EpochUnit.NANOSECONDS, absent="received")
    sensor_tag: str = Field(default="sensor", min_length=1)
    sensor: str = Field(default="{sensor}", pattern=r"^([^{}]|\{(sensor|measurement|field)\})+$")
    quantities: dict[str, Quantity] = Field(default_factory=dict)
    status_codes: StatusWords = Field(default_factory=dict)


class LineProtocol:
    """The codec. A reject's position is the number of its line, from 0."""

    def __init__(self, options: LineOptions, measurements: Measurements) -> None:
        self.options = options
        self._measurements = measurements
        self._words = {**STATUS_BY_WORD, **options.status_codes}
        self._quantities: dict[str, Quantity] = {
            **{quantity.value: quantity for quantity in Quantity},
            **options.quantities,
        }

    def decode(self, payload: bytes, received_at_ns: int, precision: EpochUnit | None = None) -> Decoded:
        """Readings and rejects; `precision` is what the sender says of its timestamps, and precedes the options."""
        claims = Claims()
        self.read(claims, payload)
        return self.judge(claims, received_at_ns, precision)

    def judge(self, claims: Claims, received_at_ns: int, precision: EpochUnit | None = None) -> Decoded:
        """What `read` gathered, judged against the inventory."""
        times = self.options.times
        if precision is not None:
            times = times.model_copy(update={"epoch_unit": precision})
        return judge(claims, self._measurements, times, received_at_ns)

    def read(self, claims: Claims, payload: bytes) -> None:
        """Add what the lines claim; blank lines and comments claim nothing."""
        for position, line in enumerate(payload.split(b"\n")):
            if not line.strip():
                continue
            try:
                point = parse_line(line.decode())
            except (LineFormatError, ValueError) as error:
                claims.refuse(position, RejectReason.MALFORMED, f"not a line of line protocol: {error!s:.200}", line)
                continue
            if point is not None:
                self.read_point(
                    claims, position, line, point["measurement"], point["tags"], point["fields"], point["time"]
                )

    def read_point(
        self,
        claims: Claims,
        position: int,
        line: bytes,
        measurement: str,
        tags: Mapping[str, str],
        fields: Mapping[str, object],
        at: float | None,
    ) -> None:
        """Add what a point claims, of whatever form it came in."""
        for field, value in fields.items():
            quantity = self._quantities.get(measurement if field == VALUE_FIELD else field)
            if quantity is None:
                detail = f"field {field!r:.80} of {measurement!r:.80} names no quantity; add it to `quantities`"
                claims.refuse(position, RejectReason.UNKNOWN_QUANTITY, detail, line)
                continue
            loose = Loose(
                self._sensor(tags, measurement, field),
                value,
                ABSENT if at is None else at,
                tags.get("unit"),
                quantity.value,
                tags.get("status"),
            )
            claim(claims, position, line, loose, self._words)

    def _sensor(self, tags: Mapping[str, str], measurement: str, field: str) -> object:
        sensor = tags.get(self.options.sensor_tag)
        if sensor is None:
            return ABSENT
        return self.options.sensor.format(sensor=sensor, measurement=measurement, field=field)
