"""The Faust application of a worker: how it talks to the brokers, and what it leaves to us."""

from __future__ import annotations

from typing import Final

import faust

from pipeline.broker_access import BrokerAccess
from pipeline.config.kafka import KafkaOptions

BUFFERED: Final = 4_096
"""Messages that wait for the core, at most. When they are this many Faust looks again only after a second, so they have
to last for one: with 64 a worker took in 120,000 readings/s and idled for four fifths of the time."""


def application(options: KafkaOptions, folder: str) -> faust.App:
    """Faust wants a folder; a worker keeps nothing on disk."""
    return faust.App(
        f"{options.prefix}{options.group}",
        broker=[f"kafka://{server}" for server in options.servers.split(",")],
        broker_credentials=_credentials(options),
        datadir=folder,
        key_serializer="raw",
        value_serializer="raw",
        autodiscover=False,
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        consumer_auto_offset_reset="earliest",
        broker_session_timeout=options.session_s,
        broker_heartbeat_interval=options.session_s / 5,
        broker_commit_interval=1.0,
        stream_buffer_maxsize=BUFFERED,
        stream_wait_empty=False,
    )


def _credentials(options: BrokerAccess) -> faust.SASLCredentials | faust.SSLCredentials | None:
    """What Faust tells the brokers of us; None where they ask for nothing."""
    context = options.context()
    if options.sasl == "off":
        return faust.SSLCredentials(context) if context else None
    return faust.SASLCredentials(
        username=options.username, password=options.password(), ssl_context=context, mechanism=options.sasl
    )
