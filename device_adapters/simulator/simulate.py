"""The simulated field: a story's devices report, each by its site's protocol, until told to stop."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from itertools import takewhile
from typing import Final

from device_adapters.simulator.http_sender import HttpSender
from device_adapters.simulator.mqtt_sender import MqttSender
from device_adapters.simulator.options import SimulateOptions
from device_adapters.simulator.outbox import Outbox
from device_adapters.simulator.schedule import Track, reports, tracks
from device_adapters.simulator.story import load_story, shift_ns
from pipeline.clock import Clock
from pipeline.errors import RecordingError
from pipeline.model.instant import NS_PER_S, to_ns
from pipeline.model.inventory import Inventory
from pipeline.telemetry import Telemetry

NAP_MAX_S: Final = 1.0
"""Longest sleep between two looks at the clock, which may be set meanwhile."""


async def simulate(
    options: SimulateOptions, inventory: Inventory, clock: Clock, telemetry: Telemetry | None = None
) -> None:
    """Push the story's readings from its present on, each when it is due, and repeat each until it is acknowledged.

    Returns when `options.for_s` is over and everything is acknowledged; else runs until cancelled.

    Raises:
        RecordingError: a story that cannot be read, or a sensor in it that the inventory does not list.
    """
    present = options.present(clock.now())
    present_ns = to_ns(present)
    story = load_story(options.story)
    recorded = tracks(story.table(), shift_ns(story, present))
    interval_s = _interval_s(options, inventory, recorded)
    end_ns = math.inf if options.for_s is None else present_ns + round(options.for_s * NS_PER_S)
    outboxes = _outboxes(options, inventory, telemetry or Telemetry())
    outbox_of = _routed(inventory, outboxes)
    async with asyncio.TaskGroup() as group:
        running = [group.create_task(outbox.run()) for outbox in outboxes]
        for report in takewhile(lambda report: report.at_ns <= end_ns, reports(recorded, present_ns, interval_s)):
            await _until(present_ns + (report.at_ns - present_ns) / options.speed, clock)
            await outbox_of[report.sensor].put(report)
        for outbox in outboxes:
            await outbox.drained()
        for task in running:
            task.cancel()


def _interval_s(options: SimulateOptions, inventory: Inventory, recorded: list[Track]) -> dict[str, float]:
    """How often each recorded sensor reports."""
    unknown = [track.sensor for track in recorded if track.sensor not in inventory.sensor_by_id]
    if unknown:
        raise RecordingError(f"{options.story}: sensors that the inventory does not list: {', '.join(unknown)}")
    return {track.sensor: inventory.sensor_by_id[track.sensor].interval_s for track in recorded}


def _outboxes(options: SimulateOptions, inventory: Inventory, telemetry: Telemetry) -> list[Outbox]:
    """One a target: HTTP, then MQTT."""
    senders: list[HttpSender | MqttSender] = []
    if options.http:
        senders.append(HttpSender(options.http, options.timeout_s))
    if options.mqtt:
        site_of = {sensor.id: sensor.site for sensor in inventory.sensors}
        senders.append(MqttSender(options.mqtt, site_of, options.timeout_s))
    return [Outbox(sender, telemetry) for sender in senders]


def _routed(inventory: Inventory, outboxes: list[Outbox]) -> Mapping[str, Outbox]:
    """Sensor -> outbox; the sites take turns, in order of id."""
    outbox_of_site = {site.id: outboxes[turn % len(outboxes)] for turn, site in enumerate(inventory.sites)}
    return {sensor.id: outbox_of_site[sensor.site] for sensor in inventory.sensors}


async def _until(at_ns: float, clock: Clock) -> None:
    """Wait until the clock shows `at_ns`."""
    while (left_s := (at_ns - clock.now_ns()) / NS_PER_S) > 0:  # noqa: ASYNC110  # a clock has no event to wait for
        await asyncio.sleep(min(left_s, NAP_MAX_S))
