"""A real broker that asks for TLS with SCRAM at one port, for a client's certificate at another."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

from tests.kafka_server import Kafka
from tests.servers import free_port

USER: Final = "forewarn"
PASSWORD: Final = "a-password-of-the-tests"

PROPERTIES: Final = """
listeners=PLAINTEXT://127.0.0.1:{plain},CONTROLLER://127.0.0.1:{controller},SCRAM://127.0.0.1:{scram},MUTUAL://127.0.0.1:{mutual}
advertised.listeners=PLAINTEXT://127.0.0.1:{plain},SCRAM://127.0.0.1:{scram},MUTUAL://127.0.0.1:{mutual}
controller.quorum.voters=1@127.0.0.1:{controller}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SCRAM:SASL_SSL,MUTUAL:SSL
inter.broker.listener.name=PLAINTEXT
ssl.keystore.type=PEM
ssl.keystore.location={folder}/broker.pem
ssl.truststore.type=PEM
ssl.truststore.location={folder}/ca.pem
listener.name.mutual.ssl.client.auth=required
listener.name.scram.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.scram.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
"""


class SecuredKafka(Kafka):
    """Its certificates, and those of a client, are in `folder`: ca.pem, client.pem, client.key, other-ca.pem."""

    def __init__(self, folder: Path) -> None:
        ports = {name: free_port() for name in ("plain", "controller", "scram", "mutual")}
        make_authority(folder, "ca")
        make_authority(folder, "other-ca")
        make_certificate(folder, "broker")
        make_certificate(folder, "client")
        (folder / "broker.pem").write_text((folder / "broker.key").read_text() + (folder / "broker.pem").read_text())
        credentials = f"SCRAM-SHA-512=[name={USER},password={PASSWORD}]"
        super().__init__(folder, PROPERTIES.format(folder=folder, **ports), ("--add-scram", credentials))
        self.servers = f"127.0.0.1:{ports['plain']}"
        self.scram = f"127.0.0.1:{ports['scram']}"
        self.mutual = f"127.0.0.1:{ports['mutual']}"


def make_authority(folder: Path, name: str) -> None:
    _openssl(folder, f"req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={name} -keyout {name}.key -out {name}.pem")


def make_certificate(folder: Path, name: str) -> None:
    (folder / f"{name}.ext").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
    _openssl(folder, f"req -newkey rsa:2048 -nodes -subj /CN={name} -keyout {name}.key -out {name}.csr")
    signing = f"x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile {name}.ext"
    _openssl(folder, f"{signing} -out {name}.pem")


def _openssl(folder: Path, words: str) -> None:
    subprocess.run(["openssl", *words.split()], cwd=folder, check=True, capture_output=True)
