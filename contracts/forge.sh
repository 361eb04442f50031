#!/bin/sh
# forge: the pinned forge with these arguments, in this folder; installs it when it is missing.
set -eu
cd "$(dirname "$0")"

# One at a time: tests and the launcher may both find it missing.
if command -v flock >/dev/null; then
    mkdir -p .build
    exec 8>.build/install.lock
    if ! flock -w 600 8; then
        echo "forge: another install has held contracts/.build/install.lock for 10 minutes" >&2
        exit 1
    fi
fi
installed=node_modules/.package-lock.json
if [ ! -f "$installed" ] || [ package-lock.json -nt "$installed" ]; then
    echo "forge: installing the compiler that package-lock.json pins" >&2
    npm ci --ignore-scripts --no-audit --no-fund >&2
    touch "$installed"
fi
exec 8>&-

for forge in node_modules/@foundry-rs/forge-*/bin/forge; do
    [ -x "$forge" ] || break
    exec "$forge" "$@"
done
echo "forge: none for this machine in contracts/node_modules; remove it and run again" >&2
exit 1
