"""Calls that block, kept from blocking anybody else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


async def in_thread(call: Callable[[], T], timeout_s: float) -> T:
    """The result of `call`, made in a thread of its own.

    No pool: a call that hangs past its time limit goes on in its thread and takes no worker from others, and being a
    daemon it does not keep the process from ending.

    Raises:
        TimeoutError: it took longer than `timeout_s`. What `call` raises is raised here.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def report(result: T | None, error: BaseException | None) -> None:
        if done.done():
            return
        if error is None:
            done.set_result(result)  # type: ignore[arg-type]  # None only where T allows it
        else:
            done.set_exception(error)

    def work() -> None:
        result, error = None, None
        try:
            result = call()
        except BaseException as raised:  # noqa: BLE001  # handed to the caller, whatever it is
            error = raised
        with suppress(RuntimeError):  # the loop was closed while the call hung
            loop.call_soon_threadsafe(report, result, error)

    Thread(target=work, name="channel call", daemon=True).start()
    async with asyncio.timeout(timeout_s):
        return await done
