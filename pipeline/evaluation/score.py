"""Episodes against events: the figures.

POD = events found / events, with its exact 95 % interval. FAR = false episodes / episodes (the false alarm ratio).
CSI = found / (events + false episodes). Rates are per sensor-month of 30 days. Definitions as in Wilks, Statistical
Methods in the Atmospheric Sciences (2011), chapter 8.

Chance POD is what the same episodes find when they are turned in time against the events, the recording closed to a
ring: the mean over many shifts. Skill = (POD - chance) / (1 - chance).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from pipeline.evaluation.episodes import Episode
from pipeline.evaluation.event import Event
from pipeline.evaluation.exact import interval
from pipeline.model.instant import NS_PER_S

MONTH_S: Final = 30 * 86_400.0
SHIFTS: Final = 499
"""Turns of the ring: every 500th part of it but none."""
QUANTILES: Final = (0.1, 0.5, 0.9)


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a recording; `sensor_s` is for how long its sensors reported in it, summed over the sensors."""

    begin_ns: int
    end_ns: int
    sensor_s: float

    def holds(self, at_ns: int) -> bool:
        """From its begin up to, not with, its end."""
        return self.begin_ns <= at_ns < self.end_ns


@dataclass(frozen=True, slots=True)
class Found:
    """One event and how it was found; both None where it was missed. Lead is None where no onset is known too.

    Attributes:
        stood_s: of an event that was missed: for how much longer an alarm stood that was in force when it began, at
            most to its end; None where none was.
    """

    event: str
    delay_s: float | None
    lead_s: float | None
    stood_s: float | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """What one voice reached on one part. Figures without a meaning there (no event, no episode) are None.

    Attributes:
        in_force: events that were missed, but began while an alarm stood already.
        delays_s, leads_s: p10, p50, p90 over the events found.
        premature: those of the false episodes that still stood when an event began.
        pod_early: share of the events found with the lead asked for; None where none is.
        under_alarm: share of the part for which some alarm stood: what chance would find in force.
        found: one entry an event, in order.
    """

    events: int
    hits: int
    in_force: int
    pod: float | None
    pod_interval: tuple[float, float] | None
    pod_early: float | None
    delays_s: tuple[float, ...]
    leads_s: tuple[float, ...]
    episodes: int
    false: int
    premature: int
    false_per_sensor_month: float
    far: float | None
    csi: float | None
    chance: float | None
    skill: float | None
    under_alarm: float | None
    found: tuple[Found, ...]

    @property
    def missed(self) -> tuple[str, ...]:
        """Names of the events that were not found."""
        return tuple(one.event for one in self.found if one.delay_s is None)


def score(
    all_episodes: Sequence[Episode],
    all_events: Sequence[Event],
    span: Span,
    afterglow_ns: int,
    *,
    by_chance: bool = True,
    early_s: float | None = None,
) -> Score:
    """The figures of one part: events that begin in it, episodes that open in it.

    Args:
        afterglow_ns: for how long after an event an episode is no false one.
        early_s: the lead that `pod_early` asks for.
        by_chance: whether a chance POD means anything here: the recording is more than its events.
    """
    opened = [one for one in all_episodes if span.holds(one.opened_ns)]
    events = [one for one in all_events if span.holds(one.begin_ns)]
    found = tuple(_found(event, all_episodes) for event in events)
    hits = sum(one.delay_s is not None for one in found)
    unfounded = [one for one in opened if not any(event.excuses(one, afterglow_ns) for event in all_events)]
    false = len(unfounded)
    pod = hits / len(events) if events else None
    chance = chance_pod(opened, events, span) if events and by_chance else None
    leads_s = [one.lead_s for one in found if one.lead_s is not None]
    known = [event for event in events if event.onset_ns is not None]
    early = [lead_s for lead_s in leads_s if early_s is not None and lead_s >= early_s]
    return Score(
        events=len(events),
        hits=hits,
        in_force=sum(one.stood_s is not None for one in found),
        pod=pod,
        pod_interval=interval(hits, len(events)) if events else None,
        pod_early=len(early) / len(known) if known and early_s is not None else None,
        delays_s=_quantiles([one.delay_s for one in found if one.delay_s is not None]),
        leads_s=_quantiles(leads_s),
        episodes=len(opened),
        false=false,
        premature=sum(any(event.meets(one) for event in all_events) for one in unfounded),
        false_per_sensor_month=false / (span.sensor_s / MONTH_S) if span.sensor_s else 0.0,
        far=false / len(opened) if opened else None,
        csi=hits / (len(events) + false) if events else None,
        chance=chance,
        skill=(pod - chance) / (1 - chance) if pod is not None and chance is not None and chance < 1 else None,
        under_alarm=under_alarm(all_episodes, span) if by_chance else None,
        found=found,
    )


def chance_pod(opened: Sequence[Episode], events: Sequence[Event], span: Span) -> float:
    """The mean POD of the episodes over all turns of the ring."""
    length_ns = span.end_ns - span.begin_ns
    turns_ns = length_ns * np.arange(1, SHIFTS + 1)[:, None] // (SHIFTS + 1)
    hits = 0
    for event in events:
        here_ns = np.array([one.opened_ns for one in opened if event.is_where(one)], np.int64)
        turned_ns = span.begin_ns + (here_ns - span.begin_ns + turns_ns) % length_ns
        hits += int(((event.earliest_ns <= turned_ns) & (turned_ns <= event.found_by_ns)).any(axis=1).sum())
    return hits / (SHIFTS * len(events))


def under_alarm(all_episodes: Sequence[Episode], span: Span) -> float:
    """The share of the span for which any of the episodes stood."""
    spans = [
        (max(one.opened_ns, span.begin_ns), span.end_ns if one.closed_ns is None else min(one.closed_ns, span.end_ns))
        for one in all_episodes
    ]
    reached_ns, stood_ns = span.begin_ns, 0
    for opened_ns, closed_ns in sorted(spans):
        stood_ns += max(closed_ns - max(opened_ns, reached_ns), 0)
        reached_ns = max(reached_ns, closed_ns)
    return stood_ns / (span.end_ns - span.begin_ns)


def _found(event: Event, all_episodes: Sequence[Episode]) -> Found:
    """By the first episode that opened because of it."""
    first_ns = min((one.opened_ns for one in all_episodes if event.found_by(one)), default=None)
    if first_ns is None:
        return Found(event.name, None, None, _stood_s(event, all_episodes))
    lead_s = None if event.onset_ns is None else (event.onset_ns - first_ns) / NS_PER_S
    return Found(event.name, (first_ns - event.begin_ns) / NS_PER_S, lead_s)


def _stood_s(event: Event, all_episodes: Sequence[Episode]) -> float | None:
    """For how long after the begin of the event an alarm went on that was in force already."""
    ends_ns = [event.end_ns if one.closed_ns is None else one.closed_ns for one in all_episodes if event.meets(one)]
    return (min(max(ends_ns), event.end_ns) - event.earliest_ns) / NS_PER_S if ends_ns else None


def _quantiles(seconds: Sequence[float]) -> tuple[float, ...]:
    return tuple(float(value) for value in np.quantile(seconds, QUANTILES)) if seconds else ()
