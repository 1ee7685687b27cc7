"""Flags against a technician's labels."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from pipeline.cli.exit import Exit
from pipeline.cli.main import run
from pipeline.errors import RecordingError
from pipeline.evaluation.qc import SITES, SPANS, labels_of, spans, tally
from pipeline.model.instant import NS_PER_S

ROWS = 800
HEADER = ",".join(["datetime", *(f"{one},{one}_cor,{one}_qual" for one in SPANS)])


def rows(*true: int) -> np.ndarray:
    flags = np.zeros(100, np.bool_)
    flags[list(true)] = True
    return flags


def test_labels_half_an_hour_apart_are_one_event() -> None:
    assert spans(rows(3, 4, 7, 11)) == [(3, 7), (11, 11)]


TALLIES = {
    "flagged within": (rows(20), 1, 0),
    "flagged half an hour after": (rows(32), 1, 0),
    "flagged too late, but near": (rows(33), 0, 1),
    "flagged just before": (rows(18), 0, 0),
    "flagged elsewhere": (rows(50, 70), 0, 2),
    "on all the while": (np.ones(100, np.bool_), 1, 0),
    "nothing": (rows(), 0, 0),
}


@pytest.mark.parametrize("name", TALLIES)
def test_flags_against_one_event(name: str) -> None:
    flags, found, false = TALLIES[name]
    one = tally("x ", 900 * NS_PER_S * np.arange(100), flags, [(20, 30)])
    assert (one.events, one.found, one.false) == (1, found, false)
    assert one.missed == (() if found else ("x 1970-01-01T05:00:00Z",))
    assert one.false_per_month == pytest.approx(false * 2880 / 100)


def recording(path: Path, seed: int) -> None:
    """Each sensor falls out of its span for two readings, and jumps once; both are labelled."""
    noise = np.random.default_rng(seed)
    columns = {}
    for low, high, name in ((*span, name) for name, span in SPANS.items()):
        values = (low + high) / 2 + (high - low) * 0.001 * np.cumsum(noise.standard_normal(ROWS))
        values[600:602] = -9999.0
        values[700] += (high - low) * 0.2
        columns[name] = values
    lines = [HEADER]
    for row in range(ROWS):
        at = f"2019-01-{1 + row // 96:02} {row % 96 // 4:02}:{row % 4 * 15:02}"
        label = "1" if row in {600, 601, 700} else "NULL"
        lines.append(",".join([at, *(f"{values[row]},NULL,{label}" for values in columns.values())]))
    path.write_bytes(gzip.compress("\n".join(lines).encode()))


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    (tmp_path / "sensor_qc").mkdir()
    for seed, name in enumerate(name for names in SITES.values() for name in names):
        recording(tmp_path / "sensor_qc" / name, seed)
    return tmp_path


def test_the_study_finds_what_is_plain(recordings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evaluate", "qc", "--recordings", str(recordings), "--no-cost", "--json"]) == Exit.DONE
    (one,) = json.loads(capsys.readouterr().out)["studies"]
    assert one["readings"] == 3 * 6 * ROWS
    both, by_sensor, missed = (table["rows"] for table in one["tables"])
    assert [(row["what"], row["found"], row["false"]) for row in both[2:]] == [
        ("quality tests alone", "6 of 12", "0"),
        ("quality tests and learned_fault", "12 of 12", "0"),
    ]
    assert len(by_sensor) == 6
    assert missed == []
    assert all(aim["goal_reached"] for aim in one["aims"])


def test_a_recording_that_cannot_be_read(recordings: Path) -> None:
    path = recordings / "sensor_qc" / "Mendon2019.csv.gz"
    path.write_bytes(gzip.compress(b"datetime,temp\n2019-01-01 00:00,1\n"))
    with pytest.raises(RecordingError, match=r"Mendon2019.csv.gz: cannot be read"):
        labels_of(path)
    path.write_bytes(b"no gzip")
    with pytest.raises(RecordingError, match="cannot be read"):
        labels_of(path)
