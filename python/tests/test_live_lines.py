"""Which lines hold memory: blocks summed by line, and what was held when most was. Without torch."""

from __future__ import annotations

import json
import random
import sys
import types
import unittest
from typing import Any, Dict, List
from unittest import mock

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
        line, stack, within = shortener.stack(frames)
        self.assertEqual(line, "nets/policy.py:12 work")
        self.assertEqual(stack, ("torch/nn/modules/module.py:7 forward", "nets/policy.py:12 work", "train.py:88 update"))
        self.assertIsNone(within)

    def test_a_cell_has_its_number(self) -> None:
        kernel, prompt = "/tmp/ipykernel_77/1629385586.py", "<ipython-input-12-6f2b1c0a9e3d>"
        names = {kernel: ("Cell", "In[3]")}
        shell = types.SimpleNamespace(compile=types.SimpleNamespace(format_code_name=names.get))
        ipython = types.ModuleType("IPython")
        ipython.get_ipython = lambda: shell  # type: ignore[attr-defined]
        line = lambda path: Shortener(ROOT).stack([frame(TORCH, 7, "forward"), frame(path, 3, "step")])[0]  # noqa: E731
        with mock.patch.dict(sys.modules, {"IPython": ipython}):
            self.assertEqual(line(kernel), "In[3]:3 step")
            self.assertEqual(line("/tmp/ipykernel_77/99.py"), "ipykernel_77/99.py:3 step")
            self.assertEqual(line("/home/me/ipykernel_77/cells.py"), "ipykernel_77/cells.py:3 step")
        self.assertEqual(line(kernel), "ipykernel_77/1629385586.py:3 step")  # outside of the kernel nobody knows
        self.assertEqual(line(prompt), "In[12]:3 step")

    def test_code_without_a_file_is_the_program_where_it_is_what_runs(self) -> None:
        line = lambda path: Shortener(ROOT).stack([frame(TORCH, 7, "forward"), frame(path, 3)])[0]  # noqa: E731
        torch = "torch/nn/modules/module.py:7 forward"
        self.assertEqual(line("<stdin>"), "<stdin>:3 work")
        for path in ("<string>", "<frozen runpy>", "<eval_with_key>.7", "<__array_function__ internals>"):
            self.assertEqual(line(path), torch)
        with mock.patch.object(sys, "argv", ["-c"]):
            self.assertEqual(line("<string>"), "<string>:3 work")
            self.assertEqual(line("<frozen runpy>"), torch)

    def test_within_a_line_is_the_innermost_of_a_library_that_is_not_torch_s(self) -> None:
        packages = "/opt/venv/lib/python3.11/site-packages"
        model = frame(f"{packages}/transformers/activations.py", 66, "forward")
        trainer = frame(f"{packages}/transformers/trainer.py", 2000, "step")
        standard = frame("/usr/lib/python3.11/contextlib.py", 81, "inner")
        own, other = frame(f"{ROOT}/train.py", 14), frame(f"{ROOT}/nets.py", 3)
        within = lambda *frames: Shortener(ROOT).stack(frames)[2]  # noqa: E731
        self.assertEqual(within(frame(TORCH, 7), model, frame(TORCH, 9), trainer, own), "transformers/activations.py:66 forward")
        self.assertEqual(within(standard, frame("<frozen importlib>", 4), trainer, own), "transformers/trainer.py:2000 step")
        # A part of the program that a library calls is the line itself.
        self.assertIsNone(within(frame(TORCH, 7), other, trainer, own))
        self.assertIsNone(within(frame(TORCH, 7), own))
        for without in ([model], [frame(TORCH, 7), model]):  # no line of the program's: nothing is within it
            self.assertIsNone(within(*without))
        blocks = [LiveBlock(0, 10, [model, own]), LiveBlock(0, 20, [trainer, own]), LiveBlock(0, 5, [model, own]), LiveBlock(0, 7, [own]), LiveBlock(0, 3, [model, other])]
        lines = lines_payload(read_lines(blocks, ROOT)[0], None)["lines"]
        self.assertEqual(lines[0]["within"], [{"line": "transformers/trainer.py:2000 step", "bytes": 20}, {"line": "transformers/activations.py:66 forward", "bytes": 15}])
        self.assertNotIn("within", lines[1], "it holds too little to look into")

    def test_without_a_frame_of_the_program_it_is_the_innermost_of_python(self) -> None:
        self.assertEqual(Shortener(ROOT).stack([frame(TORCH, 7, "forward")])[0], "torch/nn/modules/module.py:7 forward")

    def test_frames_of_the_stand_in_device_and_of_c_plus_plus_are_none(self) -> None:
        own = frame("/opt/esper_telemetry/standin/values/run.py", 3)
        self.assertEqual(Shortener(ROOT).stack([own, frame("??", 0, "at::empty"), frame("/opt/torch/lib/libtorch_cpu.so", 41563229, "at::empty"), frame(f"{ROOT}/train.py", 4)])[1], ("train.py:4 work",))
        self.assertEqual(Shortener(ROOT).stack([own]), (NO_LINE, (), None))

    def test_what_torch_compiled_is_named_by_nothing_of_its_own(self) -> None:
        compiled = frame(f"/tmp/torchinductor_me/fr/c{'frxti2bxi7b' * 4}4nkyypl.py", 344, "call")
        torch = frame("/opt/venv/lib/python3.11/site-packages/torch/_inductor/output_code.py", 7, "__call__")
        shortener = Shortener(ROOT)
        line, _, within = shortener.stack([compiled, torch, frame(TORCH, 9), frame(f"{ROOT}/train.py", 7)])
        self.assertEqual((line, within), ("train.py:7 work", None))
        self.assertEqual(shortener.stack([compiled, torch])[0], NO_LINE)

    def test_what_was_made_at_run_time_is_of_a_library(self) -> None:
        compiled = "nd/cndvpxdjd3fl5b7z3v6npuqbojkah6jp7n4i2hrf4b7ctvnu6dx3.py"
        written = "torch_geometric.nn.conv.gat_conv_GATConv_propagate_k_tz9fdn.py"
        for path in (f"/tmp/torchinductor_me/{compiled}", f"/scratch/cache/{compiled}", f"/tmp/{written}", f"/var/folders/x/T/{written}", f"C:\\Local\\Temp\\{written}"):
            self.assertEqual(Shortener(ROOT).stack([frame(path, 1673, "call"), frame(f"{ROOT}/train.py", 4)])[0], "train.py:4 work")
        for own in ("nd/conv.py", "tmp/train_resnet50.py", "train.v2_resnet50.py"):
            self.assertEqual(Shortener(ROOT).stack([frame(f"{ROOT}/{own}", 4), frame(f"{ROOT}/train.py", 4)])[0], f"{own}:4 work")

    def test_folders_outside_the_program_are_not_told(self) -> None:
        line, _, _ = Shortener(ROOT).stack([frame("/home/somebody/secret/shared/tools.py", 3)])
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


if __name__ == "__main__":
    unittest.main()
