"""A recording that was played, and what may be said of it in a test."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from alerting.lead_time import LeadTime, concerns
from device_adapters.codecs.base import Reject
from device_adapters.recordings.options import RecordingOptions
from device_adapters.recordings.recording import Recording
from pipeline.cli.replayed import Shown
from pipeline.cli.truth import load_truth
from pipeline.config.load import load_config
from pipeline.model.assessment import Assessment
from pipeline.model.finding import Finding
from pipeline.model.hazard import Hazard
from pipeline.model.instant import to_text
from pipeline.model.level import Level, level_of
from pipeline.model.warning import HazardWarning
from pipeline.runners.replay import replay

_SHOWN = 20


def play(
    files: Sequence[Path],
    config: Path,
    truth: Path | None,
    *,
    from_at: datetime | None = None,
    until_at: datetime | None = None,
    tick_s: float = 60.0,
    **form: Any,
) -> Played:
    """See `pipeline.testing.plugin.Replay`."""
    plan = load_config(config).plan()
    onsets = load_truth(truth, plan.inventory) if truth else []
    options = RecordingOptions.model_validate({"files": files, "from_at": from_at, "until_at": until_at, **form})
    with Recording(options, plan.inventory) as recording:
        replayed = replay(plan, recording.batches(), tick_s)
        return Played(Shown(replayed, plan, onsets, recording.rejects, 0.0))


@dataclass(frozen=True)
class Played:
    """Everything that a recording came to. Hazards and levels may be given as words."""

    _shown: Shown

    @property
    def readings(self) -> int:
        """Readings that were taken in."""
        return self._shown.replayed.readings

    @property
    def dropped(self) -> Mapping[str, int]:
        """Reason -> readings that went no further: repeats, late ones."""
        return self._shown.replayed.dropped

    @property
    def rejects(self) -> Sequence[Reject]:
        """Rows of the files that are no readings."""
        return self._shown.rejects

    def findings(
        self,
        hazard: Hazard | str | None = None,
        *,
        subject: str | None = None,
        detector: str | None = None,
        level: Level | str = Level.NONE,
    ) -> list[Finding]:
        """Revisions in the order in which they were made, of at least `level`."""
        return [
            one
            for one in self._shown.replayed.findings
            if _is(one.hazard, hazard) and subject in {None, one.subject} and detector in {None, one.detector}
            if one.level >= level_of(level)
        ]

    def assessments(self, hazard: Hazard | str | None = None, *, area: str | None = None) -> list[Assessment]:
        """In the order in which they were made."""
        made = self._shown.replayed.assessments
        return [one for one in made if _is(one.hazard, hazard) and area in {None, one.area}]

    def warnings(
        self, hazard: Hazard | str | None = None, *, area: str | None = None, level: Level | str = Level.NONE
    ) -> list[HazardWarning]:
        """Reports in the order in which they were decided, of chains that reached at least `level`."""
        reached = {one.chain for one in self._shown.replayed.warnings if one.level >= level_of(level)}
        return [
            one
            for one in self._shown.replayed.warnings
            if _is(one.hazard, hazard) and area in {None, one.area} and one.chain in reached
        ]

    def lead_times(self, hazard: Hazard | str | None = None, *, area: str | None = None) -> list[LeadTime]:
        """The account of each chain, and of each event of the truth that was missed."""
        return [
            one
            for one in self._shown.lead_times
            if _is(one.hazard, hazard) and (area is None or concerns(one.area, area))
        ]

    def assert_found(self, hazard: Hazard | str, *, subject: str | None = None, level: Level | str = "blue") -> Finding:
        """The first finding of at least `level`.

        Raises:
            AssertionError: there is none; it lists what was found.
        """
        __tracebackhide__ = True
        found = self.findings(hazard, subject=subject, level=level)
        if not found:
            asked = f"no finding of {_word(hazard)} at {_word(level)} or above" + (f" by {subject}" if subject else "")
            raise AssertionError(_listed(asked, map(_finding_line, self.findings())))
        return found[0]

    def assert_warned(
        self,
        hazard: Hazard | str,
        *,
        area: str | None = None,
        level: Level | str = "blue",
        lead_time: timedelta | None = None,
    ) -> HazardWarning:
        """The first report of the first chain that reached `level`.

        Args:
            lead_time: at least so long before the onset that the truth tells every chain in `area` was issued, and no
                event was missed.

        Raises:
            AssertionError: there is none, or it came too late; it lists what was said.
        """
        __tracebackhide__ = True
        told = self.warnings(hazard, area=area, level=level)
        if not told:
            asked = f"no warning of {_word(hazard)} at {_word(level)} or above" + (f" in {area}" if area else "")
            raise AssertionError(_listed(asked, map(_warning_line, self.warnings())))
        if lead_time is not None:
            accounts = self.lead_times(hazard, area=area)
            known = [one.lead_time_s for one in accounts if one.lead_time_s is not None]
            if not known or min(known) < lead_time.total_seconds():
                asked = f"lead time of {_word(hazard)}: want at least {lead_time}"
                raise AssertionError(_listed(asked, map(_lead_line, accounts)))
        return told[0]

    def assert_quiet(self, hazard: Hazard | str | None = None, *, area: str | None = None) -> None:
        """Nobody was warned, of `hazard` or of anything but faults of sensors.

        Raises:
            AssertionError: somebody was; it lists of what.
        """
        __tracebackhide__ = True
        told = self.warnings(hazard, area=area)
        if hazard is None:
            told = [one for one in told if one.hazard is not Hazard.SENSOR_FAULT]
        if told:
            raise AssertionError(_listed("nobody was to be warned", map(_warning_line, told)))


def _is(found: Hazard, asked: Hazard | str | None) -> bool:
    return asked is None or found is Hazard(asked)


def _word(value: Hazard | Level | str) -> str:
    return value.word if isinstance(value, Level) else str(value)


def _listed(asked: str, lines: Iterable[str]) -> str:
    found = list(lines)
    more = [f"... and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
    return "\n  ".join([f"{asked}; there was" + ("" if found else " nothing"), *found[:_SHOWN], *more])


def _finding_line(one: Finding) -> str:
    number = f"{one.value:g} against {one.threshold:g}"
    return f"{to_text(one.at)} {one.level.word} {one.hazard} {one.subject} {one.detector} {one.criterion}: {number}"


def _warning_line(one: HazardWarning) -> str:
    return f"{to_text(one.sent_at)} {one.level.word} {one.hazard} in {one.area}, report {one.number} ({one.report})"


def _lead_line(one: LeadTime) -> str:
    length = "none known" if one.lead_time_s is None else str(timedelta(seconds=one.lead_time_s))
    return f"{one.hazard} in {one.area}: {length} ({one.basis})"
