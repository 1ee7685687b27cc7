"""How well forecasts of rain did: Brier score, reliability, CSI and the error of the time told, from counts.

Counts are whole numbers, so their order changes nothing: probabilities in thousandths, errors in minutes. The Brier
score is the mean of (p - o)^2 = p^2 - 2 p o + o, o being 1 where the amount came (Brier 1950, Monthly Weather Review
78, 1); CSI counts what was said with a probability of SAID or more (Wilks 2011, chapter 8).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from pipeline.model.forecast import ForecastState, RainAhead, Reaching

ANY: Final = "*"
"""In the place of a source: whatever was in force."""
SAID: Final = 0.3
"""From which on rain counts as forecast: that of `rain_forecast` by default."""
_TENTHS: Final = 10


@dataclass(frozen=True, slots=True)
class Tally:
    """Forecasts of one source, horizon and amount whose probability lies in one tenth, 0 to 9.

    Attributes:
        count, came: how many were verified, and of them came true. `unverified`: were not.
        said_1000, squared_1000000, came_1000: sums of p, of p squared, and of p where it came.
        timed: how many had a time told and came true; `late_min` and `error_min`: sums of that error, and of its size.
    """

    COUNTS: ClassVar[tuple[str, ...]] = (
        *("count", "came", "unverified", "said_1000", "squared_1000000", "came_1000"),
        *("timed", "late_min", "error_min"),
    )

    source: str
    horizon_min: int
    amount_um: int
    tenth: int
    count: int = 0
    came: int = 0
    unverified: int = 0
    said_1000: int = 0
    squared_1000000: int = 0
    came_1000: int = 0
    timed: int = 0
    late_min: int = 0
    error_min: int = 0

    @classmethod
    def of(cls, source: str, one: RainAhead, amount: Reaching) -> Tally:
        """What one amount of one forecast counts."""
        said = round(amount.probability * 1000)
        key = (source, one.horizon_min, round(amount.amount_mm * 1000), min(said * _TENTHS // 1000, _TENTHS - 1))
        if one.state is not ForecastState.VERIFIED:
            return cls(*key, unverified=1)
        came = int(amount.reached_at is not None)
        late = 0
        timed = amount.expected_at is not None and amount.reached_at is not None
        if amount.expected_at is not None and amount.reached_at is not None:
            late = round((amount.expected_at - amount.reached_at).total_seconds() / 60)
        return cls(*key, 1, came, 0, said, said * said, said * came, int(timed), late, abs(late))


@dataclass(frozen=True, slots=True)
class ForecastScore:
    """One source, horizon and amount; None where nothing can be divided by.

    Attributes:
        said, came: mean probability, and how often it came.
        climatology: the Brier score of always saying `came`.
        late_min, error_min: by how much the time told was late (early: negative), and off, in the mean.
        reliability: of each tenth that was used: mean probability, how often it came, how many.
    """

    source: str
    horizon_min: int
    amount_mm: float
    count: int
    unverified: int
    said: float | None
    came: float | None
    brier: float | None
    climatology: float | None
    csi: float | None
    late_min: float | None
    error_min: float | None
    reliability: tuple[tuple[float, float, int], ...]


def scores(tallies: Iterable[Tally]) -> list[ForecastScore]:
    """A row a source, horizon and amount, in this order."""
    groups: dict[tuple[str, int, int], list[Tally]] = {}
    for one in tallies:
        groups.setdefault((one.source, one.horizon_min, one.amount_um), []).append(one)
    return [_score(*key, rows) for key, rows in sorted(groups.items())]


def _score(source: str, horizon_min: int, amount_um: int, rows: Sequence[Tally]) -> ForecastScore:
    total = {name: sum(getattr(one, name) for one in rows) for name in Tally.COUNTS}
    count = total["count"]
    came = _share(total["came"], count)
    brier = total["squared_1000000"] / 1e6 - 2 * total["came_1000"] / 1e3 + total["came"]
    told = [one for one in rows if one.tenth >= SAID * _TENTHS]
    hits, said = sum(one.came for one in told), sum(one.count for one in told)
    return ForecastScore(
        source=source,
        horizon_min=horizon_min,
        amount_mm=amount_um / 1000,
        count=count,
        unverified=total["unverified"],
        said=_share(total["said_1000"] / 1000, count),
        came=came,
        brier=_share(brier, count),
        climatology=None if came is None else came * (1 - came),
        csi=_share(hits, said + total["came"] - hits),
        late_min=_share(total["late_min"], total["timed"]),
        error_min=_share(total["error_min"], total["timed"]),
        reliability=tuple(
            (one.said_1000 / 1000 / one.count, one.came / one.count, one.count)
            for one in sorted(rows, key=lambda row: row.tenth)
            if one.count
        ),
    )


def _share(part: float, whole: int) -> float | None:
    return part / whole if whole else None
