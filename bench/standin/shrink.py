"""PPO with --on-pressure shrink on devices of every size, from what its parameters need to twice its peak, on the stand-in device.

    python3 bench/standin/shrink.py [ENVSxSTEPS[:MiB,MiB,…] …]

Of each rollout (1024x16 by default) sizes in steps of 4 MiB, or those that are named; beside them some of 2048x40, whose rollout is larger
than the device. On each size a training must finish with the losses of a device without end. Where it does not, the same training must not finish either
whose minibatches are learned in sixteen parts from the start, and it must end in one sentence; a `--steps` that the sentence names is tried:
it must finish. Exit status 1 where one does not. PyTorch is imported once: each training runs in a fork of that process, before CUDA begins
in it.
"""

import functools
import json
import math
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENVS = os.environ.get("ESPER_VENVS") or os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "esper", "venvs")
CONTEXT = 100
MIB = 2**20
STEP = 4
#: What the allocator takes at least for small tensors.
SEGMENT = 2
JOB = "--env CartPole-v1 --episodes 2 --set minibatches=1 --set epochs=2 --quiet".split()
#: Many environments of few steps, so that the work is learning's; and a rollout that is refused before there is anything to learn.
USUAL = ["1024x16", "2048x40:24,28,32"]
SHRINK = ["--on-pressure", "shrink"]
#: Parts add up to the whole but for the rounding of float32.
TOLERANCE = {"rel_tol": 1e-3, "abs_tol": 1e-6}


class Training:
    """What became of one."""

    def __init__(self, status, log, errors):
        events = [json.loads(line) for line in log.splitlines()]
        of = lambda kind: [event["data"] for event in events if event["type"] == kind]  # noqa: E731
        self.updates = of("PPO_UPDATE_COMPLETED")
        self.losses = [update["loss"] for update in self.updates]
        applied = of("INTERVENTION_APPLIED")
        self.retries = sum("repeated from its start" in action["reason"] for action in applied)
        self.parts = max([action["microbatches"] for action in applied], default=1)
        self.sentence = " ".join(line for line in errors.splitlines() if line.startswith("esper: "))
        self.is_clean = errors.strip() == self.sentence
        # Without a run where not even the network has room.
        self.refused = not events or [failed["errorType"] for failed in of("TRAINING_FAILED")] == ["OutOfMemoryError"]
        self.finished = status == 0 and len(of("TRAINING_COMPLETED")) == 1

    def difference(self, other):
        """The largest between the losses of two, relative; None where there are not as many."""
        pairs = [(one[name], two[name]) for one, two in zip(self.losses, other.losses) for name in one if one[name] is not None]
        return max(abs(a - b) / max(abs(b), 1e-3) for a, b in pairs) if len(self.losses) == len(other.losses) else None

    def is_as(self, other):
        return len(self.losses) == len(other.losses) and all(
            math.isclose(one[name], two[name], **TOLERANCE) for one, two in zip(self.losses, other.losses) for name in two if two[name] is not None
        )


def train(mib, *more, parts=1):
    """In a fork: a training on a device that has ``mib`` MiB beside the context, minibatches in ``parts`` parts from the start."""
    with tempfile.TemporaryDirectory() as folder:
        errors = Path(folder, "errors")
        pid = os.fork()
        if pid == 0:
            sys.stdout.flush()
            os.environ.update(ESPER_STANDIN_MEMORY=f"{CONTEXT + mib}MiB", ESPER_STANDIN_SHARED=str(Path(folder, "ledger")))
            file = os.open(errors, os.O_WRONLY | os.O_CREAT)
            os.dup2(file, 1), os.dup2(file, 2)
            status = 70
            try:
                status = play(["--device", "cuda", "--runs", folder, *JOB, *more], parts)
            except Exception as error:
                print(f"{type(error).__name__}: {error}", file=sys.stderr)
            finally:
                sys.stderr.flush()
                os._exit(status)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        log = "".join(log.read_text() for log in Path(folder).glob("*/events-0.jsonl"))
        return Training(status, log, errors.read_text())


def play(arguments, parts):
    from esper_telemetry.ppo import __main__ as ppo
    from esper_telemetry.ppo.agent import PPOAgent

    made = PPOAgent.__init__

    def make(agent, *of):
        made(agent, *of)
        agent.microbatches = parts

    PPOAgent.__init__ = make
    return ppo.main(arguments)


def sizes(roomy):
    """MiB, from what the parameters need to twice the peak."""
    memory = [update["memory"][0] for update in roomy.updates]
    peak = max(one["peakReservedBytes"] for one in memory) / MIB
    least = SEGMENT * math.ceil(min(one["allocatedBytes"] for one in memory) / MIB / SEGMENT)
    print(f"without end: {peak:.0f} MiB reserved at the peak, {least} MiB for what it keeps", flush=True)
    return range(least, math.ceil(2 * peak) + 1, STEP)


def judge(mib, rollout, roomy):
    """Whether one size is right, whether it finished, and what to print of it."""
    ours = train(mib, *rollout, *SHRINK)
    if ours.finished:
        words = f"{ours.parts} parts, {ours.retries} retries, losses within {ours.difference(roomy()):.0e}"
        return ours.is_clean and ours.is_as(roomy()), True, words
    could = train(mib, *rollout, parts=16).finished
    is_right = not could and ours.refused and ours.is_clean and bool(ours.sentence)
    named = re.search(r"--steps (\d+) would fit", ours.sentence)
    if named is None:
        return is_right, False, ours.sentence
    fits = train(mib, *rollout, *SHRINK, "--steps", named[1]).finished
    return is_right and fits, False, f"{ours.sentence} It {'does' if fits else 'does not'}."


def serve(asked):
    import esper_telemetry.ppo.train  # noqa: F401  with torch, once, for all forks

    wrong = 0
    for one in asked:
        shape, _, chosen = one.partition(":")
        envs, steps = shape.split("x")
        rollout = ["--envs", envs, "--steps", steps]
        print(f"{envs} environments, {steps} steps", flush=True)
        roomy = functools.cache(lambda rollout=rollout: train(2048, *rollout))
        outcomes = []
        for mib in map(int, chosen.split(",")) if chosen else sizes(roomy()):
            outcomes.append(judge(mib, rollout, roomy))
            is_right, _, words = outcomes[-1]
            print(f"{'✓' if is_right else '✗'} {mib} MiB: {words}", flush=True)
        finished, failed = sum(one[1] for one in outcomes), sum(not one[0] for one in outcomes)
        print(f"{len(outcomes)} sizes: {finished} finished with the losses of a device without end, {failed} wrong")
        wrong += failed
    return 1 if wrong else 0


def main():
    if sys.argv[1:2] == ["--serve"]:
        return serve(sys.argv[2:] or USUAL)
    launcher = ["-m", "esper_telemetry.standin", "--quiet", "--values", "all", "--context", f"{CONTEXT}MiB"]
    python = os.path.join(VENVS, "torch-current", "bin", "python")
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "python"), "OMP_NUM_THREADS": "1"}
    return subprocess.run([python, *launcher, __file__, "--serve", *sys.argv[1:]], env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
