"""Nine public recordings of real GPUs, made again on the stand-in device and compared.

    python bench/standin/recordings.py [NAME …]

Peak of what was requested (attention: allocated), reserved bytes and the number of the allocator's events must be equal; where the
material holds the events themselves, every one of them: what was done, in what order, of what size. Needs the test material
(see python/tests/material.py) and the environments of scripts/python-environments.sh. Exits 1 where something differs.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT / "python" / "tests")]
from material import material  # noqa: E402
from on_standin import interpreter  # noqa: E402

#: The recordings' card is unknown, but below compute capability 9, and under WSL (its order of addresses). Far from the limit the size plays
#: no part. Uploads are left out: nothing reads them.
DEVICE = [
    "--memory",
    "80GiB",
    "--capability",
    "8.6",
    "--addresses",
    "wsl:94",
    "--values",
    "off",
    "--copy-limit",
    "256KiB",
]


@dataclass(frozen=True)
class Recording:
    name: str
    environment: str
    program: List[str]
    #: Of the material, where it has the events.
    trace: Optional[str] = None


RECORDINGS = [
    Recording("attention", "torch-2.6", ["attention.py"], "traces/attention-from-empty.json.gz"),
    Recording(
        "inference 128", "torch-2.11", ["transformer.py", "inference", "128"], "traces/medium-128-inference.json.gz"
    ),
    Recording("inference 256", "torch-2.11", ["transformer.py", "inference", "256"]),
    Recording("inference 512", "torch-2.11", ["transformer.py", "inference", "512", "--autocast"]),
    Recording("inference 1024", "torch-2.11", ["transformer.py", "inference", "1024"]),
    Recording("training 128", "torch-2.11", ["transformer.py", "training", "128"]),
    Recording("training 256", "torch-2.11", ["transformer.py", "training", "256"]),
    Recording(
        "training 512",
        "torch-2.11",
        ["transformer.py", "training", "512", "--autocast"],
        "traces/medium-512-training.json.gz",
    ),
    Recording(
        "training 1024",
        "torch-2.11",
        ["transformer.py", "training", "1024", "--autocast"],
        "traces/medium-1024-training.json.gz",
    ),
]


def truth(recording: Recording) -> Dict[str, Any]:
    """Peak, reserved and number of events of the real recording, and the events where the material has them."""
    events = None
    if recording.trace:
        with gzip.open(material(recording.trace)) as file:
            trace = json.load(file)
        events = [(event[0], event[2]) for event in trace["events"]]
        found = {"peak": trace["expected"]["peakAllocatedBytes"], "reserved": trace["expected"]["peakReservedBytes"]}
    if recording.name != "attention":
        row = re.search(
            rf"^\| {recording.name} \| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \|",
            material("standin/CALIBRATION.md").read_text(),
            re.M,
        )
        assert row is not None, f"the material has no row for {recording.name}"
        peak, reserved, count = (int(cell.replace(",", "")) for cell in row.groups())
        return {"peak": peak, "reserved": reserved, "eventCount": count, "events": events}
    return {**found, "eventCount": len(events or []), "events": events}


def remake(recording: Recording) -> Tuple[Dict[str, Any], float]:
    """The figures of our program on the stand-in device, and the seconds of processor time that it took."""
    command = [
        interpreter(recording.environment),
        "-m",
        "esper_telemetry.standin",
        "--quiet",
        *DEVICE,
    ]
    command += [str(HERE / recording.program[0]), *recording.program[1:]]
    if recording.trace and recording.name != "attention":
        command.append("--events")
    before = os.times()
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "python"), "OMP_NUM_THREADS": "1"},
    )
    after = os.times()
    made = json.loads(done.stdout)
    return (
        {
            "peak": made.get("peakRequestedBytes", made["peakAllocatedBytes"]),
            "reserved": made["peakReservedBytes"],
            "eventCount": made["eventCount"],
            "events": [(action, size) for action, _, size in made["events"]] if "events" in made else None,
        },
        after.children_user + after.children_system - before.children_user - before.children_system,
    )


def cell(ours: int, real: int) -> str:
    return f"{ours:,} exact" if ours == real else f"{ours:,} (real {real:,})"


def main() -> int:
    chosen = [recording for recording in RECORDINGS if not sys.argv[1:] or recording.name in sys.argv[1:]]
    missing = [
        path
        for path in ["standin/CALIBRATION.md", *(r.trace for r in chosen if r.trace)]
        if not material(path).exists()
    ]
    if missing or not chosen:
        print(
            f"recordings: no test material {missing[0]}" if missing else f"recordings: none named {sys.argv[1:]}",
            file=sys.stderr,
        )
        return 2
    differs = 0
    print("| recording | peak | reserved | events | CPU s |\n|---|---|---|---|---|")
    for recording in chosen:
        real, (ours, seconds) = truth(recording), remake(recording)

        each = (
            ""
            if real["events"] is None
            else ", each the same"
            if ours["events"] == real["events"]
            else ", NOT the same"
        )
        print(
            f"| {recording.name} | {cell(ours['peak'], real['peak'])} | {cell(ours['reserved'], real['reserved'])} | {cell(ours['eventCount'], real['eventCount'])}{each} | {seconds:.1f} |",
            flush=True,
        )
        differs += any(ours[figure] != real[figure] for figure in ("peak", "reserved", "eventCount")) or "NOT" in each
    return 1 if differs else 0


if __name__ == "__main__":
    sys.exit(main())
