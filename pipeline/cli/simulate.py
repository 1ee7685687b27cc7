"""`forewarn simulate`: the demonstration's field devices, pushing over HTTP and MQTT."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr, ValidationError

from device_adapters.simulator.options import HttpTarget, MqttTarget, SimulateOptions
from device_adapters.simulator.simulate import simulate as push
from pipeline.clock import SystemClock
from pipeline.config.complaint import words
from pipeline.config.inventory_files import load_inventory


def simulate(
    story: Annotated[Path, typer.Argument(help="A folder with a demo.toml, or one Parquet file.")],
    inventory: Annotated[Path, typer.Option(help="Inventory file or folder.")],
    url: Annotated[
        str | None, typer.Option(help="Where to post, for example http://127.0.0.1:8081/v1/readings")
    ] = None,
    token: Annotated[str | None, typer.Option(envvar="FOREWARN_TOKEN", help="The device token.")] = None,
    broker: Annotated[
        str | None, typer.Option(help="MQTT broker, host:port; with --url every other site uses it.")
    ] = None,
    speed: Annotated[float, typer.Option(help="Seconds of the story in one second.")] = 1.0,
    for_s: Annotated[float | None, typer.Option(help="Stop after so many seconds of the story.")] = None,
) -> None:
    """Push the readings of a story, as its field devices would.

    It begins at the story's present; each message is repeated until it is acknowledged.
    """
    if url is None and broker is None:
        raise typer.BadParameter("nobody to push to: give --url, --broker, or both")
    try:
        options = SimulateOptions(
            story=story,
            speed=speed,
            for_s=for_s,
            http=HttpTarget(url=url, token=SecretStr(token) if token else None) if url else None,
            mqtt=_broker(broker) if broker else None,
        )
    except ValidationError as error:
        item = error.errors(include_url=False)[0]
        raise typer.BadParameter(f"{'.'.join(map(str, item['loc']))}: {words([item])}") from error
    asyncio.run(push(options, load_inventory(inventory), SystemClock()))


def _broker(address: str) -> MqttTarget:
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise typer.BadParameter(f"{address!r}: want host:port", param_hint="--broker")
    return MqttTarget(host=host, port=int(port))
