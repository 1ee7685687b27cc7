"""The duty desk and the outlet of one store, as a configuration has them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from alerting.amend import Amending
from alerting.calling import Calling
from alerting.cancel import Cancels
from alerting.coverage.reach import ReachTable
from alerting.coverage.reckon import Coverage, reckon
from alerting.desk import Desk
from alerting.holding import Holding
from alerting.intake.intake import Intake
from alerting.merging import Merging
from alerting.outlet import Outlet
from alerting.overlook import Overlook
from alerting.report.verified import Verified
from alerting.stages.route import Targets
from alerting.store.store import Store
from pipeline.clock import Clock
from pipeline.config.config import Config
from pipeline.config.coverage import load_reach
from pipeline.model.inventory import Inventory
from pipeline.runners.drilling import Drilling


def make_desk(
    config: Config,
    store: Store,
    targets: Targets,
    clock: Clock,
    wake: Callable[[], None] = lambda: None,
    overlook: Overlook | None = None,
) -> Desk:
    """Everything through which people act on what is in `store`; `wake` is told when something is queued."""
    days = config.duty.days(config.process.time_zone)
    calling = Calling(store, config.duty, days)
    merging = Merging(config.inventory, config.warnings, config.routing.merge)
    holding = Holding(config.routing)
    outlet = Outlet(store, config.routes, targets, config.release.rules, holding, days, calling.begin, merging)
    intake = Intake(store, outlet, config.inventory, config.warnings, config.intake)
    coverage = partial(_coverage, store, config.inventory, load_reach(config.coverage, config.inventory))
    rules = config.alerting.clock_rules
    desk = Desk(store, outlet, calling, config.duty, days, clock, wake, intake, coverage, rules, overlook)
    desk.inventory = config.inventory
    desk.amending = Amending(store, outlet, Cancels(config.inventory, config.warnings), intake)
    desk.verified = make_verified(config, store)
    desk.drills = Drilling(config, store, outlet)
    return desk


def make_verified(config: Config, store: Store) -> Verified:
    """What really happened, and how warnings did against it."""
    return Verified(store, config.inventory, config.process.time_zone, config.warnings.status)


def _coverage(store: Store, inventory: Inventory, table: ReachTable, chain: str) -> Coverage | None:
    reports = store.chain(chain)
    return reckon(reports[-1].areas, store.told(chain), inventory, table) if reports else None
