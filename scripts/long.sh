#!/usr/bin/env bash
# What takes too long for every change: the stand-in device's fuzz under each sanitizer and under PyTorch's allocators, damaged memory snapshots, NCCL's
# collectives, all recordings of real GPUs made again, programs under `esper run` and `esper rehearse`, the programs of examples/faults, PPO on devices of every
# size and until it has learnt, trainers of libraries, Ray Train, all tests with coverage and on each Node, all mutations, an installation from nothing.
# Usage: npm run long [SECONDS of each fuzz (300)]. Results: docs/reliability.md.
set -uo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-300} seed=${SEED:-$RANDOM} failed=0
scripts/python-environments.sh >/dev/null || exit 1
venvs=${ESPER_VENVS:-${XDG_CACHE_HOME:-$HOME/.cache}/esper/venvs}
export PYTHONPATH=$PWD/python OMP_NUM_THREADS=1

echo "=== fuzz of the device, $seconds s each, seed $seed"
python3 bench/standin/fuzz.py --seconds "$seconds" --seed "$seed" || failed=1

echo "=== fuzz of PyTorch's allocators on it, $seconds s each, seed $seed"
for torch in torch-current torch-2.6 torch-2.0; do
  for allocator in "" expandable_segments:True backend:cudaMallocAsync; do
    [ "$torch $allocator" = "torch-2.0 expandable_segments:True" ] && continue # from 2.1 on
    echo -n "$torch, ${allocator:-native}: "
    PYTORCH_CUDA_ALLOC_CONF=$allocator PYTORCH_ALLOC_CONF=$allocator "$venvs/$torch/bin/python" -m esper_telemetry.standin --quiet \
      --values off --memory 4GiB --devices 2 bench/standin/fuzz_torch.py "$seed" "$seconds" 2>/tmp/esper-long.$$ || { failed=1; tail -5 /tmp/esper-long.$$; }
  done
done
rm -f /tmp/esper-long.$$

echo "=== all tests, with coverage"
npm run -s build && npx vitest run --coverage --reporter=dot || failed=1

echo "=== the command line on other Nodes"
for major in 20 22 24; do
  PATH="$(dirname "$(scripts/node-versions.sh $major)"):$PATH" ESPER_TESTS_STANDIN=off node node_modules/vitest/vitest.mjs run commands.test command.test test/path test/faults \
    --reporter=dot || failed=1
done

echo "=== mutations, all of them"
npm run -s mutate || failed=1

echo "=== damaged memory snapshots"
npx tsx bench/explain/fuzz.ts 100000 "$seed" || failed=1

echo "=== trainers' logs: cut at each byte, prefixed, mixed"
npx tsx scripts/fuzz-logs.ts cuts || failed=1
npx tsx scripts/fuzz-logs.ts mixes 20 "$seed" || failed=1

echo "=== NCCL's collectives over three ranks"
for torch in torch-current torch-2.6 torch-2.0; do
  echo -n "$torch: "
  "$venvs/$torch/bin/python" -m esper_telemetry.standin --quiet --memory 8GiB --values on --devices 3 "$venvs/$torch/bin/python" -m torch.distributed.run \
    --standalone --nproc-per-node 3 python/tests/standin/collectives.py ddp 2>/tmp/esper-long.$$ || { failed=1; tail -5 /tmp/esper-long.$$; }
done
rm -f /tmp/esper-long.$$

echo "=== recordings of real GPUs"
python3 bench/standin/recordings.py || failed=1

echo "=== programs of examples/faults, from the script to the verdict"
recorded=$(mktemp -d)
for list in programs lives; do
  "$venvs/torch-current/bin/python" scripts/record-faults.py --list examples/faults/$list.json --to "$recorded" >/dev/null || failed=1
done
npx tsx bench/verdict programs "$recorded" || failed=1
rm -r "$recorded"

echo "=== PPO on devices of every size"
python3 bench/standin/shrink.py || failed=1

echo "=== a fleet whose parts are killed"
npm run -s build && npx tsx scripts/fleet-chaos.ts --kills 100 --cut 60 --seed "$seed" || failed=1

echo "=== real programs, trainings of many shapes and programs with a fault: run and rehearsed"
python3 bench/programs.py || failed=1
python3 bench/shapes.py || failed=1
python3 bench/rehearse_faults.py || failed=1

echo "=== learning"
python3 bench/standin/learning.py || failed=1

echo "=== the Python client on older versions of PyTorch"
for torch in torch-2.6 torch-2.0; do
  (cd python/tests && CUDA_VISIBLE_DEVICES='' ESPER_TESTS_STANDIN=off "$venvs/$torch/bin/python" -m esper_telemetry.standin --quiet \
    "$venvs/$torch/bin/python" -m unittest test_examples test_integrations test_ppo) || failed=1
done

echo "=== libraries: TRL, Lightning's forked processes"
(cd python/tests && CUDA_VISIBLE_DEVICES='' ESPER_TESTS_STANDIN=off ESPER_TESTS_LONG=1 "$venvs/frameworks/bin/python" -m esper_telemetry.standin --quiet \
  "$venvs/frameworks/bin/python" -m unittest test_libraries) || failed=1

echo "=== Ray Train"
ray=$(scripts/python-environments.sh ray)/bin/python && (cd python/tests && CUDA_VISIBLE_DEVICES='' ESPER_TESTS_STANDIN=off ESPER_TESTS_LONG=1 \
  "$ray" -m esper_telemetry.standin --quiet "$ray" -m unittest test_ray_train) || failed=1

echo "=== manifests by Kubernetes' own types, the Dockerfile by BuildKit's parser"
deployment=$(scripts/go-programs.sh deployment) && "$deployment" docs/deploy/kubernetes.yaml docs/deploy/Dockerfile || failed=1

echo "=== a stranger installs and uses it"
scripts/prove-install.sh || failed=1
exit $failed
