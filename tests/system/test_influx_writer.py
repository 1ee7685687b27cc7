"""The writer on a real InfluxDB: what it refuses, what it does not take now; nothing is forgotten in between."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from unittest.mock import patch

import pytest

from pipeline.clock import ManualClock
from pipeline.config.influx import InfluxOptions
from pipeline.connectors.influx.client import Influx
from pipeline.connectors.influx.spool import Spool
from pipeline.connectors.influx.writer import COMPONENT, Writer
from pipeline.errors import BackPressureError, InfluxError
from pipeline.telemetry import Event, Telemetry
from tests.district import BEGIN
from tests.influx_server import Bucket, Influxd, InfluxServer
from tests.kafka_secured import make_authority, make_certificate

pytestmark = pytest.mark.system


class Rig:
    def __init__(self, influx: Influxd, folder: Path, spool_bytes: int = 10**6) -> None:
        self.bucket = Bucket(influx)
        options = InfluxOptions(url=influx.url, org=influx.org, bucket=self.bucket.name, timeout_s=60)
        with patch.dict(os.environ, self.bucket.environment):
            self.influx = Influx(options)
        self.clock, self.telemetry = ManualClock(BEGIN), Telemetry()
        self.writer = Writer(self.influx, Spool(folder, spool_bytes), 50, self.clock, self.telemetry)

    def counted(self, event: Event) -> int:
        return self.telemetry.total(COMPONENT, event)


def lines(first: int, number: int) -> list[bytes]:
    return [b"m,sensor=s value=1.5 %d" % (10**18 + at) for at in range(first, first + number)]


def test_lines_are_written_in_requests_of_the_size_that_is_configured(influx: Influxd, tmp_path: Path) -> None:
    rig = Rig(influx, tmp_path)
    assert rig.writer.write(lines(0, 120)) == 120
    assert rig.writer.write([]) == 0
    assert rig.bucket.count("m", "value") == 120
    assert rig.counted(Event.RECEIVED) == rig.counted(Event.SENT) == 120


def test_what_is_refused_for_good_is_counted_and_the_rest_is_written(
    influx: Influxd, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rig = Rig(influx, tmp_path)
    rig.writer.write(lines(0, 1))
    conflict = b'm,sensor=s value="a text" %d' % (10**18 + 99)
    assert rig.writer.write([*lines(1, 20), b"no line at all", *lines(21, 20), conflict]) == 42
    assert rig.bucket.count("m", "value") == 41
    assert rig.telemetry.counts()[COMPONENT, Event.DROPPED, "refused"] == 2
    assert rig.counted(Event.SENT) == 41
    assert "unable to parse 'no line at all'" in caplog.text
    assert "field type conflict" in caplog.text


def test_what_is_not_taken_now_waits_on_disk_in_order_and_is_sent_by_itself(
    mortal_influx: InfluxServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rig = Rig(mortal_influx, tmp_path)
    mortal_influx.stop(signal.SIGKILL)
    with pytest.raises(BackPressureError, match="cannot be reached"):
        rig.influx.check()
    assert rig.writer.write(lines(0, 120)) == 120
    assert (rig.writer.waiting, rig.counted(Event.SENT)) == (3, 0)
    mortal_influx.start()
    assert rig.writer.write(lines(120, 10)) == 10, "it is not tried again before its time"
    assert rig.writer.waiting == 4
    rig.clock.advance(60)
    rig.writer.pump()
    assert rig.writer.waiting == 0
    assert rig.bucket.count("m", "value") == rig.counted(Event.SENT) == 130
    assert caplog.text.count("points are kept on disk") == 1
    assert caplog.text.count("InfluxDB takes points again after 60 s") == 1


def test_the_spool_is_sent_by_the_next_process(influx: Influxd, tmp_path: Path) -> None:
    rig = Rig(influx, tmp_path)
    left = Spool(tmp_path / "left", 10**6)
    left.put(b"\n".join(lines(0, 7)))
    left.close()
    again = Writer(rig.influx, Spool(tmp_path / "left", 10**6), 50, rig.clock, rig.telemetry)
    again.pump()
    assert (again.waiting, rig.bucket.count("m", "value")) == (0, 7)


def test_a_spool_that_is_full_takes_nothing_more_and_says_how_far_it_came(influx: Influxd, tmp_path: Path) -> None:
    rig = Rig(influx, tmp_path, spool_bytes=200)
    good = rig.influx
    away = InfluxOptions(url="http://127.0.0.1:9", bucket="x", timeout_s=1)
    with patch.dict(os.environ, rig.bucket.environment):
        rig.writer._influx = Influx(away)
    assert rig.writer.write(lines(0, 500)) == 50
    assert rig.writer.write(lines(50, 450)) == 0
    rig.writer._influx = good
    rig.clock.advance(60)
    assert rig.writer.write(lines(50, 450)) == 450
    assert rig.bucket.count("m", "value") == 500


def test_a_token_that_is_taken_away_keeps_points_until_there_is_one(influx: Influxd, tmp_path: Path) -> None:
    rig = Rig(influx, tmp_path)
    options = InfluxOptions(url=influx.url, org=influx.org, bucket=rig.bucket.name)
    with patch.dict(os.environ, {"INFLUXDB_TOKEN": "a-secret-of-yesterday"}):
        wrong = Influx(options)
    with pytest.raises(InfluxError, match=r"does not accept the token of influx\.token_env") as told:
        wrong.check()
    assert "a-secret-of-yesterday" not in str(told.value)
    with pytest.raises(BackPressureError, match="does not accept the token"):
        wrong.write(b"m value=1 1")


@pytest.mark.parametrize("wrong", [{"bucket": "nowhere"}, {"org": "nobody"}])
def test_a_bucket_that_is_not_there_is_told(influx: Influxd, tmp_path: Path, wrong: dict[str, str]) -> None:
    rig = Rig(influx, tmp_path)
    options = InfluxOptions(url=influx.url, org=influx.org, bucket=rig.bucket.name).model_copy(update=wrong)
    with (
        patch.dict(os.environ, rig.bucket.environment),
        pytest.raises(InfluxError, match=r"has no bucket .*make it, or"),
    ):
        Influx(options).check()


def test_a_server_with_a_certificate_of_our_own_authority_is_believed_by_ca_file_alone(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("tls")
    make_authority(folder, "ca")
    make_certificate(folder, "influxd")
    tls = (f"--tls-cert={folder / 'influxd.pem'}", f"--tls-key={folder / 'influxd.key'}")
    secured = InfluxServer(folder, tls, folder / "ca.pem").start().set_up()
    options = InfluxOptions(url=secured.url, org=secured.org, bucket="first", ca_file=folder / "ca.pem")
    with patch.dict(os.environ, {"INFLUXDB_TOKEN": secured.token}):
        believed, strange = Influx(options), Influx(options.model_copy(update={"ca_file": None}))
    believed.check()
    with pytest.raises(BackPressureError, match="certificate verify failed"):
        strange.check()
    secured.stop()
