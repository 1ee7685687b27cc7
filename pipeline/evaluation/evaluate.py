"""Evaluate: a suite through the real core, and every voice scored on every part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipeline.clock import Clock
from pipeline.config.plan import Plan
from pipeline.evaluation.baselines import Track, baselines
from pipeline.evaluation.cost import costs_ns
from pipeline.evaluation.episodes import Episode, episodes
from pipeline.evaluation.event import Event
from pipeline.evaluation.events import events_of, settled
from pipeline.evaluation.readings import readings_of, values_of
from pipeline.evaluation.result import Evaluation, Judged, PartResult, Row, Warned, figure_of
from pipeline.evaluation.score import Score, Span, score
from pipeline.evaluation.suite import Aim, Part, Suite
from pipeline.evaluation.voices import Voice, meant, voices
from pipeline.model.hazard import Hazard
from pipeline.model.instant import NS_PER_S, to_ns
from pipeline.model.inventory import Inventory
from pipeline.model.level import Level
from pipeline.model.reading import Series
from pipeline.model.warning import HazardWarning, Report
from pipeline.runners.replay import Replayed, replay


def evaluate(suite: Suite, plan_for: Callable[[Inventory], Plan], clock: Clock | None = None) -> Evaluation:
    """Play the suite and score it.

    Args:
        plan_for: the configuration under test, for the inventory of the suite.
        clock: to measure costs by; without one none is measured, and the same input gives the same result.

    Raises:
        RecordingError: a recording or a table of events that cannot be read.
        PluginError: the suite wants river, and it is not installed.
    """
    batches = readings_of(suite)
    scene = _Scene(suite, _events(suite), values_of(batches))
    plan = plan_for(_heard(suite.inventory, scene.tracks))
    replayed = replay(plan, batches, suite.told.tick_s)
    cost_ns = costs_ns(plan, batches, clock) if clock else {}
    heard = [*voices(plan, suite.told.hazard, replayed, cost_ns), *scene.beside()]
    parts = tuple(PartResult(part, *scene.part(part, heard, replayed)) for part in suite.told.parts)
    return Evaluation(
        suite=suite,
        events=scene.events,
        readings=replayed.readings,
        faults=_faults(replayed),
        parts=parts,
        aims=tuple(_judged(aim, parts) for aim in suite.told.aims),
    )


@dataclass(frozen=True, slots=True)
class _Scene:
    """What all scores of a suite share."""

    suite: Suite
    events: tuple[Event, ...]
    tracks: dict[Series, Track]

    def part(
        self, part: Part, heard: Sequence[Voice], replayed: Replayed
    ) -> tuple[tuple[Row, ...], tuple[Warned, ...], float]:
        """Rows, warnings and clear time of one part."""
        begin_ns, end_ns = to_ns(part.begin), to_ns(part.end)
        firsts = [one for one in replayed.warnings if one.report is Report.FIRST]
        ours = [one for one in firsts if meant(one.hazard, self.suite.told.hazard)]
        warned = [self._warned(one, replayed) for one in ours if begin_ns <= to_ns(one.sent_at) < end_ns]
        return tuple(self._rows(part, heard)), tuple(warned), self._clear_ns(begin_ns, end_ns) / NS_PER_S

    def beside(self) -> Iterator[Voice]:
        """The baselines that the suite asks for."""
        wanted = self.suite.told.baseline
        if wanted is None:
            return
        learned = next(part for part in self.suite.told.parts if part.calibration)

        def rate(voice: Voice) -> float:
            return self._score(learned, voice, Level.BLUE).false_per_sensor_month

        span = (to_ns(learned.begin), to_ns(learned.end))
        yield from baselines(wanted, self.tracks, self.suite.inventory, span, rate)

    def _rows(self, part: Part, heard: Sequence[Voice]) -> Iterator[Row]:
        """One a voice, and one more a level above the first that it ever reaches."""
        lowest, *higher = self.suite.told.levels
        for voice in heard:
            yield Row(voice.name, self._score(part, voice, lowest), voice.cost_ns)
            for level in higher:
                if self._alarms(voice, level):
                    yield Row(f"{voice.name} {level.word}", self._score(part, voice, level))

    def _score(self, part: Part, voice: Voice, level: Level) -> Score:
        begin_ns, end_ns = to_ns(part.begin), to_ns(part.end)
        reported = (_reported_ns(self.tracks[one][0], begin_ns, end_ns) for one in voice.series if one in self.tracks)
        span = Span(begin_ns, end_ns, sum(reported) / NS_PER_S)
        return score(
            self._alarms(voice, level),
            self.events,
            span,
            self._afterglow_ns,
            by_chance=self.suite.told.by_chance,
            early_s=self.suite.told.early_s,
        )

    def _alarms(self, voice: Voice, level: Level) -> list[Episode]:
        hold_off_s = max(self.suite.told.hold_off_s - voice.held_s, 0.0)
        return episodes(voice.timelines, level, round(hold_off_s * NS_PER_S))

    @property
    def _afterglow_ns(self) -> int:
        return round(self.suite.told.afterglow_s * NS_PER_S)

    def _warned(self, first: HazardWarning, replayed: Replayed) -> Warned:
        at_ns = to_ns(first.sent_at)
        opened = Episode(at_ns, first.area, first.area, None)
        because = (one.name for one in self.events if one.excuses(opened, self._afterglow_ns))
        peak = max(one.peak_level for one in replayed.warnings if one.chain == first.chain)
        return Warned(at_ns, first.hazard, first.area, first.level, peak, next(because, ""))

    def _clear_ns(self, begin_ns: int, end_ns: int) -> int:
        """For how long no event and no afterglow stood, between two instants."""
        taken = sorted((one.earliest_ns, one.end_ns + self._afterglow_ns) for one in self.events)
        clear_ns, reached_ns = 0, begin_ns
        for from_ns, until_ns in [*taken, (end_ns, end_ns)]:
            clear_ns += max(0, min(from_ns, end_ns) - reached_ns)
            reached_ns = max(reached_ns, min(until_ns, end_ns))
        return clear_ns


def _heard(inventory: Inventory, series: Collection[Series]) -> Inventory:
    """The part of the inventory that reports in this recording: the rest is not silent, it is not there."""
    return replace(inventory, sensors=tuple(one for one in inventory.sensors if one.series in series))


def _faults(replayed: Replayed) -> dict[str, int]:
    """Kind of sensor fault -> episodes."""
    found = {one.id: one.criterion for one in replayed.findings if one.hazard is Hazard.SENSOR_FAULT}
    return dict(sorted(Counter(found.values()).items()))


def _events(suite: Suite) -> tuple[Event, ...]:
    """Those that touch a part of the suite, in order of time."""
    told = suite.told
    listed = [*told.events, *(events_of(told.event_table, suite.folder) if told.event_table else ())]
    afterglow_ns = round(told.afterglow_s * NS_PER_S)
    begin_ns, end_ns = min(to_ns(one.begin) for one in told.parts), max(to_ns(one.end) for one in told.parts)
    events = (settled(one, told.found_within_s) for one in listed)
    return tuple(
        sorted(
            (one for one in events if one.begin_ns < end_ns and one.end_ns + afterglow_ns > begin_ns),
            key=lambda one: (one.begin_ns, one.name),
        )
    )


def _reported_ns(at_ns: np.ndarray[tuple[int], np.dtype[np.int64]], begin_ns: int, end_ns: int) -> int:
    """From the first to the last reading of a part, silences included."""
    inside = at_ns[(at_ns >= begin_ns) & (at_ns < end_ns)]
    return int(inside[-1] - inside[0]) if len(inside) else 0


def _judged(aim: Aim, parts: Sequence[PartResult]) -> Judged:
    rows = (row for result in parts if result.part.name == aim.part for row in result.rows if row.name == aim.row)
    row = next(rows, None)
    return Judged(aim, figure_of(row.score, aim.figure) if row else None)
