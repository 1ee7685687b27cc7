"""Several areas in words: by name, together with the division that holds them, by level where levels differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from alerting.words import COLOURS, choose, leaf, place
from pipeline.model.area import AreaLevel, ancestor
from pipeline.model.inventory import Inventory
from pipeline.model.level import Level
from pipeline.model.warning import HazardWarning, Language


def listed(inventory: Inventory, codes: Iterable[str], language: Language) -> str:
    """Their own names, in the order given."""
    return choose(language, "、", ", ").join(leaf(inventory, code, language) for code in codes)


def places(inventory: Inventory, codes: Sequence[str], language: Language) -> str:
    """One area with the divisions above it; of several their names, and the smallest division that holds them all."""
    if len(codes) == 1:
        return place(inventory, codes[0], language)
    names = listed(inventory, codes, language)
    above = [{ancestor(code, level) for code in codes} for level in AreaLevel]
    known = [code for codes in above if len(codes) == 1 for code in codes if code in inventory.area_by_code]
    if not known:
        return names
    return choose(
        language,
        f"{place(inventory, known[-1], language)}（{names}）",
        f"{names} ({place(inventory, known[-1], language)})",
    )


def levels(inventory: Inventory, warning: HazardWarning, language: Language) -> list[tuple[Level, str]]:
    """(level, names of the areas at it), the highest first; a warning of one area has one."""
    if not warning.parts:
        return [(warning.level, leaf(inventory, warning.area, language))]
    present = sorted({part.level for part in warning.parts if part.level}, reverse=True)
    by_level = ((level, [part.area for part in warning.parts if part.level is level]) for level in present)
    return [(level, listed(inventory, codes, language)) for level, codes in by_level]


def brief(inventory: Inventory, warning: HazardWarning, language: Language) -> str:
    """Where, for a title: names alone, each level with its colour where they differ."""
    found = levels(inventory, warning, language)
    if len(found) <= 1:
        return listed(inventory, warning.areas, language)
    each = (
        choose(language, f"{COLOURS[language][level]}：{names}", f"{COLOURS[language][level]}: {names}")
        for level, names in found
    )
    return choose(language, "；", "; ").join(each)
