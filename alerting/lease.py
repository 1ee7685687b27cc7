"""A process's place among those that share a store: kept by saying "alive" once a second."""

from __future__ import annotations

import asyncio
from typing import Final
from uuid import uuid4

from alerting.patience import until_stored
from alerting.store.claims import LEASE_S
from alerting.store.store import Store

BEAT_S: Final = 1.0
MARGIN_S: Final = 1.0
"""Nothing is begun this shortly before others may take what we hold."""


class Lease:
    """Held while the store was told in time; on a store of our own, always.

    Attributes:
        holder: the name of this process, another at each start: what a crash left is not taken for ours.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.holder = uuid4().hex
        self._until_s = 0.0

    def holds(self) -> bool:
        """Whether what was claimed is still ours to send."""
        return not self._store.shared or asyncio.get_running_loop().time() < self._until_s

    async def beat(self) -> None:
        """Say once that we are alive; waits for a store that fails."""
        began_s = asyncio.get_running_loop().time()
        while True:  # a beat that had to wait for the store was said late: say it anew
            await until_stored(lambda: self._store.beat(self.holder))
            took_s = asyncio.get_running_loop().time() - began_s
            self._until_s = began_s + LEASE_S - MARGIN_S
            if took_s < BEAT_S:
                return
            began_s += took_s

    async def keep(self) -> None:
        """Until cancelled."""
        while self._store.shared:
            await self.beat()
            await asyncio.sleep(BEAT_S)

    async def leave(self) -> None:
        """Let others have what we hold, at once."""
        if self._store.shared:
            await until_stored(lambda: self._store.leave(self.holder))
