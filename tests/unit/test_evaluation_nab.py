"""The score of the benchmark by hand, and the study on a series in miniature."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cli.exit import Exit
from pipeline.cli.main import run
from pipeline.errors import RecordingError
from pipeline.evaluation import nab
from pipeline.evaluation.nab_score import LOW_FALSE, LOW_MISSED, STANDARD, best_threshold, labelled, normalised

ROWS = 100
TOP = 2 / (1 + np.exp(-5)) - 1


def told(*rows: int) -> dict[str, np.ndarray]:
    scores = np.zeros(ROWS)
    scores[list(rows)] = 1.0
    return {"a": scores}


SERIES = {"a": labelled(ROWS, [(40, 49)])}
CASES = {
    "silence": ((), STANDARD, 0.0),
    "the left edge": ((40,), STANDARD, 100.0),
    "only the earliest of a window counts": ((40, 44, 49), STANDARD, 100.0),
    "the middle": ((45,), STANDARD, 50 * ((2 / (1 + np.exp(-2.5)) - 1) / TOP + 1)),
    "far from any window": ((40, 20), STANDARD, 100 - 5.5),
    "twice as dear where false ones are dear": ((40, 20), LOW_FALSE, 100 - 11),
    "a miss that costs twice": ((20,), LOW_MISSED, -100 * 0.11 / 3),
    "just after a window": ((40, 50), STANDARD, 100 + 5.5 * (2 / (1 + np.exp(5 / 9)) - 1)),
    "probation does not count": ((5, 14, 40), STANDARD, 100.0),
}


@pytest.mark.parametrize("name", CASES)
def test_the_score_by_hand(name: str) -> None:
    rows, profile, expected = CASES[name]
    assert normalised(told(*rows), SERIES, profile, 0.5) == pytest.approx(expected)


@given(st.lists(st.floats(0, 1), min_size=ROWS, max_size=ROWS), st.floats(0, 1.1))
def test_no_threshold_is_better_than_the_best(scores: list[float], other: float) -> None:
    given_scores = {"a": np.round(np.array(scores), 1)}
    best = best_threshold(given_scores, SERIES, STANDARD)
    reached = normalised(given_scores, SERIES, STANDARD, best)
    assert reached >= normalised(given_scores, SERIES, STANDARD, other) - 1e-9
    assert 0 <= reached <= 100 + 1e-9


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    """Sixteen series of a day's course, ten days at ten minutes; in the last of each something is wrong."""
    windows = {}
    for number in range(16):
        name = f"kind/series-{number:02}.csv"
        noise = np.random.default_rng(number % 14).standard_normal(1440)
        values = 5 + 3 * np.sin(np.arange(1440) / 144 * 2 * np.pi) + 0.1 * noise
        values[1340:1350] = 15.0
        at = [datetime(2026, 6, 1, tzinfo=UTC) + timedelta(minutes=10 * row) for row in range(1440)]
        path = tmp_path / "nab" / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [f"{one:%Y-%m-%d %H:%M:%S},{value}" for one, value in zip(at, values, strict=True)]
        path.write_text("\n".join(["timestamp,value", *lines]) + "\n")
        windows[name] = [[f"{at[1330]:%Y-%m-%d %H:%M:%S}.000000", f"{at[1400]:%Y-%m-%d %H:%M:%S}.000000"]]
    (tmp_path / "nab" / "combined_windows.json").write_text(json.dumps(windows))
    return tmp_path


def test_the_study_finds_what_is_plain(recordings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evaluate", "nab", "--recordings", str(recordings), "--no-cost", "--json"]) == Exit.DONE
    (one,) = json.loads(capsys.readouterr().out)["studies"]
    assert one["readings"] == 16 * 1440
    figures = {aim["figure"]: aim for aim in one["aims"]}
    assert figures["standard"]["value"] > 90
    assert figures["standard"]["goal_reached"]
    by_series = one["tables"][1]["rows"]
    assert {(row["windows"], row["found"], row["false"]) for row in by_series} == {("1", "1", "0")}


def test_the_page_tells_of_it_or_that_it_was_left_out(recordings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evaluate", "nab", "--recordings", str(recordings)]) == Exit.DONE
    page = capsys.readouterr().out
    assert "| nab | others | learned_rarity | standard |" in page
    assert "ARTime 75.1 / 65.4 / 80.6" in page
    assert run(["evaluate", "nab"]) == Exit.DONE
    assert "Left out, for want of its recordings: nab." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("path", "text", "words"),
    [
        ("combined_windows.json", "{", "cannot be read"),
        ("data/kind/series-03.csv", "timestamp,value\n2026-06-01 00:00:00,many\n", "many"),
        ("data/kind/series-03.csv", "timestamp,value\n2026-06-01 00:00:00,1\n", "where no reading is"),
    ],
)
def test_what_is_wrong_with_a_series_is_said(recordings: Path, path: str, text: str, words: str) -> None:
    (recordings / "nab" / path).write_text(text)
    with pytest.raises(RecordingError, match=words):
        nab.series_of(recordings / "nab")
