"""The one way a function becomes machine code, with a compile cache that cannot go stale.

numba caches a function by its own file and text alone, so a change in a helper of another file would be missed; the
cache therefore lives in a folder named after the text of all kernels. A kernel that takes another as an argument is
cached under that argument's identity, which numba draws at random; here it is the function's name and the text of its
file, so that a new text of a detector from another distribution is not taken for the old one.

numba chooses the name of a file and takes it in two steps. Of two processes that compile at once both may choose the
same, and the machine code of one is then called with the records of the other, ever after; so one writes at a time.

NUMBA_DISABLE_JIT=1 leaves plain Python, for a debugger.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from fcntl import LOCK_EX, flock
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeVar

import numba
import numpy as np
from numba.core.caching import FunctionCache


def _cache_folder() -> Path:
    """A writable folder that changes with the text of any kernel."""
    digest = blake2b(digest_size=8)
    for source in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(source.read_bytes())
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(home) / "forewarn" / "numba" / digest.hexdigest()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.mkdtemp(prefix="forewarn-numba-"))
    return folder


if "NUMBA_CACHE_DIR" not in os.environ:
    numba.config.CACHE_DIR = str(_cache_folder())  # type: ignore[attr-defined]  # made by numba at run time


class _OneAtATime(FunctionCache):
    """numba's cache of a function on disk, written by one process at a time."""

    def _save_overload(self, sig: Any, data: Any) -> None:
        Path(self.cache_path).mkdir(parents=True, exist_ok=True)
        folder = os.open(self.cache_path, os.O_RDONLY)
        try:
            flock(folder, LOCK_EX)
            super()._save_overload(sig, data)  # type: ignore[no-untyped-call]  # numba is not typed
        finally:
            os.close(folder)


F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """`function` compiled at its first call. Division by zero gives inf or NaN, as in numpy."""
    dispatcher: Any = numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    if hasattr(dispatcher, "_set_uuid"):  # absent under NUMBA_DISABLE_JIT
        dispatcher._set_uuid(_identity(function))  # noqa: SLF001  # see the module
        dispatcher._cache = _OneAtATime(function)  # type: ignore[no-untyped-call]  # noqa: SLF001  # see the module
    return dispatcher  # type: ignore[no-any-return]


def _identity(function: Callable[..., Any]) -> str:
    text = Path(function.__code__.co_filename).read_bytes()
    return f"{function.__module__}.{function.__qualname__}.{blake2b(text, digest_size=8).hexdigest()}"


def records(count: int, dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """`count` zeroed records whose fields are attributes, to machine code and to plain Python alike."""
    array = np.zeros(count, dtype)
    array.view(np.uint8).fill(0)  # the memory is taken now, where its lack stops the start, not when it rains
    plain = numba.config.DISABLE_JIT  # type: ignore[attr-defined]  # made by numba at run time
    return array.view(np.recarray) if plain else array
