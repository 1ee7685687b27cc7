"""An outlet, its calls and its desk over a real store, with people of a small duty centre."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from zoneinfo import ZoneInfo

from alerting.amend import Amending
from alerting.calling import Calling
from alerting.cancel import Cancels
from alerting.desk import Desk
from alerting.holding import Holding
from alerting.lifecycle import LifecyclePolicy
from alerting.merging import Merging
from alerting.outlet import Outlet
from alerting.people.actor import Actor
from alerting.people.options import DutyOptions
from alerting.report.verified import Verified
from alerting.stages.approve import ReleaseOptions
from alerting.stages.group import RoutingOptions
from alerting.stages.route import RouteOptions
from alerting.store.record import Record
from alerting.store.store import Store
from pipeline.clock import ManualClock
from pipeline.model.delivery import Delivery
from pipeline.model.inventory import Inventory
from pipeline.model.role import Role
from pipeline.model.warning import HazardWarning, WarningStatus
from tests.reports import NOON

TARGETS: Final = {
    "siren": ["village", "town"],
    "sms": ["li", "wang", "zhao", "zhao-2", "duty-room"],
}
ROUTES: Final = [{"name": "public", "to": ["siren/village"]}]
PEOPLE: Final = [
    {"name": "li", "name_zh": "李", "name_en": "Li", "roles": ["approver", "duty_officer"], "contacts": ["sms/li"]},
    {"name": "wang", "name_zh": "王", "name_en": "Wang", "roles": ["approver"], "contacts": ["sms/wang"]},
    {
        "name": "zhao", "name_zh": "赵", "name_en": "Zhao", "roles": ["administrator"],
        "contacts": ["sms/zhao", "sms/zhao-2"],
    },
    {"name": "viewer", "name_zh": "看", "name_en": "Viewer", "roles": ["viewer"]},
]  # fmt: skip
LI: Final = Actor("li", frozenset({Role.APPROVER, Role.OFFICER}))
WANG: Final = Actor("wang", frozenset({Role.APPROVER}))
ZHAO: Final = Actor("zhao", frozenset({Role.ADMINISTRATOR}))


class Rig:
    """`at` moves the clock; `tell` stores a report and offers it, as the pipeline does."""

    def __init__(self, store: Store, **sections: Any) -> None:
        self.store = store
        self.clock = ManualClock(NOON)
        self.duty = DutyOptions.model_validate({"people": PEOPLE, **sections.get("duty", {})})
        self.days = self.duty.days(str(ZoneInfo("Asia/Shanghai")))
        routes = [RouteOptions.model_validate(one) for one in sections.get("routes", ROUTES)]
        rules = ReleaseOptions.model_validate({"rules": sections.get("rules", [])}).rules
        self.calling = Calling(store, self.duty, self.days)
        routing = RoutingOptions.model_validate(sections.get("routing", {}))
        inventory = sections.get("inventory", Inventory((), (), ()))
        merging = Merging(inventory, LifecyclePolicy(), routing.merge)
        holding = Holding(routing)
        targets = sections.get("targets", TARGETS)
        self.outlet = Outlet(store, routes, targets, rules, holding, self.days, self.calling.begin, merging)
        self.woken = 0
        self.desk = Desk(store, self.outlet, self.calling, self.duty, self.days, self.clock, self._wake)
        self.desk.amending = Amending(store, self.outlet, Cancels(inventory, LifecyclePolicy()))
        self.desk.verified = Verified(store, inventory, "UTC", WarningStatus.ACTUAL)

    def _wake(self) -> None:
        self.woken += 1

    def tell(self, *reports: HazardWarning) -> None:
        self.store.save(Record(warnings=reports), self.clock.now(), self.outlet.offer)

    def after(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.desk.look()

    def queued(self, report: HazardWarning | None = None) -> list[str]:
        """Who is queued, or was sent, what: "channel/target" in order."""
        return sorted(f"{one.channel}/{one.target}" for one in self.rows(report))

    def rows(self, report: HazardWarning | None = None) -> Sequence[Delivery]:
        return self.store.deliveries(999, warning=report.id if report else None)

    @property
    def now(self) -> Any:
        return self.clock.now()

    def in_s(self, seconds: float) -> Any:
        return self.clock.now() + timedelta(seconds=seconds)


@cache
def _empty() -> bytes:
    """A store without rows: to copy it is quicker than to make its tables."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        Store(f"sqlite:///{path}").close()
        return path.read_bytes()


@contextmanager
def desk_rig(folder: Path, **sections: Any) -> Iterator[Rig]:
    """A rig whose store lies in a folder, so that it can be opened again."""
    if not (folder / "store.db").exists():
        (folder / "store.db").write_bytes(_empty())
    store = Store(f"sqlite:///{folder / 'store.db'}")
    try:
        yield Rig(store, **sections)
    finally:
        store.close()
