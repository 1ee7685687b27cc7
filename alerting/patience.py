"""Waiting for a store that fails: what was sent must be recorded before anything else happens to it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final, TypeVar

from pipeline.errors import StoreError

T = TypeVar("T")

STORE_RETRY_S: Final = 1.0

log = logging.getLogger(__name__)


async def until_stored(work: Callable[[], T]) -> T:
    """The result of `work` on the store, in a thread; a store that fails is asked again until it answers."""
    told = False
    while True:
        try:
            result = await asyncio.to_thread(work)
        except StoreError as error:
            if not told:
                log.error("deliveries wait: %s", error)  # noqa: TRY400  # its text says all
            told = True
            await asyncio.sleep(STORE_RETRY_S)
            continue
        if told:
            log.warning("deliveries go on: the store answers again")
        return result
