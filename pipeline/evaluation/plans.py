"""The configuration under test, for the inventory of a suite."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pipeline.config.load import load_config
from pipeline.config.plan import Plan
from pipeline.model.inventory import Inventory
from pipeline.registry import Group, kinds, load

PlanFor = Callable[[Inventory], Plan]


def frozen() -> PlanFor:
    """Every installed detector with its defaults, and the default rules."""
    detectors = [load(Group.DETECTORS, kind)() for kind in kinds(Group.DETECTORS)]
    return lambda inventory: Plan(inventory, detectors)


def configured(path: Path) -> PlanFor:
    """Detectors and rules of a configuration; its own inventory is left aside."""
    plan = load_config(path).plan()
    return lambda inventory: replace(plan, inventory=inventory)
