#!/usr/bin/env bash
# What a release consists of, used as a stranger would: from empty folders, without the clone. The tarball and the wheel are installed; the
# demonstration, the dashboard, real trainings of Stable-Baselines3 and transformers watched live, a report, and the server below a path of a real nginx.
# Usage: scripts/prove-install.sh [FOLDER with the tarball and the wheel; release/, made where it is missing]
set -euo pipefail
cd "$(dirname "$0")/.."
clone=$PWD
release=${1:-release}
ls "$release"/*.tgz "$release"/*.whl >/dev/null 2>&1 || npm run --silent release >/dev/null
release=$(cd "$release" && pwd)
below=$(scripts/python-environments.sh frameworks) # the libraries; the client is installed beside them
nginx=$(command -v nginx || echo /usr/sbin/nginx)
home=$(mktemp -d)
pids=()
stop() { for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done; rm -rf "$home"; }
trap stop EXIT
unset npm_command npm_lifecycle_event PYTHONPATH
export NO_COLOR=1 CUDA_VISIBLE_DEVICES= OMP_NUM_THREADS=1

# shown NAME PATTERN FILE: the file holds it.
shown() { grep -qE -- "$2" "$3" || { echo "✗ $1: no /$2/ in"; cat "$3"; exit 1; }; echo "✓ $1: $(grep -m1 -E -- "$2" "$3" | cut -c1-140)"; }
# until_shown NAME PATTERN FILE: the file comes to hold it, within a minute.
until_shown() { for _ in $(seq 600); do grep -qE -- "$2" "$3" 2>/dev/null && break; sleep 0.1; done; shown "$@"; }

mkdir "$home/viewer" "$home/work"
cd "$home/viewer"
npm init --yes >/dev/null
npm install --silent --prefer-offline --no-audit --no-fund --omit=optional "$release"/*.tgz >/dev/null 2>&1
echo "✓ npm install: $(du -sb node_modules | cut -f1) bytes, $(stat -c %s "$release"/*.tgz) packed"
npx esper-telemetry demo --episodes 5 >demo.txt 2>&1 </dev/null
shown "npx esper-telemetry demo" 'Finished after batch 5' demo.txt
npx sanctum --once >once.txt
shown "sanctum --once" 'FINISHED +Batch:5/5' once.txt

cd "$home/work"
python3.11 -m venv --without-pip env 2>/dev/null || python3 -m venv --without-pip env
site=$(env/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
"$below/bin/python" -m pip --python env/bin/python install --quiet --no-index --no-deps --disable-pip-version-check "$release"/*.whl
"$below/bin/python" -c 'import sys; print("\n".join(p for p in sys.path if p.endswith("site-packages")))' >"$site/below.pth"
export PATH="$home/viewer/node_modules/.bin:$PATH"
env/bin/python -m esper_telemetry >how.txt
shown "python -m esper_telemetry" "there is none yet" how.txt
env/bin/python -m esper_telemetry --version >version.txt
[ "$(env/bin/python -c 'import esper_telemetry; print(esper_telemetry.__file__)')" = "$site/esper_telemetry/__init__.py" ]

# watched PROGRAM NAME: the dashboard, begun first, follows the training from its first update to its end.
watched() {
  esper-telemetry sanctum latest >"$2.live" 2>&1 </dev/null &
  local viewer=$!
  pids+=($viewer)
  until_shown "$2: the dashboard waits" "waiting for one" "$2.live"
  # The libraries' PyTorch is of CUDA; without its libraries it starts on the stand-in device, which is part of the wheel.
  env/bin/python -m esper_telemetry.standin --quiet "$clone/scripts/prove-install/$1" >"$2.log" 2>&1 || { cat "$2.log"; exit 1; }
  wait $viewer
  shown "$2, live" "$3" "$2.live"
  esper-telemetry report latest >"$2.report"
  shown "$2, report" "$4" "$2.report"
  mv runs "runs-$2"
}
watched sb3_ppo.py sb3 '^batch 2/8 .*return' 'completed at batch 8 of 8'
watched hf_trainer.py hf '^(batch|step) 2/12' 'completed at (batch|step) 12 of 12'

mkdir nginx
port=$((20000 + RANDOM % 20000))
esper-telemetry serve --runs runs-sb3 --port 0 --base-path /esper >serve.txt 2>&1 </dev/null &
pids+=($!)
until_shown "serve" 'http://127.0.0.1:[0-9]+' serve.txt
own=$(grep -oE '127\.0\.0\.1:[0-9]+' serve.txt | head -1)
sed -e "s/127.0.0.1:7070/$own/" -e "s/listen 80;/listen 127.0.0.1:$port;/" "$clone/docs/deploy/nginx.conf" >nginx/site.conf
cat >nginx/nginx.conf <<NGINX
pid $home/work/nginx/pid; error_log $home/work/nginx/error.log; daemon off;
events {}
http { access_log off; client_body_temp_path nginx/b; proxy_temp_path nginx/p; fastcgi_temp_path nginx/f; uwsgi_temp_path nginx/u; scgi_temp_path nginx/s; include $home/work/nginx/site.conf; }
NGINX
"$nginx" -t -q -p "$home/work" -c nginx/nginx.conf
"$nginx" -p "$home/work" -c nginx/nginx.conf &
pids+=($!)
for _ in $(seq 100); do curl -s -o page.html "http://127.0.0.1:$port/esper/" && break; sleep 0.1; done
shown "the page, through nginx" '<title>' page.html
asset=$(grep -oE '(\./|/esper/)assets/[^"]+\.js' page.html | head -1)
curl -sf -o asset.js "http://127.0.0.1:$port/esper/${asset#*/}" || curl -sf -o asset.js "http://127.0.0.1:$port$asset"
[ "$(stat -c %s asset.js)" -gt 100000 ] && echo "✓ its script, through nginx: $asset"
curl -sf "http://127.0.0.1:$port/esper/api/runs" >runs.json
shown "the list of runs, through nginx" 'sb3-ppo' runs.json
curl -sf "http://127.0.0.1:$port/esper/metrics" >metrics.txt
shown "metrics, through nginx" '^esper_' metrics.txt
if [ "$(id -u)" = 0 ] && unshare --net true 2>/dev/null; then
  "$clone/scripts/prove-install/image.sh" "$clone/docs/deploy/Dockerfile" "$home" >image.txt
  shown "the Dockerfile's steps, without network" 'healthy: .*http' image.txt
else echo "skipped: the Dockerfile's steps need root"; fi
echo "✓ a stranger can install and use it"
