#!/bin/sh
# demo.sh: the line over real contracts on local chains, as a pipe or a service; of `lockstep`.
# shellcheck disable=SC2154 # home, out, made and say, die, run_binary are the launcher's
set -eu

# The committee: three processes, each with its key, its journal and its own look at the chains.
start_signers() {
  for n in 1 2 3; do
    run_binary "$made" signer --config "$1/signer-$n.toml" --key "$1/signer-$n.json" \
      --password-file "$1/password" --journal "$1/votes-$n.journal" \
      --listen "$1/signer-$n.sock" --parent $$ </dev/null >/dev/null 2>"$1/signer-$n.txt" &
  done
  for n in 1 2 3; do
    tries=0
    until [ -S "$1/signer-$n.sock" ]; do
      tries=$((tries + 1))
      [ "$tries" -le 100 ] || die "signer $n did not start: $(cat "$1/signer-$n.txt")"
      sleep 0.1
    done
  done
}

# start_line NAME SECONDS PORT: four chains with our contracts and a committee, until this ends.
# Sets at, its folder, and world and seconds.
start_line() {
  name=$1
  seconds=$2
  case $seconds in '' | *[!0-9]*) say "$name takes a number of seconds"; exit 2 ;; esac
  has_npm || die "$name needs Node 20 with npm"
  ensure_built
  build_page_host
  build_contracts
  at=$out/$name
  rm -rf "$at"
  mkdir -p "$at"
  world=$out/devnet/runs/$name/world.json
  trap 'node "$home/devnet/devnet.mjs" down --name "$name" >/dev/null 2>&1 || true' EXIT
  trap 'exit 130' HUP INT TERM
  say "$name: starting four chains"
  node "$home/devnet/devnet.mjs" up --name "$name" --port "$3" \
    --minutes $((seconds / 60 + 15)) --parent $$ >"$at/devnet.json" \
    || die "the devnet did not come up"
  run_binary "$made" deployer --world "$world" --out "$at/evm.toml" >"$at/deployer.txt" \
    || die "our contracts could not be deployed"
  start_signers "$at"
}

# The pipe of small tools, each a process, over real contracts on local chains.
run_demo() {
  start_line demo "${1:-60}" "${LOCKSTEP_DEMO_PORT:-37000}"
  run_binary "$made" detector --live --world "$world" --cluster ethereum --seconds 2 2>/dev/null \
    | grep -E '"kind":"(token|price)"' >"$at/prices.ndjson" || true
  : >"$at/trades.ndjson"
  : >"$at/plans.ndjson"
  : >"$at/outcomes.ndjson"
  dotnet "$service_dll" page --follow --port "${LOCKSTEP_DEMO_PAGE:-8780}" --parent $$ \
    "$at/prices.ndjson" "$at/trades.ndjson" "$at/plans.ndjson" "$at/outcomes.ndjson" \
    </dev/null >/dev/null 2>"$at/page.txt" &
  tries=0
  until grep -q . "$at/page.txt" || [ "$tries" -gt 100 ]; do tries=$((tries + 1)); sleep 0.1; done
  say "demo: $(head -n 1 "$at/page.txt")"
  say "demo: $seconds seconds of detection and execution"
  run_binary "$made" detector --live --world "$world" --cluster ethereum --seconds "$seconds" \
    2>"$at/detector.txt" \
    | run_binary "$made" aggregator --outcomes "$at/outcomes.ndjson" --record "$at/log" \
      2>"$at/aggregator.txt" \
    | tee "$at/trades.ndjson" \
    | run_binary "$made" bundle-writer --bundles "$at/bundles.toml" 2>"$at/writer.txt" \
    | run_binary "$made" bundle-parser 2>"$at/parser.txt" \
    | run_binary "$made" type-checker 2>"$at/checker.txt" \
    | run_binary "$made" bridge-selector 2>"$at/selector.txt" \
    | run_binary "$made" gas-optimizer 2>"$at/optimizer.txt" \
    | tee "$at/plans.ndjson" \
    | run_binary "$made" executor --live --evm "$at/evm.toml" --prices "$at/prices.ndjson" \
      2>"$at/executor.txt" \
    | tee "$at/outcomes.ndjson" \
    | run_binary "$made" monitor --tokens "$at/prices.ndjson" --follow \
      "$at/trades.ndjson" "$at/plans.ndjson" -
  say "demo: how it went"
  run_binary "$made" report "$at/plans.ndjson" "$at/outcomes.ndjson"
  say "demo: lines and words of every tool are in $at"
}

# The same as one process that runs long: its record has to equal its replay, twice, and the books
# what the chains say.
run_soak() {
  start_line soak "${1:-3600}" "${LOCKSTEP_SOAK_PORT:-37100}"
  say "soak: $seconds seconds of the service, live; words are in $at/run.txt"
  LOCKSTEP_RUN_LIVE=true LOCKSTEP_RUN_CLUSTERS=ethereum LOCKSTEP_RUN_FILES_EVM=$at/evm.toml \
    LOCKSTEP_RUN_FILES_BUNDLES=$at/bundles.toml LOCKSTEP_RUN_FILES_PAUSE=$at/pause \
    LOCKSTEP_RUN_HISTORY_FILE=$at/history.db LOCKSTEP_RUN_RECORD_FOLDER=$at/record \
    dotnet "$service_dll" run --config "$home/config/service.toml" --world "$world" --live \
    --port "${LOCKSTEP_DEMO_PAGE:-8780}" --seconds "$seconds" </dev/null \
    >"$at/outcomes.ndjson" 2>"$at/run.txt" || die "the service ended badly: see $at/run.txt"
  tail -n 1 "$at/run.txt" >&2
  for time in first second; do
    say "soak: the record against its replay, for the $time time"
    run_binary "$made" diff "$at/record" || die "the replay decides otherwise"
  done
  say "soak: how it went"
  run_binary "$made" report "$at/outcomes.ndjson"
  run_binary "$made" calibrate "$at/record/aggregator"
  say "soak: the ledger against the chains"
  run_binary "$made" executor ledger --live --evm "$at/evm.toml" \
    >"$at/ledger.txt" 2>"$at/books.txt" || die "the books differ: $(tail -n 5 "$at/books.txt")"
  say "soak: $(grep -c ' agrees$' "$at/ledger.txt") balances agree to the unit, none differs"
}
