"""One Hypothesis profile for the whole suite."""

from __future__ import annotations

import os

from hypothesis import settings

pytest_plugins = ["tests.stores"]

# A shared machine stalls for longer than any deadline worth setting; CI must not fail by the luck of a seed.
settings.register_profile("forewarn", deadline=None, derandomize="CI" in os.environ, print_blob=True)
settings.load_profile("forewarn")
