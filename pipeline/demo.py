"""The demonstration: a district that does not exist, its recordings played fast, then its field devices live.

Only the field is simulated: readings cross real HTTP and MQTT sockets of this machine, and warnings go through the
outbox to channels.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from importlib.resources import as_file, files
from pathlib import Path
from secrets import token_urlsafe

from pydantic import SecretStr

from device_adapters.http_options import DeviceOptions, HttpOptions
from device_adapters.mqtt_options import MqttOptions
from device_adapters.replay import Replay, ReplayOptions
from device_adapters.simulator.broker import run_broker
from device_adapters.simulator.options import HttpTarget, MqttTarget, SimulateOptions
from device_adapters.simulator.simulate import simulate
from device_adapters.simulator.story import Story, load_story, truth, write_past
from pipeline import app
from pipeline.clock import Clock
from pipeline.config.config import Component, Config
from pipeline.config.load import load_config
from pipeline.runners.embedded import Embedded
from pipeline.telemetry import Telemetry


async def demonstrate(data: Path | None, port: int | None, clock: Clock, ready: Callable[[str], None]) -> None:
    """Show it until SIGINT or SIGTERM.

    Args:
        data: a new folder for journal and store; without it a temporary one, gone at the end.
        port: of the page, in place of the configured one.

    Raises:
        ForewarnError: a port is taken, or the extra `demo` is not installed.
    """
    with ExitStack() as stack:
        sample = stack.enter_context(as_file(files("pipeline.samples") / "demo"))
        folder = data or stack.enter_context(_temporary())
        present, token = clock.now(), token_urlsafe()
        story = load_story(sample)
        config = _staged(load_config(sample / "forewarn.toml"), folder, port, token)
        config = _with_past(config, story, present)
        field = _Field(config, sample, present, token, clock)
        await app.run(config, clock, Telemetry(), ready, beside=field.live)


@contextmanager
def _temporary() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="forewarn-demo-") as folder:
        yield Path(folder)


def _staged(config: Config, folder: Path, port: int | None, token: str) -> Config:
    """The sample's configuration on this machine: its data folder, and a token that only this process knows."""
    folder.mkdir(parents=True, exist_ok=True)
    http = config.adapters["http"]
    device = DeviceOptions(token_sha256=sha256(token.encode()).hexdigest(), sensors=("*",))
    known = Component(http.type, http.options.model_copy(update={"devices": {"field": device}}))
    return replace(
        config,
        process=config.process.model_copy(update={"data": folder}),
        console=config.console.model_copy(update={} if port is None else {"port": port}),
        adapters={**config.adapters, "http": known},
    )


def _with_past(config: Config, story: Story, present: datetime) -> Config:
    """Everything up to the present as a recording to be played first."""
    past = config.process.data / "past.parquet"
    write_past(story, present, past)
    return replace(config, adapters={**config.adapters, "recordings": Component(Replay, ReplayOptions(files=(past,)))})


class _Field:
    """The simulated devices, their broker, and what really happens."""

    def __init__(self, config: Config, sample: Path, present: datetime, token: str, clock: Clock) -> None:
        self._config = config
        self._sample = sample
        self._present = present
        self._token = token
        self._clock = clock

    async def live(self, runner: Embedded) -> None:
        """Until cancelled."""
        http, mqtt = self._config.adapters["http"].options, self._config.adapters["mqtt"].options
        if not (isinstance(http, HttpOptions) and isinstance(mqtt, MqttOptions)):
            raise TypeError("the demonstration wants adapters http and mqtt of these kinds")
        options = SimulateOptions(
            story=self._sample,
            present_at=self._present,
            http=HttpTarget(url=f"http://{http.host}:{http.port}/v1/readings", token=SecretStr(self._token)),
            mqtt=MqttTarget(host=mqtt.host, port=mqtt.port),
        )
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(run_broker(mqtt.host, mqtt.port), name="broker")
            tasks.create_task(simulate(options, self._config.inventory, self._clock), name="devices")
            tasks.create_task(self._happen(runner), name="truth")

    async def _happen(self, runner: Embedded) -> None:
        """Enter each onset of the story into the ledger when it has come, as a duty officer would."""
        for event in sorted(truth(load_story(self._sample), self._present), key=lambda one: one.onset_at):
            wait_s = (event.onset_at - self._clock.now()).total_seconds()
            await asyncio.sleep(max(wait_s, 0.0))
            await asyncio.to_thread(runner.store.observe_onset, event.hazard, event.area, event.onset_at)
