"""Public recordings of real GPUs, made again on the stand-in device: each event the same, peak and reserved to the byte.

Three of the nine; ``python bench/standin/recordings.py`` makes all.
"""

from __future__ import annotations

import subprocess
import sys
import unittest

from material import needs_material
from on_standin import environment, needs
from scratch import PACKAGE

SCRIPT = PACKAGE.parent / "bench" / "standin" / "recordings.py"


@needs_material("standin/CALIBRATION.md")
@needs_material("traces/medium-512-training.json.gz")
class Recordings(unittest.TestCase):
    def again(self, name: str) -> None:
        done = subprocess.run(
            [sys.executable, str(SCRIPT), name],
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            timeout=600,
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        row = done.stdout.strip().splitlines()[-1]
        self.assertEqual(row.count(" exact"), 3, row)
        self.assertIn("each the same", row)

    @needs("torch-2.6")
    def test_attention_from_the_first_segment(self) -> None:
        self.again("attention")

    @needs("torch-2.11")
    def test_inference(self) -> None:
        self.again("inference 128")

    @needs("torch-2.11")
    def test_a_training_step_in_mixed_precision(self) -> None:
        self.again("training 512")


if __name__ == "__main__":
    unittest.main()
