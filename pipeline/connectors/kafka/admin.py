"""The cluster's topics, made and looked at through kafka-python's admin client. Nothing is ever deleted or altered."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2s
from typing import Final

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaConnectionError, KafkaError, KafkaTimeoutError

from pipeline.config.kafka import KafkaOptions
from pipeline.connectors.kafka.topics import Layout, Topic, layouts, mismatches
from pipeline.errors import BrokerAwayError, BrokerError

CONNECT_S: Final = 5.0

log = logging.getLogger(__name__)


def create(options: KafkaOptions) -> list[str]:
    """Make the topics that are missing; their names. Those that are there stay as they are.

    Raises:
        BrokerError: the cluster cannot be reached, or refuses one of them.
    """
    with _client(options) as admin:
        there = _found(admin, list(layouts(options)))
        wanted = {
            name: {
                "num_partitions": layout.partitions,
                "replication_factor": layout.replication,
                "configs": dict(layout.settings),
            }
            for name, layout in layouts(options).items()
            if name not in there
        }
        if wanted:
            answer = admin.create_topics(wanted, raise_errors=False)
            for topic in answer["topics"]:
                if topic["error_code"]:
                    raise BrokerError(f"topic {topic['name']} was not made: {topic['error_message']}")
            admin.wait_for_topics(list(wanted))
        return list(wanted)


def look(options: KafkaOptions) -> dict[str, Layout]:
    """Those of our topics that are there, by full name, as they are.

    Raises:
        BrokerError: the cluster cannot be reached, or does not answer.
    """
    with _client(options) as admin:
        return _found(admin, list(layouts(options)))


def identity_of(options: KafkaOptions, topic: Topic) -> str:
    """Eight hexadecimal digits that tell a topic from one that is made in its place.

    Raises:
        BrokerError: the cluster cannot be reached, or does not have it.
    """
    name = options.prefix + topic
    with _client(options) as admin:
        (found,) = admin.describe_topics([name])
        if found["error_code"]:
            raise BrokerError(f"Kafka at {options.servers} has no topic {name}")
        return blake2s(str(found["topic_id"]).encode(), digest_size=4).hexdigest()


def require(options: KafkaOptions) -> None:
    """Look before anything is sent or read; what only keeps less than was asked for is logged.

    Raises:
        BrokerError: the cluster cannot be reached, or its topics do not fit.
    """
    found = mismatches(options, look(options))
    for one in found:
        if not one.fatal:
            log.warning("%s", one.words)
    fatal = [one.words for one in found if one.fatal]
    if fatal:
        raise BrokerError(f"Kafka at {options.servers}: " + "; ".join(fatal))


def _found(admin: KafkaAdminClient, names: list[str]) -> dict[str, Layout]:
    there = {topic["name"]: topic["partitions"] for topic in admin.describe_topics(names) if not topic["error_code"]}
    if not there:
        return {}
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in there]
    settings = admin.describe_configs(resources, config_filter="all")["topic"]
    return {
        name: Layout(
            len(partitions),
            min(len(one["replica_nodes"]) for one in partitions),
            {key: entry["value"] for key, entry in settings[name].items()},
        )
        for name, partitions in there.items()
    }


@contextmanager
def _client(options: KafkaOptions) -> Iterator[KafkaAdminClient]:
    try:
        admin = KafkaAdminClient(**options.kafka_python(), bootstrap_timeout_ms=round(CONNECT_S * 1e3))
        try:
            yield admin
        finally:
            admin.close()
    except (KafkaConnectionError, KafkaTimeoutError) as error:
        raise BrokerAwayError(f"Kafka at {options.servers}: {error}") from error
    except KafkaError as error:
        raise BrokerError(f"Kafka at {options.servers}: {error}") from error
