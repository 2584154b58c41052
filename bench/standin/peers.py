"""What other tools predict of the recorded model (transformer.py): ``peers.py NAME training|inference CONTEXT [--autocast]``.

Each in a process of its own, in a virtual environment that bench/rehearse.py's documentation makes; prints a line of JSON: bytes at the peak, reserved bytes
(None: not predicted), and what the user has to do.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))


def model(context: str = "128") -> Any:
    """An entry point for tools that take one. Its weights are never read."""
    from transformer import Model

    return Model(int(context))


def kitsune(what: str, context: int, autocast: bool) -> Dict[str, Any]:
    from kitsune.predict import predict_memory
    from transformer import BATCH

    found = predict_memory(
        model(str(context)), input_shape=(context,), batch_size=BATCH, dtype="bfloat16" if autocast else "float32",
        optimizer="adamw" if what == "training" else "none", training=what == "training",
    )  # fmt: skip
    known = {name: getattr(found, name) for name in dir(found) if not name.startswith("_")}
    peak = next(known[name] for name in ("peak_memory_bytes", "peak_bytes", "total_bytes") if name in known)
    return {"peak": int(peak), "reserved": None, "changes": "the model as an object, its input's shape, optimizer and dtype by hand"}


def preflight(what: str, context: int, autocast: bool) -> Dict[str, Any]:
    from transformer import BATCH

    words = [sys.executable, "-m", "torch_preflight.cli", "estimate", "--model", "peers:model", "--model-args", f"context={context}", "--batch-size", str(BATCH)]
    words += ["--seq-len", str(context), "--dtype", "amp" if autocast else "fp32", "--optimizer", "adamw", "-f", "json", *(["--inference"] if what == "inference" else [])]
    done = subprocess.run(words, cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if not done.stdout.startswith("{"):
        raise SystemExit((done.stderr or done.stdout).strip().splitlines()[-1])
    report = json.loads(done.stdout)
    parts = report["breakdown"]
    reserved = report["total_bytes"] - parts["CUDA_context"]
    if not parts["activations"]:
        raise SystemExit("it estimated no activations: " + "; ".join(report["notes"]))
    return {"peak": reserved - parts["fragmentation"], "reserved": reserved, "changes": "a factory of the model, batch, length, precision and optimizer by hand"}


def memtracker(what: str, context: int, autocast: bool) -> Dict[str, Any]:
    """torch.distributed._tools.mem_tracker under fake tensors, the step written out for it."""
    import torch
    import transformer
    from torch._subclasses.fake_tensor import FakeTensorMode
    from torch.distributed._tools.mem_tracker import MemTracker

    with FakeTensorMode():
        with torch.device("cuda"):
            made = transformer.Model(context)
        optimizer = transformer.AdamW(made.parameters())
        tracker = MemTracker()
        tracker.track_external(made, optimizer)
        with tracker:
            for _ in range(2 if what == "training" else 1):
                tracker.reset_mod_stats()
                tokens, targets = transformer.tokens(context, 1)[0], transformer.tokens(context, 1)[0]
                with torch.inference_mode(what == "inference"), torch.autocast("cuda", dtype=torch.bfloat16, enabled=autocast):
                    loss = transformer.cross_entropy(made(tokens), targets) if what == "training" else made(tokens)
                if what == "training":
                    loss.backward()
                    optimizer.step()
                    optimizer.zero_grad()
    peak = tracker.get_tracker_snapshot("peak")
    return {"peak": max(int(parts["Total"]) for device, parts in peak.items() if device.type == "cuda"), "reserved": None, "changes": "the step rewritten under two modes"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=["kitsune", "preflight", "memtracker"])
    parser.add_argument("what", choices=["training", "inference"])
    parser.add_argument("context", type=int)
    parser.add_argument("--autocast", action="store_true")
    chosen = parser.parse_args()
    print(json.dumps(globals()[chosen.name](chosen.what, chosen.context, chosen.autocast)))


if __name__ == "__main__":
    main()
