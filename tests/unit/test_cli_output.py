"""How results are written."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.cli.episode import chosen, episodes, stood
from pipeline.cli.figures import figures
from pipeline.cli.output import minute_text, span_text, table, told, write_json
from pipeline.model.finding import Finding, FindingState
from pipeline.model.hazard import Hazard
from pipeline.model.level import Level
from tests.reports import finding, later

AT = datetime(2026, 5, 1, 12, 0, 59, 999, tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    level: Level
    at: datetime
    lasted: timedelta


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""),
        (0.0, "0 s"),
        (33.4, "33 s"),
        (303.0, "5 min 03 s"),
        (3900.0, "1 h 05 min"),
        (106800.0, "29 h 40 min"),
        (-261.0, "4 min 21 s late"),
        (-0.4, "0 s late"),
    ],
)
def test_a_span_is_told_to_two_units(seconds: float | None, text: str) -> None:
    assert span_text(seconds) == text


def test_a_minute_is_told_in_utc() -> None:
    assert (minute_text(AT), minute_text(None)) == ("2026-05-01 12:00Z", "")


def test_json_has_words_and_instants(capsys: pytest.CaptureFixture[str]) -> None:
    write_json({Hazard.FIRE: [Row(Level.RED, AT, timedelta(minutes=1))], "none": (None, float("nan"))})
    assert json.loads(capsys.readouterr().out) == {
        "fire": [{"level": "red", "at": "2026-05-01T12:00:59.000999Z", "lasted": 60.0}],
        "none": [None, None],
    }


def test_a_table_without_rows_says_so_and_markup_of_others_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    table("Some [bold]things", ("a",), [])
    told("[red]not red[/]")
    assert capsys.readouterr().out == "Some [bold]things: none\n[red]not red[/]\n"


def test_figures_have_the_unit_of_the_trigger_where_the_rule_says_so() -> None:
    from detectors.gas.gas_levels import GasLevels  # noqa: PLC0415  # numba, for one test

    criteria = {("gas_levels", criterion.key): criterion for criterion in GasLevels.criteria}
    one = finding(detector="gas_levels", criterion="combustible", trigger="a/gas_ppm", value=12.34567, threshold=10.0)
    assert figures(one, criteria) == ("12.35 ppm", "10 ppm")
    assert figures(one, {}) == ("12.35", "10")


def seen(name: str, hazard: Hazard, *levels: tuple[float, Level]) -> list[Finding]:
    """One episode of a sensor of this name: its levels from so many seconds after noon on."""
    return [
        finding(
            name,
            number,
            hazard=hazard,
            at=later(second),
            level=level,
            state=FindingState.CHANGED if level else FindingState.CLOSED,
        )
        for number, (second, level) in enumerate(levels)
    ]


def test_the_highest_level_of_all_episodes_stood() -> None:
    found = episodes(
        [
            *seen("a", Hazard.FIRE, (0, Level.BLUE), (30, Level.RED), (60, Level.NONE)),
            *seen("b", Hazard.FIRE, (10, Level.ORANGE)),
        ]
    )
    assert stood(found, later(100)) == [
        (later(0), later(10), Level.BLUE),
        (later(10), later(30), Level.ORANGE),
        (later(30), later(60), Level.RED),
        (later(60), later(100), Level.ORANGE),
    ]


def test_each_hazard_has_its_turn_in_a_plot() -> None:
    found = episodes(
        [
            *seen("f1", Hazard.FIRE, (0, Level.RED)),
            *seen("f2", Hazard.FIRE, (0, Level.RED)),
            *seen("f3", Hazard.FIRE, (0, Level.BLUE)),
            *seen("g1", Hazard.GAS_LEAK, (0, Level.BLUE)),
            *seen("broken", Hazard.SENSOR_FAULT, (0, Level.RED)),
        ]
    )
    assert [sensor for sensor, _ in chosen(found, 3)] == ["g1", "f1", "f2"]
    assert [sensor for sensor, _ in chosen(found, 9)] == ["g1", "f1", "f2", "f3"]
