"""The demonstration: a district that does not exist, its recordings played fast, then its field devices live.

Only the field is simulated: readings cross real HTTP and MQTT sockets of this machine, and warnings go through the
outbox to channels.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from alerting.access import Access
from alerting.store.store import Store
from device_adapters.http_options import HttpOptions
from device_adapters.mqtt_options import MqttOptions
from device_adapters.replay import ReplayOptions
from device_adapters.simulator.broker import run_broker
from device_adapters.simulator.options import HttpTarget, MqttTarget, SimulateOptions
from device_adapters.simulator.simulate import simulate
from device_adapters.simulator.story import load_story, truth, write_past
from pipeline import app
from pipeline.clock import Clock
from pipeline.config.config import Config
from pipeline.config.load import load_config
from pipeline.errors import ConfigError
from pipeline.runners.embedded import Embedded
from pipeline.telemetry import Telemetry

TOKEN: Final = "demonstration"  # noqa: S105  # no secret, see below
"""Of the simulated devices; its digest stands in the sample's configuration, which listens on loopback only."""


async def demonstrate(
    folder: Path | None, port: int | None, clock: Clock, ready: Callable[[str], None], entrust: Callable[[str], None]
) -> None:
    """Show it until SIGINT or SIGTERM.

    Args:
        folder: a new folder to work in, kept; without it a temporary one, gone at the end.
        port: of the page, in place of the configured one.
        entrust: given a token of the duty desk.

    Raises:
        ForewarnError: a port is taken, or the extra `demo` is not installed.
    """
    with ExitStack() as stack:
        place = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="forewarn-demo-")))
        config = await asyncio.to_thread(_staged, place, port)
        present = clock.now()
        await asyncio.to_thread(write_past, load_story(place), present, _past(config))
        field = _Field(config, place, present, clock, entrust)
        await app.run(config, clock, Telemetry(), ready, beside=field.live)


def _staged(place: Path, port: int | None) -> Config:
    """The sample, copied to where it may write, and its configuration."""
    with as_file(files("pipeline.samples") / "demo") as sample:
        shutil.copytree(sample, place, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__*"))
    config = load_config(place / "forewarn.toml")
    config.process.data.mkdir(exist_ok=True)
    console = config.console.model_copy(update={} if port is None else {"port": port})
    return config.replaced(process=config.process, console=console)


def _past(config: Config) -> Path:
    """The file that the configured replay plays."""
    options = config.adapters["recordings"].options
    if not isinstance(options, ReplayOptions):
        raise ConfigError(config.path, "adapters.recordings: the demonstration wants one of kind replay")
    return Path(options.files[0])


class _Field:
    """The simulated devices, their broker, and what really happens."""

    def __init__(
        self, config: Config, sample: Path, present: datetime, clock: Clock, entrust: Callable[[str], None]
    ) -> None:
        self._config = config
        self._sample = sample
        self._present = present
        self._clock = clock
        self._entrust = entrust

    async def live(self, runner: Embedded) -> None:
        """Until cancelled."""
        http, mqtt = self._config.adapters["http"].options, self._config.adapters["mqtt"].options
        if not (isinstance(http, HttpOptions) and isinstance(mqtt, MqttOptions)):
            raise ConfigError(self._config.path, "the demonstration wants adapters `http` and `mqtt` of these kinds")
        options = SimulateOptions(
            story=self._sample,
            present_at=self._present,
            http=HttpTarget(url=f"http://{http.host}:{http.port}/v1/readings", token=SecretStr(TOKEN)),
            mqtt=MqttTarget(host=mqtt.host, port=mqtt.port),
        )
        self._entrust(await asyncio.to_thread(self._token, runner.store))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(run_broker(mqtt.host, mqtt.port), name="broker")
            await runner.taking_live.wait()
            tasks.create_task(simulate(options, self._config.inventory, self._clock), name="devices")
            tasks.create_task(self._happen(runner), name="truth")

    def _token(self, store: Store) -> str:
        """Of the first person who may act."""
        duty = self._config.duty
        days = duty.days(self._config.process.time_zone)
        return Access(store, duty, days, self._clock).make_token(duty.people[0].name, "demonstration")[1]

    async def _happen(self, runner: Embedded) -> None:
        """Enter each onset of the story into the ledger when it has come, as a duty officer would."""
        for event in sorted(truth(load_story(self._sample), self._present), key=lambda one: one.onset_at):
            wait_s = (event.onset_at - self._clock.now()).total_seconds()
            await asyncio.sleep(max(wait_s, 0.0))
            seen = (event.hazard, event.area, event.onset_at)
            await asyncio.to_thread(runner.store.observe_onset, *seen, "demonstration", self._clock.now())
