from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiomqtt import Message
from pydantic import ValidationError

from device_adapters.mqtt_options import MqttOptions
from device_adapters.mqtt_push import MqttPush
from device_adapters.transport.mqtt import backoff_s, inbox
from pipeline.errors import ConfigError
from tests.adapter_rig import context

REACHABLE = {"host": "127.0.0.1", "client_id": "f1", "topics": ["a/+/b", "c/#"]}

BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no topic": ({"topics": []}, "at least 1 item"),
    "no filter": ({"topics": ["a/#/b"]}, "Invalid wildcard"),
    "an empty filter": ({"topics": [""]}, "wildcard"),
    "no client id": ({"client_id": ""}, "client_id"),
    "two passwords": ({"password_file": "a", "password_env": "B"}, "give password_file or password_env, not both"),
    "authorities without TLS": ({"tls_ca": "ca.pem"}, "tls_ca says nothing while tls"),
    "another protocol": ({"protocol": "4"}, "'5' or '3.1.1'"),
    "unknown key": ({"qos": 2}, "Extra inputs are not permitted"),
    "no wait": ({"reconnect_max_s": 0}, "greater than 0"),
}


@pytest.mark.parametrize(("more", "words"), BAD.values(), ids=BAD)
def test_options_that_cannot_work_are_refused(more: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        MqttOptions.model_validate(REACHABLE | more)


def run(**more: Any) -> None:
    asyncio.run(MqttPush("field", MqttOptions.model_validate(REACHABLE | more), context()).run())


def test_a_password_that_cannot_be_had_is_told_before_it_connects(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"adapters\.field: password_file: cannot read .*gone: FileNotFoundError"):
        run(password_file=tmp_path / "gone")
    with pytest.raises(ConfigError, match=r"password_env: environment variable NOT_SET_ANYWHERE is not set"):
        run(password_env="NOT_SET_ANYWHERE")


def test_authorities_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"adapters\.field: tls_ca .*gone\.pem cannot be read"):
        run(tls="on", tls_ca=tmp_path / "gone.pem")


def test_passwords_are_read_from_file_and_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "password").write_text("secret\n")
    monkeypatch.setenv("BROKER_PASSWORD", "secret")
    for more in ({"password_file": tmp_path / "password"}, {"password_env": "BROKER_PASSWORD"}):
        options = MqttOptions.model_validate(REACHABLE | more)
        assert MqttPush("field", options, context())._session().password == "secret"


def test_back_off_doubles_to_its_bound() -> None:
    assert [backoff_s(attempt, 4.0) for attempt in (1, 2, 3, 4, 5, 10_000)] == [0.5, 1, 2, 4, 4, 4]


def test_only_messages_of_qos_0_are_let_go_when_too_many_wait() -> None:
    lost: list[int] = []
    queue = inbox(2, lambda: lost.append(1))()
    for number, qos in enumerate([0, 1, 0, 1, 0]):
        queue.put_nowait(Message("a", b"", qos, retain=False, mid=number, properties=None))
    assert [queue.get_nowait().mid for _ in range(queue.qsize())] == [0, 1, 3]
    assert len(lost) == 2
