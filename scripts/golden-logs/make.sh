#!/usr/bin/env bash
# Makes the golden logs of test/watch/golden again by running the trainers themselves: tiny models, made-up data, nothing downloaded but packages.
# Usage: scripts/golden-logs/make.sh [NAME…]
# A script names in its head what it needs (PEP 723); uv installs it, into an environment of its own, without NVIDIA's libraries. The Python is 3.11, or that
# of `requires-python = "==3.8.*"`. Those that need PyTorch run on the stand-in device, so that those which print GPU memory print some: the figures are a
# stand-in's. A trainer's environment is of the variables set here alone: no log shows somebody's own. The log's first line names the version. With KEEP=1 the
# folder that a trainer ran in stays, with the records that it wrote itself.
# `# cut: SED` in a script's head leaves out what is long and is not of the training. `# source: URL COMMIT`: the program is of a repository and of no package;
# its files are at that commit in $SOURCE. `# record: FILE`: what the trainer writes there is a golden log too, NAME-record.log.
# After it: UPDATE_GOLDEN=1 npx vitest run test/watch/golden.test.ts, and read the difference line by line.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
venvs=${ESPER_VENVS:-${XDG_CACHE_HOME:-$HOME/.cache}/esper/venvs}/golden-logs
[ $# -gt 0 ] || set -- $(cd "$here" && ls -- *_log.py | sed 's/_log\.py$//; s/_/-/g')
for name in "$@"; do
  script="$here/${name//-/_}_log.py"
  venv="$venvs/$name"
  work=$(mktemp -d)
  log="$root/test/watch/golden/$name.log"
  python=$(sed -n 's/^# requires-python = "==\([0-9.]*\)\.\*"$/\1/p' "$script")
  [ -x "$venv/bin/python" ] || uv venv --quiet --python "${python:-3.11}" "$venv"
  uv pip install --quiet --python "$venv/bin/python" --excludes "$here/not-needed.txt" -r "$script"
  source=$(sed -n 's/^# source: //p' "$script")
  if [ -n "$source" ] && [ ! -d "$venv/source" ]; then
    git init --quiet --bare "$venv/repository"
    git -C "$venv/repository" fetch --quiet --depth 1 "${source% *}" "${source##* }"
    mkdir "$venv/source" && git -C "$venv/repository" archive FETCH_HEAD | tar x -C "$venv/source"
  fi
  run=(-m esper_telemetry.standin --memory 8GiB --values all)
  "$venv/bin/python" -c 'import importlib.util as u; exit(u.find_spec("torch") is None)' || run=()
  (cd "$work" && env -i PATH="$PATH" PYTHONPATH="$root/python" PYTHONWARNINGS=ignore PYTHONUNBUFFERED=1 COLUMNS=120 KERAS_BACKEND=torch HOME="$work" \
    SOURCE="$venv/source" "$venv/bin/python" "${run[@]}" "$script") > "$work.out" 2>&1 \
    || { tail -15 "$work.out" >&2; echo "$name: failed" >&2; continue; }
  # Paths and what the stand-in prints of itself are not the trainer's.
  grep -v '^esper stand-in device' "$work.out" | sed -e "s#$work#/work#g" -e "s#$venv#/venv#g" -e "$(sed -n 's/^# cut: //p' "$script")" > "$log"
  record=$(sed -n 's/^# record: //p' "$script")
  [ -z "$record" ] || sed -e "s#$work#/work#g" "$work/$record" > "${log%.log}-record.log"
  if [ -n "${KEEP:-}" ]; then echo "$work"; else rm -rf "$work" "$work.out"; fi
  echo "$log: $(wc -l < "$log") lines, $(wc -c < "$log") bytes"
done
