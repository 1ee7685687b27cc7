"""A file is there whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.durable import whole_file


def test_a_file_that_is_not_finished_leaves_the_one_before_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "kept"
    with whole_file(path) as file:
        file.write(b"one")
        assert not path.exists()
    with pytest.raises(TypeError), whole_file(path) as file:
        file.writelines([b"two", None])  # type: ignore[list-item]
    assert path.read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [path]
