"""Recordings at S3, or at whatever speaks its protocol: who we are there, what is there, and its errors in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Final, Literal

import pyarrow.fs as arrow
from pydantic import BeforeValidator, Field, StringConstraints, TypeAdapter, ValidationError

from device_adapters.codecs.base import Options
from pipeline.errors import RecordingError, SecretError
from pipeline.secret import secret

SCHEME: Final = "s3://"
TRIES: Final = 3
_WORDS_MAX: Final = 300

S3Url = Annotated[str, StringConstraints(pattern=r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/\S*)?$")]
"""`s3://BUCKET/PREFIX`; a prefix stands for all that lies below it."""


def _is_well_formed(value: Any) -> Any:
    """Or a slip in an address would become the name of a folder."""
    if isinstance(value, str) and value.startswith("s3:"):
        try:
            return TypeAdapter(S3Url).validate_python(value)
        except ValidationError as error:
            what = "want s3://BUCKET/PREFIX, the bucket of 3 to 63 small letters, digits, points and hyphens"
            raise ValueError(f"{value} is no address of S3: {what}") from error
    return value


Where = Annotated[S3Url | Path, BeforeValidator(_is_well_formed)]
"""A file or folder of this machine, or an address of S3."""


class S3Access(Options):
    """How a bucket is reached.

    Attributes:
        endpoint: `https://s3.example`, of any server that speaks S3's protocol; empty for Amazon's own.
        region: of the bucket.
        addressing: where the bucket's name stands: "path" puts it into the path, "virtual" before the host, as some
            demand; at Amazon's own it is always "virtual".
        access_key_env, secret_key_env: the variables of the environment that hold the two parts of the key.
        secret_key_file: a file whose first line is the secret part, in place of the variable.
        ca_file: certificates that an endpoint at https:// is checked with, in place of the system's own.
    """

    endpoint: str = Field(default="", pattern=r"^(https?://[^\s/]+)?$")
    region: str = Field(default="us-east-1", min_length=1)
    addressing: Literal["path", "virtual"] = "path"
    access_key_env: str = Field(default="AWS_ACCESS_KEY_ID", min_length=1)
    secret_key_env: str = Field(default="AWS_SECRET_ACCESS_KEY", min_length=1)
    secret_key_file: Path | None = None
    ca_file: Path | None = None

    def key(self) -> tuple[str, str]:
        """Both parts.

        Raises:
            RecordingError: one of them is not to be had; names the place and never the key.
        """
        return self._part("access_key_env"), self._part("secret_key_file" if self.secret_key_file else "secret_key_env")

    def _part(self, option: str) -> str:
        place = {"file" if option.endswith("_file") else "env": getattr(self, option)}
        try:
            return secret("that part of the key", **place)
        except SecretError as error:
            raise RecordingError(f"s3.{option}: {error}") from error


@dataclass(frozen=True, slots=True)
class S3File:
    """One object; `key` begins with the bucket."""

    filesystem: Any
    key: str

    def __str__(self) -> str:
        return SCHEME + self.key

    @property
    def suffix(self) -> str:
        """`.parquet`."""
        return PurePosixPath(self.key).suffix

    @property
    def parents(self) -> tuple[PurePosixPath, ...]:
        """The folders that its key speaks of, innermost first."""
        return tuple(PurePosixPath(self.key).parents)


class Bucket:
    """What lies below one address. Calls block, one caller at a time.

    Raises:
        RecordingError: the key is not to be had.
    """

    def __init__(self, access: S3Access, url: str) -> None:
        self.url = url.rstrip("/")
        self._access = access
        public, secret = access.key()
        self.filesystem: Any = arrow.S3FileSystem(
            access_key=public,
            secret_key=secret,
            region=access.region,
            endpoint_override=access.endpoint or None,
            force_virtual_addressing=access.addressing == "virtual",
            tls_ca_file_path=str(access.ca_file) if access.ca_file else None,
            retry_strategy=arrow.AwsStandardS3RetryStrategy(max_attempts=TRIES),
        )
        self.root = self.url.removeprefix(SCHEME)

    def files(self) -> list[S3File]:
        """Every object below the address, in order of key; the object itself where it is one.

        Raises:
            RecordingError: no such bucket, a wrong key, or nobody answers.
        """
        with self.told("cannot be read"):
            try:
                found = self.filesystem.get_file_info(arrow.FileSelector(self.root, recursive=True))
            except FileNotFoundError:  # nothing below it; it may be an object itself
                found = [self.filesystem.get_file_info(self.root)]
        return sorted(
            (S3File(self.filesystem, one.path) for one in found if one.type is arrow.FileType.File),
            key=lambda one: one.key,
        )

    @contextmanager
    def told(self, what: str) -> Iterator[None]:
        """Do something there; what goes wrong is told with its remedy.

        Raises:
            RecordingError: it went wrong.
        """
        try:
            yield
        except OSError as error:
            raise RecordingError(f"{self.url} {what}: {self._words(str(error))}") from error

    def _words(self, said: str) -> str:
        access = self._access
        secret = "secret_key_file" if access.secret_key_file else "secret_key_env"
        remedies = {
            "NO_SUCH_BUCKET": "there is no such bucket; make it, or correct the address",
            "INVALID_ACCESS_KEY_ID": f"the key of s3.access_key_env ({access.access_key_env}) is not known there",
            "SIGNATURE_DOES_NOT_MATCH": f"the key of s3.{secret} is not the one of s3.access_key_env; correct it",
            "ACCESS_DENIED": f"the key of s3.access_key_env ({access.access_key_env}) may not do this; allow it there",
            "NETWORK_CONNECTION": f"nobody answers at {access.endpoint or 'Amazon'}; correct s3.endpoint, or wait",
            "HTTP status 301": f"the bucket is not in region {access.region}; correct s3.region",
        }
        return next((words for name, words in remedies.items() if name in said), said[:_WORDS_MAX])
