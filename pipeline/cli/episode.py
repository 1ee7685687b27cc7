"""Findings gathered into episodes, and which of them are worth a look first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise, zip_longest

from pipeline.model.finding import Finding
from pipeline.model.hazard import Hazard
from pipeline.model.level import Level

Band = tuple[datetime, datetime, Level]
"""From when until when which level stood."""


@dataclass(frozen=True, slots=True)
class Episode:
    """All revisions of one finding, in order."""

    revisions: tuple[Finding, ...]

    @property
    def hazard(self) -> Hazard:
        """What was seen."""
        return self.revisions[0].hazard

    @property
    def begin_at(self) -> datetime:
        """When it was first told."""
        return self.revisions[0].at

    @property
    def gravest(self) -> Finding:
        """The first revision of the highest level."""
        return max(self.revisions, key=lambda one: one.level)

    @property
    def sensors(self) -> frozenset[str]:
        """Whose readings brought its revisions about."""
        return frozenset(one.trigger.partition("/")[0] for one in self.revisions)

    def bands(self, end_at: datetime) -> Iterator[Band]:
        """From when until when which level stood; to `end_at` where it is still open."""
        for one, following in pairwise((*self.revisions, None)):
            if one is not None and one.level is not Level.NONE:
                yield one.at, following.at if following else max(end_at, one.at), one.level


def episodes(findings: Sequence[Finding]) -> list[Episode]:
    """One an id, in order of onset."""
    by_id: dict[str, list[Finding]] = {}
    for one in findings:
        by_id.setdefault(one.id, []).append(one)
    found = [Episode(tuple(sorted(some, key=lambda one: one.revision))) for some in by_id.values()]
    return sorted(found, key=lambda one: (one.gravest.onset_at, one.gravest.id))


def stood(found: Sequence[Episode], end_at: datetime) -> list[Band]:
    """The highest level of all these episodes over time; stretches without one are left out."""
    bands = [band for episode in found for band in episode.bands(end_at)]
    edges = sorted({edge for begin_at, until_at, _ in bands for edge in (begin_at, until_at)})
    highest = [
        (begin_at, until_at, max((band[2] for band in bands if band[0] <= begin_at < band[1]), default=Level.NONE))
        for begin_at, until_at in pairwise(edges)
    ]
    return [band for band in highest if band[2]]


def chosen(found: Sequence[Episode], number: int) -> list[tuple[str, list[Episode]]]:
    """At most `number` sensors with what each saw of one hazard: in turns the gravest of each hazard, then the next.

    Those of one hazard stand together. Sensor faults are left out.
    """
    seen: dict[tuple[Hazard, str], list[Episode]] = {}
    for episode in found:
        for sensor in sorted(episode.sensors if episode.hazard is not Hazard.SENSOR_FAULT else ()):
            seen.setdefault((episode.hazard, sensor), []).append(episode)
    ranked = sorted(seen, key=lambda key: (-max(one.gravest.level for one in seen[key]), key))
    columns = [[key for key in ranked if key[0] is hazard] for hazard in Hazard]
    turns = [key for turn in zip_longest(*columns) for key in turn if key is not None]
    order = {hazard: place for place, hazard in enumerate(Hazard)}
    kept = sorted(turns[:number], key=lambda key: (order[key[0]], turns.index(key)))
    return [(sensor, seen[hazard, sensor]) for hazard, sensor in kept]
