#!/bin/sh
# launch.sh: builds the service where it is missing or stale, and runs it; a part of `lockstep`.
# shellcheck disable=SC2154 # home and out, and say, die, lock, unlock are the launcher's
set -eu

# The service is managed always: the tools' native binary stays free of a web host.
build_page_host() {
  command -v dotnet >/dev/null || die "the .NET 10 SDK is missing: https://dot.net/download"
  mkdir -p "$out"
  service_dll=$out/service/lockstep-service.dll
  [ ! -f "$service_dll" ] || [ -n "$(find "$home/src" "$home/tools" "$home/service" \
    "$home/docs/schemas" "$home/global.json" "$home"/Directory.* -newer "$service_dll" \
    -print -quit 2>/dev/null)" ] || return 0
  lock
  say "building the service"
  rm -rf "$out/service.new"
  if ! dotnet publish "$home/service/Lockstep.Service.csproj" -c Release -v quiet --nologo \
    -o "$out/service.new" </dev/null >"$out/service.log" 2>&1 9>&-; then
    unlock
    grep -E 'error' "$out/service.log" | sort -u | head -n 20 >&2
    die "the service does not build; all of it is in $out/service.log"
  fi
  # What runs keeps the folder it started from.
  rm -rf "$out/service.old"
  [ ! -d "$out/service" ] || mv "$out/service" "$out/service.old"
  mv "$out/service.new" "$out/service"
  touch "$service_dll"
  unlock
}

run_service() {
  build_page_host
  exec dotnet "$service_dll" "$@"
}
