#!/usr/bin/env bash
# Brings Apache Kafka for the system tests and `make cluster`, and prints the folder of its jars.
set -euo pipefail
cd "$(dirname "$0")"
exec ./jars.sh kafka kafka_broker/pom.xml "Apache Kafka (44 MB, once)"
