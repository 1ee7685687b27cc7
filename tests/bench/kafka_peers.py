"""Stream processors with the same EWMA, CUSUM and GaussianScorer, one JSON reading a message, each on one core."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

import confluent_kafka

from tests.bench.field import villages
from tests.bench.kafka_gateway import json_lines
from tests.bench.kafka_rig import broker
from tests.bench.pinned import one_core
from tests.kafka_foreign import make_topic

ROOT: Final = Path(__file__).parents[2]
PROGRAMS: Final = Path(__file__).parent / "peers"
TOPIC: Final = "peer"


def per_s(program: str, readings: int, *, own: bool = False) -> float:
    """Readings a second of one of `peers/`; with `own`, in our environment, for we ship that library."""
    python = sys.executable if own else _environment()
    with broker() as kafka:
        _fill(kafka.servers, readings)
        command = [python, "-m", f"tests.bench.peers.{program}", kafka.servers, TOPIC, str(readings)]
        with one_core():
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{program}: {done.stderr[-2000:]}")
    return float(done.stdout.split()[-1])


def _environment() -> str:
    """The interpreter of the environment with the distributions of requirements/peers.lock."""
    python = ROOT / ".cache" / "peers" / "bin" / "python"
    if not python.exists():
        raise RuntimeError(f"{python.parents[1]} is missing; make bench-kafka makes it")
    return str(python)


def _fill(servers: str, readings: int) -> None:
    make_topic(servers, TOPIC)
    producer = confluent_kafka.Producer({"bootstrap.servers": servers, "queue.buffering.max.messages": 0})
    for line in json_lines(villages(), readings):
        producer.produce(TOPIC, line)
        producer.poll(0)
    producer.flush()
