"""The topics: what they are called, how they are laid out, and in which words a mismatch is told. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pipeline.config.kafka import KafkaOptions

RETENTION_MS: Final = "retention.ms"
CLEANUP: Final = "cleanup.policy"
IN_SYNC: Final = "min.insync.replicas"
SAFE_REPLICATION: Final = 3
"""From so many replicas on, one may be away without a message being refused, and one may be lost without loss."""


class Topic(StrEnum):
    """Every topic, by its name without the prefix.

    READINGS: batches and ticks, by partition of the sensors' sites. FINDINGS: by site. ASSESSMENTS and WARNINGS: by
    area. FORECASTS: of rain, when issued and when verified, by site. DEAD_LETTER: what could not be read, with reason
    and position. STATE: the workers' snapshots, compacted; partition n holds the state of partition n of READINGS.
    """

    READINGS = "readings"
    FINDINGS = "findings"
    ASSESSMENTS = "assessments"
    WARNINGS = "warnings"
    FORECASTS = "forecasts"
    DEAD_LETTER = "dead-letter"
    STATE = "state"


@dataclass(frozen=True, slots=True)
class Layout:
    """A topic as it should be, or as it was found.

    Attributes:
        settings: those of its settings that matter here, in Kafka's own names and words.
    """

    partitions: int
    replication: int
    settings: Mapping[str, str]


def layouts(options: KafkaOptions) -> dict[str, Layout]:
    """Full name -> layout of every topic."""
    return {options.prefix + topic: _layout(topic, options) for topic in Topic}


def _layout(topic: Topic, options: KafkaOptions) -> Layout:
    keep_s = options.keep_readings_s if topic is Topic.READINGS else options.keep_results_s
    kept = {CLEANUP: "compact"} if topic is Topic.STATE else {CLEANUP: "delete", RETENTION_MS: str(round(keep_s * 1e3))}
    safe = "2" if options.replication >= SAFE_REPLICATION else "1"
    partitions = 1 if topic is Topic.DEAD_LETTER else options.partitions
    return Layout(partitions, options.replication, {**kept, IN_SYNC: safe})


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A difference between the configuration and the cluster, in words that name the remedy.

    Attributes:
        fatal: nothing can be sent, or state would be torn apart; the others only keep less than was asked for.
    """

    words: str
    fatal: bool


def mismatches(options: KafkaOptions, found: Mapping[str, Layout]) -> list[Mismatch]:
    """Every difference, topic by topic."""
    return [
        mismatch
        for name, wanted in layouts(options).items()
        for mismatch in (_compared(name, wanted, found[name]) if name in found else [_missing(name)])
    ]


def _missing(name: str) -> Mismatch:
    return Mismatch(f"topic {name} is missing; make it with `forewarn topics create`", fatal=True)


def _compared(name: str, wanted: Layout, found: Layout) -> Iterator[Mismatch]:
    if found.partitions != wanted.partitions:
        words = (
            f"topic {name} has {found.partitions} partitions, kafka.partitions asks for {wanted.partitions}; set it to "
            f"{found.partitions}, or choose another kafka.prefix and create the topics there: with another number "
            "sensors change partitions and leave their state behind"
        )
        yield Mismatch(words, fatal=True)
    if found.replication < wanted.replication:
        words = (
            f"topic {name} is kept by {found.replication} brokers, kafka.replication asks for {wanted.replication}; "
            "move its partitions with kafka-reassign-partitions, or lower kafka.replication"
        )
        yield Mismatch(words, fatal=False)
    for setting, value in wanted.settings.items():
        if found.settings.get(setting) != value:
            words = (
                f"topic {name} has {setting}={found.settings.get(setting)}, the configuration asks for {value}; "
                f"kafka-configs --alter --topic {name} --add-config {setting}={value}"
            )
            yield Mismatch(words, fatal=setting == CLEANUP)
