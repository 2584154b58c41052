"""How far true values reach on the stand-in device: limits, seeds, threads, processes, and the trainer on it."""

from __future__ import annotations

import json
import subprocess
import unittest
from typing import Any, List

from on_standin import environment, interpreter, needs
from scratch import Scratch


def standin(venv: str, values: str, program: List[str], *options: str) -> "subprocess.CompletedProcess[str]":
    command = [interpreter(venv), "-m", "esper_telemetry.standin", "--quiet", "--memory", "8GiB", "--values", values, *options, *program]
    return subprocess.run(command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=200)


def result(venv: str, code: str, values: str = "on", *options: str) -> Any:
    """What ``code`` prints on its last line, as JSON."""
    done = standin(venv, values, ["-c", code], *options)
    if done.returncode != 0:
        raise AssertionError(f"exit {done.returncode} on {venv}: {done.stderr[-3000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


REACH = """
import json, torch
from esper_telemetry.standin import values
from torch import nn
"""


@needs("torch-current")
class Reach(unittest.TestCase):
    def test_the_limit_is_a_setting(self) -> None:
        code = "import json, torch; x = torch.arange(600.0).cuda(); print(json.dumps([(x * 2).sum().item(), (x[:4] * 2).tolist()]))"
        self.assertEqual(result("torch-current", code, "on"), [359400.0, [0.0, 2.0, 4.0, 6.0]])
        self.assertEqual(result("torch-current", code, "all"), [359400.0, [0.0, 2.0, 4.0, 6.0]])
        self.assertEqual(result("torch-current", code, "100"), [0.0, [0.0, 2.0, 4.0, 6.0]])
        large = "import json, torch; x = torch.ones(400, 400).cuda(); print(json.dumps((x @ x).sum().item()))"
        self.assertEqual(result("torch-current", large, "on"), 0.0)
        self.assertEqual(result("torch-current", large, "all"), 64e6)

    def test_what_was_not_computed_reads_as_zero_and_is_counted_with_its_line(self) -> None:
        code = REACH + """
x = torch.randn(300, 300, device="cuda")          # too large
loss = (x @ x).mean()
small = loss * 2 + 1
if small.item() > 0: pass                         # a decision
known = torch.ones(3, device="cuda").sum().item()
kept = torch.zeros(300, 300, device="cuda")       # zeros are known, however many
kept[5, 3] = 7
row = kept[5].sum().item()
gone = torch.empty(300, 300, device="cuda")
print(json.dumps([small.item(), known, row, x[0, :3].tolist(), values.summary()]))
"""
        small, known, row, head, summary = result("torch-current", code)
        self.assertEqual((small, known, row, head), (1.0, 3.0, 7.0, [0.0, 0.0, 0.0]))
        self.assertEqual(sum(read["count"] for read in summary["reads"]), 3)
        self.assertEqual({read["operator"] for read in summary["reads"]}, {"aten::_local_scalar_dense", "aten::copy_"})
        self.assertGreater(summary["tooLarge"], 1)

    def test_a_small_mask_sizes_what_a_large_tensor_gives(self) -> None:
        code = "import json, torch; x = torch.randn(1000, 1000, device='cuda'); m = torch.arange(1000, device='cuda') % 3 == 0; print(json.dumps([list(x[m].shape), list(x[:, m].shape)]))"
        self.assertEqual(result("torch-current", code), [[334, 1000], [1000, 334]])

    def test_seeds_of_the_device_alone(self) -> None:
        code = """
import json, torch
draw = lambda g=None: torch.rand(3, device="cuda", generator=g).tolist()
out = []
torch.manual_seed(1); cpu = torch.rand(3).tolist(); torch.manual_seed(1); out.append(draw() == cpu)
torch.cuda.manual_seed(5); a = draw(); state = torch.cuda.get_rng_state(); b = draw(); c = draw()
torch.cuda.set_rng_state(state); out += [draw() == b, draw() == c]
torch.cuda.manual_seed(5); out.append(draw() == a)
g = torch.Generator("cuda").manual_seed(9); d = draw(g); e = draw(g); g.manual_seed(9)
out += [draw(g) == d, draw(g) == e, d != e, torch.rand(3, generator=torch.Generator().manual_seed(9)).tolist() == d]
print(json.dumps(out))
"""
        self.assertEqual(result("torch-current", code), [True] * 8)

    def test_other_threads_and_processes(self) -> None:
        code = """
import json, subprocess, sys, threading, torch
found = []
thread = threading.Thread(target=lambda: found.append((torch.arange(5, device="cuda") * 2).tolist()))
thread.start(); thread.join()
child = subprocess.run([sys.executable, "-c", "import torch; print((torch.arange(5).cuda() + 1).sum().item())"], stdout=subprocess.PIPE, text=True)
print(json.dumps([found[0], child.stdout.strip()]))
"""
        self.assertEqual(result("torch-current", code), [[0, 2, 4, 6, 8], "15"])

    def test_no_limit_that_is_none(self) -> None:
        done = standin("torch-current", "many", ["-c", "pass"])
        self.assertEqual(done.returncode, 2)
        self.assertIn("values are on, off, all or a number of elements, not 'many'", done.stderr)


@needs("torch-current")
class OurTrainer(Scratch):
    def returns(self, device: str) -> List[Any]:
        words = ["--episodes", "12", "--envs", "4", "--steps", "64", "--seed", "3", "--device", device, "--quiet", "--runs", str(self.runs), "--run-id", device.replace(":", "-")]
        done = standin("torch-current", "on", ["-m", "esper_telemetry.ppo", *words])
        self.assertEqual(done.returncode, 0, done.stderr[-2000:])
        events = [json.loads(line) for line in (self.runs / device.replace(":", "-") / "events-0.jsonl").read_text().splitlines()]
        updates = [event["data"] for event in events if event["type"] == "PPO_UPDATE_COMPLETED"]
        if device != "cpu":
            self.assertEqual(updates[-1]["memory"][0]["device"], "standin:0")
            self.assertGreater(updates[-1]["memory"][0]["peakAllocatedBytes"], 0)
        return [(update["rollout"]["episodicReturn"], update["loss"]["value"]) for update in updates]

    def test_learns_on_the_device_as_on_the_cpu(self) -> None:
        """``cuda`` is what its help offers, without an index."""
        here = self.returns("cpu")
        for device in ("cuda", "cuda:0"):
            there = self.returns(device)
            self.assertEqual(len(there), 12)
            # The device samples with a generator of its own: equal seeds draw the same.
            self.assertEqual([a for a, _ in here], [a for a, _ in there])
            for (_, a), (_, b) in zip(here, there):
                self.assertAlmostEqual(a, b, delta=abs(a) * 1e-3 + 1e-6)


if __name__ == "__main__":
    unittest.main()
