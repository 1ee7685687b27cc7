#!/usr/bin/env bash
# Writes requirements/*.lock: every distribution with its version and hashes, and no index or host.
# What is locked stays as it is unless pyproject.toml asks for something else; `make lock UPGRADE=1` takes the newest.
# dev.lock holds everything; run.lock is the part of it that `make run` needs, in the same versions.
# peers.lock is apart: what others are measured with must not hold back what we ship.
set -euo pipefail
cd "$(dirname "$0")/.."

bin=$1 # the virtual environment's bin folder
"$bin/python" -m pip install --quiet 'uv>=0.5'

compile() {
    UV_CUSTOM_COMPILE_COMMAND="make lock" "$bin/uv" pip compile --quiet --universal \
        --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links ${UPGRADE:+--upgrade} "$@"
}

compile pyproject.toml --all-extras --group dev --output-file requirements/dev.lock
compile pyproject.toml --extra plot --extra demo --group build --constraints requirements/dev.lock --output-file requirements/run.lock
compile --group peers --output-file requirements/peers.lock
