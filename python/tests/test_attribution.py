"""Which lines hold memory: blocks summed by line, windows and their cost, and PyTorch's own history on the stand-in device."""

from __future__ import annotations

import json
import subprocess
import unittest
from pathlib import Path
from typing import Any, Dict, List

from on_standin import command, environment, needs
from scratch import Scratch, events_in

from esper_telemetry.live_lines import MOST_LINES, NO_LINE, Held, Reading, Shortener, lines_payload, read_lines
from esper_telemetry.stack_history import LiveBlock

ROOT = "/home/user/project"
TORCH = "/opt/venv/lib/python3.11/site-packages/torch/nn/modules/module.py"


def frame(filename: str, line: int, name: str = "work") -> Dict[str, Any]:
    return {"filename": filename, "line": line, "name": name}


class LiveLines(unittest.TestCase):
    def test_a_line_is_the_innermost_frame_of_the_program(self) -> None:
        shortener = Shortener(ROOT)
        frames = [frame(TORCH, 7, "forward"), frame(f"{ROOT}/nets/policy.py", 12), frame(f"{ROOT}/train.py", 88, "update")]
        line, stack = shortener.stack(frames)
        self.assertEqual(line, "nets/policy.py:12 work")
        self.assertEqual(stack, ("torch/nn/modules/module.py:7 forward", "nets/policy.py:12 work", "train.py:88 update"))

    def test_without_a_frame_of_the_program_it_is_the_innermost_of_python(self) -> None:
        self.assertEqual(Shortener(ROOT).stack([frame(TORCH, 7, "forward")])[0], "torch/nn/modules/module.py:7 forward")

    def test_frames_of_the_stand_in_device_and_of_c_plus_plus_are_none(self) -> None:
        own = frame("/opt/esper_telemetry/standin/values/run.py", 3)
        self.assertEqual(Shortener(ROOT).stack([own, frame("??", 0, "at::empty"), frame("/opt/torch/lib/libtorch_cpu.so", 41563229, "at::empty"), frame(f"{ROOT}/train.py", 4)])[1], ("train.py:4 work",))
        self.assertEqual(Shortener(ROOT).stack([own]), (NO_LINE, ()))

    def test_folders_outside_the_program_are_not_told(self) -> None:
        line, _ = Shortener(ROOT).stack([frame("/home/somebody/secret/shared/tools.py", 3)])
        self.assertEqual(line, "shared/tools.py:3 work")

    def test_blocks_are_summed_by_line(self) -> None:
        one, other = frame(f"{ROOT}/train.py", 1), frame(f"{ROOT}/train.py", 2)
        blocks = [LiveBlock(0, 10, [one]), LiveBlock(0, 20, [one]), LiveBlock(0, 5, [other]), LiveBlock(0, 7, []), LiveBlock(1, 3, [one])]
        readings = read_lines(blocks, ROOT)
        self.assertEqual(readings[0].total_bytes, 42)
        self.assertEqual({line: (held.bytes, held.blocks) for line, held in readings[0].lines.items()}, {"train.py:1 work": (30, 2), "train.py:2 work": (5, 1), NO_LINE: (7, 1)})
        self.assertEqual(readings[1].total_bytes, 3)

    def test_an_event_is_small_and_its_sums_are_whole(self) -> None:
        lines = {f"train.py:{i} f": Held(1000 - i, 1, ("train.py:1 f",) * 8) for i in range(500)}
        before = Reading(100, {"train.py:499 f": Held(1, 1, ()), NO_LINE: Held(99, 1, ())})
        reading = Reading(sum(held.bytes for held in lines.values()), lines)
        payload = lines_payload(reading, before)
        self.assertEqual(len(payload["lines"]), MOST_LINES)
        self.assertLess(len(json.dumps(payload)), 8192)
        listed = sum(line["bytes"] for line in payload["lines"])
        self.assertEqual(listed + payload["otherLines"]["bytes"] + payload["withoutLineBytes"], payload["totalBytes"])
        grew = sum(line["grewBytes"] for line in payload["lines"]) + payload["otherLines"]["grewBytes"] + payload["withoutLineGrewBytes"]
        self.assertEqual(grew, payload["grewBytes"])


