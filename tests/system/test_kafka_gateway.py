"""A gateway process between real devices' protocols and a real broker that goes away: nothing acknowledged is lost."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Thread
from time import sleep

import httpx
import pytest
from paho.mqtt import publish

from pipeline.connectors.kafka.topics import Topic
from pipeline.connectors.kafka.wire import decode
from pipeline.model.batch import ReadingBatch
from pipeline.model.entry import Tick
from pipeline.runners.embedded import EVENT_TICK_S
from pipeline.runners.replay import replay
from tests.chaos import chance, kills, note
from tests.district import batches
from tests.kafka_cluster import Child
from tests.kafka_field import Field, identities, messages_of
from tests.kafka_results import assert_same, counts, finish
from tests.kafka_server import Broker, Kafka
from tests.servers import MqttBroker, broker_in

KILLS = kills()
"""Of the gateway, and as many of the broker."""
PATIENCE_S = 5
"""More than a broker takes that has just been started, and not too long to wait for one that is away."""
HOUR = list(batches(minutes=60, per_batch_min=1))

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]


@pytest.fixture
def mqtt(tmp_path: Path) -> Iterator[MqttBroker]:
    found = broker_in(tmp_path)
    yield found
    found.stop()


def publish_all(mqtt: MqttBroker, stream: Sequence[ReadingBatch]) -> None:
    publish.multiple(
        [(topic, payload, 1, False) for batch in stream for topic, payload in messages_of(batch)], mqtt.host, mqtt.port
    )


def in_order(field: Field) -> bool:
    """Whether each sensor's readings stand in their order, those that came twice left out."""
    seen: dict[str, list[int]] = {}
    for sensor, at_ns, _ in dict.fromkeys(identities(field.entries())):
        seen.setdefault(sensor, []).append(at_ns)
    return all(times == sorted(times) for times in seen.values())


def test_readings_of_http_and_mqtt_reach_the_topic_and_the_process_tells_how_it_is(
    broker: Broker, mqtt: MqttBroker, tmp_path: Path
) -> None:
    field = Field(tmp_path / "field", broker.servers, mqtt=mqtt, time="wall")
    by_http, by_mqtt = HOUR[:10], HOUR[10:20]
    with field.gateway() as gateway:
        for batch in by_http:
            field.push(batch)
        publish_all(mqtt, by_mqtt)
        gateway.wait_until(lambda: len(identities(field.entries())) == 60)
        assert field.asked.health() == (200, {"spool": "ok"})
        gateway.wait_until(lambda: field.asked.total("forewarn_events_total", component="gateway", event="sent") == 60)
        gateway.wait_until(lambda: any(isinstance(one, Tick) for one in ticks(field)))
        gateway.stop()
    assert sorted(identities(field.entries())) == sorted(identities([*by_http, *by_mqtt]))


def ticks(field: Field) -> Iterator[object]:
    return (decode(message.value()) for message in field.messages(Topic.READINGS))


def test_while_kafka_is_away_readings_are_kept_on_disk_over_a_kill_and_handed_in_in_their_order(
    mortal_broker: Kafka, tmp_path: Path
) -> None:
    field = Field(tmp_path, mortal_broker.servers, patience_s=PATIENCE_S)
    with field.gateway() as gateway:
        field.push(HOUR[0])
        mortal_broker.stop(signal.SIGKILL)
        field.push(HOUR[1])
        for batch in HOUR[2:20]:
            assert field.post(batch).status_code == 202
        assert field.asked.health() == (200, {"spool": "ok"})
        assert field.asked.total("forewarn_spool_readings") == 19 * 3
        assert field.asked.total("forewarn_kafka_away") == 1
        gateway.kill()
    with field.gateway() as gateway:
        for batch in HOUR[20:25]:
            field.push(batch)
        mortal_broker.start()
        gateway.wait_until(lambda: field.asked.total("forewarn_kafka_away") == 0)
        assert field.asked.total("forewarn_spool_readings") == 0
        assert field.asked.total("forewarn_events_total", component="spool", event="sent") == 24 * 3
        for batch in HOUR[25:30]:
            field.push(batch)
        gateway.stop()
        assert "Kafka is back" in gateway.words()
    assert set(identities(field.entries())) == set(identities(HOUR[:30]))
    assert in_order(field)


def test_a_full_spool_is_back_pressure(mortal_broker: Kafka, mqtt: MqttBroker, tmp_path: Path) -> None:
    field = Field(
        tmp_path / "field", mortal_broker.servers, mqtt=mqtt, patience_s=PATIENCE_S, kafka="spool_bytes = 1000"
    )
    with field.gateway() as gateway:
        mortal_broker.stop(signal.SIGKILL)
        accepted = 0
        while (answer := field.post(HOUR[accepted])).is_success:
            accepted += 1
        assert 0 < accepted < 30
        assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
        assert answer.headers["Retry-After"] == "10"
        assert "Kafka is away, and the spool holds" in answer.json()["error"]
        assert field.asked.health() == (503, {"spool": "it is full, and Kafka is away"})
        publish_all(mqtt, HOUR[40:50])
        gateway.wait_until(lambda: "held up" in gateway.words())
        gateway.kill()
    mortal_broker.start()
    with field.gateway() as gateway:
        gateway.wait_until(lambda: len(set(identities(field.entries()))) >= 3 * (accepted + 10))
        gateway.stop()
    assert set(identities(field.entries())) == set(identities([*HOUR[:accepted], *HOUR[40:50]]))


class Killer:
    """Kills the gateway and the broker in turn while a stream goes in, and starts them again."""

    def __init__(self, field: Field, mortal_broker: Kafka, within: ExitStack) -> None:
        self._field, self._broker, self._within = field, mortal_broker, within
        self._draw = chance()
        self.left = 2 * KILLS
        self.gateway: Child = within.enter_context(field.gateway())
        self._thread = Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        while self.left:
            sleep(self._draw.uniform(0.2, 1.5))
            if self.left % 2:
                self._broker.stop(signal.SIGKILL)
                sleep(self._draw.uniform(0.0, 3.0))
                self._broker.start()
            else:
                self.gateway.kill()
                self.gateway = self._within.enter_context(self._field.start("gateway"))
                with suppress(AssertionError):
                    self.gateway.wait_until(self._field.answers)
            self.left -= 1

    def keep_up(self, share: float) -> None:
        """Wait, so that all kills fall into the stream, of which `share` is still to come."""
        while self.left > 2 * KILLS * share:
            sleep(0.01)

    def finish(self) -> None:
        self._thread.join()
        self.gateway.wait_until(self._field.answers)
        self.gateway.wait_until(lambda: self._field.asked.total("forewarn_kafka_away") == 0)
        self.gateway.stop()


@pytest.mark.chaos
@pytest.mark.timeout(600 + 80 * KILLS)
def test_gateway_and_broker_killed_in_turn_come_to_what_one_process_comes_to(
    mortal_broker: Kafka, tmp_path: Path
) -> None:
    field = Field(tmp_path, mortal_broker.servers, patience_s=1)
    stream = list(batches(minutes=600, per_batch_min=2))
    with ExitStack() as within:
        killer = Killer(field, mortal_broker, within)
        for number, batch in enumerate(stream):
            field.push(batch)
            killer.keep_up(1 - number / len(stream))
        killer.finish()
    finish(field)
    assert set(identities(field.entries())) == set(identities(stream))
    assert in_order(field)
    assert_same(field, replay(field.config.plan(), stream, EVENT_TICK_S))
    note("gateway and broker are killed in turn", 2 * KILLS, **counts(field))
