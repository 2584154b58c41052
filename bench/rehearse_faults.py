"""The programs of examples/faults, each rehearsed to its end on a device of its size: what is answered, and whether that is right.

    python bench/rehearse_faults.py [NAME…] [--at-once 2]

All of examples/faults/programs.json, or those named, several at once. Right: of a healthy program that it fits and nothing is found; of one with a fault
its kind, and the line with the comment ``# fault``. A neighbour's memory is no line of the program. Needs the environment torch-current of
scripts/python-environments.sh and a build (npm run build). Exit status 1 where an answer is wrong. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(ROOT / "python" / "tests")]
from on_standin import environment, interpreter  # noqa: E402

PYTHON = interpreter("torch-current")
FAULTS = ROOT / "examples" / "faults"


class Judged(NamedTuple):
    name: str
    kind: str
    verdict: str
    found: str
    at: str
    marked: str
    is_kind_right: bool
    #: None: there is no line to be named.
    is_line_right: Optional[bool]
    seconds: float


def marked(file: str) -> str:
    """``file.py:20``, empty where no line is at fault."""
    lines = (FAULTS / file).read_text().splitlines()
    return next((f"{file}:{number}" for number, line in enumerate(lines, 1) if "# fault" in line), "")


def answered(program: Dict[str, str]) -> Dict[str, Any]:
    with tempfile.TemporaryDirectory() as runs:
        done = subprocess.run(
            ["node", str(ROOT / "dist" / "cli" / "esper.js"), "rehearse", "--json", "--steps", "all", "--timeout", "1h", "--memory", program["memory"], "--",
             PYTHON, program["file"], *program["arguments"].split()],
            cwd=FAULTS, env={**environment(), "ESPER_RUNS": runs}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
    if not done.stdout:
        raise SystemExit(f"{program['name']}: {done.stderr.strip()}")
    found: Dict[str, Any] = json.loads(done.stdout)
    return found


def judged(program: Dict[str, str]) -> Judged:
    answer = answered(program)
    finding, refused, ends = answer["finding"] or {}, answer.get("refused"), answer.get("ends")
    if answer["problem"]:
        verdict = answer["problem"]
    elif refused:
        verdict = f"refused in update {refused['update']}"
    elif ends:
        verdict = f"would end in update {ends['firstUpdate']} to {ends['lastUpdate']}"
    else:
        verdict = "fits"
    kind, found, at = program["kind"], finding.get("kind", ""), finding.get("at") or ""
    is_healthy = kind == "steady"
    line = "" if is_healthy else marked(program["file"])
    is_kind_right = not answer["problem"] and ((verdict == "fits" and not found) if is_healthy else found == kind)
    is_line_right = None if is_healthy or kind == "neighbour" else at == line
    return Judged(program["name"], kind, verdict, found, at, line, is_kind_right, is_line_right, answer["seconds"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--at-once", type=int, default=2)
    chosen = parser.parse_args()
    os.nice(19)
    listed: List[Dict[str, str]] = json.loads((FAULTS / "programs.json").read_text())["programs"]
    programs = [one for one in listed if not chosen.names or one["name"] in chosen.names]
    print("| program | fault | answer | found | line | marked | right |\n|---|---|---|---|---|---|---|", flush=True)
    rows: List[Judged] = []
    with ThreadPoolExecutor(chosen.at_once) as pool:
        for row in pool.map(judged, programs):
            rows.append(row)
            is_right = row.is_kind_right and row.is_line_right is not False
            print(f"| {row.name} | {row.kind if row.marked else ''} | {row.verdict} | {row.found} | {row.at} | {row.marked} | {'yes' if is_right else '**no**'} |", flush=True)
    faulty, healthy = [row for row in rows if row.kind != "steady"], [row for row in rows if row.kind == "steady"]
    lines = [row.is_line_right for row in rows if row.is_line_right is not None]
    print(f"\nkind of the fault: {sum(row.is_kind_right for row in faulty)} of {len(faulty)}; its line: {sum(lines)} of {len(lines)}; "
          f"nothing found in healthy ones: {sum(row.is_kind_right for row in healthy)} of {len(healthy)}; {min(r.seconds for r in rows):.0f} to {max(r.seconds for r in rows):.0f} s each")  # fmt: skip
    sys.exit(not all(row.is_kind_right and row.is_line_right is not False for row in rows))


if __name__ == "__main__":
    main()
