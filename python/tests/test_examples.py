"""The examples run: what needs CUDA reports that, the loops of the recordings stay within their budget."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import types
import unittest
from typing import Any

from scratch import PACKAGE, Scratch, environment

EXAMPLES = PACKAGE.parent / "examples"
HAS_TORCH = importlib.util.find_spec("torch") is not None
MIB = 2**20


def has_cuda() -> bool:
    if not HAS_TORCH:
        return False
    import torch

    return bool(torch.cuda.is_available())


class Blocks:
    """Counts the bytes of the tensors that are alive."""

    def __init__(self) -> None:
        self.now = self.peak = 0

    def __call__(self, torch: Any, device: Any, size: int) -> Any:
        blocks = self
        blocks.now += size
        blocks.peak = max(blocks.peak, blocks.now)

        class Block:
            def numel(self) -> int:
                return size // 4

            def __del__(self) -> None:
                blocks.now -= size

        return Block()


@unittest.skipUnless(EXAMPLES.exists(), "the examples are not at hand")
class Examples(Scratch):
    def run_it(self, name: str, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, str(EXAMPLES / name), *words],
            env=environment({"ESPER_RUNS": str(self.runs)}), capture_output=True, text=True, timeout=300,
        )  # fmt: skip

    @unittest.skipIf(has_cuda(), "there is a CUDA device: python3 examples/gpu_check.py")
    def test_recording_without_cuda_says_so_in_one_sentence(self) -> None:
        done = self.run_it("gpu_check.py", "--out", str(self.runs))
        self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (1, "", 1), done.stderr)
        self.assertTrue(done.stderr.startswith("esper: nothing can be recorded here: "))
        self.assertFalse(self.runs.exists())

    def test_the_loops_do_what_they_are_named_after(self) -> None:
        record: Any = types.ModuleType("gpu_check")
        record.__file__ = str(EXAMPLES / "gpu_check.py")
        exec(compile((EXAMPLES / "gpu_check.py").read_text(), "gpu_check.py", "exec"), record.__dict__)
        budget, peaks = 2048 * MIB, {}  # type: int, Dict[str, List[int]]
        for name, loop in record.LOOPS.items():
            blocks, state = Blocks(), {}  # type: Blocks, Dict[str, Any]
            record.block = blocks
            peaks[name] = []
            for step in range(1, record.STEPS + 1):
                blocks.peak = blocks.now
                loop(None, None, budget, step, state)
                peaks[name].append(blocks.peak)
        share = {name: [peak / budget for peak in found] for name, found in peaks.items()}
        self.assertAlmostEqual(max(share["steady"]), 0.625, 2)
        self.assertEqual(share["leak"], sorted(share["leak"]))
        self.assertGreater(share["leak"][-1] - share["leak"][0], 0.2)
        self.assertEqual([s for s, peak in enumerate(share["spike"], 1) if peak > 0.7], [15, 30, 45, 60])
        self.assertGreater(min(share["fragment"][5:]), 0.1)
        self.assertGreater(share["wall"][-1], 1.0)
        for name, found in share.items():
            self.assertLess(max(found[:-1] if name == "wall" else found), 0.96, name)

    @unittest.skipUnless(HAS_TORCH, f"{sys.executable} has no torch")
    def test_a_script_in_the_form_of_cleanrl(self) -> None:
        done = self.run_it("cleanrl_style.py", "--num-updates", "2", "--num-steps", "32")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        updates = [e["data"] for e in self.only_events() if e["type"] == "PPO_UPDATE_COMPLETED"]
        self.assertEqual([u["rollout"]["totalSteps"] for u in updates], [128, 256])
        self.assertTrue(all(u["loss"]["policy"] is not None for u in updates))


if __name__ == "__main__":
    unittest.main()
