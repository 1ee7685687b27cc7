"""Telegraf's JSON: `{"name": "gas_ppm", "tags": {"sensor": "g1"}, "fields": {"value": 1.2}, "timestamp": 1777622400}`.

One metric, or `{"metrics": [...]}` as Telegraf's outputs write batches. A metric says what a line of line protocol says
(see `line_protocol`). Format: https://docs.influxdata.com/telegraf/v1/data_formats/output/json/
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from device_adapters.codecs.base import Decoded, RejectReason
from device_adapters.codecs.claims import Claims
from device_adapters.codecs.judgement import judge
from device_adapters.codecs.line_protocol import LineOptions, LineProtocol
from device_adapters.codecs.measurements import Measurements
from device_adapters.codecs.times import EpochUnit, TimeOptions


class TelegrafOptions(LineOptions):
    """How metrics are to be read; `times` counts seconds unless Telegraf's `json_timestamp_units` says otherwise."""

    times: TimeOptions = TimeOptions(epoch_unit=EpochUnit.SECONDS, absent="received")


class _Metric(msgspec.Struct, gc=False):
    name: Annotated[str, msgspec.Meta(min_length=1)]
    fields: dict[str, float | str | bool | None]
    tags: dict[str, str] = {}
    timestamp: int | float | None = None


class _Metrics(msgspec.Struct):
    metrics: list[msgspec.Raw]


_METRIC: Final = msgspec.json.Decoder(_Metric).decode
_METRICS: Final = msgspec.json.Decoder(_Metrics).decode


class TelegrafJson:
    """The codec. A reject's position is the number of its metric, from 0."""

    def __init__(self, options: TelegrafOptions, measurements: Measurements) -> None:
        self.options = options
        self._measurements = measurements
        self._points = LineProtocol(options, measurements)

    def decode(self, payload: bytes, received_at_ns: int) -> Decoded:
        """Readings and rejects of one message."""
        claims = Claims()
        self.read(claims, payload)
        return self.judge(claims, received_at_ns)

    def judge(self, claims: Claims, received_at_ns: int) -> Decoded:
        """What `read` gathered, judged against the inventory."""
        return judge(claims, self._measurements, self.options.times, received_at_ns)

    def read(self, claims: Claims, payload: bytes) -> None:
        """Add what the message claims."""
        try:
            self._read_metric(claims, 0, payload, _METRIC(payload))
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            self._read_many(claims, payload, error)

    def _read_many(self, claims: Claims, payload: bytes, no_metric: Exception) -> None:
        try:
            metrics = _METRICS(payload).metrics
        except (msgspec.MsgspecError, ValueError, RecursionError):
            _refuse(claims, None, payload, no_metric)
            return
        for position, raw in enumerate(metrics):
            try:
                self._read_metric(claims, position, bytes(raw), _METRIC(raw))
            except (msgspec.MsgspecError, ValueError, RecursionError) as error:
                _refuse(claims, position, bytes(raw), error)

    def _read_metric(self, claims: Claims, position: int, text: bytes, metric: _Metric) -> None:
        self._points.read_point(claims, position, text, metric.name, metric.tags, metric.fields, metric.timestamp)


def _refuse(claims: Claims, position: int | None, text: bytes, error: Exception) -> None:
    detail = f"not a metric of Telegraf: {error!s:.200}; send name, tags, fields and timestamp"
    claims.refuse(position, RejectReason.MALFORMED, detail, text)
