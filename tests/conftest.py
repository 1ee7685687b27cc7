"""One Hypothesis profile for the whole suite."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.stores"]

# A shared machine stalls for longer than any deadline worth setting; CI must not fail by the luck of a seed.
settings.register_profile(
    "forewarn",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="CI" in os.environ,
    print_blob=True,
)
settings.load_profile("forewarn")
