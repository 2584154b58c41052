"""Which lines hold memory, on the stand-in device: windows and their cost, peaks, and PyTorch's own history."""

from __future__ import annotations

import json
import os
import subprocess
import unittest
from pathlib import Path
from typing import Any, List

from on_standin import command, environment, needs
from scratch import Scratch, events_in

import esper_telemetry

PROGRAM = """
import sys, torch
import esper_telemetry as esper
from esper_telemetry import attribution, attribution_cost, between_updates
attribution.APART = 4
run = esper.start("lines", runs=sys.argv[1], attribution=True, reset_peaks=True, sample_host=0, sample_driver=0)
kept = []
what = sys.argv[2]
rollout = None
if what == "a costly rollout":
    import time
    between_updates.LOOK_SECONDS, attribution_cost.CREDIT_MS, attribution_cost.BUDGET = 0.05, 0.5, 0.0
    torch.zeros(1, device="cuda")
    for _ in range(200):
        torch.zeros(1, device="cuda")
        if not torch._C._cuda_isHistoryEnabled():
            break
        time.sleep(0.02)
    rollout = "on" if torch._C._cuda_isHistoryEnabled() else "off"
def record():
    begin = torch.cuda.memory._record_memory_history
    begin(True, record_context=True) if torch.__version__.startswith("2.0") else begin("all")
if what == "recording itself":
    record()
between = None
def evaluate():
    import time
    outputs, was_on = [], False
    for _ in range(100):
        outputs += [torch.zeros(2**18, device="cuda")]
        time.sleep(0.02)
        was_on = was_on or torch._C._cuda_isHistoryEnabled()
    try:
        torch.zeros(2**30, device="cuda")
    except torch.cuda.OutOfMemoryError:
        pass
    return [was_on, torch._C._cuda_isHistoryEnabled()]
if what.startswith("an evaluation"):
    run._watches[0]._apart = 400
    between_updates.LOOK_SECONDS, between_updates.LEAST_SECONDS = 0.05, 0.3
for step in range(1, 50):
    kept.append(torch.zeros(2**18, device="cuda"))
    needed = torch.zeros(2**18 * (64 + 4 * step), device="cuda")
    needed = None
    if step in (30, 45):
        needed = torch.zeros(2**18 * 1200, device="cuda")
        needed = None
    run.step(step=step)
    if what.startswith("an evaluation") and step == 25:
        before = torch._C._cuda_isHistoryEnabled()
        if "dear" in what:
            attribution_cost.CREDIT_MS = run._watches[0]._cost.spent_ms + 0.3
            attribution_cost.BUDGET, between_updates.ENOUGH_MS = 0.0, 0.0
        between = [before, *evaluate()]
    if what == "recording itself later" and step == 6:
        record()
    if what == "refused" and step == 12:
        try:
            torch.zeros(2**30, device="cuda")
        except torch.cuda.OutOfMemoryError:
            pass
    if what == "dear" and step == 5:
        run._watches[0]._cost.spent_ms = 1e6
run.finish()
on = torch._C._cuda_isHistoryEnabled() if hasattr(torch._C, "_cuda_isHistoryEnabled") else None
import json
print(json.dumps({"on": on, "rollout": rollout, "between": between, "compiler": "torch._inductor" in sys.modules, "failures": run.failures, "path": str(run.path)}))
"""

PLAIN = """
import torch
weights = torch.zeros(2**10, device="cuda", requires_grad=True)
optimizer = torch.optim.SGD([weights], lr=0.1)
kept = []
for step in range(30):
    kept.append(torch.zeros(2**18, device="cuda"))
    weights.sum().backward()
    optimizer.step()
"""


OWN_START = """
run = esper.start("lines", runs=sys.argv[1], attribution=True, sample_host=0, sample_driver=0)
run.__enter__()
"""

REFUSED = """
def made():
    return torch.zeros(2**27, device="cuda")
weights = torch.zeros(2**26, device="cuda", requires_grad=True)
optimizer = torch.optim.SGD([weights], lr=0.1)
activations = made()
torch.zeros(2**30, device="cuda")
optimizer.step()
"""


def line_of(code: str) -> str:
    return f"train.py:{next(i for i, text in enumerate(PROGRAM.splitlines(), 1) if code in text)} <module>"


