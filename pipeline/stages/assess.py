"""Assess: the findings of an area and hazard become one level, one confidence, one expected onset.

Voting: a level counts once `votes` subjects support it; below that the evidence counts for the highest level that
needs no vote. Confidence: see `fusion`. Chains: while one hazard stands by its own evidence, evidence of another in
the same place counts one level more (rain and a slope); what a chain has raised is no cause of a further one, so
chains cannot hold each other up. An expected onset that has passed gives way to the next that evidence expects.

A fault neither raises nor clears a hazard: what a faulty sensor's detectors say is withheld until the fault is over;
what they said while it was sound stands.

Where very many speak of one hazard in one area (a line is cut, and all behind it fall silent), what raises no level is
told with the next tick, of all of them in one.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from pydantic import BaseModel

from detectors.sensor_health.faults import Fault
from pipeline.config.assessment import AssessmentPolicy
from pipeline.model.area import ancestor, overlap
from pipeline.model.assessment import Assessment
from pipeline.model.finding import Finding, FindingState
from pipeline.model.hazard import Hazard
from pipeline.model.identity import content_id
from pipeline.model.instant import to_ns
from pipeline.model.inventory import Inventory
from pipeline.model.level import Level
from pipeline.stages.standing import Standing, Weight, weigh

DISQUALIFYING: Final = frozenset(fault.key for fault in Fault if fault.disqualifies)
"""Faults under which a sensor is no witness."""

CROWD: Final = 64
"""Findings of one hazard in one area that are very many: to weigh all of them for each takes time by their square."""


class _Snapshot(BaseModel):
    standing: list[Standing]
    faults: dict[str, list[str]]
    withheld: list[Finding]


class Assess:
    """The stage. Findings come in their one order; instants given never step back."""

    def __init__(self, inventory: Inventory, policy: AssessmentPolicy) -> None:
        self._inventory = inventory
        self._policy = policy
        self._causes: dict[Hazard, set[Hazard]] = {}
        for chain in policy.links:
            self._causes.setdefault(chain.effect, set()).add(chain.cause)
        self._standing: dict[tuple[Hazard, str], Standing] = {}
        self._faults: dict[str, set[str]] = {}
        self._withheld: dict[str, Finding] = {}

    def take(self, finding: Finding, at: datetime) -> Iterator[Assessment]:
        """What one finding changes, at the instant it is taken in."""
        sensor = finding.trigger.partition("/")[0]
        if finding.hazard is Hazard.SENSOR_FAULT:
            yield from self._weighed(finding, at)
            if finding.criterion in DISQUALIFYING:
                yield from self._witness(sensor, finding, at)
        elif self._faults.get(sensor):
            self._withheld[finding.id] = finding
        else:
            self._withheld.pop(finding.id, None)
            yield from self._weighed(finding, at)

    def expire(self, at: datetime) -> Iterator[Assessment]:
        """Lower what was due to be lowered before `at`, and take back onsets that passed, each at its own instant.

        What is due at `at` itself waits: evidence of that very instant may still come, and nobody should hear that it
        is over and that it begins in one breath.
        """
        while due := [(when, s.hazard, s.area) for s in self._standing.values() if (when := s.due_at(at))]:
            due_at, hazard, area = min(due)
            standing = self._standing[hazard, area]
            standing.lower_at = None
            yield self._told(standing, self._weight(standing, due_at), due_at, "")

    def settle(self, at: datetime) -> Iterator[Assessment]:
        """Tell what waited for this tick."""
        for key in sorted(key for key, standing in self._standing.items() if standing.waiting):
            standing = self._standing[key]
            trigger = standing.waiting
            yield from self._changed(standing, trigger, at)
            for effect in self._effects(standing):
                yield from self._changed(effect, trigger, at)

    def open_findings(self, hazard: Hazard, area: str) -> dict[str, Finding]:
        """The evidence that stands behind one hazard in one area."""
        standing = self._standing.get((hazard, area))
        return dict(standing.open) if standing else {}

    def all_open(self) -> list[Finding]:
        """All evidence that stands."""
        return [finding for standing in self._standing.values() for finding in standing.open.values()]

    def held(self) -> list[Finding]:
        """The latest revision of each finding that has not ended, withheld ones included, in order."""
        latest = {one.id: one for one in self.all_open()} | self._withheld
        return sorted(
            (one for one in latest.values() if one.state is not FindingState.CLOSED), key=lambda one: one.order
        )

    def snapshot(self) -> bytes:
        """Everything that is held between entries."""
        faults = {sensor: sorted(kinds) for sensor, kinds in sorted(self._faults.items()) if kinds}
        state = _Snapshot(standing=list(self._standing.values()), faults=faults, withheld=list(self._withheld.values()))
        return state.model_dump_json().encode()

    def restore(self, data: bytes) -> None:
        """Take up what `snapshot` wrote."""
        state = _Snapshot.model_validate_json(data)
        self._standing = {(one.hazard, one.area): one for one in state.standing}
        self._faults = {sensor: set(kinds) for sensor, kinds in state.faults.items()}
        self._withheld = {one.id: one for one in state.withheld}

    def _witness(self, sensor: str, fault: Finding, at: datetime) -> Iterator[Assessment]:
        """Note that a sensor stops or starts to be a witness; hear what was withheld when it is sound again."""
        faults = self._faults.setdefault(sensor, set())
        if fault.state is not FindingState.CLOSED:
            faults.add(fault.criterion)
            return
        faults.discard(fault.criterion)
        if faults:
            return
        del self._faults[sensor]
        heard = [one for one in self._withheld.values() if one.trigger.partition("/")[0] == sensor]
        for finding in sorted(heard, key=lambda one: one.order):
            del self._withheld[finding.id]
            yield from self._weighed(finding, at)

    def _weighed(self, finding: Finding, at: datetime) -> Iterator[Assessment]:
        standing = self._standing_of(finding)
        if standing is None:
            return
        if len(standing.open) >= CROWD and finding.level <= standing.level:
            standing.take(finding)
            standing.waiting = finding.id
            return
        before = standing.voted(self._policy)
        standing.take(finding)
        if not standing.open and not standing.level:  # too little evidence to be told of, and none is left
            del self._standing[standing.hazard, standing.area]
        else:
            yield from self._changed(standing, finding.id, at)
        if standing.voted(self._policy) != before:
            for effect in self._effects(standing):
                yield from self._changed(effect, finding.id, at)

    def _changed(self, standing: Standing, trigger: str, at: datetime) -> Iterator[Assessment]:
        """What is to be told now that a finding, of this hazard or of a cause of it, has changed."""
        standing.waiting = ""
        weight = self._weight(standing, at)
        if weight.level < standing.level:
            yield from self._lower(standing, weight, trigger, at)
            return
        standing.lower_at = None
        news = (weight.level, set(weight.findings), weight.onset_at)
        if weight.level and news != (standing.level, set(standing.told), standing.told_onset_at):
            yield self._told(standing, weight, at, trigger)

    def _lower(self, standing: Standing, weight: Weight, trigger: str, at: datetime) -> Iterator[Assessment]:
        hold_s = self._policy.rule(standing.hazard).lower_after_s
        if not hold_s:
            yield self._told(standing, weight, at, trigger)
        elif standing.lower_at is None:
            standing.lower_at = at + timedelta(seconds=hold_s)

    def _weight(self, standing: Standing, at: datetime) -> Weight:
        mine = self._instruments(standing)
        causes = {
            (other.hazard, level)
            for other in self._standing.values()
            if other.hazard in self._causes.get(standing.hazard, ())
            and overlap(other.area, standing.area)
            and not mine <= self._instruments(other)
            for level in Level
            if Level.NONE < level <= other.voted(self._policy)
        }
        return weigh(standing, self._policy, at, causes)

    def _instruments(self, standing: Standing) -> set[str]:
        """The kinds of sensor that it is seen by: what a cause's own sensors say of it is no second evidence."""
        sensors = self._inventory.sensor_by_id
        names = {one.trigger.partition("/")[0] for one in standing.open.values()}
        return {sensors[name].kind.value if name in sensors else name for name in names}

    def _effects(self, cause: Standing) -> list[Standing]:
        """What stands where this hazard stands and is raised by it, in order."""
        found = (
            one
            for one in self._standing.values()
            if cause.hazard in self._causes.get(one.hazard, ()) and overlap(one.area, cause.area)
        )
        return sorted(found, key=lambda one: (one.hazard, one.area))

    def _standing_of(self, finding: Finding) -> Standing | None:
        """Where a finding is held, or else belongs; None for the end of something that was never held.

        The two differ once the inventory or the policy has changed.
        """
        area = self._area(finding)
        standing = self._standing.get((finding.hazard, area))
        if finding.state is not FindingState.OPENED and (standing is None or finding.id not in standing.open):
            standing = next((one for one in self._standing.values() if finding.id in one.open), standing)
        if standing is None and finding.state is not FindingState.CLOSED:
            standing = Standing(hazard=finding.hazard, area=area, first_evidence_at=finding.onset_at)
            self._standing[finding.hazard, area] = standing
        return standing

    def _area(self, finding: Finding) -> str:
        """The division that is assessed as a whole, if the inventory has it."""
        wider = ancestor(finding.area, self._policy.rule(finding.hazard).area_level)
        return wider if wider in self._inventory.area_by_code else finding.area

    def _told(self, standing: Standing, weight: Weight, at: datetime, trigger: str) -> Assessment:
        previous = standing.level
        key = (standing.hazard, standing.area)
        assessment = Assessment(
            id=content_id("assessment", *key, to_ns(standing.first_evidence_at), standing.number),
            hazard=standing.hazard,
            area=standing.area,
            level=weight.level,
            previous_level=previous,
            confidence=weight.confidence,
            at=at,
            first_evidence_at=standing.first_evidence_at,
            expected_onset_at=weight.onset_at,
            expected_onset_earliest_at=weight.earliest_at,
            expected_onset_latest_at=weight.latest_at,
            findings=weight.findings,
            trigger=trigger,
            raised_by=weight.raised_by,
        )
        standing.level, standing.told, standing.told_onset_at = weight.level, weight.findings, weight.onset_at
        standing.passes_at = weight.onset_at if weight.onset_at and weight.onset_at > at else None
        standing.number += 1
        if weight.level is Level.NONE and not standing.open:
            del self._standing[key]
        return assessment
