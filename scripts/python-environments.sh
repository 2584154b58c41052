#!/usr/bin/env bash
# The Python environments of the tests, made once per machine outside the clone: one for each list in python/environments.
# Usage: scripts/python-environments.sh [NAME…]     Prints the path of each. Made ones cost nothing. No name: all but those whose list has a line `# for:`.
# Place: $ESPER_VENVS, else $XDG_CACHE_HOME/esper/venvs, else ~/.cache/esper/venvs. $ESPER_VENV_PYTHON: the Python that they are of.
# Every list is complete, which pip checks, so nothing is resolved: --no-deps leaves out the NVIDIA wheels (3 GB), for which the stand-in device stands in,
# and torchvision, which rsl-rl names and does not import.
set -euo pipefail
lists=$(cd "$(dirname "${BASH_SOURCE[0]}")/../python/environments" && pwd)
venvs=${ESPER_VENVS:-${XDG_CACHE_HOME:-$HOME/.cache}/esper/venvs}

# torch 2.0 exists up to Python 3.11, torch 2.15 from 3.10: 3.11 serves all.
python=${ESPER_VENV_PYTHON:-$(command -v python3.11 || command -v python3 || true)}
[ -n "$python" ] || { echo "python-environments: no python3 on PATH" >&2; exit 1; }

# make NAME: the environment of the list NAME; ready once its stamp holds the list's own hash. A finished one of the same Python whose list has changed
# since keeps what has not, so that a package more takes seconds; any other is made again.
make() {
  local name=$1 list="$lists/$1.txt" at="$venvs/$1" below version stamp had lacking
  [ -f "$list" ] || { echo "python-environments: no list named '$name' in $lists ($(cd "$lists" && echo *.txt | sed 's/\.txt//g'))" >&2; exit 1; }
  below=$(sed -n 's/^# on: //p' "$list")
  [ -z "$below" ] || make "$below" >/dev/null
  version=$("$python" -c 'import sys; print(sys.version.split()[0])')
  stamp="$version $(cat "$list" ${below:+"$lists/$below.txt"} | sha256sum | cut -d' ' -f1)"
  mkdir -p "$venvs"
  exec 9>"$venvs/$name.lock"
  flock 9
  had=$(cat "$at/esper-stamp" 2>/dev/null || true)
  if [ "$had" != "$stamp" ]; then
    echo "python-environments: making $at" >&2
    local site
    rm -f "$at/esper-stamp"
    [ "${had% *}" = "$version" ] || { rm -rf "$at"; "$python" -m venv "$at"; }
    site=$("$at/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    if [ -n "$below" ]; then
      "$venvs/$below/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))' > "$site/below.pth"
    fi
    "$at/bin/python" -m pip install --quiet --no-deps --no-cache-dir --no-compile --disable-pip-version-check -r "$list" >&2
    without "$at/bin/python" "$site" "$list"
    lacking=$("$at/bin/python" -m pip check --disable-pip-version-check | grep -vE ' requires (nvidia-|cuda-|triton|torchvision)|^No broken' || true)
    [ -z "$lacking" ] || { echo "python-environments: $list is not complete: $lacking" >&2; exit 1; }
    echo "$stamp" > "$at/esper-stamp"
  fi
  exec 9>&-
  echo "$at"
}

# without PYTHON SITE LIST: removes what lies in SITE and is not on LIST.
without() {
  local more
  more=$(comm -23 <("$1" -m pip list --path "$2" --format=freeze --disable-pip-version-check | plain) <(plain < "$3") | grep -vx 'pip\|setuptools' || true)
  [ -z "$more" ] || "$1" -m pip uninstall --quiet --yes --disable-pip-version-check $more >&2
}

# Names of packages, as pip compares them.
plain() { sed -n 's/==.*//p' | tr 'A-Z_.' 'a-z--' | sort; }

if [ $# = 0 ]; then
  for list in $(grep -L '^# for: ' "$lists"/*.txt); do set -- "$@" "$(basename "$list" .txt)"; done
fi
for name in "$@"; do make "$name"; done
