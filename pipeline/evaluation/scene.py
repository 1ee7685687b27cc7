"""A scene: one suite's events and readings, against which every voice is scored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.evaluation.baselines import baselines
from pipeline.evaluation.episodes import Episode, episodes
from pipeline.evaluation.event import Event
from pipeline.evaluation.readings import Values
from pipeline.evaluation.result import Row, Warned
from pipeline.evaluation.score import Score, Span, score
from pipeline.evaluation.suite import Part, Suite
from pipeline.evaluation.voices import Voice, meant
from pipeline.model.instant import NS_PER_S, to_ns
from pipeline.model.level import Level
from pipeline.model.reading import Series
from pipeline.model.warning import HazardWarning, Report
from pipeline.runners.replay import Replayed


@dataclass(frozen=True, slots=True)
class Scene:
    """What all scores of a suite share.

    Attributes:
        tracks: every series that has readings, and its values.
    """

    suite: Suite
    events: tuple[Event, ...]
    tracks: Mapping[Series, Values]

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
        learned = self.suite.told.calibration or self.suite.told.parts[0]

        def rate(voice: Voice) -> float:
            return self._score(learned, voice, Level.BLUE).false_per_sensor_month

        span = (to_ns(learned.begin), to_ns(learned.end))
        yield from baselines(wanted, self.tracks, self.suite.inventory, span, rate)

    def _rows(self, part: Part, heard: Sequence[Voice]) -> Iterator[Row]:
        """One a voice, and one more a level where it has other episodes than at the level below."""
        lowest, *higher = self.suite.told.levels
        for voice in heard:
            yield Row(voice.name, self._score(part, voice, lowest), voice.cost_ns)
            told = self._alarms(voice, lowest)
            for level in higher:
                alarms = self._alarms(voice, level)
                if alarms and alarms != told:
                    yield Row(f"{voice.name} {level.word}", self._score(part, voice, level))
                told = alarms

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
        chain = [one for one in replayed.warnings if one.chain == first.chain]
        ended_ns = next((to_ns(one.sent_at) for one in chain if one.report is Report.FINAL), None)
        stood = Episode(at_ns, first.area, first.area, ended_ns)
        because = next((one.name for one in self.events if one.excuses(stood, self._afterglow_ns)), "")
        met = next((one.name for one in self.events if one.meets(stood)), "")
        peak = max(one.peak_level for one in chain)
        return Warned(at_ns, first.hazard, first.area, first.level, peak, because, "" if because else met)

    def _clear_ns(self, begin_ns: int, end_ns: int) -> int:
        """For how long there were readings but no event and no afterglow, between two instants."""
        recorded = _joined((int(at_ns[0]), int(at_ns[-1])) for at_ns, _ in self.tracks.values())
        taken = _joined((one.earliest_ns, one.end_ns + self._afterglow_ns) for one in self.events)
        inside = [(max(begin_ns, first_ns), min(end_ns, last_ns)) for first_ns, last_ns in recorded]
        return sum(_left_ns(span, taken) for span in inside if span[0] < span[1])


def _reported_ns(at_ns: NDArray[np.int64], begin_ns: int, end_ns: int) -> int:
    """From the first to the last reading of a part, silences included."""
    inside = at_ns[(at_ns >= begin_ns) & (at_ns < end_ns)]
    return int(inside[-1] - inside[0]) if len(inside) else 0


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same instants in spans that do not touch, in order."""
    joined: list[tuple[int, int]] = []
    for from_ns, until_ns in sorted(spans):
        if joined and from_ns <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], until_ns))
        else:
            joined.append((from_ns, until_ns))
    return joined


def _left_ns(span: tuple[int, int], taken: Iterable[tuple[int, int]]) -> int:
    """What is left of a span without spans that do not touch each other."""
    from_ns, until_ns = span
    return until_ns - from_ns - sum(max(0, min(until_ns, end) - max(from_ns, begin)) for begin, end in taken)
