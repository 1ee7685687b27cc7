"""A process that starts before its PostgreSQL does waits for it, and says so once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from alerting.store.store import Store
from pipeline.errors import StoreAwayError

FIRST_S: Final = 0.5
MOST_S: Final = 15.0
"""Between two tries: doubled each time, up to this."""

log = logging.getLogger(__name__)


def _nobody(_: str) -> None:
    pass


async def store_answers(url: str, waiting: Callable[[str], None] = _nobody) -> None:
    """Return when the store can be opened; at once for SQLite, which is in nobody else's hands.

    Args:
        waiting: told why, before the first wait, and an empty text at the end of the last one.

    Raises:
        StoreError: it cannot be opened, and waiting would not help.
    """
    if url.startswith("sqlite:"):
        return
    pause_s = FIRST_S
    while True:
        try:
            (await asyncio.to_thread(Store, url)).close()
            break
        except StoreAwayError as error:
            if pause_s == FIRST_S:
                log.error("%s; nothing is begun before it answers", error)  # noqa: TRY400  # its text says all
                waiting(str(error))
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, MOST_S)
    if pause_s > FIRST_S:
        log.warning("the store answers")
        waiting("")
