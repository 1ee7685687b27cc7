"""A drill that broke off (killed, stopped, its machine gone) leaves warnings in force: they are ended.

Nobody is to go on believing in an exercise. Any process that looks after the store does it, one of them once.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from alerting.cancel import Cancels
from alerting.drill.evaluation import Mode
from alerting.drill.start import BegunState
from alerting.lifecycle import LifecyclePolicy
from alerting.outlet import Outlet
from alerting.people.actor import OURSELVES
from alerting.store.audit import add_audit
from alerting.store.drill_runs import chains_of, end_run, lapsed_run
from alerting.store.record import Record
from alerting.store.store import Store, write_record
from alerting.store.turn import Turn, take_turn
from alerting.store.warnings import last_of_chain
from pipeline.model.inventory import Inventory
from pipeline.model.warning import HazardWarning, Report, WarningStatus

WHY: Final = "演练中断。The drill broke off."
WORDS: Final = "its process ended before the drill did; its warnings were ended"


class Breaking:
    """Looks for drills whose lease has ended.

    Args:
        outlet: by which their final reports go the way of the others, but wait for nobody's yes: no release rule holds
            back the end of an exercise that is over. Those of a tabletop drill went to nobody.
    """

    def __init__(self, store: Store, inventory: Inventory, policy: LifecyclePolicy, outlet: Outlet) -> None:
        self._store = store
        self._outlet = outlet.without_rules()
        self._cancels = Cancels(inventory, policy)

    def look(self, at: datetime) -> bool:
        """End what such drills left in force; whether there was one."""
        lapsed = self._store.lapsed_drills()
        for run in lapsed:
            with self._store.write() as connection:
                take_turn(connection, Turn.OUTLET)
                self._end(connection, run, at)
        return bool(lapsed)

    def _end(self, connection: Connection, run: str, at: datetime) -> None:
        begun = lapsed_run(connection, run)
        if begun is None:  # another process was quicker, or it goes on
            return
        chains = chains_of(connection, run)
        found = (last_of_chain(connection, chain) for chain in chains)
        finals = [self._cancels.of(last, WHY, at) for last in found if last and _is_in_force(last, at)]
        is_live = begun.mode is Mode.LIVE
        write_record(connection, Record(warnings=finals), at, self._outlet.offer if is_live else None)
        self._outlet.set_free(connection, chains, WHY, at)
        end_run(connection, run, BegunState.BROKEN, WORDS)
        words = f"{begun.mode}, started by {begun.by}; {len(finals)} warnings ended"
        add_audit(connection, at, OURSELVES, "drill.broken_off", begun.scenario, words)


def _is_in_force(last: HazardWarning, at: datetime) -> bool:
    return last.status is not WarningStatus.ACTUAL and last.report is not Report.FINAL and last.expires_at > at
