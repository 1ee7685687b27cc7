#!/usr/bin/env bash
# Brings an SMS centre for the system tests (npm's `smpp`, a server of SMPP 3.4) and prints the folder that holds it.
# Kept outside the tree under the hash of its lock file: instant, and without the network, when it is there.
set -euo pipefail
cd "$(dirname "$0")/smsc"

cache=${XDG_CACHE_HOME:-$HOME/.cache}/forewarn/smsc
place=$cache/$(sha256sum package-lock.json | cut -c1-16)

if [ ! -d "$place" ]; then
    command -v npm >/dev/null || {
        echo "npm is not on PATH. Debian: apt-get install --no-install-recommends npm" >&2
        exit 1
    }
    mkdir -p "$cache"
    part=$(mktemp -d "$cache/part.XXXXXX")
    trap 'rm -rf "$part"' EXIT
    cp package.json package-lock.json "$part"
    echo "Bringing an SMS centre (once)" >&2
    npm ci --prefix "$part" --no-audit --no-fund --ignore-scripts >&2
    mv -T "$part" "$place" 2>/dev/null || [ -d "$place" ] # somebody else may have been quicker
fi
echo "$place"
