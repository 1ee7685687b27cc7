"""quix.py SERVERS TOPIC READINGS: Quix Streams, prints readings a second."""

from __future__ import annotations

import os
import sys

from quixstreams import Application

from tests.bench.peers.model import Watch


def main(servers: str, topic: str, readings: str) -> None:
    """Until the last reading."""
    app = Application(
        broker_address=servers,
        consumer_group="bench-quix",
        auto_offset_reset="earliest",
        auto_create_topics=False,
        loglevel=None,
        consumer_extra_config={"queued.min.messages": 1_000_000, "fetch.queue.backoff.ms": 5},
    )
    watch = Watch(int(readings))

    def take(message: bytes) -> None:
        if watch.take(message):
            sys.stdout.write(f"{watch.per_s()}\n")
            sys.stdout.flush()
            os._exit(0)

    frame = app.dataframe(app.topic(topic, value_deserializer="bytes"))
    frame.update(take)
    app.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
