"""Whether our import packages are ours alone in this environment.

`pipeline`, `detectors` and `alerting` are also names of other distributions, and an installer overwrites files of the
same name without a word. So Forewarn asks at its start, before it trusts what it imports.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.metadata import Distribution, distributions
from typing import Final

DISTRIBUTION: Final = "forewarn"
PACKAGES: Final = ("alerting", "detectors", "device_adapters", "pipeline")
"""The import packages that the wheel holds, and nothing else."""

_IN_RECORD: Final = re.compile(rf"^({'|'.join(PACKAGES)})(?:/|\.[\w.]+,)", re.MULTILINE)


def check_owners(installed: Iterable[Distribution] | None = None) -> list[str]:
    """One sentence for each of our packages that another distribution provides too; empty when all is well.

    Args:
        installed: the distributions to look at, by default all on `sys.path`.
    """
    claims = [(dist.name, _provided(dist)) for dist in (distributions() if installed is None else installed)]
    return [
        f"import package {package!r} is also provided by {', '.join(others)}; "
        f"install {DISTRIBUTION} into an environment of its own"
        for package in PACKAGES
        if (others := sorted({name for name, provided in claims if package in provided} - {DISTRIBUTION}))
    ]


def _provided(dist: Distribution) -> set[str]:
    """Those of our names that `dist` says it installs, by its list of files or its list of names."""
    named = (dist.read_text("top_level.txt") or "").split()
    return set(_IN_RECORD.findall(dist.read_text("RECORD") or "")) | set(named).intersection(PACKAGES)
