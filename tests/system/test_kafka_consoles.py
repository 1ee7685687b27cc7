"""Several consoles of one cluster on one PostgreSQL, which comes up after them: everything is said once."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from tempfile import mkdtemp
from threading import Thread
from typing import Final

import httpx
import pytest
from sqlalchemy import make_url

from alerting.store.store import Store
from pipeline.connectors.kafka.results import messages
from pipeline.errors import StoreAwayError, StoreError
from pipeline.model.delivery import FINAL_STATES, DeliveryState
from pipeline.model.entry import Yield
from pipeline.runners.embedded import EVENT_TICK_S
from pipeline.runners.replay import replay
from pipeline.runners.store_wait import store_answers
from tests.asked import Asked
from tests.district import batches
from tests.http_sink import http_sink, stats
from tests.kafka_cluster import FOREWARN, Child
from tests.kafka_field import Field
from tests.kafka_say import say
from tests.kafka_server import Broker
from tests.postgres_server import Postgres
from tests.servers import free_port

CONSOLES: Final = 2
PEOPLE: Final = """
[console]
port = 0
[alerting]
store = "{store}"
[channels.platform]
kind = "webhook"
[channels.platform.targets.here]
url = "{address}/ok"
[channels.platform.targets.workshop]
url = "{address}/ok"
[[routes]]
name = "public"
to = ["platform/here"]
[[routes]]
name = "repair"
audience = "maintenance"
to = ["platform/workshop"]
"""

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]


@pytest.fixture
def postgres() -> Iterator[Postgres]:
    """A server that is not started yet."""
    folder = Path(mkdtemp(prefix="forewarn-pg-"))
    folder.chmod(0o755)
    server = Postgres(folder)
    yield server
    if (server.folder / "postmaster.pid").exists():
        server.stop("immediate")
    shutil.rmtree(folder)


def console(field: Field, number: int, port: int) -> Child:
    """One of them, with a data folder of its own."""
    path = field.path.with_name(f"console-{number}.toml")
    path.write_text(field.path.read_text().replace('data = "data"', f'data = "data-{number}"'))
    return Child([*FOREWARN, "console", str(path), "--port", str(port)], path.with_suffix(".log"))


def test_consoles_wait_for_their_store_and_then_send_everything_once(
    broker: Broker, postgres: Postgres, tmp_path: Path
) -> None:
    with http_sink() as address, ExitStack() as stack:
        field = Field(tmp_path, broker.servers, more=PEOPLE.format(store=postgres.url, address=address))
        ports = [free_port() for _ in range(CONSOLES)]
        consoles = [stack.enter_context(console(field, number, port)) for number, port in enumerate(ports)]
        expected = replay(field.config.plan(), batches(), EVENT_TICK_S)
        say(field.options, messages(Yield(expected.findings, expected.assessments, expected.warnings)))
        for one, asked in zip(consoles, map(Asked, ports), strict=True):
            one.wait_until(lambda asked=asked: "cannot" in told(asked))  # type: ignore[misc]
        postgres.start()
        for one, asked in zip(consoles, map(Asked, ports), strict=True):
            one.wait_until(asked.is_well)
        store = stack.enter_context(closing(Store(postgres.url)))
        consoles[0].wait_until(lambda: is_settled(store, len(expected.warnings)))
        for one in consoles:
            one.stop()
            assert one.words().count("nothing is begun before it answers") == 1
            assert one.words().count("the store answers") == 1
        assert len(store.ledger()) == len(expected.warnings)
        rows = store.deliveries(10_000)
        taken = {one.id for one in rows if one.state is DeliveryState.ACCEPTED}
        assert taken
        assert stats(address)["seen"] == dict.fromkeys(taken, 1)


def told(asked: Asked) -> str:
    try:
        return asked.health()[1].get("store", "")
    except httpx.HTTPError:
        return ""


def is_settled(store: Store, number: int) -> bool:
    found = store.deliveries(10_000)
    return len({one.warning for one in found}) == number and all(one.state in FINAL_STATES for one in found)


def test_what_waiting_would_not_mend_is_told_at_once(postgres: Postgres, caplog: pytest.LogCaptureFixture) -> None:
    said: list[str] = []

    def tell(words: str) -> None:
        said.append(words)
        if len(said) == 1:
            Thread(target=postgres.start).start()

    with caplog.at_level(logging.WARNING):
        asyncio.run(store_answers(postgres.url, tell))
    assert len(said) == 2
    assert (said[0] != "", said[1]) == (True, "")
    assert [one.levelname for one in caplog.records] == ["ERROR", "WARNING"]
    other = make_url(postgres.url).set(database="nowhere").render_as_string(hide_password=False)
    with pytest.raises(StoreError, match="nowhere") as raised:
        asyncio.run(store_answers(other))
    assert not isinstance(raised.value, StoreAwayError)
