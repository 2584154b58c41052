"""Rehearsals held against public recordings of real GPUs, beside what else predicts memory.

    python bench/rehearse.py [128 256 512 1024]

Training steps of a model of 423 M parameters, recorded on a card that is known only to be below compute capability 9, under WSL. Ours is
rehearsed twice: with the recording's order of addresses, and by a card's name alone. Peers: parameters × 16 (weights, gradients, AdamW's two
moments in fp32), the same with Megatron's formula for activations without recomputation (half precision). Reserved is predicted
by ours alone. Needs the test material and the
environment torch-2.11 of scripts/python-environments.sh.
"""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Dict, List, Optional

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(ROOT / "python" / "tests")]
from material import material  # noqa: E402
from on_standin import environment, interpreter  # noqa: E402

PYTHON = interpreter("torch-2.11")
LAYERS, WIDTH, HEADS, BATCH = 24, 1024, 16, 4
PARAMETERS = 423_183_360


def truth(context: int) -> Dict[str, int]:
    """Peak of what was requested and reserved bytes of the recording."""
    row = re.search(rf"^\| training {context} \| ([\d,]+) \| ([\d,]+) \|", material("standin/CALIBRATION.md").read_text(), re.M)
    assert row is not None
    peak, reserved = (int(cell.replace(",", "")) for cell in row.groups())
    return {"peak": peak, "reserved": reserved}


def rehearsed(context: int, *options: str) -> Dict[str, Any]:
    program = [str(HERE / "standin" / "transformer.py"), "training", str(context), *(["--autocast"] if context >= 512 else [])]
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


def formula(context: int, activations: bool) -> int:
    per_layer = context * BATCH * WIDTH * (34 + 5 * HEADS * context / WIDTH)
    return round(PARAMETERS * 16 + (LAYERS * per_layer if activations else 0))


def off(predicted: Optional[float], real: int) -> Optional[float]:
    return None if predicted is None else (predicted - real) / real * 100


def shown(error: Optional[float]) -> str:
    return "–" if error is None else f"{error:+.2f}%" if abs(error) >= 0.005 else "exact" if error == 0 else f"{error:+.4f}%"


def main() -> None:
    contexts = [int(word) for word in sys.argv[1:] if word.isdigit()] or [128, 256, 512, 1024]
    ways: Dict[str, List[Optional[float]]] = {}
    print(f"{'context':>8}  {'way':<34}{'peak':>12}{'reserved':>12}{'seconds':>9}")
    for context in contexts:
        real = truth(context)
        rows: List[Any] = []
        for way, options in [
            ("rehearsed, settings given", ["--memory", "80GiB", "--addresses", "wsl:94", "--values", "off"]),
            ("rehearsed, a card's name alone", ["--gpu", "RTX A6000"]),
        ]:
            answer = rehearsed(context, *options)
            rows.append((way, answer["peakRequestedBytes"], answer["peakReservedBytes"], answer["seconds"]))
        rows.append(("parameters × 16", formula(context, False), None, 0))
        rows.append(("the same + formula of activations", formula(context, True), None, 0))
        for way, peak, reserved, seconds in rows:
            errors = off(peak, real["peak"]), off(reserved, real["reserved"])
            ways.setdefault(way, []).append(errors[0])
            ways.setdefault(f"{way}, reserved", []).append(errors[1])
            print(f"{context:>8}  {way:<34}{shown(errors[0]):>12}{shown(errors[1]):>12}{seconds:>9.0f}", flush=True)
    print("\nmedian and worst error, without sign")
    for way, errors in ways.items():
        known = [abs(error) for error in errors if error is not None]
        if known:
            print(f"  {way:<44}{statistics.median(known):>9.3f}%{max(known):>9.3f}%")


if __name__ == "__main__":
    main()
