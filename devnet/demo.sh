#!/bin/sh
# demo.sh: the pipe of small tools over real contracts on local chains; a part of `lockstep`.
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

# The pipe of small tools, each a process, over real contracts on local chains.
run_demo() {
  seconds=${1:-60}
  case $seconds in '' | *[!0-9]*) say "demo takes a number of seconds"; exit 2 ;; esac
  has_npm || die "the demo needs Node 20 with npm"
  ensure_built
  build_page_host
  build_contracts
  at=$out/demo
  rm -rf "$at"
  mkdir -p "$at"
  world=$out/devnet/runs/demo/world.json
  trap 'node "$home/devnet/devnet.mjs" down --name demo >/dev/null 2>&1 || true' EXIT
  trap 'exit 130' HUP INT TERM
  say "demo: starting four chains"
  node "$home/devnet/devnet.mjs" up --name demo --port "${LOCKSTEP_DEMO_PORT:-37000}" \
    --minutes $((seconds / 60 + 5)) --parent $$ >"$at/devnet.json" \
    || die "the devnet did not come up"
  run_binary "$made" deployer --world "$world" --out "$at/evm.toml" >"$at/deployer.txt" \
    || die "our contracts could not be deployed"
  start_signers "$at"
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
