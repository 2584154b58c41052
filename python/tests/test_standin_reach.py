"""How far true values reach on the stand-in device: limits, seeds, threads, processes, and the trainer on it."""

from __future__ import annotations

import functools
import json
import unittest
from typing import Any, List

from on_standin import TORCHES, computed, needs
from scratch import Scratch


def result(venv: str, code: str, values: str = "on", *options: str) -> Any:
    """What ``code`` prints on its last line, as JSON."""
    done = computed(venv, values, ["-c", code], *options)
    if done.returncode != 0:
        raise AssertionError(f"exit {done.returncode} on {venv}: {done.stderr[-3000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


#: Pieces of one program, each of which leaves what it found in ``out``; the first counts what is read from the start.
PIECES = {
    "not computed": """
from esper_telemetry.standin import values
x = torch.randn(300, 300, device="cuda")          # too large
loss = (x @ x).mean()
small = loss * 2 + 1
if small.item() > 0: pass                         # a decision
known = torch.ones(3, device="cuda").sum().item()
kept = torch.zeros(300, 300, device="cuda")       # zeros are known, however many
kept[5, 3] = 7
row = kept[5].sum().item()
gone = torch.empty(300, 300, device="cuda")
out = [small.item(), known, row, x[0, :3].tolist(), values.summary()]
""",
    "extension": """
from esper_telemetry.standin import values
from esper_telemetry.standin.values import compiled
library = torch.library.Library("mine", "DEF")
library.define("keep(Tensor x) -> Tensor"); library.define("align(Tensor x) -> Tensor")
def keep(x):                                      # as torchvision's nms: a mask by a kernel, looked at on the host
    mask = torch.empty(4, device=x.device)
    return torch.arange(4, device=x.device)[: 4 - int(mask.cpu().sum())]
library.impl("keep", keep, "CUDA"); library.impl("align", lambda x: torch.empty(x.shape, device=x.device), "CUDA")
x = torch.ones(4, device="cuda")
count = lambda operator: sum(read["count"] for read in values.summary()["reads"] if read["operator"] == operator)
true = torch.ops.mine.align(x).sum().item(), count("aten::_local_scalar_dense"), count("mine::keep")
for call in compiled.on_load: call(["mine::align", "mine::keep", "mine::gone"])
kept = torch.ops.mine.keep(x)
if torch.ops.mine.align(x).sum() > 0: pass
out = [kept.tolist(), count("mine::keep") - true[2], count("aten::_local_scalar_dense") - true[1]]
""",
    "mask": """
x = torch.randn(1000, 1000, device="cuda")
m = torch.arange(1000, device="cuda") % 3 == 0
out = [list(x[m].shape), list(x[:, m].shape)]
""",
    "seeds": """
draw = lambda g=None: torch.rand(3, device="cuda", generator=g).tolist()
out = []
torch.manual_seed(1); cpu = torch.rand(3).tolist(); torch.manual_seed(1); out.append(draw() == cpu)
torch.cuda.manual_seed(5); a = draw(); state = torch.cuda.get_rng_state(); b = draw(); c = draw()
torch.cuda.set_rng_state(state); out += [draw() == b, draw() == c]
torch.cuda.manual_seed(5); out.append(draw() == a)
g = torch.Generator("cuda").manual_seed(9); d = draw(g); e = draw(g); g.manual_seed(9)
out += [draw(g) == d, draw(g) == e, d != e, torch.rand(3, generator=torch.Generator().manual_seed(9)).tolist() == d]
""",
    "states": """
from torch.utils.checkpoint import checkpoint
out = []
there, here = lambda: torch.rand(3, device="cuda").tolist(), lambda: torch.rand(2).tolist()
torch.manual_seed(1); state = torch.cuda.get_rng_state(); a = there(); b = there(); torch.cuda.set_rng_state(state)
out += [there() == a, there() == b]
c = there()                                                  # and goes on from where it was
torch.manual_seed(1); out.append([torch.rand(3).tolist() for _ in range(3)] == [a, b, c])
torch.manual_seed(2); here(); there(); both = torch.get_rng_state(), torch.cuda.get_rng_state()
mixed = lambda: [here(), there(), here(), there(), there(), here()]
first = mixed()
for _ in range(2):
    torch.set_rng_state(both[0]); torch.cuda.set_rng_state(both[1]); out.append(mixed() == first)
torch.manual_seed(3); here(); there()
torch.manual_seed(3); here(); here(); d = there()            # seeded again: another order
torch.manual_seed(3); here(); here(); out.append(torch.rand(3).tolist() == d)
net = torch.nn.Sequential(torch.nn.Linear(8, 8), torch.nn.Dropout(0.5)).cuda()
def gradients(call):
    torch.manual_seed(4)
    x = y = torch.ones(4, 8, device="cuda", requires_grad=True)
    for _ in range(3):
        y = call(y); here()
    y.sum().backward()
    return x.grad.tolist(), there(), here()
out.append(gradients(net) == gradients(lambda x: checkpoint(net, x, use_reentrant=False)))
""",
    "threads and processes": """
import subprocess, sys, threading
found = []
thread = threading.Thread(target=lambda: found.append((torch.arange(5, device="cuda") * 2).tolist()))
thread.start(); thread.join()
child = subprocess.run([sys.executable, "-c", "import torch; print((torch.arange(5).cuda() + 1).sum().item())"], stdout=subprocess.PIPE, text=True)
out = [found[0], child.stdout.strip()]
""",
}
LIMIT = """
import json, torch
x, large = torch.arange(600.0).cuda(), torch.ones(400, 400).cuda()
print(json.dumps([(x * 2).sum().item(), (x[:4] * 2).tolist(), (large @ large).sum().item()]))
"""


@functools.lru_cache(maxsize=None)
def pieces() -> Any:
    """What each of the pieces found, all in one process, because importing torch takes longer than they do."""
    each = "".join(f"names = {{'torch': torch}}\nexec({code!r}, names)\nmade[{name!r}] = names['out']\n" for name, code in PIECES.items())
    return result("torch-current", f"import json, torch\nmade = {{}}\n{each}print(json.dumps(made))")


@needs("torch-current")
class Reach(unittest.TestCase):
    def test_the_limit_is_a_setting(self) -> None:
        for values, expected in (("on", [359400.0, 0.0]), ("all", [359400.0, 64e6]), ("100", [0.0, 0.0])):
            with self.subTest(values):
                whole, part, product = result("torch-current", LIMIT, values)
                self.assertEqual(([whole, product], part), (expected, [0.0, 2.0, 4.0, 6.0]))

    def test_what_was_not_computed_reads_as_zero_and_is_counted_with_its_line(self) -> None:
        small, known, row, head, summary = pieces()["not computed"]
        self.assertEqual((small, known, row, head), (1.0, 3.0, 7.0, [0.0, 0.0, 0.0]))
        self.assertEqual(sum(read["count"] for read in summary["reads"]), 3)
        self.assertEqual({read["operator"] for read in summary["reads"]}, {"aten::_local_scalar_dense", "aten::copy_"})
        self.assertGreater(summary["tooLarge"], 1)

    def test_what_a_compiled_extension_makes_is_not_computed(self) -> None:
        kept, on_the_way, read = pieces()["extension"]
        self.assertEqual((kept, on_the_way, read), ([0, 0, 0, 0], 1, 1))

    def test_a_small_mask_sizes_what_a_large_tensor_gives(self) -> None:
        self.assertEqual(pieces()["mask"], [[334, 1000], [1000, 334]])

    def test_seeds_of_the_device_alone(self) -> None:
        self.assertEqual(pieces()["seeds"], [True] * 8)

    def test_states_of_the_device_restored_with_the_cpus_or_alone(self) -> None:
        self.assertEqual(pieces()["states"], [True] * 7)

    def test_other_threads_and_processes(self) -> None:
        self.assertEqual(pieces()["threads and processes"], [[0, 2, 4, 6, 8], "15"])

    @needs("torch-2.6", "torch-2.0")
    def test_recorded_stacks_are_the_programs(self) -> None:
        """Of segments, blocks, their history and the trace, as each version has them."""
        code = """
import json, torch
record = torch.cuda.memory._record_memory_history
record(True, trace_alloc_max_entries=1000, trace_alloc_record_context=True) if torch.__version__ < "2.1" else record(stacks="python")
def step():
    x = torch.randn(50, 50, device="cuda", requires_grad=True)
    y = torch.nn.functional.dropout(x @ x).softmax(0)
    return y[y > 0.001].sum()
step().backward()
found = []
def look(value):
    if isinstance(value, dict):
        found.append(value["filename"]) if "filename" in value else [look(v) for v in value.values()]
    elif isinstance(value, (list, tuple)):
        for v in value: look(v)
look(torch.cuda.memory._snapshot())
print(json.dumps([len(found), sorted(set(found))]))
"""
        for venv in TORCHES:
            with self.subTest(venv):
                count, files = result(venv, code)
                self.assertGreater(count, 50)
                self.assertTrue(any(file.endswith("<string>") for file in files), files)
                self.assertEqual([file for file in files if "standin" in file or file.endswith("torch/_ops.py")], [])

    def test_no_limit_that_is_none(self) -> None:
        done = computed("torch-current", "many", ["-c", "pass"])
        self.assertEqual(done.returncode, 2)
        self.assertIn("values are on, off, all or a number of elements, not 'many'", done.stderr)


@needs("torch-current")
class OurTrainer(Scratch):
    def returns(self, device: str, updates: int) -> List[Any]:
        words = ["--episodes", str(updates), "--envs", "4", "--steps", "64", "--seed", "3", "--device", device, "--quiet", "--runs", str(self.runs), "--run-id", device.replace(":", "-")]
        done = computed("torch-current", "on", ["-m", "esper_telemetry.ppo", *words])
        self.assertEqual(done.returncode, 0, done.stderr[-2000:])
        events = [json.loads(line) for line in (self.runs / device.replace(":", "-") / "events-0.jsonl").read_text().splitlines()]
        made = [event["data"] for event in events if event["type"] == "PPO_UPDATE_COMPLETED"]
        self.assertEqual(len(made), updates)
        if device != "cpu":
            self.assertEqual(made[-1]["memory"][0]["device"], "standin:0")
            self.assertGreater(made[-1]["memory"][0]["peakAllocatedBytes"], 0)
        return [(update["rollout"]["episodicReturn"], update["loss"]["value"]) for update in made]

    def test_learns_on_the_device_as_on_the_cpu(self) -> None:
        """``cuda`` is what its help offers, without an index."""
        here = self.returns("cpu", 12)
        for device, updates in (("cuda", 12), ("cuda:0", 1)):
            there = self.returns(device, updates)
            # The device samples with a generator of its own: equal seeds draw the same.
            self.assertEqual([a for a, _ in here[:updates]], [a for a, _ in there])
            for (_, a), (_, b) in zip(here, there):
                self.assertAlmostEqual(a, b, delta=abs(a) * 1e-3 + 1e-6)


if __name__ == "__main__":
    unittest.main()