KEEPS, NEEDS, SPIKES = line_of("kept.append"), line_of("64 + 4 * step"), line_of("* 1200")
OUTPUTS = line_of("outputs +=").replace("<module>", "evaluate")


@needs("torch-current", "torch-2.11", "torch-2.6", "torch-2.0")
class OnPyTorch(Scratch):
    VENVS = ("torch-current", "torch-2.11", "torch-2.6", "torch-2.0")

    def played(self, venv: str, what: str) -> Any:
        folder = self.runs.parent
        program = folder / "train.py"
        program.write_text(PROGRAM)
        done = subprocess.run(
            command(venv, ["--memory", "2GiB"], [str(program), str(folder / f"runs-{venv}"), what]),
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            timeout=200,
        )
        self.assertEqual(done.returncode, 0, done.stderr[-3000:])
        ended = json.loads(done.stdout.strip().splitlines()[-1])
        self.assertEqual(ended["failures"], 0, done.stderr)
        self.assertFalse(ended["compiler"], venv)
        self.assertEqual(done.stderr, "", venv)
        events = events_in(Path(ended["path"]) / "events-0.jsonl")
        return ended, [event["data"] for event in events if event["type"] == "MEMORY_ATTRIBUTED"]

    def test_the_line_that_keeps_what_it_keeps_and_what_was_held_when_memory_was_refused(self) -> None:
        for venv in self.VENVS:
            ended, attributed = self.played(venv, "refused")
            first = next(data for data in attributed if data["moment"] == "end of update")
            updates = first["toBatch"] - first["fromBatch"]
            self.assertEqual((first["moment"], first["why"], first["device"]), ("end of update", "warm-up", "standin:0"), venv)
            self.assertEqual(first["lines"][0]["line"], KEEPS, venv)
            self.assertEqual(first["lines"][0]["grewBytes"], updates * 2**20, venv)
            self.assertIn(ended["on"], (False, None), venv)
            refused: List[Any] = [data for data in attributed if data["moment"] == "refused"]
            self.assertEqual(len(refused), 1, venv)
            self.assertEqual(refused[0]["requestedBytes"], 2**32, venv)
            self.assertEqual(refused[0]["lines"][0]["line"], KEEPS, venv)

            peaks = [data for data in attributed if data["moment"] == "peak"]
            first, growth = peaks[0], next(data for data in peaks if data["why"] == "trend")
            spike = next(data for data in peaks if data["why"] == "spike")
            self.assertIsNone(first["fromBatch"], venv)
            needed = {line["line"]: line["bytes"] for line in first["lines"]}
            # All that the update allocated and freed again, and all that is kept, from the first use of CUDA on.
            self.assertEqual((needed[NEEDS], needed[KEEPS]), (2**20 * (64 + 4 * first["toBatch"]), 2**20 * first["toBatch"]), venv)
            self.assertEqual(first["withoutLineBytes"], 0, venv)
            self.assertEqual((growth["fromBatch"], growth["lines"][0]["line"]), (first["toBatch"], NEEDS), venv)
            self.assertEqual(growth["lines"][0]["grewBytes"], 4 * 2**20 * (growth["toBatch"] - growth["fromBatch"]), venv)
            self.assertEqual((spike["toBatch"], spike["lines"][0]["line"], spike["lines"][0]["grewBytes"]), (45, SPIKES, 1200 * 2**20), venv)

    def test_a_program_that_knows_nothing_of_it(self) -> None:
        folder = self.runs.parent
        program = folder / "train.py"
        program.write_text(PLAIN)
        line = f"train.py:{next(i for i, text in enumerate(PLAIN.splitlines(), 1) if 'kept.append' in text)} <module>"
        site = Path(esper_telemetry.__file__).parent / "attach" / "site"
        for lines in ("1", ""):
            runs = folder / f"runs{lines}"
            run = {"ESPER_ATTACH": str(folder), "ESPER_LINES": lines, "ESPER_RUNS": str(runs)}
            known = environment()
            path = os.pathsep.join([str(site), known["PYTHONPATH"]])
            done = subprocess.run(
                command("torch-current", ["--memory", "2GiB"], [str(program)]),
                env={**known, **run, "PYTHONPATH": path},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                timeout=200,
            )
            self.assertEqual(done.returncode, 0, done.stderr[-3000:])
            (log,) = runs.glob("*/events-0.jsonl")
            named = [event["data"]["lines"][0]["line"] for event in events_in(log) if event["type"] == "MEMORY_ATTRIBUTED"]
            self.assertEqual(named[:1], [line] if lines else [])

    def test_a_history_that_the_program_records_is_left_on(self) -> None:
        for venv in self.VENVS:
            for when in ("recording itself", "recording itself later"):
                ended, attributed = self.played(venv, when)
                self.assertIn(ended["on"], (True, None), (venv, when))
                self.assertEqual(attributed[0]["lines"][0]["line"], KEEPS, (venv, when))

    def test_what_a_first_step_is_refused_has_its_lines(self) -> None:
        for venv in self.VENVS:
            begins = "import sys\nimport esper_telemetry as esper\n"
            asked, wanted = OWN_START, OWN_START.replace("attribution=True, ", "")
            lines = {"ESPER_LINES": "1"}
            # The program asks for it; the environment does; neither knows of the other.
            for log in (
                self.refused_at_first(venv, begins, asked),
                self.refused_at_first(venv, begins, wanted, lines),
                self.refused_at_first(venv, "", "", lines, attached=True),
                self.refused_at_first(venv, begins, wanted, lines, attached=True),
            ):
                kinds = [event["type"] for event in log if event["type"] not in ("HOST_SAMPLED", "DEVICE_SAMPLED")]
                self.assertEqual(kinds, ["TRAINING_STARTED", "MEMORY_ATTRIBUTED", "MEMORY_SAMPLED", "TRAINING_FAILED"], venv)
                refused = next(event["data"] for event in log if event["type"] == "MEMORY_ATTRIBUTED")
                self.assertEqual((refused["moment"], refused["requestedBytes"], refused["withoutLineBytes"]), ("refused", 2**32, 0), venv)
                held = [(line["line"].split(" ")[1], line["bytes"]) for line in refused["lines"]]
                self.assertEqual(held, [("made", 2**29), ("<module>", 2**28)], venv)
                (memory,) = next(event["data"]["memory"] for event in log if event["type"] == "MEMORY_SAMPLED")
                self.assertEqual((memory["peakAllocatedBytes"], memory["ooms"], memory["allocRetries"]), (2**29 + 2**28, 0, 0), venv)

    def refused_at_first(self, venv: str, head: str, start: str, settings: Any = None, attached: bool = False) -> Any:
        """Events of a program that its first step's activations are too large for."""
        folder = self.runs.parent
        program = folder / "train.py"
        program.write_text(head + "import torch\n" + start + REFUSED)
        runs = folder / f"runs-{venv}-{len(list(folder.iterdir()))}"
        session = {"ESPER_ATTACH": str(folder), "ESPER_RUNS": str(runs)} if attached else {}
        known = environment()
        site = [] if not attached else [str(Path(esper_telemetry.__file__).parent / "attach" / "site")]
        done = subprocess.run(
            command(venv, ["--memory", "2GiB"], [str(program), str(runs)]),
            env={**known, **session, **(settings or {}), "PYTHONPATH": os.pathsep.join([*site, known["PYTHONPATH"]])},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            timeout=200,
        )
        self.assertIn("out of memory", done.stderr[-3000:], venv)
        (log,) = runs.glob("*/events-0.jsonl")
        return events_in(log)

    def test_before_the_first_update_the_budget_holds_too(self) -> None:
        for venv in ("torch-current", "torch-2.11", "torch-2.6"):
            ended, _ = self.played(venv, "a costly rollout")
            self.assertEqual(ended["rollout"], "off", venv)

    def test_between_updates_what_takes_long_is_recorded(self) -> None:
        for venv in ("torch-current", "torch-2.11", "torch-2.6"):
            ended, attributed = self.played(venv, "an evaluation")
            self.assertEqual(ended["between"], [False, True, True], venv)
            (refused,) = [data for data in attributed if data["moment"] == "refused"]
            held = {line["line"]: line["blocks"] for line in refused["lines"]}
            self.assertGreater(held[OUTPUTS], 20, venv)
            # Dear: it begins, and the thread ends it.
            self.assertEqual(self.played(venv, "an evaluation that is dear")[0]["between"], [False, True, False], venv)

    def test_above_its_budget_it_is_off(self) -> None:
        ended, attributed = self.played("torch-current", "dear")
        self.assertFalse(ended["on"])
        self.assertLessEqual(len(attributed), 1)


if __name__ == "__main__":
    unittest.main()
