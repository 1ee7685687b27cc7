"""What wakes a loop that looks for work now and then: somebody in this process knows that there is some."""

from __future__ import annotations

import asyncio


class Bell:
    """Any thread may ring; one loop waits. A ring that nobody waits for is heard at the next wait."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def ring(self) -> None:
        """Wake who waits."""
        loop = self._loop
        if loop is None or loop.is_closed():
            self._rung.set()
        else:
            loop.call_soon_threadsafe(self._rung.set)

    async def wait(self, at_most_s: float) -> None:
        """Until it rings, or so long."""
        self._loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(at_most_s):
                await self._rung.wait()
        except TimeoutError:
            return
        self._rung.clear()
