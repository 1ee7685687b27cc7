"""A small field, a sink that keeps, and adapters under test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any, Final

from device_adapters.base import Adapter, AdapterContext, Reject
from pipeline.clock import Clock, ManualClock
from pipeline.errors import ForewarnError
from pipeline.model.area import Area
from pipeline.model.batch import ReadingBatch
from pipeline.model.instant import to_ns
from pipeline.model.inventory import Inventory
from pipeline.model.reading import Reading
from pipeline.model.site import Sensor, Site

NOW: Final = datetime(2026, 5, 1, 8, tzinfo=UTC)
NOW_NS: Final = to_ns(NOW)
AT: Final = "2026-05-01T08:00:00Z"
_AREA: Final = "330102001001"


def sensor(name: str, kind: str, quantity: str, high: float, **more: Any) -> Sensor:
    return Sensor.model_validate(
        {"id": name, "site": "north", "kind": kind, "quantity": quantity, "range_low": 0, "range_high": high}
        | {"interval_s": 60}
        | more
    )


FIELD: Final = Inventory(
    (Area(code=_AREA, name_zh="村", name_en="Village"),),
    (Site(id="north", area=_AREA, name_zh="北", name_en="North"),),
    (
        sensor("north-ch4", "gas", "gas_lel", 100, unit="mA", gas="methane"),
        sensor("north-h2s", "gas", "gas_ppm", 100, gas="hydrogen_sulfide"),
        sensor("north-co", "gas", "gas_ppm", 500, unit="mg/m3", gas="carbon_monoxide"),
        sensor("north-rain", "rain", "rain", 50, unit="0.1mm"),
        sensor("north-rain-1h", "rain", "rain_1h", 200, group="service"),
        sensor("south-tank", "tank", "tank_level", 20),
        sensor("west-radar", "rain", "rain", 200, group="radar", longitude_deg=5.5, latitude_deg=52.5),
    ),
)


class MemorySink:
    """Keeps everything; `refusal` is raised instead while it is set. A repeat changes nothing."""

    def __init__(self) -> None:
        self.batches: list[ReadingBatch] = []
        self.rejects: list[tuple[str, Reject]] = []
        self.refusal: ForewarnError | None = None
        self.refused = 0

    async def submit(self, batch: ReadingBatch) -> None:
        await asyncio.sleep(0)
        if self.refusal:
            self.refused += 1
            raise self.refusal
        self.batches.append(batch)

    async def reject(self, source: str, rejects: Sequence[Reject]) -> None:
        await asyncio.sleep(0)
        self.rejects += [(source, reject) for reject in rejects]

    @property
    def readings(self) -> list[Reading]:
        """In order of arrival, each identity once."""
        every = (reading for batch in self.batches for reading in batch.readings())
        return list({(reading.series, reading.observed_at_ns): reading for reading in every}.values())


def context(sink: MemorySink | None = None, clock: Clock | None = None) -> AdapterContext:
    return AdapterContext(FIELD, sink or MemorySink(), clock or ManualClock(NOW))


def counted(inside: AdapterContext) -> dict[str, int]:
    """`event` or `event:reason` -> number."""
    return {f"{event}:{why}".rstrip(":"): n for (_, event, why), n in inside.telemetry.counts().items()}


@asynccontextmanager
async def running(adapter: Adapter) -> AsyncIterator[asyncio.Task[None]]:
    """The adapter at work; cancelled and waited for at the end."""
    task = asyncio.create_task(adapter.run())
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(condition: Any, timeout_s: float = 60.0) -> None:
    """Wait until `condition()` holds."""
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110  # what is waited for has no event
            await asyncio.sleep(0.01)
