#!/bin/sh
# test: runs forge's tests offline; the last line is `N passed, N failed, N skipped`. `test.sh
# --snapshot` writes snapshots/ anew instead of checking them; other arguments go to forge test.
# Exit 0 when all passed.
set -eu
cd "$(dirname "$0")"

if [ "${1-}" = --snapshot ]; then
    shift
    export FORGE_SNAPSHOT_CHECK=false
else
    export FORGE_SNAPSHOT_CHECK=true
fi
out=$(mktemp)
trap 'rm -f "$out"' EXIT
status=0
./forge.sh test "$@" >"$out" 2>&1 || status=$?
cat "$out"
numbers='s/.*: \([0-9]*\) tests \(passed, [0-9]* failed, [0-9]* skipped\) .*/\1 \2/p'
count=$(sed -n "$numbers" "$out" | tail -n 1)
echo "${count:-0 passed, 1 failed, 0 skipped}"
exit "$status"
