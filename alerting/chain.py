"""One open report chain: what was told, what is known now, and how both are kept over a restart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from operator import itemgetter
from typing import Any, Final, NamedTuple, Self

import msgspec

from alerting.hazards import is_public
from pipeline.model.assessment import Assessment
from pipeline.model.finding import Finding
from pipeline.model.hazard import Hazard
from pipeline.model.level import Level
from pipeline.model.warning import HazardWarning

Key = tuple[str, Hazard]
"""Area and hazard: what has at most one open chain."""

SNAPSHOT_VERSION: Final = 3
CITED_MAX: Final = 3
"""Findings that a public report names; the rest are counted."""
CITED_FAULTS_MAX: Final = 10
"""Faulty devices that a maintenance report names."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one hazard in one area.

    Attributes:
        seen: the latest assessment.
        cited: the findings behind it that a report names, strongest first; more: how many others there are.
        faulty: subjects at fault; empty for a hazard to the public.
    """

    seen: Assessment
    cited: tuple[Finding, ...]
    more: int
    faulty: frozenset[str]

    @classmethod
    def of(cls, seen: Assessment, findings: Mapping[str, Finding], told: frozenset[str]) -> Self:
        """An assessment with those of its findings that are at hand. Faults not yet `told` stand first."""
        cited = [findings[key] for key in seen.findings if key in findings]
        if is_public(seen.hazard):
            return cls(seen, tuple(cited[:CITED_MAX]), max(len(cited) - CITED_MAX, 0), frozenset())
        cited.sort(key=lambda finding: finding.subject in told)
        faulty = frozenset(finding.subject for finding in cited)
        return cls(seen, tuple(cited[:CITED_FAULTS_MAX]), max(len(cited) - CITED_FAULTS_MAX, 0), faulty)


@dataclass(frozen=True, slots=True)
class Chain:
    """The latest report, what is known by now, and which faulty subjects a report has named or counted.

    Attributes:
        ordered: the level that a person ordered, and the assessed one that it stands in place of; it holds until
            another is assessed.
    """

    last: HazardWarning
    known: Known
    told: frozenset[str]
    ordered: tuple[Level, Level] | None = None

    def heard(self, assessment: Assessment, findings: Mapping[str, Finding]) -> Chain:
        """The chain after one more assessment. A device that recovered and fails again joins anew."""
        known = Known.of(assessment, findings, self.told)
        ordered = self.ordered if self.ordered and assessment.level == self.ordered[1] else None
        return replace(self, known=known, told=self.told & known.faulty, ordered=ordered)

    @property
    def joined(self) -> frozenset[str]:
        """Faulty subjects that no report has told of."""
        return self.known.faulty - self.told


class Withdrawn(NamedTuple):
    """A chain that a person withdrew, the level up to which that holds, what is known by now, and `Chain.ordered`."""

    chain: str
    level: Level
    known: Known
    ordered: tuple[Level, Level] | None


class _SavedKnown(msgspec.Struct):
    seen: dict[str, Any]
    cited: list[dict[str, Any]]
    more: int
    faulty: list[str]


class _Saved(msgspec.Struct):
    last: dict[str, Any]
    known: _SavedKnown
    told: list[str]
    ordered: tuple[int, int] | None = None


class _Snapshot(msgspec.Struct):
    version: int
    chains: list[_Saved]
    begun: list[tuple[str, str, datetime]]
    withdrawn: list[tuple[str, int, _SavedKnown, tuple[int, int] | None]] = msgspec.field(default_factory=list)


def encode(
    open_chains: Mapping[Key, Chain], begun: Mapping[Key, datetime], withdrawn: Mapping[Key, Withdrawn]
) -> bytes:
    """All that the life cycle knows: open chains, when the latest of each key began, what was withdrawn.

    Equal ones give equal bytes.
    """
    chains = [_saved(chain) for _, chain in sorted(open_chains.items(), key=itemgetter(0))]
    instants = [(area, str(hazard), at) for (area, hazard), at in sorted(begun.items())]
    lifted = [
        (one.chain, int(one.level), _saved_known(one.known), _numbers(one.ordered))
        for _, one in sorted(withdrawn.items(), key=itemgetter(0))
    ]
    return msgspec.msgpack.encode(_Snapshot(SNAPSHOT_VERSION, chains, instants, lifted))


def decode(data: bytes) -> tuple[dict[Key, Chain], dict[Key, datetime], dict[Key, Withdrawn]]:
    """What `encode` was given.

    Raises:
        ValueError: bytes of another version, or none that `encode` wrote.
    """
    snapshot = msgspec.msgpack.decode(data, type=_Snapshot)
    if snapshot.version != SNAPSHOT_VERSION:
        raise ValueError(f"snapshot version {snapshot.version} of report chains, this program reads {SNAPSHOT_VERSION}")
    chains = [_restored(saved) for saved in snapshot.chains]
    begun = {(area, Hazard(hazard)): at for area, hazard, at in snapshot.begun}
    lifted = [
        Withdrawn(chain, Level(level), _known(known), _levels(ordered))
        for chain, level, known, ordered in snapshot.withdrawn
    ]
    withdrawn = {(one.known.seen.area, one.known.seen.hazard): one for one in lifted}
    return {(chain.last.area, chain.last.hazard): chain for chain in chains}, begun, withdrawn


def _saved(chain: Chain) -> _Saved:
    return _Saved(chain.last.model_dump(), _saved_known(chain.known), sorted(chain.told), _numbers(chain.ordered))


def _saved_known(known: Known) -> _SavedKnown:
    cited = [finding.model_dump() for finding in known.cited]
    return _SavedKnown(known.seen.model_dump(), cited, known.more, sorted(known.faulty))


def _restored(saved: _Saved) -> Chain:
    last = HazardWarning.model_validate(saved.last)
    return Chain(last, _known(saved.known), frozenset(saved.told), _levels(saved.ordered))


def _known(saved: _SavedKnown) -> Known:
    cited = tuple(Finding.model_validate(finding) for finding in saved.cited)
    return Known(Assessment.model_validate(saved.seen), cited, saved.more, frozenset(saved.faulty))


def _numbers(ordered: tuple[Level, Level] | None) -> tuple[int, int] | None:
    return (int(ordered[0]), int(ordered[1])) if ordered else None


def _levels(ordered: tuple[int, int] | None) -> tuple[Level, Level] | None:
    return (Level(ordered[0]), Level(ordered[1])) if ordered else None
