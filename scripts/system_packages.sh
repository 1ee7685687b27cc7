#!/usr/bin/env bash
# Installs the Debian packages that the system tests need, and only those that are missing.
# Instant, and without the network, when all are there. The program itself needs none of them.
set -euo pipefail

PATH=$PATH:/usr/sbin:/sbin # where mosquitto lives, and where an ordinary user does not look

missing=()
need() { # need PACKAGE COMMAND...: PACKAGE is missing when COMMAND fails
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || missing+=("$package")
}
need mosquitto command -v mosquitto
need default-jre-headless command -v java
need maven command -v mvn
need chromium command -v chromium
need chromium-driver command -v chromedriver
need postgresql sh -c 'ls /usr/lib/postgresql/*/bin/postgres'
need prometheus-alertmanager command -v prometheus-alertmanager
need espeak-ng command -v espeak-ng
need npm command -v npm
need gcc command -v cc # from here to cargo: what scripts/influxdb.sh builds with
need libc6-dev test -e /usr/include/stdio.h
need pkg-config command -v pkg-config
need rustc-web sh -c 'printf "1.75\n%s\n" "$(rustc --version | cut -d" " -f2)" | sort --check=quiet --version-sort'
need cargo-web command -v cargo
need fonts-noto-cjk test -e /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc

[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    as_root=(sudo --non-interactive)
    if ! "${as_root[@]}" true 2>/dev/null; then
        echo "The system tests need these Debian packages: ${missing[*]}" >&2
        echo "Install them as root, then start again:  apt-get install ${missing[*]}" >&2
        exit 1
    fi
fi
if ! command -v apt-get >/dev/null; then
    echo "The system tests need mosquitto, java, mvn, chromium, chromedriver, PostgreSQL, Alertmanager, espeak-ng, npm and Noto CJK fonts, and this system has no apt-get." >&2
    echo "Install by your own package manager what stands for: ${missing[*]}" >&2
    exit 1
fi

# Debian starts a server as soon as it is installed; the tests start their own, so nothing may be started now.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap '"${as_root[@]}" rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod 755 "$policy"
fi

echo "Installing Debian packages: ${missing[*]}"
"${as_root[@]}" apt-get update -q=2
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q=2 --yes --no-install-recommends "${missing[@]}" </dev/null
