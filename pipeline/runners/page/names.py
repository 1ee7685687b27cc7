"""Names of places in both languages."""

from __future__ import annotations

from collections.abc import Sequence

from alerting.console.views import Name
from pipeline.model.area import AreaLevel, ancestor
from pipeline.model.inventory import Inventory


def area_name(inventory: Inventory, code: str) -> Name:
    """The name of an area; its code where the inventory does not list it (any more)."""
    area = inventory.area_by_code.get(code)
    return Name(area.name_zh, area.name_en) if area else Name(code, code)


def area_path(inventory: Inventory, code: str) -> tuple[Name, ...]:
    """The names from the widest listed area down to this one."""
    area = inventory.area_by_code.get(code)
    if area is None:
        return (Name(code, code),)
    codes = dict.fromkeys(area.ancestor(level) for level in AreaLevel if level <= area.level)
    return tuple(area_name(inventory, one) for one in codes if one in inventory.area_by_code)


def holding(inventory: Inventory, codes: Sequence[str]) -> str:
    """The smallest listed division that holds all areas; the first of them where none does."""
    shared = [{ancestor(code, level) for code in codes} for level in AreaLevel]
    known = [code for one in shared if len(one) == 1 for code in one if code in inventory.area_by_code]
    return known[-1] if known and len(codes) > 1 else codes[0]


def site_name(inventory: Inventory, site: str) -> Name:
    """The name of a site; its id where the inventory does not list it (any more)."""
    found = inventory.site_by_id.get(site)
    return Name(found.name_zh, found.name_en) if found else Name(site, site)
