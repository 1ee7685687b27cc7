"""Evaluate: a suite through the real core, and every voice scored on every part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace

from pipeline.clock import Clock
from pipeline.evaluation.cost import costs_ns
from pipeline.evaluation.event import Event
from pipeline.evaluation.events import events_of, settled
from pipeline.evaluation.onsets import onsets_of
from pipeline.evaluation.plans import PlanFor
from pipeline.evaluation.readings import sessions_of, values_of
from pipeline.evaluation.result import Evaluation, Judged, PartResult, figure_of
from pipeline.evaluation.scene import Scene
from pipeline.evaluation.suite import Aim, Suite, SuiteFile
from pipeline.evaluation.voices import voices
from pipeline.model.batch import ReadingBatch
from pipeline.model.hazard import Hazard
from pipeline.model.instant import NS_PER_S, to_ns
from pipeline.model.inventory import Inventory
from pipeline.model.reading import Series
from pipeline.runners.replay import Replayed, replay


def evaluate(suite: Suite, plan_for: PlanFor, clock: Clock | None = None) -> Evaluation:
    """Play the suite and score it.

    Args:
        plan_for: the configuration under test, for the inventory of the suite.
        clock: to measure costs by; without one none is measured, and the same input gives the same result.

    Raises:
        RecordingError: a recording or a table of events that cannot be read.
        PluginError: the suite wants river, and it is not installed.
    """
    sessions, rejects = sessions_of(suite)
    tracks = {series: track for one in sessions for series, track in values_of(one).items()}
    listed = _listed(suite)
    scene = Scene(suite, _events(suite, listed), tracks)
    plan = plan_for(_heard(suite.inventory, tracks))
    replayed = _played(suite, plan_for, sessions)
    cost_ns = costs_ns(plan, [batch for one in sessions for batch in one], clock) if clock else {}
    heard = [*voices(plan, suite.told.hazard, replayed, cost_ns), *scene.beside()]
    parts = tuple(
        PartResult(part, *scene.part(part, heard, replayed), onsets_of(replayed, scene.events, part, suite.told.hazard))
        for part in suite.told.parts
    )
    return Evaluation(
        suite=suite,
        events=scene.events,
        readings=replayed.readings,
        faults=_faults(replayed),
        parts=parts,
        aims=tuple(_judged(aim, parts) for aim in suite.told.aims),
        outside=_outside(suite.told, listed),
        rejects=tuple(rejects),
    )


def _played(suite: Suite, plan_for: PlanFor, sessions: Sequence[Sequence[ReadingBatch]]) -> Replayed:
    """What the cores said, one after the other."""
    whole = Replayed()
    for batches in sessions:
        series = {one for batch in batches for one in batch.series}
        one = replay(plan_for(_heard(suite.inventory, series)), batches, suite.told.tick_s)
        whole.readings += one.readings
        whole.findings += one.findings
        whole.assessments += one.assessments
        whole.warnings += one.warnings
    return whole


def _heard(inventory: Inventory, series: Collection[Series]) -> Inventory:
    """The part of the inventory that reports in this recording: the rest is not silent, it is not there."""
    return replace(inventory, sensors=tuple(one for one in inventory.sensors if one.series in series))


def _faults(replayed: Replayed) -> dict[str, int]:
    """Kind of sensor fault -> episodes."""
    found = {one.id: one.criterion for one in replayed.findings if one.hazard is Hazard.SENSOR_FAULT}
    return dict(sorted(Counter(found.values()).items()))


def _listed(suite: Suite) -> list[Event]:
    """All that the suite and its table tell of, in order of time."""
    told = suite.told
    listed = [*told.events, *(events_of(told.event_table, suite.folder) if told.event_table else ())]
    return sorted((settled(one, told.found_within_s) for one in listed), key=lambda one: (one.begin_ns, one.name))


def _outside(told: SuiteFile, listed: Sequence[Event]) -> tuple[str, ...]:
    """Names of the events that touch no part, unless their table is of a longer time."""
    if told.event_table and told.event_table.covers_more:
        return ()
    spans = [(to_ns(part.begin), to_ns(part.end)) for part in told.parts]
    return tuple(
        one.name for one in listed if not any(one.begin_ns < end and one.end_ns >= begin for begin, end in spans)
    )


def _events(suite: Suite, listed: Sequence[Event]) -> tuple[Event, ...]:
    """Those that, or whose afterglow, happened between the begin of the first part and the end of the last."""
    told = suite.told
    afterglow_ns = round(told.afterglow_s * NS_PER_S)
    begin_ns, end_ns = min(to_ns(one.begin) for one in told.parts), max(to_ns(one.end) for one in told.parts)
    return tuple(one for one in listed if one.begin_ns < end_ns and one.end_ns + afterglow_ns > begin_ns)


def _judged(aim: Aim, parts: Sequence[PartResult]) -> Judged:
    rows = [row for result in parts if result.part.name == aim.part for row in result.rows]
    row = next((row for row in rows if row.name == aim.row), None)
    if row is None:
        return Judged(aim, None, "no such row")
    return Judged(aim, figure_of(row.score, aim.figure), "" if row.score.events else "no event")
