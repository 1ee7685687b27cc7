"""Weather radar from a folder: composites that are put there become rain at sites, and forecasts of it.

A file counts once it can be read; one that cannot be is looked at again for `settle_s`, because it may still be being
written, and then goes to the dead letters. At the start the newest files are read again to learn how the rain
moves: what is repeated by that changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from device_adapters.base import Adapter, AdapterContext, Decoded, Options, Reject, RejectReason
from device_adapters.intake import Intake
from device_adapters.radar.advection import opencv
from device_adapters.radar.composite import Composite, RadarError
from device_adapters.radar.motion import pysteps_flow, require_pysteps
from device_adapters.radar.read import hdf5, read_composite
from device_adapters.radar.sites import GROUP, RadarSites
from pipeline.clock import Clock
from pipeline.errors import ConfigError

_log = logging.getLogger(__name__)


class RadarOptions(Options):
    """A folder of composites, KNMI HDF5 or ODIM_H5.

    Attributes:
        folder: where they are put; best moved there when complete.
        pattern: which files of it.
        interval_min: how long a rate stands for, where a file tells a rate and not an amount.
        reach_km: how far about the sites composites are looked at: where their rain of the next hours is now.
        poll_s: how often the folder is looked at.
        settle_s: for how long a file that cannot be read is looked at again.
        warm_up_files: how many of the newest files are read at the start.
    """

    folder: Path
    pattern: str = "*.h5"
    interval_min: float = Field(default=5.0, gt=0, le=60)
    reach_km: float = Field(default=300.0, ge=20, le=2000)
    poll_s: float = Field(default=10.0, gt=0)
    settle_s: float = Field(default=60.0, ge=0)
    warm_up_files: int = Field(default=30, ge=1, le=1000)


class RadarFiles(Adapter):
    """The adapter."""

    kind: ClassVar[str] = "radar"
    options_type: ClassVar[type[RadarOptions]] = RadarOptions

    def __init__(self, name: str, options: RadarOptions, context: AdapterContext) -> None:
        super().__init__(name, options, context)
        hdf5(), opencv()
        require_pysteps()
        self._options = options
        self._intake = Intake(name, context)
        self._sites = RadarSites(context.inventory, options.reach_km)
        self._seen: set[str] = set()
        self._unread: dict[str, float] = {}
        if not len(self._sites):
            raise ConfigError(
                f"adapters.{name}", f"the inventory has no sensor of kind rain and group {GROUP!r} with a place for it"
            )

    async def run(self) -> None:
        """Look at the folder until cancelled."""
        loading = asyncio.create_task(
            asyncio.to_thread(pysteps_flow)
        )  # seconds that the fourth composite need not wait
        try:
            await self._look()
        finally:
            loading.cancel()

    async def _look(self) -> None:
        self._seen.update(path.name for path in self._files()[: -self._options.warm_up_files])
        is_away = False
        while True:
            if self._options.folder.is_dir() == is_away:
                is_away = not is_away
                told = (_log.warning, "is not there") if is_away else (_log.info, "is back")
                told[0]("%s: folder %s %s", self.name, self._options.folder, told[1])
            await self._take_in(self.context.clock)
            await asyncio.sleep(self._options.poll_s)

    async def _take_in(self, clock: Clock | None) -> None:
        """Every file that is new, in order of name; `clock` dates the reception, None for a recording."""
        for path in self._files():
            if path.name in self._seen:
                continue
            try:
                composite = await asyncio.to_thread(self._read, path)
            except RadarError as error:
                if clock is None or self._is_settled(path, clock):
                    self._seen.add(path.name)
                    self._unread.pop(path.name, None)
                    await self._refuse(path, RejectReason.MALFORMED, str(error))
                continue
            self._seen.add(path.name)
            await self._hand_in(path, composite, clock)

    async def _hand_in(self, path: Path, composite: Composite, clock: Clock | None) -> None:
        if not self._sites.follows(composite):
            await self._refuse(path, RejectReason.BAD_TIME, "is not later than the composite before; names must rise")
            return
        batch = await asyncio.to_thread(self._sites.take, composite, clock.now_ns() if clock else None)
        await self._intake.take_patiently(Decoded(batch if len(batch) else None))

    async def _refuse(self, path: Path, reason: RejectReason, detail: str) -> None:
        await self._intake.take_patiently(Decoded(None, [Reject(None, reason, f"{path.name}: {detail}"[:500])]))

    def _read(self, path: Path) -> Composite:
        try:
            data = path.read_bytes()
        except OSError as error:
            raise RadarError(f"cannot be read: {error}") from error
        return read_composite(data, self._options.interval_min)

    def _is_settled(self, path: Path, clock: Clock) -> bool:
        """Whether it was first found unreadable `settle_s` ago."""
        since_s = self._unread.setdefault(path.name, clock.monotonic_s())
        return clock.monotonic_s() - since_s >= self._options.settle_s

    def _files(self) -> list[Path]:
        return sorted(self._options.folder.glob(self._options.pattern))


class RadarReplay(RadarFiles):
    """The same for a folder that is complete: every composite once, and then it ends."""

    kind: ClassVar[str] = "radar_replay"
    finite: ClassVar[bool] = True

    async def run(self) -> None:
        """Play the folder."""
        await self._take_in(None)
