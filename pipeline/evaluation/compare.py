"""Two configurations on one recording: which warnings come earlier, later, only from one of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from alerting.lead_time import Basis, LeadTime
from pipeline.model.hazard import Hazard


@dataclass(frozen=True, slots=True)
class Pair:
    """A warning, or an observed event, as the two configurations have it; None where one has neither.

    Attributes:
        earlier_s: by how much B's first report came before A's; None where one of them gave none.
    """

    hazard: Hazard
    area: str
    a: LeadTime | None
    b: LeadTime | None
    earlier_s: float | None

    @property
    def at(self) -> datetime:
        """When it happened: the first report of either, or the event that both missed."""
        known = [one.issued_at or one.onset_at for one in (self.a, self.b) if one]
        return min(at for at in known if at is not None)

    @property
    def is_change(self) -> bool:
        """Whether the two differ in anything that people would notice."""
        if self.a is None or self.b is None or self.earlier_s is None:
            return not (_missed(self.a) and _missed(self.b))
        return self.earlier_s != 0 or self.a.peak_level is not self.b.peak_level


def pairs(ours: Iterable[LeadTime], theirs: Iterable[LeadTime]) -> list[Pair]:
    """The accounts of A and of B side by side, in order of time.

    Warnings of one hazard and area belong together where they answer to the same observed onset, or stood at the same
    time; each belongs to at most one of the other side.
    """
    sides: list[dict[tuple[Hazard, str], list[LeadTime]]] = [_by_place(ours), _by_place(theirs)]
    places = sorted({*sides[0], *sides[1]})
    found = [pair for place in places for pair in _matched(*place, *(side.get(place, []) for side in sides))]
    return sorted(found, key=lambda pair: (pair.at, pair.hazard, pair.area))


def _by_place(rows: Iterable[LeadTime]) -> dict[tuple[Hazard, str], list[LeadTime]]:
    def place(row: LeadTime) -> tuple[Hazard, str]:
        return row.hazard, row.area

    return {key: list(group) for key, group in groupby(sorted(rows, key=place), key=place)}


def _matched(hazard: Hazard, area: str, ours: Sequence[LeadTime], theirs: Sequence[LeadTime]) -> Iterator[Pair]:
    left = list(theirs)
    for one in ours:
        other = next((row for row in left if _belongs(one, row)), None)
        if other:
            left.remove(other)
        yield Pair(hazard, area, one, other, _earlier_s(one, other))
    yield from (Pair(hazard, area, None, one, None) for one in left)


def _belongs(one: LeadTime, other: LeadTime) -> bool:
    observed = {Basis.OBSERVED, Basis.MISSED}
    if one.basis in observed and other.basis in observed:
        return one.onset_at == other.onset_at
    if one.issued_at is None or other.issued_at is None:
        return False
    return _before_end(one.issued_at, other) and _before_end(other.issued_at, one)


def _before_end(at: datetime, row: LeadTime) -> bool:
    return row.ended_at is None or at <= row.ended_at


def _earlier_s(one: LeadTime, other: LeadTime | None) -> float | None:
    if other is None or one.issued_at is None or other.issued_at is None:
        return None
    return (one.issued_at - other.issued_at).total_seconds()


def _missed(row: LeadTime | None) -> bool:
    """Whether nothing was said."""
    return row is None or row.issued_at is None
