"""What really happened, and which episode an event can claim."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.evaluation.episodes import Episode
from pipeline.model.area import overlap


@dataclass(frozen=True, slots=True)
class Event:
    """One known event.

    Attributes:
        area: code of the division it belongs to; "" where the recording has one place only.
        begin_ns: delays count from here. earliest_ns: before it nothing can be seen.
        found_by_ns: an episode that opens later than this did not find it.
        end_ns: when it was over.
        onset_ns: when it became a danger, where that is known: lead times count to it.
        peers: what others reached on this very event -> delay in seconds.
    """

    name: str
    begin_ns: int
    earliest_ns: int
    found_by_ns: int
    end_ns: int
    area: str = ""
    onset_ns: int | None = None
    peers: tuple[tuple[str, float], ...] = ()

    def found_by(self, episode: Episode) -> bool:
        """Whether this episode opened because of it, as far as time and place tell."""
        return self.earliest_ns <= episode.opened_ns <= self.found_by_ns and self.is_where(episode)

    def excuses(self, episode: Episode, afterglow_ns: int) -> bool:
        """Whether the episode is no false one: it opened while the event, or what it left behind, was there."""
        return self.earliest_ns <= episode.opened_ns <= self.end_ns + afterglow_ns and self.is_where(episode)

    def meets(self, episode: Episode) -> bool:
        """Whether the episode opened before the event and still stood when it began."""
        stood = episode.closed_ns is None or episode.closed_ns > self.earliest_ns
        return episode.opened_ns < self.earliest_ns and stood and self.is_where(episode)

    def is_where(self, episode: Episode) -> bool:
        """Whether the episode is of the place of this event."""
        return not self.area or overlap(self.area, episode.area)
