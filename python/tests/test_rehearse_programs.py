"""Real programs rehearsed, unchanged: what is answered of them, with the line."""

from __future__ import annotations

import json
import subprocess
import tempfile
import textwrap
import time
import unittest
from pathlib import Path
from typing import Any, Dict

from on_standin import GIB, MIB, environment, interpreter, needs
from scratch import events_in

VENV = "torch-current"
MODEL = """
import sys, torch
from torch import nn
batch = int(sys.argv[sys.argv.index("--batch") + 1]) if "--batch" in sys.argv else 256
model = nn.Sequential(nn.Linear(512, 4096), nn.GELU(), nn.Linear(4096, 512)).cuda()
optimizer = torch.optim.AdamW(model.parameters())
kept = []
for step in range(400):
    x = torch.randn(batch, 512, device="cuda")
    y = model(x)  # line 9
    loss = (y - x).square().mean()
    loss.backward()
"""
HEALTHY = MODEL + "    optimizer.step(); optimizer.zero_grad()\n"
ACCUMULATING = """
import torch
model = torch.nn.Sequential(torch.nn.Linear(64, 1024), torch.nn.GELU(), torch.nn.Linear(1024, 64)).cuda()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for step in range(40):
    for part in range(2):
        loss = model(torch.randn(4096, 64, device="cuda")).square().mean()
        loss.backward()
    optimizer.step(); optimizer.zero_grad()
"""
#: A loss that is printed, a length and a selection: the last two decide how much is made.
READING = HEALTHY + """
    print(loss.item())
    length = int(loss.item())  # line 15
    kept = x[x[:, 0] > loss]  # line 16
    more = torch.zeros(length + 1, device="cuda")
"""
LEAK = HEALTHY + "    kept.append(torch.ones(1 << 20, device='cuda'))  # line 13\n"


def _works_in(process: Path, folder: str) -> bool:
    try:
        return str((process / "cwd").resolve()) == str(Path(folder).resolve())
    except OSError:
        return False


