#!/usr/bin/env bash
# fuzz.sh BIN MINUTES: the property tests, round after round with a new seed each, until the time is up or one fails.
set -euo pipefail
cd "$(dirname "$0")/.."

bin=$1
minutes=$2
until_s=$((SECONDS + minutes * 60))
rounds=0
while [ "$SECONDS" -lt "$until_s" ]; do
    seed=$((RANDOM * 32768 + RANDOM))
    echo "Round $((rounds += 1)), seed $seed"
    env -u CI "$bin/pytest" -n 2 -q --timeout 0 --hypothesis-seed "$seed" tests/property
done
echo "$rounds rounds in $minutes minutes, no failure"
