#!/usr/bin/env bash
# Go programs that the tests need, built from their modules once per machine outside the clone: one for each folder of scripts/go.
# Usage: scripts/go-programs.sh [NAME…]     no name: all of them. Prints the path of each. Built ones cost nothing.
# Place: $ESPER_GO_PROGRAMS, else $XDG_CACHE_HOME/esper/go, else ~/.cache/esper/go. Versions are those of each go.mod, checked by its go.sum.
# Modules and objects (0.9 GB for the collector) go to a folder of their own that is removed, unless $GOMODCACHE or $GOCACHE name a place.
set -euo pipefail
sources=$(cd "$(dirname "${BASH_SOURCE[0]}")/go" && pwd)
programs=${ESPER_GO_PROGRAMS:-${XDG_CACHE_HOME:-$HOME/.cache}/esper/go}
command -v go >/dev/null || { echo "go-programs: no go on PATH" >&2; exit 1; }

# make NAME: the program; ready once its stamp holds the hash of its sources, so that changed ones are built again.
make() {
  local name=$1 at="$programs/$1" stamp scratch
  [ -f "$sources/$name/go.mod" ] || { echo "go-programs: no folder named '$name' in $sources ($(ls -x "$sources"))" >&2; exit 1; }
  stamp=$(cat "$sources/$name"/* | sha256sum | cut -d' ' -f1)
  mkdir -p "$at"
  exec 9>"$at/lock"
  flock 9
  if [ "$(cat "$at/stamp" 2>/dev/null)" != "$stamp" ]; then
    echo "go-programs: building $name" >&2
    scratch=$(mktemp -d)
    # An older Go fetches the one that go.mod asks for, as a module. What is fetched can be removed again with -modcacherw.
    (cd "$sources/$name" && GOTOOLCHAIN=auto GOFLAGS='-modcacherw -buildvcs=false' GOMODCACHE=${GOMODCACHE:-$scratch/modules} GOCACHE=${GOCACHE:-$scratch/objects} \
      go build -mod=readonly -trimpath -ldflags='-s -w' -o "$at/$name" . 2> >(grep -v '^go: downloading' >&2)) || { rm -rf "$scratch"; exit 1; }
    rm -rf "$scratch"
    echo "$stamp" >"$at/stamp"
  fi
  exec 9>&-
  echo "$at/$name"
}

if [ $# = 0 ]; then
  for program in "$sources"/*/; do set -- "$@" "$(basename "$program")"; done
fi
for name in "$@"; do make "$name"; done
