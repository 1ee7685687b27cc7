"""A browser and a Kafka broker for the module, a page for each test; a store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome

from alerting.store.store import Store
from tests.console.page import Page
from tests.console.served import browser, served
from tests.console.source import MemorySource
from tests.kafka_server import Broker, kafka_in


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
