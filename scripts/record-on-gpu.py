"""Records on a real GPU what the stand-in device and the verdict are held against, in two parts that fit into minutes.

    python3 scripts/record-on-gpu.py --out DIR measure     # gpu_check, models, shapes, operators, a recorded language model, programs under a limit
    python3 scripts/record-on-gpu.py --out DIR whole       # programs that fill the card, one after another, and what recording costs

The card must be free of others. Needs PyTorch; a model whose library is not there is left out, by name. Each part ends as DIR/NAME.tar.gz with its
PROVENANCE.json. Recordings that were made so are in examples/recordings; what they say is in docs/reliability.md.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tarfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Dict, List, Optional

ROOT = Path(__file__).resolve().parent.parent
STANDIN = ROOT / "bench" / "standin"
FAULTS = ROOT / "examples" / "faults"
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT / "python"), os.environ.get("PYTHONPATH")])), "PYTHONUNBUFFERED": "1"}
FAILED: List[str] = []


def run(words: List[str], to: Optional[Path] = None, seconds: float = 240, **more: str) -> str:
    """One command; its output, also in the file ``to``. What failed is remembered, with its last words."""
    began = time.monotonic()
    try:
        done = subprocess.run(words, env={**ENVIRONMENT, **more}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=seconds, cwd=FAULTS)
        text, status, errors = done.stdout, done.returncode, done.stderr
    except subprocess.TimeoutExpired as late:
        text, status, errors = (late.stdout or b"").decode(), -1, f"not ended after {seconds:.0f} s"
    name = " ".join(Path(word).name for word in words[1:5])
    if status != 0:
        FAILED.append(f"{name}: status {status}: {errors.strip()[-600:]}")
    print(f"{time.monotonic() - began:6.1f} s  {name}{'  FAILED' if status else ''}", flush=True)
    if to is not None:
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_text(text)
        to.with_suffix(".errors").write_text(errors)
    return text


def python(*words: Any) -> List[str]:
    return [sys.executable, *map(str, words)]


def transformer(out: Path, what: str, context: int, allocator: str = "") -> None:
    options = ["--autocast"] if (context >= 512 if what == "training" else context == 512) else []
    name = f"{what}-{context}{'-expandable' if allocator else ''}.json"
    run(python(STANDIN / "transformer.py", what, context, *options, "--events"), out / "transformer" / name, **({"PYTORCH_ALLOC_CONF": allocator} if allocator else {}))


def measure(out: Path) -> None:
    """The timing of gpu_check's client comes first, alone; the rest side by side: what others hold plays no part in it."""
    run(python(ROOT / "examples" / "gpu_check.py", "--out", out / "check"), out / "check.txt", seconds=200)
    parts = [lambda expandable=expandable: run(python(STANDIN / "models.py"), out / f"models{'-expandable' if expandable else ''}.jsonl", **({"PYTORCH_ALLOC_CONF": expandable} if expandable else {}))
             for expandable in ("", "expandable_segments:True")]  # fmt: skip
    parts += [lambda: run(python(STANDIN / "shapes.py"), out / "shapes.jsonl", seconds=100), lambda: run(python(ROOT / "python" / "tests" / "standin" / "operator_cases.py"), out / "operators.jsonl")]
    parts += [lambda part=part: run(python(ROOT / "scripts" / "record-faults.py", "--on", "limited", "--to", out / "limited", "--part", f"{part}/4"), out / f"limited-{part}.txt") for part in (1, 2, 3, 4)]
    parts += [lambda row=row: transformer(out, *row) for row in [("training", 1024), ("training", 128), ("training", 256), ("training", 512), ("inference", 128), ("inference", 1024), ("training", 512, "expandable_segments:True")]]
    parts += [lambda name=name: esper(out, name) for name in "gpt2 bert t5 vit lora lightning resnet50 nanogpt ppo sft grpo".split()]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda part: part(), parts))


def esper(out: Path, name: str) -> None:
    """An everyday trainer under ``esper run``, where Node and a build are at hand."""
    node = shutil.which("node")
    if node is None:
        FAILED.append("esper run: no node on PATH")
        return
    command = [node, str(ROOT / "dist" / "cli" / "esper.js"), "run", "--name", name, "--", *python(STANDIN / "programs.py", name)]
    run(command, out / "programs" / f"{name}.txt", ESPER_RUNS=str(out / "programs" / "runs"))


def whole(out: Path) -> None:
    run(python(ROOT / "scripts" / "record-faults.py", "--list", STANDIN / "whole-card.json", "--on", "card", "--to", out / "whole"), out / "whole.txt", seconds=330)
    run(python(ROOT / "bench" / "run_cost.py", "--here", "3"), out / "cost.txt", seconds=200)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True, type=Path, metavar="DIR")
    parser.add_argument("part", choices=["measure", "whole"])
    options = parser.parse_args()
    began, work = time.monotonic(), options.out / options.part
    work.mkdir(parents=True, exist_ok=True)
    {"measure": measure, "whole": whole}[options.part](work)
    sys.path[:0] = [str(ROOT / "examples"), str(ROOT / "python")]
    import torch
    from gpu_check import provenance

    versions = run(python("-m", "pip", "list", "--format=freeze")).split()
    known: Dict[str, Any] = {**provenance(torch, 0, 0), "packages": versions, "seconds": round(time.monotonic() - began, 1), "failed": FAILED}
    (work / "PROVENANCE.json").write_text(json.dumps(known, indent=1) + "\n")
    with tarfile.open(options.out / f"{options.part}.tar.gz", "w:gz") as archive:
        archive.add(work, options.part)
    shutil.rmtree(work)
    print("\n".join(FAILED))
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
