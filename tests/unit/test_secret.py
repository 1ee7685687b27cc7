"""Where secrets come from, and what is said of those that are not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import SecretError
from pipeline.secret import secret


def test_it_is_what_the_variable_or_the_first_line_of_the_file_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEY", " of the environment\n")
    (tmp_path / "key").write_text(" of the file \nanother line\n", "utf-8")
    assert secret("the key", env="KEY") == "of the environment"
    assert secret("the key", env="KEY", file=tmp_path / "key") == "of the file"


@pytest.mark.parametrize("content", [b"", b"\nsecond line", b"\xff\xfe", None])
def test_what_is_not_there_is_told_with_its_place_and_remedy(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "key").write_bytes(content)
    with pytest.raises(SecretError, match=r"(cannot read|the first line of) .*key.*; it holds the key"):
        secret("the key", file=tmp_path / "key")


def test_a_variable_that_is_not_set_or_empty_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in ("", " "):
        monkeypatch.setenv("KEY", value)
        with pytest.raises(SecretError, match="environment variable KEY is not set; set it to the key"):
            secret("the key", env="KEY")