PROGRAM = """
import sys, torch
import esper_telemetry as esper
run = esper.start("lines", runs=sys.argv[1], attribution=True, sample_host=0, sample_driver=0)
kept = []
what = sys.argv[2]
if what == "recording itself":
    record = torch.cuda.memory._record_memory_history
    record(True, record_context=True) if torch.__version__.startswith("2.0") else record("all")
for step in range(1, 30):
    kept.append(torch.zeros(2**18, device="cuda"))
    run.step(step=step)
    if what == "refused" and step == 12:
        try:
            torch.zeros(2**30, device="cuda")
        except torch.cuda.OutOfMemoryError:
            pass
    if what == "dear" and step == 5:
        run._watches[0]._spent_ms = 1e6
run.finish()
on = torch._C._cuda_isHistoryEnabled() if hasattr(torch._C, "_cuda_isHistoryEnabled") else None
import json
print(json.dumps({"on": on, "failures": run.failures, "path": str(run.path)}))
"""

KEEPS = f"train.py:{next(i for i, text in enumerate(PROGRAM.splitlines(), 1) if 'kept.append' in text)} <module>"


@needs("torch-current", "torch-2.11", "torch-2.6", "torch-2.0")
class OnPyTorch(Scratch):
    VENVS = ("torch-current", "torch-2.11", "torch-2.6", "torch-2.0")

    def played(self, venv: str, what: str) -> Any:
        folder = self.runs.parent
        program = folder / "train.py"
        program.write_text(PROGRAM)
        done = subprocess.run(
            command(venv, ["--memory", "1GiB"], [str(program), str(folder / f"runs-{venv}"), what]),
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            timeout=200,
        )
        self.assertEqual(done.returncode, 0, done.stderr[-3000:])
        ended = json.loads(done.stdout.strip().splitlines()[-1])
        self.assertEqual(ended["failures"], 0, done.stderr)
        events = events_in(Path(ended["path"]) / "events-0.jsonl")
        return ended, [event["data"] for event in events if event["type"] == "MEMORY_ATTRIBUTED"]

    def test_the_line_that_keeps_what_it_keeps_and_what_was_held_when_memory_was_refused(self) -> None:
        for venv in self.VENVS:
            ended, attributed = self.played(venv, "refused")
            first = attributed[0]
            updates = first["toBatch"] - first["fromBatch"]
            self.assertEqual((first["moment"], first["why"], first["device"]), ("end of update", "warm-up", "standin:0"), venv)
            self.assertEqual(first["lines"][0]["line"], KEEPS, venv)
            self.assertEqual(first["lines"][0]["grewBytes"], updates * 2**20, venv)
            self.assertIn(ended["on"], (False, None), venv)
            refused: List[Any] = [data for data in attributed if data["moment"] == "refused"]
            self.assertEqual(len(refused), 1, venv)
            self.assertEqual(refused[0]["requestedBytes"], 2**32, venv)
            self.assertEqual(refused[0]["lines"][0]["line"], KEEPS, venv)

    def test_a_history_that_the_program_records_is_left_on(self) -> None:
        for venv in self.VENVS:
            ended, attributed = self.played(venv, "recording itself")
            self.assertIn(ended["on"], (True, None), venv)
            self.assertEqual(attributed[0]["lines"][0]["line"], KEEPS, venv)

    def test_above_its_budget_it_is_off(self) -> None:
        ended, attributed = self.played("torch-current", "dear")
        self.assertFalse(ended["on"])
        self.assertLessEqual(len(attributed), 1)


if __name__ == "__main__":
    unittest.main()
