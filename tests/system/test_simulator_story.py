"""The demonstration's story through the core: what a visitor is to see, and nothing that did not happen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from device_adapters.recordings.options import RecordingOptions
from device_adapters.recordings.recording import Recording
from device_adapters.simulator.story import load_story, truth
from pipeline.config.load import load_config
from pipeline.model.hazard import Hazard
from pipeline.model.level import Level
from pipeline.model.warning import HazardWarning, Report
from pipeline.runners.replay import Replayed, replay

pytestmark = pytest.mark.system

DEMO: Final = Path(__file__).parents[2] / "pipeline" / "samples" / "demo"
CONFIG: Final = load_config(DEMO / "forewarn.toml")
STORY: Final = load_story(DEMO)
OF_DAYS: Final = {Hazard.FIRE_DANGER, Hazard.FOREST_FIRE, Hazard.TANK_LEAK}
"""They come of many days' weather or losses; a story of one day has none."""
WATCHED: Final = {detector.hazard for detector in CONFIG.detectors} - OF_DAYS


@cache
def played() -> Replayed:
    files = tuple(DEMO / recording.file for recording in STORY.recordings)
    with Recording(RecordingOptions(files=files), CONFIG.inventory) as recording:
        return replay(CONFIG.plan(), recording.batches())


def in_force(warnings: Iterable[HazardWarning], at: datetime) -> list[HazardWarning]:
    """The last report of each chain that is not over at `at`."""
    last = {warning.chain: warning for warning in warnings if warning.sent_at <= at}
    return [warning for warning in last.values() if warning.report is not Report.FINAL]


def test_every_reading_is_read() -> None:
    assert played().readings == STORY.table().num_rows
    assert (played().dropped, played().unknown) == ({}, set())


def test_at_the_present_every_hazard_is_warned_of_and_some_have_their_onset_ahead() -> None:
    now = in_force(played().warnings, STORY.present_at)
    assert {warning.hazard for warning in now} == WATCHED | {Hazard.SENSOR_FAULT}
    ahead = {w.hazard for w in now if w.expected_onset_at and w.expected_onset_at > STORY.present_at}
    assert ahead >= WATCHED & {Hazard.TANK_OVERFILL, Hazard.RAINSTORM, Hazard.GROUND_MOVEMENT}


@pytest.mark.parametrize("hazard", sorted(WATCHED - {Hazard.GAS_LEAK}))
def test_each_event_was_warned_of_in_its_area_before_it_set_in(hazard: Hazard) -> None:
    for event in truth(STORY, STORY.present_at):
        if event.hazard is hazard:
            now = in_force(played().warnings, event.onset_at)
            assert [w for w in now if w.hazard is hazard and w.area == event.area], event


def test_each_release_of_gas_is_found_before_it_ends() -> None:
    """A release is its own onset: it can only be found. Each of these lasts at least 112 minutes."""
    for event in truth(STORY, STORY.present_at):
        if event.hazard is Hazard.GAS_LEAK:
            found = in_force(played().warnings, event.onset_at + timedelta(minutes=112))
            assert [w for w in found if w.hazard is Hazard.GAS_LEAK], event


def test_where_nothing_happens_nobody_is_warned() -> None:
    quiet = {"990101003002", "990101004002"}  # a stable slope, a waterworks; rain counts by township
    warned = [w for w in played().warnings if w.area in quiet and w.hazard is not Hazard.SENSOR_FAULT]
    assert warned == []


def test_only_the_two_broken_sensors_are_at_fault_before_the_present() -> None:
    faults = {
        finding.subject
        for finding in played().findings
        if finding.hazard is Hazard.SENSOR_FAULT and finding.at <= STORY.present_at
    }
    assert faults == {"rain-delta-2", "air-2"}


def test_the_slope_is_calm_while_it_creeps_and_then_goes_from_colour_to_colour() -> None:
    (event,) = (one for one in truth(STORY, STORY.present_at) if one.hazard is Hazard.GROUND_MOVEMENT)
    reports = [w for w in played().warnings if w.hazard is Hazard.GROUND_MOVEMENT]
    ahead_h = [(event.onset_at - w.sent_at).total_seconds() / 3600 for w in reports]
    assert 8 < ahead_h[0] < 20, "after it began to accelerate, half a day before it fails"
    assert len(reports) < 16
    climbed = list(dict.fromkeys(w.level for w in reports))
    assert climbed == sorted(climbed)
    assert climbed[0] <= Level.YELLOW
    assert climbed[-1] is Level.RED
    told = [w.expected_onset_at for w in reports if w.level is Level.RED and w.expected_onset_at]
    assert told
    early = [event.onset_at - at for at in told]
    assert all(timedelta(0) <= one < timedelta(hours=4) for one in early), (
        "the early edge of what is told up to 8 h ahead: never later than the failure"
    )


@pytest.mark.parametrize("hazard", [Hazard.FIRE, Hazard.TANK_OVERFILL])
def test_what_ends_within_the_story_ends_with_a_final_report(hazard: Hazard) -> None:
    chains = {warning.chain: warning for warning in played().warnings if warning.hazard is hazard}
    assert chains
    assert {warning.report for warning in chains.values()} == {Report.FINAL}
    assert {warning.peak_level for warning in chains.values()} == {Level.RED}
