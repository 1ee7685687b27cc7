"""How much of the population was reached.

Of a village that several targets reach, the part is reckoned as if they reached people independently, 1 - (1-a)(1-b),
between the bounds that hold whatever their overlap (Frechet): the largest of them, and their sum. Where nobody wrote
down whom a target reaches, nothing is assumed: its villages are unknown, or their upper bound is everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import prod
from typing import Final

from alerting.coverage.evidence import Told
from alerting.coverage.reach import Contact, ReachTable
from pipeline.model.area import Area, area_level
from pipeline.model.inventory import Inventory

MARKS: Final = (0.5, 0.95)
"""Parts of the population whose instants the ledger keeps."""

When = Callable[[Told], datetime | None]


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a population, 0 to 1, with the bounds it lies between."""

    low: float
    likely: float
    high: float


NOBODY: Final = Share(0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Village:
    """One village; shares are None where nothing tells whom the targets reach.

    Attributes:
        confirmed: by targets that were heard of; expected: by those and what providers took; open: by those and what
            is still being tried.
        contact: whom to call.
    """

    code: str
    name_zh: str
    name_en: str
    population: int | None
    confirmed: Share | None
    expected: Share | None
    open: Share | None
    contact: Contact | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """A warning's areas.

    Attributes:
        population: of the villages that tell it; unknown_population: of those without a share among them.
        confirmed, expected: of `population`; a village without a share counts from nobody to everybody.
        unknown: villages without a population or a share.
        not_reached: expected below what is enough, or unknown; the largest first.
        reached_at, expected_at: when `MARKS` of the population were confirmed, and could be expected to be, reached.
    """

    areas: tuple[str, ...]
    population: int
    unknown_population: int
    confirmed: Share
    expected: Share
    villages: tuple[Village, ...]
    unknown: tuple[str, ...]
    not_reached: tuple[Village, ...]
    reached_at: tuple[datetime | None, ...]
    expected_at: tuple[datetime | None, ...]


def reckon(areas: Sequence[str], told: Sequence[Told], inventory: Inventory, table: ReachTable) -> Coverage:
    """The coverage of areas by what is known of the deliveries of a warning."""
    villages = tuple(_village(one, told, table) for one in _leaves(areas, inventory))
    counted = [one for one in villages if one.population is not None]
    population = sum(one.population or 0 for one in counted)
    blank = sum(one.population or 0 for one in counted if one.expected is None)
    weak = [one for one in villages if one.expected is None or one.expected.likely < table.enough]

    def marks(when: When) -> tuple[datetime | None, ...]:
        return tuple(_passed(mark, counted, told, table, when) for mark in MARKS)

    return Coverage(
        areas=tuple(areas),
        population=population,
        unknown_population=blank,
        confirmed=_weighed(counted, lambda one: one.confirmed, population),
        expected=_weighed(counted, lambda one: one.expected, population),
        villages=villages,
        unknown=tuple(one.code for one in villages if one.population is None or one.expected is None),
        not_reached=tuple(sorted(weak, key=lambda one: (-(one.population or 0), one.code))),
        reached_at=marks(lambda one: one.confirmed_at),
        expected_at=marks(lambda one: one.expected_at),
    )


def leaves(area: str, inventory: Inventory) -> list[Area]:
    """The smallest divisions that the inventory lists in an area; the area itself where it lists none."""
    digits = area[: area_level(area)]
    within = [one for one in inventory.areas if one.code.startswith(digits)]
    parents = {one.code[:digit].ljust(12, "0") for one in within for digit in (2, 4, 6, 9) if digit < one.level}
    found = [one for one in within if one.code not in parents]
    return found or [inventory.area_by_code.get(area) or Area(code=area, name_zh=area, name_en=area)]


def _leaves(areas: Sequence[str], inventory: Inventory) -> list[Area]:
    """Those of all areas, each once: one may hold another."""
    return list({one.code: one for area in areas for one in leaves(area, inventory)}.values())


def share(parts: Sequence[float], *, more: bool = False) -> Share:
    """The share that targets with these parts reach together; `more`: beside them one whose part nobody knows."""
    if not parts:
        return Share(0.0, 0.0, 1.0) if more else NOBODY
    return Share(max(parts), 1 - prod(1 - part for part in parts), 1.0 if more else min(1.0, sum(parts)))


def _village(area: Area, told: Sequence[Told], table: ReachTable) -> Village:
    def by(chosen: Iterable[Told]) -> Share | None:
        parts = [table.part(area.code, one.channel, one.target) for one in chosen]
        known = [part for part in parts if part is not None]
        if parts and not known:
            return None
        return share(known, more=len(known) < len(parts))

    reaching = [one for one in told if table.part(area.code, one.channel, one.target) is not None]
    blank = bool(told) and not reaching
    expected = [one for one in told if one.expected_at is not None]
    return Village(
        code=area.code,
        name_zh=area.name_zh,
        name_en=area.name_en,
        population=area.population,
        confirmed=None if blank else by(one for one in told if one.confirmed_at is not None),
        expected=None if blank else by(expected),
        open=None if blank else by([*expected, *(one for one in told if one.is_open and one.expected_at is None)]),
        contact=table.contact(area.code),
    )


def _weighed(villages: Sequence[Village], of: Callable[[Village], Share | None], population: int) -> Share:
    if not population:
        return Share(0.0, 0.0, 1.0)
    shares = [(one.population or 0, of(one) or Share(0.0, 0.0, 1.0)) for one in villages]
    return Share(
        sum(people * each.low for people, each in shares) / population,
        sum(people * each.likely for people, each in shares) / population,
        sum(people * each.high for people, each in shares) / population,
    )


def _passed(
    mark: float, villages: Sequence[Village], told: Sequence[Told], table: ReachTable, when: When
) -> datetime | None:
    """When the likely share of the population passed `mark`: targets only ever add to it."""
    population = sum(one.population or 0 for one in villages)
    left = {one.code: 1.0 for one in villages}
    timed = sorted(((at, one) for one in told if (at := when(one)) is not None), key=lambda pair: pair[0])
    for at, one in timed:
        for code in left:
            left[code] *= 1 - (table.part(code, one.channel, one.target) or 0.0)
        reached = sum((village.population or 0) * (1 - left[village.code]) for village in villages)
        if population and reached >= mark * population - 1e-9:
            return at
    return None
