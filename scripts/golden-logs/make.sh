#!/usr/bin/env bash
# Makes the golden logs of test/watch/golden again by running the trainers themselves: tiny models, made-up data, nothing downloaded.
# Usage: scripts/golden-logs/make.sh PYTHON [NAME…]
#   PYTHON: of an environment that has the trainers (scripts/golden-logs/requirements.txt). It runs them on the stand-in device, so that
#   those which print GPU memory print some: the figures are a stand-in's. The log's first line names the version.
# After it: UPDATE_GOLDEN=1 npx vitest run test/watch/golden.test.ts, and read the difference line by line.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
python=${1:?the Python to run the trainers with}
shift
[ $# -gt 0 ] || set -- $(cd "$here" && ls -- *_log.py | sed 's/_log\.py$//; s/_/-/g')
for name in "$@"; do
  work=$(mktemp -d)
  log="$root/test/watch/golden/$name.log"
  (cd "$work" && PYTHONPATH="$root/python" PYTHONWARNINGS=ignore COLUMNS=120 KERAS_BACKEND=torch HOME="$work" \
    "$python" -m esper_telemetry.standin --memory 8GiB "$here/${name//-/_}_log.py") > "$work/out" 2>&1 || { tail -5 "$work/out" >&2; echo "$name: failed" >&2; continue; }
  # Paths and what the stand-in prints of itself are not the trainer's.
  grep -v '^esper stand-in device' "$work/out" | sed -e "s#$work#/work#g" -e "s#$(dirname "$(dirname "$python")")#/venv#g" > "$log"
  rm -rf "$work"
  echo "$log: $(wc -l < "$log") lines"
done
