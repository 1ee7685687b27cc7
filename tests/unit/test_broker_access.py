"""How brokers are spoken to: contradictions are refused in words, and each library is told the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from pipeline.broker_access import BrokerAccess
from pipeline.errors import ConfigError

SCRAM = {"sasl": "SCRAM-SHA-256", "username": "u"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"tls": "on", "tls_certificate": "a.pem"}, "tls_certificate and tls_key, or neither"),
        ({"tls_ca": "ca.pem"}, 'while tls = "off"'),
        (SCRAM | {"password_file": "p", "password_env": "P"}, "not both"),
        (SCRAM, "sasl needs username and password_file or password_env"),
        ({"username": "u", "password_env": "P"}, "and they need sasl"),
        ({"sasl": "PLAIN", "username": "u", "password_env": "P"}, "for all to read"),
        ({"servers": "no port"}, "pattern"),
        ({"colour": "red"}, "Extra inputs"),
    ],
)
def test_contradictions_are_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        BrokerAccess.model_validate(options)


@pytest.mark.parametrize(
    ("options", "protocol"),
    [
        ({}, "PLAINTEXT"),
        ({"tls": "on"}, "SSL"),
        (SCRAM | {"password_env": "P"}, "SASL_PLAINTEXT"),
        (SCRAM | {"password_env": "P", "tls": "on"}, "SASL_SSL"),
    ],
)
def test_the_protocol_is_the_same_for_all(
    options: dict[str, Any], protocol: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("P", "secret")
    access = BrokerAccess.model_validate(options)
    assert access.librdkafka()["security.protocol"] == protocol
    assert access.kafka_python()["security_protocol"] == protocol
    assert (access.context() is not None) == (access.tls == "on")
    has_password = access.sasl != "off"
    assert (access.librdkafka().get("sasl.password") == "secret") is has_password
    assert (access.kafka_python().get("sasl_plain_password") == "secret") is has_password
    assert "secret" not in repr(access)


def test_a_certificate_that_cannot_be_read_is_named_by_every_client(tmp_path: Path) -> None:
    (tmp_path / "bad.pem").write_text("no certificate")
    for name in ("bad.pem", "gone.pem"):
        access = BrokerAccess.model_validate({"tls": "on", "tls_ca": tmp_path / name})
        for told in (access.librdkafka, access.kafka_python):
            with pytest.raises(ConfigError, match=f"kafka: one of .*{name} cannot be read"):
                told()


def test_a_password_comes_from_a_file_without_its_line_end(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("secret\n")
    given = BrokerAccess.model_validate(SCRAM | {"password_file": tmp_path / "password"})
    assert given.password() == "secret"
    gone = BrokerAccess.model_validate(SCRAM | {"password_file": tmp_path / "gone"})
    with pytest.raises(ConfigError, match=r"kafka: password_file: cannot read .*gone: FileNotFoundError"):
        gone.password()
