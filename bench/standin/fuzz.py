"""Builds and runs fuzz.c on the device's sources, plain and under each sanitizer that the compiler has.

    python bench/standin/fuzz.py [--seconds S] [--seed N] [--threads N] [--neighbours N] [plain|address|thread …]

Seconds are of each build. Exits 1 where one found something.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Dict, List

HERE = Path(__file__).resolve().parent
CSRC = HERE.parents[1] / "python" / "esper_telemetry" / "standin" / "csrc"
BUILDS: Dict[str, List[str]] = {
    "plain": ["-O2"],
    "address": ["-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
    "thread": ["-O1", "-fsanitize=thread"],
}


def compile_fuzz(build: str, out: Path) -> None:
    sources = [str(path) for path in sorted(CSRC.glob("*.c")) if path.name != "nvidia_smi.c"]
    command = [os.environ.get("CC", "cc"), "-std=gnu11", "-g", "-DSTANDIN_CUDA=13020", *BUILDS[build], "-o", str(out)]
    subprocess.run([*command, str(HERE / "fuzz.c"), *sources, "-lpthread", "-ldl"], check=True)


def fuzz(
    program: Path, *, seed: int, seconds: float, threads: int, neighbours: int
) -> "subprocess.CompletedProcess[str]":
    """Two devices of 8 and 6 GiB, one with others on it, and a ledger that goes away afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        settings = {"DEVICES": "2", "MEMORY": "8GiB,6GiB", "OTHERS": "0,1GiB", "SHARED": str(Path(folder) / "ledger")}
        environment = {**os.environ, **{f"ESPER_STANDIN_{name}": value for name, value in settings.items()}}
        environment.update(TSAN_OPTIONS="halt_on_error=1", UBSAN_OPTIONS="print_stacktrace=1")
        return subprocess.run(
            [str(program), str(seed), str(seconds), str(threads), str(neighbours)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--neighbours", type=int, default=3)
    parser.add_argument("builds", nargs="*", metavar="BUILD", help="plain, address, thread (all)")
    chosen = parser.parse_args()
    unknown = [build for build in chosen.builds if build not in BUILDS]
    if unknown:
        parser.error(f"{unknown[0]!r} is none of {', '.join(BUILDS)}")
    failed = 0
    for build in chosen.builds or BUILDS:
        with tempfile.TemporaryDirectory() as folder:
            program = Path(folder) / "fuzz"
            compile_fuzz(build, program)
            done = fuzz(
                program,
                seed=chosen.seed,
                seconds=chosen.seconds,
                threads=chosen.threads,
                neighbours=chosen.neighbours,
            )
        found = done.returncode != 0 or bool(done.stderr.strip())
        failed += found
        print(
            f"{build}, seed {chosen.seed}: {done.stdout.strip()}{' FAILED ' + str(done.returncode) if found else ''}",
            flush=True,
        )
        if found:
            print(done.stderr[-4000:], file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
