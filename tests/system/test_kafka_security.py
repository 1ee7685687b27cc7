"""TLS, SCRAM and certificates against a broker that demands them: every client, and what is told when one is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from pipeline.connectors.kafka.admin import look
from pipeline.connectors.kafka.topics import Topic
from pipeline.errors import BrokerError, ConfigError
from pipeline.runners.embedded import EVENT_TICK_S
from pipeline.runners.replay import replay
from tests.district import batches
from tests.kafka_field import Field
from tests.kafka_results import assert_same, finish
from tests.kafka_secured import PASSWORD, USER, SecuredKafka

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(600),
    # kafka-python leaves its socket to the garbage collector where a handshake fails
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredKafka]:
    started = SecuredKafka(tmp_path_factory.mktemp("kafka")).start()
    yield started
    started.stop()


@pytest.fixture(scope="module")
def folder(broker: SecuredKafka) -> Path:
    return broker.folder


def scram(folder: Path) -> str:
    return (
        f'tls = "on"\ntls_ca = "{folder}/ca.pem"\n'
        f'sasl = "SCRAM-SHA-512"\nusername = "{USER}"\npassword_env = "SECRET"\n'
    )


def mutual(folder: Path) -> str:
    return (
        f'tls = "on"\ntls_ca = "{folder}/ca.pem"\n'
        f'tls_certificate = "{folder}/client.pem"\ntls_key = "{folder}/client.key"\n'
    )


@pytest.mark.parametrize("way", ["scram", "mutual"])
def test_gateway_and_worker_go_through(broker: SecuredKafka, folder: Path, tmp_path: Path, way: str) -> None:
    section = {"scram": scram, "mutual": mutual}[way](folder)
    with patch.dict("os.environ", SECRET=PASSWORD):
        field = Field(tmp_path, getattr(broker, way), kafka=section)
        stream = list(batches(minutes=400))
        with field.gateway() as gateway:
            for batch in stream:
                field.push(batch)
            gateway.stop()
        finish(field)
        assert_same(field, replay(field.config.plan(), stream, EVENT_TICK_S))
        assert field.held(Topic.FINDINGS)
        assert PASSWORD not in gateway.words()


@pytest.mark.parametrize(
    ("port", "changed"),
    [
        pytest.param("scram", {"tls": "off", "tls_ca": None}, id="no TLS"),
        pytest.param("scram", {"tls_ca": "other-ca.pem"}, id="an authority that did not vouch for the broker"),
        pytest.param("mutual", {"sasl": "off", "username": None, "password_env": None}, id="no certificate of ours"),
        pytest.param("scram", {"username": "nobody"}, id="another user"),
    ],
)
def test_who_is_not_entitled_is_told_so(
    broker: SecuredKafka, folder: Path, tmp_path: Path, port: str, changed: dict[str, Any]
) -> None:
    with patch.dict("os.environ", SECRET=PASSWORD):
        options = Field(tmp_path, broker.servers).options.model_validate(
            {"servers": getattr(broker, port), "tls": "on", "tls_ca": folder / "ca.pem", "sasl": "SCRAM-SHA-512"}
            | {"username": USER, "password_env": "SECRET"}
            | {key: folder / value if key == "tls_ca" and value else value for key, value in changed.items()}
        )
        with pytest.raises(BrokerError, match=getattr(broker, port)) as told:
            look(options)
    assert PASSWORD not in str(told.value)


def test_files_and_passwords_that_are_not_there_are_told(broker: SecuredKafka, folder: Path, tmp_path: Path) -> None:
    options = Field(tmp_path, broker.servers, kafka="").options
    missing = options.model_copy(update={"tls": "on", "tls_ca": folder / "nothing.pem"})
    with pytest.raises(ConfigError, match=r"nothing\.pem cannot be read"):
        look(missing)
    unset = options.model_copy(update={"sasl": "SCRAM-SHA-512", "username": USER, "password_env": "NOT_SET_HERE"})
    with pytest.raises(ConfigError, match="NOT_SET_HERE is not set"):
        look(unset)
