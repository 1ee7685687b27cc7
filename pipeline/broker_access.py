"""How Kafka's brokers are spoken to, in the words of each of the libraries that speak to them: TLS and SASL."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pipeline.errors import ConfigError, SecretError
from pipeline.secret import secret


class BrokerAccess(BaseModel):
    """Where the brokers are, and what they ask for.

    Attributes:
        servers: brokers to begin with, `host:port,host:port`.
        tls: "on" encrypts, and checks the brokers' certificates and names.
        tls_ca: file of the authorities that may vouch for the brokers, PEM; without it, the system's.
        tls_certificate, tls_key: our own, PEM, where the brokers ask for one (mTLS); the key may not be encrypted.
        sasl: how we prove who we are, if not by certificate. PLAIN sends the password itself: only with TLS.
        username: at the brokers, with `sasl`.
        password_file, password_env: a file, or a variable of the environment, that holds the password.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    servers: str = Field(default="127.0.0.1:9092", pattern=r"^[^\s,:]+:\d+(,[^\s,:]+:\d+)*$")
    tls: Literal["off", "on"] = "off"
    tls_ca: Path | None = None
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    sasl: Literal["off", "SCRAM-SHA-256", "SCRAM-SHA-512", "PLAIN"] = "off"
    username: str | None = None
    password_file: Path | None = None
    password_env: str | None = None

    @model_validator(mode="after")
    def _without_contradictions(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("give tls_certificate and tls_key, or neither")
        if self.tls == "off" and (self.tls_ca or self.tls_certificate):
            raise ValueError('tls_ca and tls_certificate say nothing while tls = "off"; set tls = "on"')
        if self.password_file and self.password_env:
            raise ValueError("give password_file or password_env, not both")
        if self.sasl == "PLAIN" and self.tls == "off":
            raise ValueError('sasl = "PLAIN" would send the password for all to read; set tls = "on", or use SCRAM')
        has_password = bool(self.password_file or self.password_env)
        if (self.sasl != "off") != bool(self.username and has_password):
            raise ValueError("sasl needs username and password_file or password_env, and they need sasl")
        return self

    @property
    def protocol(self) -> str:
        """Kafka's word for it."""
        return ("SASL_" if self.sasl != "off" else "") + ("SSL" if self.tls == "on" else "PLAINTEXT")

    def librdkafka(self) -> dict[str, Any]:
        """What a client of confluent-kafka is told.

        Raises:
            ConfigError: a password or a certificate that cannot be had.
        """
        self.context()  # librdkafka reads the files itself, and says less of those that it cannot
        told: dict[str, Any] = {"bootstrap.servers": self.servers, "security.protocol": self.protocol}
        if self.tls_ca:
            told["ssl.ca.location"] = str(self.tls_ca)
        if self.tls_certificate:
            told |= {"ssl.certificate.location": str(self.tls_certificate), "ssl.key.location": str(self.tls_key)}
        if self.sasl != "off":
            told |= {"sasl.mechanism": self.sasl, "sasl.username": self.username, "sasl.password": self.password()}
        return told

    def kafka_python(self) -> dict[str, Any]:
        """What a client of kafka-python is told.

        Raises:
            ConfigError: a password or a certificate that cannot be had.
        """
        told: dict[str, Any] = {
            "bootstrap_servers": self.servers.split(","),
            "security_protocol": self.protocol,
            "ssl_context": self.context(),
        }
        if self.sasl != "off":
            told |= {
                "sasl_mechanism": self.sasl,
                "sasl_plain_username": self.username,
                "sasl_plain_password": self.password(),
            }
        return told

    def context(self) -> ssl.SSLContext | None:
        """For the libraries that take one; None without TLS.

        Raises:
            ConfigError: a certificate or key that cannot be read.
        """
        if self.tls == "off":
            return None
        try:
            context = ssl.create_default_context(cafile=self.tls_ca)
            if self.tls_certificate:
                context.load_cert_chain(self.tls_certificate, self.tls_key, password="")
        except OSError as error:
            files = ", ".join(str(one) for one in (self.tls_ca, self.tls_certificate, self.tls_key) if one)
            raise ConfigError("kafka", f"one of {files} cannot be read: {error}") from error
        return context

    def password(self) -> str:
        """Of `username`.

        Raises:
            ConfigError: the file or the variable is not there.
        """
        try:
            return secret("the password", env=self.password_env, file=self.password_file)
        except SecretError as error:
            option = "password_file" if self.password_file else "password_env"
            raise ConfigError("kafka", f"{option}: {error}") from error
