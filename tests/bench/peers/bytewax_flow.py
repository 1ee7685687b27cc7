"""bytewax_flow.py SERVERS TOPIC READINGS: Bytewax, prints readings a second."""

from __future__ import annotations

import os
import sys
from typing import Any

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSource
from bytewax.connectors.stdio import StdOutSink
from bytewax.dataflow import Dataflow
from bytewax.testing import run_main

from tests.bench.peers.model import Watch


def main(servers: str, topic: str, readings: str) -> None:
    """Until the last reading."""
    watch = Watch(int(readings))

    def take(messages: list[Any]) -> list[str]:
        for message in messages:
            if watch.take(message.value):
                sys.stdout.write(f"{watch.per_s()}\n")
                sys.stdout.flush()
                os._exit(0)
        return []

    flow = Dataflow("bench")
    config = {"queued.min.messages": "1000000", "fetch.queue.backoff.ms": "5"}
    stream = op.input("in", flow, KafkaSource([servers], [topic], tail=True, add_config=config, batch_size=10_000))
    op.output("out", op.flat_map_batch("take", stream, take), StdOutSink())
    run_main(flow)


if __name__ == "__main__":
    main(*sys.argv[1:])
