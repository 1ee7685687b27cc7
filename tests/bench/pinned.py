"""A measurement in a process of its own, kept on one core, with one thread a library: so a figure "a core" is one.

python -m tests.bench.pinned MODULE FUNCTION [ARGUMENT ...] prints what the function returns, as JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # numpy, and Arrow's pool for computing


def measured(module: str, function: str, *arguments: str, **environment: str) -> Any:
    """What `function(*arguments)` of `module` returns there, JSON in between."""
    command = [sys.executable, "-m", "tests.bench.pinned", module, function, *arguments]
    with one_core():
        done = subprocess.run(
            command, env={**os.environ, **_ONE_THREAD, **environment}, stdout=subprocess.PIPE, check=True
        )
    return json.loads(done.stdout)


@contextmanager
def one_core() -> Iterator[None]:
    """Children started meanwhile stay on the last core that this process may use."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


if __name__ == "__main__":
    _, name, called, *rest = sys.argv
    sys.stdout.write(json.dumps(getattr(import_module(name), called)(*rest)))
