"""Deliveries a second beside Alertmanager, how soon the first arrives, and what a hung receiver costs the others."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any, Final

import numpy as np

from tests.bench.figure import Figure

NUMBER: Final = 100_000
APPRISE: Final = 2_000
_RUN: Final = "on the same machine as the receiver, which is one process that counts requests"


def _measured(*words: str, by: str = "alerting") -> Any:
    """What a module of `tests.bench` measures, in a process of its own."""
    done = subprocess.run([sys.executable, "-m", f"tests.bench.{by}", *words], stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


PEER: Final = Figure(
    "alerting.peer_alertmanager",
    "deliveries/s",
    f"Prometheus' Alertmanager: {NUMBER:,} alerts posted to it in thousands, each a group of its own, until the last "
    f"has come to one web hook, {_RUN}; its states are in memory only",
    lambda: _measured("alertmanager_per_s", str(NUMBER)),
)
DELIVERIES: Final = Figure(
    "alerting.deliveries",
    "deliveries/s",
    f"channel webhook: {NUMBER:,} deliveries of 100 warnings to 1,000 targets, from queued to durably accepted "
    f"(SQLite, synchronous=FULL), {_RUN}",
    lambda: _measured("deliveries_per_s", "webhook", str(NUMBER)),
    PEER.name,
)
BATCH: Final = Figure(
    "alerting.deliveries_batch",
    "deliveries/s",
    "the same by channel http_batch, 200 messages in a request",
    lambda: _measured("deliveries_per_s", "http_batch", str(NUMBER)),
    PEER.name,
)
MQTT: Final = Figure(
    "alerting.deliveries_mqtt",
    "deliveries/s",
    "the same by channel loudspeaker: retained, QoS 1, taken by Mosquitto on the same machine, at its defaults",
    lambda: _measured("deliveries_per_s", "loudspeaker", str(NUMBER)),
    PEER.name,
)
BY_APPRISE: Final = Figure(
    "alerting.deliveries_apprise",
    "deliveries/s",
    f"the same by channel apprise (json://), {APPRISE:,} deliveries",
    lambda: _measured("deliveries_per_s", "apprise", str(APPRISE)),
    DELIVERIES.name,
)
FIRST: Final = Figure(
    "alerting.first_delivery_p99_s",
    "s",
    "from a warning in the store to its first delivery durably accepted, the 99th percentile; ten warnings a second "
    "for 20 s, each to 50 web hooks",
    lambda: float(np.quantile(_measured("first_deliveries_s", "50", "20"), 0.99)),
)
HUNG: Final = Figure(
    "alerting.hung_receiver_ratio",
    "x",
    "each delivery, ten warnings a second to 50 web hooks: the 99th percentile with one of them hung, over that with "
    "none; two dispatchers are told in turn, so that both meet the same machine; the median of five rounds of 50 s",
    lambda: float(_measured("5", "50", by="hung_receiver")),
)
ALL: Final = (PEER, DELIVERIES, BATCH, MQTT, BY_APPRISE, FIRST, HUNG)
