"""From a decoded message to the sink, with every reading accounted for under the adapter's name.

received = sent + dropped + failed, in readings; what cannot be counted in readings (a request without a token, bytes
that are no JSON) counts one.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from device_adapters.base import AdapterContext, Decoded
from device_adapters.codecs.measurements import Measurements
from pipeline.errors import BackPressureError, ConfigError, JournalError
from pipeline.model.inventory import Inventory
from pipeline.model.units import UnitError
from pipeline.telemetry import Event

JOURNAL_RETRY_AFTER_S: Final = 5.0
"""How long to wait for a journal that cannot be written."""

_log = logging.getLogger(__name__)


class Intake:
    """What an adapter hands its messages to."""

    def __init__(self, name: str, context: AdapterContext) -> None:
        self._name = name
        self._sink = context.sink
        self._telemetry = context.telemetry

    async def take(self, decoded: Decoded) -> int:
        """Make readings and rejects durable and count them; the number of readings kept.

        Raises:
            BackPressureError: nothing was kept, neither readings nor rejects; counted as failed.
            JournalError: not all was kept; counted the same, for all of it is to come again.
        """
        try:
            await self._keep(decoded)
        except (BackPressureError, JournalError) as error:
            number = _kept(decoded) + _refused(decoded)
            self.count(Event.RECEIVED, number)
            self.count(Event.FAILED, number, reason_of(error))
            raise
        self._count_taken(decoded)
        return _kept(decoded)

    async def take_patiently(self, decoded: Decoded) -> None:
        """Like `take`, for a sender that can be held up: offer it until it is durable. Told once, and once at the end.

        What is repeated here after half of it became durable is a repeat like any other, and changes nothing.
        """
        waited = False
        while True:
            try:
                await self._keep(decoded)
                break
            except (BackPressureError, JournalError) as error:
                if not waited:
                    _log.warning("%s: held up: %s", self._name, error)
                waited = True
                await asyncio.sleep(retry_after_s(error))
        if waited:
            _log.info("%s: goes on", self._name)
        self._count_taken(decoded)

    async def _keep(self, decoded: Decoded) -> None:
        if decoded.batch is not None:
            await self._sink.submit(decoded.batch)
        if decoded.rejects:
            await self._sink.reject(self._name, decoded.rejects)

    def _count_taken(self, decoded: Decoded) -> None:
        self.count(Event.RECEIVED, _kept(decoded) + _refused(decoded))
        self.count(Event.SENT, _kept(decoded))
        for reject in decoded.rejects:
            self.count(Event.DROPPED, reject.count, reject.reason.value)

    def drop(self, reason: str, number: int = 1) -> None:
        """Count what was received and let go."""
        self.count(Event.RECEIVED, number)
        self.count(Event.DROPPED, number, reason)

    def count(self, event: Event, number: int, reason: str = "") -> None:
        """Add to the adapter's counters."""
        self._telemetry.count(self._name, event, number, reason)


def _kept(decoded: Decoded) -> int:
    return 0 if decoded.batch is None else len(decoded.batch)


def _refused(decoded: Decoded) -> int:
    return sum(reject.count for reject in decoded.rejects)


def reason_of(error: BackPressureError | JournalError) -> str:
    """The word a failed submission is counted under."""
    return "back_pressure" if isinstance(error, BackPressureError) else "journal"


def retry_after_s(error: BackPressureError | JournalError) -> float:
    """How long to wait before the same readings are offered again."""
    return error.retry_after_s if isinstance(error, BackPressureError) else JOURNAL_RETRY_AFTER_S


def table_of(inventory: Inventory) -> Measurements:
    """What the inventory's sensors measure.

    Raises:
        ConfigError: a sensor declares a unit that its quantity has no conversion from.
    """
    try:
        return Measurements.of(inventory)
    except UnitError as error:
        raise ConfigError("inventory", str(error)) from error
