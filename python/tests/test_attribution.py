"""Which lines hold memory: blocks summed by line, windows and their cost, and PyTorch's own history on the stand-in device."""

from __future__ import annotations

import json
import random
import subprocess
import unittest
from pathlib import Path
from typing import Any, Dict, List

from on_standin import command, environment, needs
from scratch import Scratch, events_in

from esper_telemetry.live_lines import MOST_LINES, NO_LINE, Held, Reading, Shortener, lines_payload, read_lines
from esper_telemetry.stack_history import LiveBlock, highest_state

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


class HighestState(unittest.TestCase):
    def test_what_was_held_when_most_was(self) -> None:
        for seed in range(200):
            draw = random.Random(seed)
            held: Dict[int, Any] = {}
            entries: List[Dict[str, Any]] = []
            #: What was held after each step, and the allocations so far.
            states = [(0, dict(held))]
            made = 0
            for index in range(draw.randrange(1, 80)):
                if held and draw.random() < 0.5:
                    address = draw.choice(list(held))
                    size, frames = held.pop(address)
                    for action in ("free_requested", "free_completed"):
                        entries.append({"action": action, "addr": address, "size": size, "frames": frames})
                else:
                    address = draw.choice([free for free in range(100) if free not in held])
                    held[address] = (draw.randrange(1, 100), [frame("a.py", index + 1)])
                    entries.append({"action": "segment_alloc", "addr": address, "size": 512})
                    entries.append({"action": "alloc", "addr": address, "size": held[address][0], "frames": held[address][1]})
                    made += 1
                states.append((made, dict(held)))
            count = draw.randrange(made + 1)
            begin = max(i for i, (so_far, _) in enumerate(states) if so_far == made - count)
            since = [sorted(map(str, state.values())) for _, state in states[begin:]]
            most = max(sum(size for size, _ in state.values()) for _, state in states[begin:])
            found = highest_state(held, entries, count)
            assert found is not None
            self.assertEqual(sum(size for size, _ in found), most)
            self.assertIn(sorted(map(str, found)), since)
            self.assertIsNone(highest_state(held, entries, made + 1))


PROGRAM = """
import sys, torch
import esper_telemetry as esper
from esper_telemetry import attribution
attribution.APART = 4
run = esper.start("lines", runs=sys.argv[1], attribution=True, reset_peaks=True, sample_host=0, sample_driver=0)
kept = []
what = sys.argv[2]
if what == "recording itself":
    record = torch.cuda.memory._record_memory_history
    record(True, record_context=True) if torch.__version__.startswith("2.0") else record("all")
for step in range(1, 50):
    kept.append(torch.zeros(2**18, device="cuda"))
    needed = torch.zeros(2**18 * (64 + 4 * step), device="cuda")
    needed = None
    if step in (30, 45):
        needed = torch.zeros(2**18 * 1200, device="cuda")
        needed = None
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
print(json.dumps({"on": on, "compiler": "torch._inductor" in sys.modules, "failures": run.failures, "path": str(run.path)}))
"""



def line_of(code: str) -> str:
    return f"train.py:{next(i for i, text in enumerate(PROGRAM.splitlines(), 1) if code in text)} <module>"


KEEPS, NEEDS, SPIKES = line_of("kept.append"), line_of("64 + 4 * step"), line_of("* 1200")


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
            # All that the update allocated and freed again, and all that is kept; CUDA was not in use before the first was.
            self.assertEqual((needed[NEEDS], needed[KEEPS]), (2**20 * (64 + 4 * first["toBatch"]), 2**20 * (first["toBatch"] - 1)), venv)
            self.assertEqual(first["withoutLineBytes"], 2**20, venv)
            self.assertEqual((growth["fromBatch"], growth["lines"][0]["line"]), (first["toBatch"], NEEDS), venv)
            self.assertEqual(growth["lines"][0]["grewBytes"], 4 * 2**20 * (growth["toBatch"] - growth["fromBatch"]), venv)
            self.assertEqual((spike["toBatch"], spike["lines"][0]["line"], spike["lines"][0]["grewBytes"]), (45, SPIKES, 1200 * 2**20), venv)

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
