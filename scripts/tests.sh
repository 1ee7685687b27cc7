#!/usr/bin/env bash
# tests.sh PYTEST [OPTION...]: runs the tests, and once more, alone, those that failed. What passes then is shaky: it is
# named, and the run counts as passed. What fails twice fails the run. Why: docs/decisions/0025.
set -uo pipefail

most=10 # more than so many do not fail by bad luck
cache=$(mktemp -d) # its own: another run in this tree may fail otherwise
trap 'rm -rf "$cache"' EXIT
failed=$cache/v/cache/lastfailed

names() { sed -n 's/^  "\(.*\)": true,\{0,1\}$/\1/p' "$failed" 2>/dev/null | sort; }

"$@" -o cache_dir="$cache"
status=$?
first=$(names)
number=$(grep -c . <<<"$first")
if [[ $status -ne 1 || $number -eq 0 ]]; then
    exit "$status"
fi
if [[ $number -gt $most ]]; then
    echo "$number tests failed: too many to be tried again"
    exit "$status"
fi

printf '\n==== %s failed; tried once more, alone ====\n' "$number"
"$@" -o cache_dir="$cache" -n 0 --last-failed --last-failed-no-failures none
status=$?
if [[ $status -gt 1 ]]; then
    exit 1
fi
shaky=$(comm -23 <(echo "$first") <(names))
if [[ -n $shaky ]]; then
    printf '\n!!!! SHAKY: failed, and passed when tried again. Each depends on the speed of the machine; mend it:\n'
    printf '!!!!   %s\n' "${shaky//$'\n'/$'\n!!!!   '}"
fi
exit "$status"