@needs(VENV)
class Programs(unittest.TestCase):
    def rehearse(self, code: str, *options: str, program: str = "", launcher: str = "") -> Dict[str, Any]:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "train.py").write_text(textwrap.dedent(code).lstrip("\n"))
        python = interpreter(VENV)
        done = subprocess.run(
            [python, "-m", "esper_telemetry", "rehearse", "--json", *options, "--", python, *launcher.split(), "train.py", *program.split()],
            cwd=self.folder,
            env={**environment(), "ESPER_RUNS": str(self.folder / "runs")},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            timeout=900,
        )
        self.status = done.returncode
        self.assertTrue(done.stdout, done.stderr)
        answer: Dict[str, Any] = json.loads(done.stdout)
        return answer

    def test_a_healthy_program_fits_and_its_parts_are_right(self) -> None:
        answer = self.rehearse(HEALTHY, "--gpu", "RTX 3090")
        self.assertEqual((self.status, answer["fits"], answer["problem"], answer["growthBytes"]), (0, True, None, None))
        self.assertEqual((answer["updates"], answer["settled"]), (4, True))
        parameters = (512 * 4096 * 2 + 4096 + 512) * 4
        self.assertEqual(answer["parts"]["parameters"], parameters)
        self.assertAlmostEqual(answer["parts"]["optimizer state"], 2 * parameters, delta=4096)
        self.assertEqual((answer["peak"]["phase"], answer["peak"]["at"]), ("optimizer", "train.py:12"))
        self.assertGreater(answer["parts"]["activations"], 0)
        self.assertLess(abs(sum(answer["parts"].values()) - answer["peakAllocatedBytes"]), MIB)
        events = events_in(Path(answer["run"]) / "events-0.jsonl")
        self.assertEqual(events[0]["data"]["task"], "rehearsed, no GPU: RTX 3090")
        self.assertEqual([e["data"]["memory"][0]["device"] for e in events if e["type"] == "STEP_COMPLETED"], ["standin:0"] * 4)
        self.assertEqual(answer["written"], [])

    def test_gradients_that_accumulate_have_activations_and_a_workspace(self) -> None:
        """The peak stands in the second backward: what its forward made are activations, as those of the first were."""
        answer = self.rehearse(ACCUMULATING, "--gpu", "RTX 3090")
        self.assertEqual((answer["problem"], answer["peak"]["phase"], answer["peak"]["at"]), (None, "backward", "train.py:7"))
        self.assertGreaterEqual(answer["parts"]["activations"], 4096 * 1024 * 4)
        self.assertEqual(answer["parts"]["workspace"] % (8 * MIB), 128 * 1024, "cuBLAS' own default: 8 MiB and 128 KiB")
        self.assertEqual(answer["notKnown"][-1]["what"], f"what comes after update {answer['updates']}, such as an evaluation (--steps all)")

    def test_one_that_does_not_fit_and_by_how_much(self) -> None:
        answer = self.rehearse(HEALTHY, "--memory", "512MiB", program="--batch 16384")
        self.assertEqual((self.status, answer["fits"], answer["refused"]["update"]), (2, False, 1))
        self.assertEqual(answer["refused"]["at"], "train.py:9")
        self.assertGreater(answer["short"]["lowBytes"], 0)
        # It fits where all of that is there.
        enough = 512 * MIB + answer["short"]["highBytes"]
        self.assertTrue(self.rehearse(HEALTHY, "--memory", str(enough), program="--batch 16384")["fits"])

    def test_a_leak_its_line_and_its_end(self) -> None:
        answer = self.rehearse(LEAK, "--memory", "1GiB")
        self.assertEqual((self.status, answer["growthBytes"]), (2, 4 * MIB))
        holder = next(h for h in answer["holders"] if h["kind"] == "held from before" and h["bytes"] > 8 * MIB)
        self.assertEqual(holder["at"], "train.py:13")
        whole = self.rehearse(LEAK, "--memory", "1GiB", "--steps", "all")
        self.assertEqual(whole["fits"], False)
        end = whole["refused"]["update"]
        self.assertLessEqual(answer["ends"]["firstUpdate"] - 3, end)
        self.assertLessEqual(end, answer["ends"]["lastUpdate"] + 3)

    def test_decisions_on_values_that_were_not_computed_are_named_with_their_line(self) -> None:
        answer = self.rehearse(READING, "--memory", "2GiB")
        self.assertEqual([(read["at"], read["decides"]) for read in answer["reads"]], [("train.py:15", True), ("train.py:16", True), ("train.py:14", False)])
        self.assertTrue(all(read["count"] == answer["updates"] - 1 for read in answer["reads"]), answer["reads"])
        (named,) = [fact["what"] for fact in answer["notKnown"] if "decisions" in fact["what"]]
        self.assertEqual(named, "decisions on values that were not computed, at train.py:15, train.py:16")
        self.assertEqual(self.rehearse(HEALTHY, "--memory", "2GiB")["reads"], [])

    def test_a_program_that_fails_is_one_sentence(self) -> None:
        answer = self.rehearse(MODEL + "    raise ValueError('mine:\\n\\tof two lines\\n\\nSet DEBUG=1 for more')\n")
        line = MODEL.count("\n")
        self.assertEqual((self.status, answer["problem"]), (1, f"the command ended with 1: ValueError: mine: of two lines (train.py:{line})"))
        self.assertNotIn("cards", answer, "what it took before it trained is no answer")

    def test_asked_to_end_it_leaves_nothing_behind(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "train.py").write_text("import time, torch; open('up', 'w').close(); time.sleep(300)")
            python = interpreter(VENV)
            child = subprocess.Popen(
                [python, "-m", "esper_telemetry", "rehearse", "--", python, "train.py"], cwd=folder, env=environment()
            )
            while not (Path(folder) / "up").exists():
                time.sleep(0.1)
            child.terminate()
            self.assertEqual(child.wait(60), 130)
            left = [path for path in Path("/proc").glob("[0-9]*") if _works_in(path, folder)]
            self.assertEqual(left, [])

    def test_variations_and_the_largest_that_fits(self) -> None:
        answer = self.rehearse(HEALTHY, "--memory", "640MiB", "--vary", "batch=1024..4096", program="--batch 1024")
        best = [one["option"] for one in answer["tries"] if one.get("largest")]
        self.assertEqual(len(best), 1, [one["option"] for one in answer["tries"]])
        for one in answer["tries"]:
            if one["option"].startswith("batch="):
                small = int(one["option"][6:]) <= int(best[0][6:])
                self.assertEqual(one["answer"]["fits"], small, one["option"])

    def test_ranks_keep_their_numbers_when_the_program_has_left_its_group(self) -> None:
        code = """
            import os, torch, torch.distributed as dist
            dist.init_process_group("gloo")
            torch.cuda.set_device(dist.get_rank())
            model = torch.nn.Linear(8, 8).cuda()
            optimizer = torch.optim.SGD(model.parameters())
            model(torch.ones(1, 8, device="cuda")).sum().backward()
            optimizer.step()
            dist.destroy_process_group()
        """
        launcher = "-m torch.distributed.run --standalone --nproc-per-node 2"
        answer = self.rehearse(code, "--memory", "1GiB", "--gpus", "2", launcher=launcher)
        self.assertEqual([(process["rank"], process["device"]) for process in answer["processes"]], [(0, 0), (1, 1)])
        self.assertEqual(answer["world"], 2)
        failed = self.rehearse(code, "--memory", "1GiB", launcher=launcher)
        self.assertRegex(failed["problem"], r"invalid device ordinal \(it asks for more devices than it is given: --gpus N\)$")

    def test_files_are_listed(self) -> None:
        answer = self.rehearse(HEALTHY + "    torch.save(model.state_dict(), 'model.pt')\n")
        self.assertEqual(answer["written"], ["model.pt"])
        self.assertGreater(answer["needs"]["bytes"], 0.3 * GIB)


if __name__ == "__main__":
    unittest.main()
