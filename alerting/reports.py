"""Reports that deliveries are of: read once, though they go to thousands."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock
from typing import Final

from alerting.store.store import Store
from pipeline.model.warning import HazardWarning

KEPT: Final = 2000


class Reports:
    """The latest that were asked for. Reports never change; any thread may call."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = Lock()
        self._kept: OrderedDict[str, HazardWarning] = OrderedDict()

    def load(self, ids: Iterable[str]) -> None:
        """Have these at hand, as far as they are in the store."""
        with self._lock:
            missing = {one for one in ids if one not in self._kept}
        found = self._store.reports(missing) if missing else {}
        with self._lock:
            self._kept.update(found)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)

    def get(self, warning_id: str) -> HazardWarning | None:
        """One of those loaded; None if it is not in the store."""
        found = self._kept.get(warning_id)
        if found is None:  # loaded long ago, and dropped for others since
            self.load([warning_id])
            found = self._kept.get(warning_id)
        return found
