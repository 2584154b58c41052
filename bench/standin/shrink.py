"""PPO with --on-pressure shrink on devices of every size, from what its parameters need to twice its peak, on the stand-in device.

    python3 bench/standin/shrink.py [MiB between two sizes (4)]

On each it must finish with the losses of a device without end, or end in one sentence because a sixteenth of a minibatch is refused: then no
larger device may have been enough for less. Exit status 1 where one does not.
"""

import json
import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENVS = os.environ.get("ESPER_VENVS") or os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "esper", "venvs")
CONTEXT = 100
MIB = 2**20
JOB = "--env CartPole-v1 --envs 64 --steps 512 --episodes 2 --set minibatches=1 --set epochs=2 --on-pressure shrink --quiet".split()


def train(total):
    """Events of a training on a device of ``total`` MiB, and the last line of its errors."""
    with tempfile.TemporaryDirectory() as runs:
        ended = subprocess.run(
            [os.path.join(VENVS, "torch-current", "bin", "python"), "-m", "esper_telemetry.standin", "--quiet", "--values", "all"]
            + ["--memory", f"{total}MiB", "--context", f"{CONTEXT}MiB", "-m", "esper_telemetry.ppo", "--device", "cuda", "--runs", runs, *JOB],
            env={**os.environ, "PYTHONPATH": str(ROOT / "python"), "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
        )
        events = [json.loads(line) for log in Path(runs).glob("*/events-0.jsonl") for line in log.read_text().splitlines()]
        return events, ended.returncode, ended.stderr.strip().splitlines()[-1:]


def updates(events):
    return [event["data"] for event in events if event["type"] == "PPO_UPDATE_COMPLETED"]


def main():
    step = int(sys.argv[1]) if len(sys.argv) > 1 else 4
    events, _, _ = train(1024)
    wanted = [update["loss"] for update in updates(events)]
    peak = max(update["memory"][0]["peakReservedBytes"] for update in updates(events)) / MIB
    least = min(update["memory"][0]["allocatedBytes"] for update in updates(events)) / MIB
    print(f"without end: {peak:.0f} MiB reserved at the peak, {least:.1f} MiB at rest", flush=True)
    wrong, finished = 0, 0
    for total in range(CONTEXT + math.ceil(least), CONTEXT + math.ceil(2 * peak) + 1, step):
        events, status, words = train(total)
        made = updates(events)
        parts = max([event["data"]["microbatches"] for event in events if event["type"] == "INTERVENTION_APPLIED"] or [1])
        losses = [update["loss"] for update in made]
        is_same = len(losses) == len(wanted) and all(
            math.isclose(ours[name], theirs[name], rel_tol=1e-3, abs_tol=1e-6) for ours, theirs in zip(losses, wanted) for name in theirs if theirs[name] is not None
        )
        is_short = status == 1 and not made and (parts == 16 or "does not fit" in "".join(words))
        # Once it has fitted, it fits on all that are larger.
        is_right = is_same or (is_short and finished == 0)
        finished += is_same
        wrong += not is_right
        print(f"{'✓' if is_right else '✗'} {total - CONTEXT} MiB: {'finished' if is_same else 'ended'} in {parts} parts {''.join(words)[:200]}", flush=True)
    print(f"{finished} finished with the losses of a device without end, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
