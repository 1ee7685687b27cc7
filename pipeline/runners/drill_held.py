"""A drill in its place in the store: held while its process lives, and given up in whatever way it ends."""

from __future__ import annotations

import logging
from datetime import datetime
from threading import Event, Thread
from types import TracebackType
from typing import Final, Self

from sqlalchemy import Connection

from alerting.drill.start import Begun, BegunState
from alerting.store.drill_runs import LEASE_S, note_chain
from alerting.store.store import Store
from pipeline.errors import StoreError
from pipeline.model.warning import HazardWarning

BEAT_S: Final = LEASE_S / 6

log = logging.getLogger(__name__)


class HeldDrill:
    """`with HeldDrill(store, begun) as held:` while it is held.

    Raises:
        DutyError: another drill is still running, or this one was taken for dead.
    """

    def __init__(self, store: Store, begun: Begun) -> None:
        self.mode = begun.mode
        self._store = store
        self._begun = begun
        self._over = Event()
        self._beating = Thread(target=self._beat, name="drill", daemon=True)

    def __enter__(self) -> Self:
        self._store.hold_drill(self._begun)
        self._beating.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._over.set()
        self._beating.join()
        if error is None:
            self._store.end_drill(self._begun.id, BegunState.ENDED)
        elif self._store.has_told(self._begun.id):
            self._store.keep_drill(self._begun.id, 0.0)  # whoever looks next ends what is in force
        else:
            self._store.end_drill(self._begun.id, BegunState.REFUSED, str(error) or type(error).__name__)

    def note(self, connection: Connection, report: HazardWarning, _at: datetime) -> None:
        """Told of each report, in the transaction that stores it.

        Raises:
            DutyError: this drill was taken for dead, and its warnings were ended.
        """
        note_chain(connection, self._begun, report.chain)

    def _beat(self) -> None:
        while not self._over.wait(BEAT_S):
            try:
                self._store.keep_drill(self._begun.id)
            except StoreError as error:
                log.warning("the drill's place is not renewed: %s", error)
