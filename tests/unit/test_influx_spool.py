"""The spool on disk: in order, bounded, there after a restart; and the journal as a follower sees it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from pipeline.config.influx import InfluxOptions
from pipeline.connectors.influx.client import Influx
from pipeline.connectors.influx.spool import BAD, LOCK, SUFFIX, Spool
from pipeline.connectors.journal import Journal
from pipeline.errors import BackPressureError, InfluxError
from pipeline.model.entry import Tick
from pipeline.runners.sink_followed import Followed
from pipeline.telemetry import Event, Telemetry
from tests.district import BEGIN, batches


def emptied(spool: Spool) -> list[bytes]:
    found = []
    while (lines := spool.oldest()) is not None:
        found.append(lines)
        spool.done()
    return found


def test_what_was_put_is_there_in_order_after_a_restart(tmp_path: Path) -> None:
    first = Spool(tmp_path, 10**6)
    for number in range(12):
        first.put(b"line %d" % number)
    first.done()
    (tmp_path / ".000000000099.lp.z.part").write_bytes(b"torn")
    with pytest.raises(InfluxError, match="another process keeps its points here"):
        Spool(tmp_path, 10**6)
    first.close()
    again = Spool(tmp_path, 10**6)
    again.put(b"after")
    assert len(again) == 12
    assert emptied(again) == [b"line %d" % number for number in range(1, 12)] + [b"after"]
    assert (again.size_bytes, [path.name for path in tmp_path.iterdir()]) == (0, [LOCK])
    again.close()


def test_it_is_bounded_but_takes_one_request_of_any_size(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 10)
    spool.put(os.urandom(100))
    with pytest.raises(BackPressureError, match=r"influx\.spool_mb allows 10"):
        spool.put(b"more")
    spool.done()
    spool.put(b"more")
    assert emptied(spool) == [b"more"]
    spool.close()


def test_a_damaged_file_is_put_aside_and_the_rest_goes_on(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    spool = Spool(tmp_path, 10**6)
    spool.put(b"first")
    spool.put(b"second")
    spool.close()
    next(iter(sorted(tmp_path.glob(f"*{SUFFIX}")))).write_bytes(b"no longer what it was")
    told: list[str] = []
    again = Spool(tmp_path, 10**6, lambda: told.append("one"))
    assert emptied(again) == [b"second"]
    assert told == ["one"]
    again.close()
    assert [path.name for path in tmp_path.glob(f"*{BAD}")] == [f"000000000000{SUFFIX}{BAD}"]
    assert "is put aside" in caplog.text


def test_a_disk_that_refuses_is_back_pressure_and_no_folder_an_error(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", 10**6)
    shutil.rmtree(tmp_path / "spool")
    with pytest.raises(BackPressureError, match="cannot be written"):
        spool.put(b"lost")
    assert len(spool) == 0
    spool.close()
    (tmp_path / "file").write_text("")
    with pytest.raises(InfluxError, match="cannot be used"):
        Spool(tmp_path / "file", 1)


def test_a_token_comes_from_the_environment_or_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = InfluxOptions(url="http://127.0.0.1:9")
    monkeypatch.delenv("INFLUXDB_TOKEN", raising=False)
    with pytest.raises(InfluxError, match="environment variable INFLUXDB_TOKEN is not set"):
        Influx(options)
    of_file = options.model_copy(update={"token_file": tmp_path / "token"})
    with pytest.raises(InfluxError, match=r"cannot read .*token: FileNotFoundError"):
        Influx(of_file)
    (tmp_path / "token").write_text("\n")
    with pytest.raises(InfluxError, match=r"the first line of .* is empty"):
        Influx(of_file)
    (tmp_path / "token").write_text("of-a-file\n")
    Influx(of_file).close()


def test_a_follower_goes_on_where_it_was_and_tells_what_it_missed(tmp_path: Path) -> None:
    journal, telemetry = Journal(tmp_path / "journal.db"), Telemetry()
    stream = list(batches(minutes=50))
    journal.append([Tick(BEGIN), *stream[:2]])
    followed = Followed(journal, tmp_path / "a.position", telemetry)
    assert [position for position, _ in followed.next()] == [1, 2, 3]
    followed.keep(2)
    again = Followed(journal, tmp_path / "a.position", telemetry)
    assert (again.position, again.behind()) == (2, 1)
    journal.append([Tick(BEGIN.replace(year=2027)), stream[2]])
    journal.trim(3, 2**62)
    assert [position for position, _ in again.next()] == [4, 5]
    assert telemetry.counts()["sink", Event.DROPPED, "journal_trimmed"] == 1
    assert again.behind() == 0


def test_a_position_of_another_journal_is_not_believed(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db")
    journal.append(list(batches(minutes=20)))
    (tmp_path / "a.position").write_text("900")
    assert Followed(journal, tmp_path / "a.position", Telemetry()).position == journal.last_position()
    (tmp_path / "a.position").write_text("nonsense")
    assert Followed(journal, tmp_path / "a.position", Telemetry()).position == 0
