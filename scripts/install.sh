#!/usr/bin/env bash
# install.sh VENV LOCK: bring the virtual environment to what LOCK lists, every file checked against its hash.
# install.sh VENV    : (re)install Forewarn itself, editable, with its entry points; needs no network.
# Makes the environment where it is missing. One at a time, however many `make` are at work.
set -euo pipefail
cd "$(dirname "$0")/.."

venv=$1
exec 9<requirements
flock 9

if [ ! -x "$venv/bin/pip" ]; then
    python=${PYTHON:-python3.11}
    command -v "$python" >/dev/null || {
        echo "$python is not on PATH; install it, or name one of 3.11 or later: make PYTHON=python3.12" >&2
        exit 1
    }
    "$python" -m venv "$venv"
fi

pip() { "$venv/bin/python" -m pip --disable-pip-version-check --no-input install --quiet --progress-bar off --no-compile "$@"; }

if [ $# -gt 1 ]; then
    echo "Installing what $2 lists (a minute or two the first time, then never again)"
    pip --require-hashes --requirement "$2"
else
    pip --no-deps --no-build-isolation --editable .
fi
