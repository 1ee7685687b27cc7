"""What the writer counts, where a request is cut in halves and InfluxDB goes away in between."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.clock import SystemClock
from pipeline.config.influx import InfluxOptions
from pipeline.connectors.influx.client import Influx, Refused
from pipeline.connectors.influx.spool import Spool
from pipeline.connectors.influx.writer import COMPONENT, Writer
from pipeline.errors import BackPressureError
from pipeline.telemetry import Event, Telemetry

LINES = [b"a v=1 %d" % number for number in range(10)]


@pytest.mark.parametrize("waits_first", [False, True])
def test_only_the_half_that_is_unsent_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, waits_first: bool
) -> None:
    away = BackPressureError("away", 0.0)
    answers: list[Refused | BackPressureError | None] = [Refused(None, "cannot be read"), None, away]
    if waits_first:
        answers.insert(0, away)
    written: list[bytes] = []

    def write(_: Influx, body: bytes) -> Refused | None:
        answer = answers.pop(0) if answers else None
        if isinstance(answer, BackPressureError):
            raise answer
        if answer is None:
            written.extend(body.split(b"\n"))
        return answer

    monkeypatch.setenv("INFLUXDB_TOKEN", "unused")
    monkeypatch.setattr(Influx, "write", write)
    telemetry = Telemetry()
    writer = Writer(
        Influx(InfluxOptions(url="http://127.0.0.1:1")), Spool(tmp_path, 10**6), 10, SystemClock(), telemetry
    )
    assert writer.write(LINES) == len(LINES)
    writer.pump()
    writer.pump()
    writer.close()
    counts = telemetry.counts()
    assert counts[COMPONENT, Event.RECEIVED, ""] == counts[COMPONENT, Event.SENT, ""] == len(LINES)
    assert written == LINES
