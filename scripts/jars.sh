#!/usr/bin/env bash
# jars.sh NAME POM WORDS: brings what the pom lists from Maven Central and prints the folder of its jars.
# Kept outside the tree under the hash of the pom: instant, and without the network, when it is there.
set -euo pipefail

cache=${XDG_CACHE_HOME:-$HOME/.cache}/forewarn/$1
pom=$2
jars=$cache/$(sha256sum "$pom" | cut -c1-16)

if [ ! -d "$jars" ]; then
    for program in java mvn; do
        command -v "$program" >/dev/null || {
            echo "$program is not on PATH. Debian: apt-get install --no-install-recommends default-jre-headless maven" >&2
            exit 1
        }
    done
    mkdir -p "$cache"
    part=$(mktemp -d "$cache/part.XXXXXX")
    trap 'rm -rf "$part"' EXIT
    echo "Bringing $3" >&2
    mvn --batch-mode --quiet --strict-checksums --file "$pom" dependency:copy-dependencies \
        -DincludeScope=runtime -DoutputDirectory="$part/jars" >&2
    mv -T "$part/jars" "$jars" 2>/dev/null || [ -d "$jars" ] # somebody else may have been quicker
fi
echo "$jars"
