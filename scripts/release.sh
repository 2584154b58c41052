#!/usr/bin/env bash
# Makes what a release consists of, in release/: the npm tarball, the wheel, the sdist, the bill of materials, their SHA-256. Nothing is published
# without --publish, which wants the repository that the packages name as the origin, a CI job that may sign (npm provenance) and the registries' credentials in its environment.
# Usage: npm run release [-- --publish]. A version is made by `npm version X.Y.Z`, which writes the Python client's too.
set -euo pipefail
cd "$(dirname "$0")/.."
publish=${1:-}
[ -z "$publish" ] || [ "$publish" = --publish ] || { echo "release: unknown option $publish (only --publish)" >&2; exit 2; }
version=$(node -p 'require("./package.json").version')
node scripts/python-version.mjs --check
if [ -n "$publish" ]; then
  # Both registries link to it, and npm signs for no other.
  named=$(node -p 'require("./package.json").repository.url.replace(/^git\+|\.git$/g, "")')
  origin=$(git remote get-url origin 2>/dev/null | sed -E 's#^(ssh://)?git@([^:/]+)[:/]#https://\2/#; s#\.git$##' || true)
  [ "$named" = "$origin" ] || {
    echo "release: the packages name $named as their repository, and origin is ${origin:-not set}: write its address into package.json, python/pyproject.toml and docs/deploy/esper.service" >&2
    exit 1
  }
  [ -z "$(git status --porcelain)" ] || { echo "release: the working tree is not clean" >&2; exit 1; }
  [ "$(git describe --tags --exact-match 2>/dev/null)" = "v$version" ] || { echo "release: HEAD is not tagged v$version" >&2; exit 1; }
  grep -q "^## $version" CHANGELOG.md || { echo "release: CHANGELOG.md has no section \"## $version\"" >&2; exit 1; }
fi

rm -rf release
mkdir release
npm pack --silent --pack-destination release >/dev/null # builds dist/ first
node scripts/sbom.mjs >release/esper-telemetry-$version.cdx.json
# In an environment of its own: what is released is built by a known backend from the sources alone.
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
python3 -m venv "$tools"
"$tools/bin/pip" install --quiet --disable-pip-version-check build==1.6.1 flit_core==4.2.0
"$tools/bin/python" -m build --no-isolation --outdir release python >/dev/null
(cd release && sha256sum ./* >SHA256SUMS && cat SHA256SUMS)

[ -z "$publish" ] && exit 0
npm publish "release/esper-telemetry-$version.tgz" --provenance --access public
"$tools/bin/pip" install --quiet --disable-pip-version-check twine
"$tools/bin/twine" upload --non-interactive release/*.whl release/*.tar.gz
