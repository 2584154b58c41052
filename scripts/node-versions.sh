#!/usr/bin/env bash
# Other versions of Node for the command-line tests, from the npm registry, made once per machine outside the clone.
# Usage: scripts/node-versions.sh VERSION…   (20.0, 20, 22, 24) prints the path of each one's `node`.
# Place: $ESPER_NODES, else $XDG_CACHE_HOME/esper/nodes, else ~/.cache/esper/nodes.
set -euo pipefail
declare -A exact=([20.0]=20.0.0 [20]=20.20.2 [22]=22.23.3 [24]=24.21.0)
nodes=${ESPER_NODES:-${XDG_CACHE_HOME:-$HOME/.cache}/esper/nodes}
package=node-$(node -p 'process.platform + "-" + process.arch')
for major in "$@"; do
  version=${exact[$major]:-}
  [ -n "$version" ] || { echo "node-versions: no version is listed for Node $major" >&2; exit 1; }
  at="$nodes/$version"
  node="$at/node_modules/$package/bin/node"
  if [ "$("$node" --version 2>/dev/null)" != "v$version" ]; then
    echo "node-versions: installing Node $version into $at" >&2
    npm install --silent --no-audit --no-fund --no-save --prefix "$at" "$package@$version" >&2
  fi
  echo "$node"
done
