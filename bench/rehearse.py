"""Rehearsals held against public recordings of real GPUs, beside what else predicts memory, in one run.

    python bench/rehearse.py [training] [inference] [128 256 512 1024] [--only-ours]

Training steps and inference of a model of 423 M parameters, recorded on a card that is known only to be below compute capability 9, under WSL. Ours is
rehearsed twice: with the recording's order of addresses, and by a card's name alone. Formulas: parameters × 16 (weights, gradients, AdamW's two
moments in fp32; × 4 for inference), the same with Megatron's formula for activations without recomputation (half precision). Needs the test material and
the environment torch-2.11 of scripts/python-environments.sh.

Other tools (bench/standin/peers.py) are left out unless ``ESPER_PEERS`` names a Python that has them beside torch 2.11:

    python3.11 -m venv /tmp/peers
    echo ~/.cache/esper/venvs/torch-2.11/lib/python3.11/site-packages > /tmp/peers/lib/python3.11/site-packages/torch.pth
    /tmp/peers/bin/pip install --no-deps torch-kitsune==0.7.0 torch-preflight==0.5.0 && /tmp/peers/bin/pip install libcst rich
    ESPER_PEERS=/tmp/peers/bin/python python bench/rehearse.py

They import torch, which needs NVIDIA's libraries: the stand-in device stands in for those. What torch-preflight reckons for the context is left out of its figures,
and what it reckons for fragmentation out of its peak. Each of them has ten minutes of processor time for an answer;
seconds are those of processors, too, so that what else the machine does is not in them.
"""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Tuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(ROOT / "python" / "tests")]
from material import material  # noqa: E402
from on_standin import environment, interpreter  # noqa: E402

PYTHON = interpreter("torch-2.11")
LAYERS, WIDTH, HEADS, BATCH = 24, 1024, 16, 4
PARAMETERS = 423_183_360
#: A peer's processor time for one answer.
MINUTES = 10
#: Peers, as rows name them.
NAMES = {"kitsune": "torch-kitsune 0.7", "preflight": "torch-preflight 0.5", "memtracker": "fake tensors + MemTracker"}


def truth(what: str, context: int) -> Dict[str, int]:
    """Peak of what was requested and reserved bytes of the recording."""
    row = re.search(rf"^\| {what} {context} \| ([\d,]+) \| ([\d,]+) \|", material("standin/CALIBRATION.md").read_text(), re.M)
    assert row is not None
    peak, reserved = (int(cell.replace(",", "")) for cell in row.groups())
    return {"peak": peak, "reserved": reserved}


def autocast(what: str, context: int) -> bool:
    """As the recordings were made."""
    return context >= 512 if what == "training" else context == 512


def rehearsed(what: str, context: int, *options: str) -> Dict[str, Any]:
    program = [str(HERE / "standin" / "transformer.py"), what, str(context), *(["--autocast"] if autocast(what, context) else [])]
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [PYTHON, "-m", "esper_telemetry", "rehearse", "--json", "--steps", "all", *options, "--", PYTHON, *program],
            cwd=folder,
            env={**environment(), "ESPER_RUNS": f"{folder}/runs"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    if not done.stdout:
        raise SystemExit(done.stderr)
    answer: Dict[str, Any] = json.loads(done.stdout)
    if answer["problem"]:
        raise SystemExit(answer["problem"])
    return answer


def peer(name: str, what: str, context: int) -> Optional[Dict[str, Any]]:
    """What another tool predicts; None where it gave no answer, with its last words."""
    words = [str(HERE / "standin" / "peers.py"), name, what, str(context), *(["--autocast"] if autocast(what, context) else [])]
    launcher = [os.environ["ESPER_PEERS"], "-m", "esper_telemetry.standin", "--quiet", "--values", "off", "--memory", "80GiB"]
    done = subprocess.run(["prlimit", f"--cpu={MINUTES * 60}", *launcher, *words], env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0 or not done.stdout.strip():
        why = f" in {MINUTES} minutes" if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL) else f": {(done.stderr.strip().splitlines() or ['?'])[-1][:140]}"
        print(f"{what:<10}{context:>5}  {NAMES[name]}: no answer{why}", flush=True)
        return None
    answer: Dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def formula(what: str, context: int, activations: bool) -> int:
    per_layer = context * BATCH * WIDTH * (34 + 5 * HEADS * context / WIDTH)
    return round(PARAMETERS * (16 if what == "training" else 4) + (LAYERS * per_layer if activations else 0))


def off(predicted: Optional[float], real: int) -> Optional[float]:
    return None if predicted is None else (predicted - real) / real * 100


def shown(error: Optional[float]) -> str:
    return "–" if error is None else f"{error:+.2f}%" if abs(error) >= 0.005 else "exact" if error == 0 else f"{error:+.4f}%"


def main() -> None:
    contexts = [int(word) for word in sys.argv[1:] if word.isdigit()] or [128, 256, 512, 1024]
    whats = [word for word in sys.argv[1:] if word in ("training", "inference")] or ["training", "inference"]
    peers = [] if "--only-ours" in sys.argv or "ESPER_PEERS" not in os.environ else list(NAMES)
    ways: Dict[str, List[Optional[float]]] = {}
    print(f"{'':<10}{'context':>5}  {'way':<34}{'peak':>12}{'reserved':>12}{'seconds':>9}  changes by the user")
    for what, context in ((what, context) for what in whats for context in contexts):
        real = truth(what, context)
        began = processor_seconds()
        for way, found in predictions(what, context, peers):
            seconds, began = processor_seconds() - began, processor_seconds()
            errors = off(found["peak"], real["peak"]), off(found["reserved"], real["reserved"])
            ways.setdefault(way, []).append(errors[0])
            ways.setdefault(f"{way}, reserved", []).append(errors[1])
            print(f"{what:<10}{context:>5}  {way:<34}{shown(errors[0]):>12}{shown(errors[1]):>12}{seconds:>9.0f}  {found['changes']}", flush=True)
    print(f"\n{'error without sign':<46}{'median':>10}{'worst':>10}{'answers':>9}")
    for way, errors in ways.items():
        known = [abs(error) for error in errors if error is not None]
        if known:
            print(f"  {way:<44}{statistics.median(known):>9.3f}%{max(known):>9.3f}%{len(known):>9}")


def processor_seconds() -> float:
    """Of all that was started and has ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def predictions(what: str, context: int, peers: List[str]) -> Iterator[Tuple[str, Dict[str, Any]]]:
    """Each way's name with the bytes at the peak, reserved bytes (None: not predicted) and what the user has to do."""
    for way, options in [
        ("rehearsed, settings given", ["--memory", "80GiB", "--addresses", "wsl:94", "--values", "off"]),
        ("rehearsed, a card's name alone", ["--gpu", "RTX A6000"]),
    ]:
        answer = rehearsed(what, context, *options)
        yield way, {"peak": answer["peakRequestedBytes"], "reserved": answer["peakReservedBytes"], "changes": "none"}
    for name in peers:
        found = peer(name, what, context)
        if found is not None:
            yield NAMES[name], found
    by_hand = {"reserved": None, "changes": "by hand"}
    yield "parameters × 16 (inference: × 4)", {"peak": formula(what, context, False), **by_hand}
    if what == "training":
        yield "the same + formula of activations", {"peak": formula(what, context, True), **by_hand}


if __name__ == "__main__":
    main()
