"""A real S3 server for system tests: S3Proxy on a free port, its objects in a temporary folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pyarrow.fs as arrow
import pytest

from tests.servers import Given, Local, free_port, listens

S3: Final = "FOREWARN_TEST_S3"
"""Its address, http://HOST:PORT, if the tests are not to start one; ACCESS and SECRET hold a key that makes buckets."""
ACCESS, SECRET = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"
SCRIPT: Final = Path(__file__).parents[1] / "scripts" / "s3.sh"
LOGGING: Final = '<configuration><root level="OFF"/></configuration>'
PROPERTIES: Final = """
s3proxy.endpoint=http://127.0.0.1:{port}
s3proxy.authorization=aws-v2-or-v4
s3proxy.identity={access}
s3proxy.credential={secret}
jclouds.provider=filesystem-nio2
jclouds.identity=unused
jclouds.credential=unused
jclouds.filesystem.basedir={folder}/objects
"""


class S3Server(Local):
    """A server that keeps its objects in `folder` over a restart."""

    def __init__(self, folder: Path) -> None:
        self._port = free_port()
        self.endpoint = f"http://127.0.0.1:{self._port}"
        self.environment = {ACCESS: "tests", SECRET: "a-secret-of-the-tests"}
        (folder / "objects").mkdir()
        written = PROPERTIES.format(
            port=self._port, folder=folder, access=self.environment[ACCESS], secret=self.environment[SECRET]
        )
        (folder / "s3.properties").write_text(written)
        (folder / "logback.xml").write_text(LOGGING)
        options = ["-Xmx256m", "-XX:TieredStopAtLevel=1", f"-Dlogback.configurationFile={folder / 'logback.xml'}"]
        main = ["org.gaul.s3proxy.Main", "--properties", str(folder / "s3.properties")]
        super().__init__(["java", *options, "-cp", f"{_jars()}/*", *main], folder / "s3.log")

    def _answers(self) -> bool:
        return listens("127.0.0.1", self._port)


class GivenS3(Given):
    """A server that runs elsewhere."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.environment = {name: os.environ[name] for name in (ACCESS, SECRET)}


Server = S3Server | GivenS3


def s3_in(folder: Path) -> Server:
    """The server of a test, running."""
    endpoint = os.environ.get(S3)
    return GivenS3(endpoint) if endpoint else S3Server(folder).start()


class FreshBucket:
    """A bucket of its own on a server."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.name = f"t{uuid4().hex[:12]}"
        self.url = f"s3://{self.name}/recording"
        self._files: Any = arrow.S3FileSystem(
            access_key=server.environment[ACCESS],
            secret_key=server.environment[SECRET],
            region="us-east-1",
            endpoint_override=server.endpoint,
            allow_bucket_creation=True,
        )
        self._files.create_dir(self.name)

    def section(self, name: str = "recorder", **more: Any) -> str:
        """A section of a configuration that records there."""
        written = [f"{option} = {json.dumps(value)}" for option, value in {"path": self.url, **more}.items()]
        return "\n".join([f"[{name}]", *written, f"[{name}.s3]", f'endpoint = "{self.server.endpoint}"', ""])

    def spoil(self, name: str) -> None:
        """Write something else over an object."""
        with self._files.open_output_stream(f"{self.name}/recording/{name}") as stream:
            stream.write(b"no Parquet")

    def names(self) -> list[str]:
        """The objects below the address, by what follows it."""
        found = self._files.get_file_info(
            arrow.FileSelector(f"{self.name}/recording", recursive=True, allow_not_found=True)
        )
        root = f"{self.name}/recording/"
        return sorted(one.path.removeprefix(root) for one in found if one.type is arrow.FileType.File)


def _jars() -> str:
    """The folder that scripts/s3.sh prints; the system tests of a machine without Java fail with its words."""
    if shutil.which("java") is None:
        pytest.fail(f"java is not installed: apt-get install default-jre-headless maven, or set {S3}=http://HOST:PORT")
    brought = subprocess.run([str(SCRIPT)], check=False, capture_output=True, text=True)
    if brought.returncode:
        pytest.fail(
            f"S3Proxy cannot be brought by scripts/s3.sh: {brought.stderr[-1000:]}\nor set {S3}=http://HOST:PORT"
        )
    return brought.stdout.strip()
