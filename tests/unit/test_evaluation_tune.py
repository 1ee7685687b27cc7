"""The choice of a threshold, and the page as HTML."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from detectors.gas.gas_levels import GasLevels, GasLevelsOptions
from pipeline.cli.exit import Exit
from pipeline.cli.main import run
from pipeline.errors import ConfigError
from pipeline.evaluation.score import Score
from pipeline.evaluation.suite import load_suite
from pipeline.evaluation.tune import Point, best_of, tune
from pipeline.evaluation.web import html
from pipeline.model.level import Level
from tests.unit.evaluation_rig import EVENTS, SUITE, field, suite

CALIBRATED = SUITE.replace("calibration = true", "", 1).replace(
    "end = 2026-06-01T12:00:00Z\n", "end = 2026-06-01T12:00:00Z\ncalibration = true\n", 1
)


def score(pod: float, delay_s: float, false: float, lead_s: float | None = None) -> Score:
    leads = () if lead_s is None else (0.0, lead_s, 2 * lead_s)
    return Score(
        events=4, hits=round(4 * pod), pod=pod, pod_interval=None, pod_early=None, delays_s=(0.0, delay_s, delay_s),
        leads_s=leads, episodes=4, false=1, premature=0, false_per_sensor_month=false, far=None, csi=None,
        chance=None, skill=None, in_force=0, under_alarm=None, found=(),
    )  # fmt: skip


CHOICES = {
    "what finds most": ([score(0.5, 10, 0.1), score(1.0, 900, 0.9)], 1.0, 1),
    "within the budget": ([score(0.5, 10, 0.1), score(1.0, 900, 1.1)], 1.0, 0),
    "then what is sooner": ([score(1.0, 900, 0.1), score(1.0, 60, 0.9)], 1.0, 1),
    "by lead where it is known": ([score(1.0, 60, 0.1, 10.0), score(1.0, 90, 0.1, 700.0)], 1.0, 1),
    "then what costs less": ([score(1.0, 60, 0.9), score(1.0, 60, 0.2)], 1.0, 1),
    "none": ([score(1.0, 60, 2.0)], 1.0, None),
}


@pytest.mark.parametrize("name", CHOICES)
def test_the_best_within_the_budget(name: str) -> None:
    scores, budget, chosen = CHOICES[name]
    points = [Point(float(place), one, ()) for place, one in enumerate(scores)]
    best = best_of(points, budget)
    assert (best and round(best.value)) == chosen


def test_each_value_is_tried_on_the_suite_and_chosen_on_its_calibration_part(mine: Path) -> None:
    given = load_suite(mine / "mine.toml", mine)
    assert given
    detector = GasLevels(GasLevelsOptions())
    found = tune(given, detector, "first_lel", [200.0, 25.0, 15.0], 1.0)
    assert [one.value for one in found.points] == [15.0, 25.0]  # 200 is none that the option may have
    assert {one.chosen_on.hits for one in found.points} == {1}
    assert [name for name, _ in found.points[0].reported] == ["learned on"]
    assert found.best
    assert found.part == "reported"
    red = tune(given, detector, "first_lel", [15.0], 1.0, Level.RED)
    assert red.points[0].chosen_on.hits == 0


def test_what_cannot_be_tuned_is_said(tmp_path: Path) -> None:
    given = suite(field(tmp_path))
    with pytest.raises(ConfigError, match="takes none of the values"):
        tune(given, GasLevels(), "first_lel", [-1.0], 1.0)
    with pytest.raises(ConfigError, match="there are none"):
        tune(given, GasLevels(), "first_lel", [], 1.0)


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    (field(tmp_path) / "mine.toml").write_text(CALIBRATED.format(more="") + EVENTS)
    return tmp_path


def test_the_command_says_what_to_write_into_the_configuration(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plot = mine / "curve.svg"
    arguments = ["tune", str(mine / "mine.toml"), "gas_levels.first_lel", "--recordings", str(mine)]
    assert run([*arguments, "--values", "20,25", "--plot", str(plot)]) == Exit.DONE
    told = capsys.readouterr().out
    assert "[detectors.gas_levels]\nfirst_lel = 2" in told
    assert "within 1 false episodes per sensor-month" in told
    assert "gas_levels.first_lel, from blue on" in plot.read_text()
    ET.fromstring(plot.read_text())  # noqa: S314  # our own
    assert run([*arguments, "--values", "25", "--budget", "0", "--json", "--level", "red"]) == Exit.DONE
    document = json.loads(capsys.readouterr().out)
    assert (document["level"], document["points"][0]["chosen_on"]["hits"]) == ("red", 0)


def test_a_budget_that_nothing_keeps_within(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["tune", str(mine / "mine.toml"), "gas_levels.first_lel", "--recordings", str(mine)]
    readings = (mine / "readings.csv").read_text().splitlines()
    readings[700] = readings[700].partition(",")[0] + ",60,2"
    (mine / "readings.csv").write_text("\n".join(readings))
    assert run([*arguments, "--values", "20", "--budget", "0"]) == Exit.DONE
    assert "No value keeps within 0 false episodes" in capsys.readouterr().out


WRONG = {
    "no such detector": (["gas_level.first_lel"], "no detector"),
    "no such option": (["gas_levels.first"], "no option; there are"),
    "an option without multiples": (["gas_levels.raise_after_s"], "give --values"),
    "values that are none": (["gas_levels.first_lel", "--values", "a,b"], "numbers with commas"),
    "a level that is none": (["gas_levels.first_lel", "--level", "green"], "want one of blue"),
    "a plot of another kind": (["gas_levels.first_lel", "--plot", "x.png"], "must end with .svg"),
    "a plot that cannot be written": (
        ["gas_levels.first_lel", "--values", "20", "--plot", "no/x.svg"],
        "cannot be written",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said(name: str, mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments, words = WRONG[name]
    assert run(["tune", str(mine / "mine.toml"), *arguments, "--recordings", str(mine)]) != Exit.DONE
    assert words in capsys.readouterr().err


def test_a_detector_that_hears_nothing(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["tune", str(mine / "mine.toml"), "tank_levels.high_m", "--values", "3", "--recordings", str(mine)]) != 0
    assert "hears nothing" in capsys.readouterr().err


def test_the_page_as_html_says_the_same_and_holds_its_plots(mine: Path) -> None:
    assert run(["evaluate", str(mine / "mine.toml"), "--recordings", str(mine), "--no-cost", "--out", str(mine)]) == 0
    page, web = (mine / "evaluation.md").read_text(), (mine / "evaluation.html").read_text()
    assert web.count("<tr>") >= page.count("\n| ") // 2
    assert "<svg" in web
    assert "lead [min]" in web
    assert "http-equiv" not in web
    assert 'src="http' not in web
    assert "<strong>short</strong>" in web or "**short**" not in page


def test_html_escapes_marks_and_tells_that_plots_are_missing() -> None:
    page = html("# A & <b>\n\n## Two\n\ntext with `a<b` and **bold** and [link](x.md)\n\n- one\n  more\n- two\n", None)
    assert "<title>A &amp; &lt;b&gt;</title>" in page
    assert '<code>a&lt;b</code> and <strong>bold</strong> and <a href="x.md">link</a>' in page
    assert "<li>one\n  more</li><li>two</li>" in page
    assert "no plots here" in page
    assert "no plots here" not in html("# A\n", {})
