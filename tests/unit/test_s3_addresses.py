"""Addresses of S3 in a configuration and on the command line; what is there is tested against a real server."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from device_adapters.recordings.options import RecordingOptions
from device_adapters.recordings.s3 import S3Access
from device_adapters.replay import ReplayOptions
from pipeline.cli.exit import Exit
from pipeline.config.anchor import anchored
from pipeline.config.recorder import RecorderOptions
from pipeline.errors import RecordingError
from tests.unit.cli_rig import Terminal


def test_an_address_is_told_from_a_path_and_never_moved_into_a_folder() -> None:
    options = RecordingOptions.model_validate({"files": ("s3://recordings/a b.parquet".replace(" ", "-"), "x.csv")})
    assert anchored(options, Path("/site")).files == ("s3://recordings/a-b.parquet", Path("/site/x.csv"))
    assert anchored(RecorderOptions(path="s3://recordings/here"), Path("/site")).path == "s3://recordings/here"
    again = ReplayOptions(**dict(RecordingOptions(files=("s3://recordings/here",), s3=S3Access(region="r"))), speed=2)
    assert (again.files, again.s3.region) == (("s3://recordings/here",), "r")


@pytest.mark.parametrize("slip", ["s3:/bucket/x", "s3://Bucket/x", "s3://b/x", "s3://", "s3://bucket/a b"])
def test_a_slip_is_no_folder(slip: str) -> None:
    with pytest.raises(ValidationError, match="is no address of S3: want s3://BUCKET/PREFIX"):
        RecorderOptions(path=slip)


def test_the_command_line_says_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    terminal = Terminal(tmp_path, capsys)
    ended = terminal("replay", "s3://Bucket/x")
    assert ended.code == Exit.USAGE
    assert "s3://Bucket/x is no address of S3" in ended.err
    ended = terminal("replay", "s3://bucket/x")
    assert ended.code not in {Exit.DONE, Exit.USAGE}
    assert "s3.access_key_env: environment variable AWS_ACCESS_KEY_ID is not set" in ended.err


def test_the_secret_part_may_stand_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "me")
    file = tmp_path / "secret"
    file.write_text("the-secret\nmore\n")
    assert S3Access(secret_key_file=file).key() == ("me", "the-secret")
    file.write_text("\n")
    with pytest.raises(RecordingError, match=r"s3.secret_key_file: the first line of .* is empty"):
        S3Access(secret_key_file=file).key()
    with pytest.raises(RecordingError, match=r"s3.secret_key_file: cannot read .*: FileNotFoundError"):
        S3Access(secret_key_file=tmp_path / "nowhere").key()
