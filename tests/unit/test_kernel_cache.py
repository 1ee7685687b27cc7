"""Machine code on disk is written by one process at a time."""

from __future__ import annotations

import os
from fcntl import LOCK_EX, flock
from pathlib import Path
from threading import Thread
from typing import Any

import numba
import numpy as np
import pytest

from detectors.kernel import kernel

MODULE = """
def twice(values):
    return values * 2
"""


def test_a_process_waits_with_what_it_compiled_while_another_one_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both would call their files alike, and each would run the machine code of the other."""
    if numba.config.DISABLE_JIT:  # type: ignore[attr-defined]  # made by numba at run time
        pytest.fail("NUMBA_DISABLE_JIT is set: without machine code there is nothing to test; unset it")
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    source = tmp_path / "twice.py"
    source.write_text(MODULE)
    space: dict[str, Any] = {"__name__": "twice"}
    exec(compile(MODULE, str(source), "exec"), space)  # noqa: S102  # a function of a file of its own
    twice = kernel(space["twice"])
    place = Path(twice._cache.cache_path)
    other = os.open(place, os.O_RDONLY)
    flock(other, LOCK_EX)
    ours = Thread(target=twice, args=(np.ones(3),))
    ours.start()
    ours.join(3)
    written = list(place.iterdir())
    os.close(other)
    ours.join(60)
    assert written == []
    assert {path.suffix for path in place.iterdir()} == {".nbi", ".nbc"}
