"""A browser and servers for the module; a page, a store, and servers that may be killed for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome

from alerting.store.store import Store
from tests.console.page import Page
from tests.console.served import browser, served
from tests.console.source import MemorySource
from tests.influx_server import Influxd, InfluxServer, influx_in
from tests.kafka_server import Broker, Kafka, kafka_in
from tests.servers import killable


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chrome]:
    with browser() as driver:
        yield driver


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    started = kafka_in(tmp_path_factory.mktemp("kafka"))
    yield started
    started.stop()


@pytest.fixture
def mortal_broker(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    with killable(broker, lambda: Kafka(tmp_path_factory.mktemp("kafka")).start()) as one:
        yield one


@pytest.fixture(scope="module")
def influx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influxd]:
    started = influx_in(tmp_path_factory.mktemp("influx"))
    yield started
    started.stop()


@pytest.fixture
def mortal_influx(influx: Influxd, tmp_path_factory: pytest.TempPathFactory) -> Iterator[InfluxServer]:
    with killable(influx, lambda: InfluxServer(tmp_path_factory.mktemp("influx")).start().set_up()) as one:
        yield one


@pytest.fixture
def source() -> MemorySource:
    return MemorySource()


@pytest.fixture
def page(chromium: Chrome, source: MemorySource) -> Iterator[Page]:
    with served(source) as address:
        opened = Page(chromium, address)
        opened.open()
        yield opened
        opened.assert_quiet()
        chromium.get("about:blank")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path / 'store.db'}")
    yield opened
    opened.close()
