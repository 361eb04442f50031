#!/bin/sh
# launch.sh: builds the service, or query, where it is missing or stale, and runs it; a part of
# `lockstep`.
# shellcheck disable=SC2154 # home and out, and say, die, lock, unlock are the launcher's
set -eu

# Both are managed always: the tools' native binary stays free of a web host and of a database.
# build_host NAME: the project of folder NAME, published to .build/NAME; sets host_dll.
build_host() {
  command -v dotnet >/dev/null || die "the .NET 10 SDK is missing: https://dot.net/download"
  mkdir -p "$out"
  host_dll=$out/$1/lockstep-$1.dll
  [ ! -f "$host_dll" ] || [ -n "$(find "$home/src" "$home/tools" "$home/$1" \
    "$home/docs/schemas" "$home/global.json" "$home"/Directory.* -newer "$host_dll" \
    -print -quit 2>/dev/null)" ] || return 0
  lock
  say "building $1"
  rm -rf "$out/$1.new"
  if ! dotnet publish "$home/$1" -c Release -v quiet --nologo \
    -o "$out/$1.new" </dev/null >"$out/$1.log" 2>&1 9>&-; then
    unlock
    grep -E 'error' "$out/$1.log" | sort -u | head -n 20 >&2
    die "$1 does not build; all of it is in $out/$1.log"
  fi
  # What runs keeps the folder it started from.
  rm -rf "$out/$1.old"
  [ ! -d "$out/$1" ] || mv "$out/$1" "$out/$1.old"
  mv "$out/$1.new" "$out/$1"
  touch "$host_dll"
  unlock
}

build_page_host() {
  build_host service
  service_dll=$host_dll
}

run_service() {
  build_page_host
  exec dotnet "$service_dll" "$@"
}

run_query() {
  build_host query
  exec dotnet "$host_dll" "$@"
}
