#!/usr/bin/env bash
# Brings S3Proxy, a server that speaks S3's protocol, for the system tests, and prints the folder of its jars.
set -euo pipefail
cd "$(dirname "$0")"
exec ./jars.sh s3 s3_server/pom.xml "S3Proxy (57 MB, once)"
