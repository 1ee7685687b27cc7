"""faust_event.py SERVERS TOPIC READINGS: Faust, one event at a time, prints readings a second."""

from __future__ import annotations

import os
import sys
import tempfile
from typing import Any

import faust

from tests.bench.peers.model import Watch


def main(servers: str, topic: str, readings: str) -> None:
    """Never returns: Faust's worker owns the process."""
    app = faust.App(
        "bench-peer",
        datadir=tempfile.mkdtemp(),
        broker=f"kafka://{servers}",
        value_serializer="raw",
        key_serializer="raw",
        topic_disable_leader=True,
        web_enabled=False,
        consumer_auto_offset_reset="earliest",
    )
    watch = Watch(int(readings))

    @app.agent(app.topic(topic, value_type=bytes))
    async def _take(stream: Any) -> None:
        async for message in stream:
            if watch.take(message):
                os.write(1, f"\n{watch.per_s()}\n".encode())  # Faust takes sys.stdout for its log
                os._exit(0)

    sys.argv[1:] = ["worker", "--without-web", "--loglevel=error"]
    app.main()


if __name__ == "__main__":
    main(*sys.argv[1:])
