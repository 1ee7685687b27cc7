"""Workers on a broker: how many readings a second, by how much two are faster than one, how soon a new one works."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import process_time, sleep
from typing import Final

from pipeline.clock import SystemClock
from pipeline.connectors.kafka.message import Message
from tests.bench.kafka_rig import LOOK_EVERY_S, Rig, Running, rig

READINGS: Final = 6_000_000
"""Of 10,000 sensors a minute: ten hours."""
FIRST_SHARE, LAST_SHARE = 0.10, 0.95
"""Between these shares of the readings the clock runs: the start of a partition and the last, short messages do not
count."""
CLOCK: Final = SystemClock()


@dataclass(frozen=True, slots=True)
class Pace:
    """What workers did between two instants.

    Attributes:
        free_cores: how many cores the broker and the sender of the load left to them.
        bytes_a_reading: what the broker keeps on disk, compressed.
    """

    readings: float
    took_s: float
    free_cores: float
    bytes_a_reading: float

    @property
    def per_s(self) -> float:
        return self.readings / self.took_s


@dataclass(frozen=True, slots=True)
class _Look:
    at_s: float
    readings: float
    others_cpu_s: float


def pace(workers: int, cores: int) -> Pace:
    """`workers` on as many partitions, each healthy before the first message is sent."""
    with rig(workers) as one:
        messages = one.messages(READINGS)
        running = [one.start("worker") for _ in range(workers)]
        looks = _watch(one, running, messages)
        bytes_a_reading = one.readings_bytes() / READINGS
    first = next(look for look in looks if look.readings >= FIRST_SHARE * READINGS)
    last = next(look for look in looks if look.readings >= LAST_SHARE * READINGS)
    took_s = last.at_s - first.at_s
    others = (last.others_cpu_s - first.others_cpu_s) / took_s
    return Pace(last.readings - first.readings, took_s, cores - others, bytes_a_reading)


def _watch(one: Rig, running: Sequence[Running], messages: list[Message]) -> list[_Look]:
    """Send everything, then look on until all of it was taken in."""
    looks: list[_Look] = []
    one.send(messages)
    while not looks or looks[-1].readings < LAST_SHARE * READINGS:
        readings = sum(worker.count("core", "received") for worker in running)
        looks.append(_Look(CLOCK.monotonic_s(), readings, one.broker_cpu_s() + process_time()))
        sleep(LOOK_EVERY_S)
    return looks


def cold_start_s() -> float:
    """From the start of a worker until it has taken in a message, the state of 10,000 sensors taken up before."""
    with rig(1) as one:
        two_minutes = one.messages(20_000)
        first = one.start("worker")
        one.send(two_minutes)
        while first.count("core", "received") < 20_000:
            sleep(LOOK_EVERY_S)
        first.child.stop()
        one.send(two_minutes[-2:])
        began_s = CLOCK.monotonic_s()
        second = one.start("worker")
        while not second.count("core", "received"):
            sleep(LOOK_EVERY_S)
        return CLOCK.monotonic_s() - began_s
