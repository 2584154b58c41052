"""Which lines go on by a value that they read."""

from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

import scratch  # noqa: F401

from esper_telemetry.standin.values.decisions import decides

#: Lines with `# yes` go on by what they read, those with `# no` do not.
SOURCE = """
import torch
def train(loss, mask, scores, labels, history):
    print("loss", loss.item())  # no
    history.append(loss.item())  # no
    history["loss"] = loss.item()  # no
    history[f"step {loss.item():.3f}"] = 1  # no
    total = 0.0
    total += loss.item()  # no
    correct = (scores.argmax(1) == labels).sum().item()  # no
    print(correct / len(labels), total)
    if loss.item() > 0.5:  # yes
        pass
    if mask.any():  # yes
        pass
    while loss > 3:  # yes
        loss = loss / 2
    assert loss > 0  # yes
    if torch.isnan(loss) or torch.isinf(loss):  # no
        pass
    if loss.isfinite().all():  # no
        pass
    length = int(labels.max())  # yes
    part = scores[:length]
    count = labels.sum().item()  # yes
    buffer = torch.empty(count, 4)
    direct = torch.zeros(labels.max().item() + 1)  # yes
    for _ in range(labels.max()):  # no
        pass
    for _ in range(int(labels.max())):  # yes
        pass
    good = loss.item() < 4  # yes
    kept = [score for score in scores if score > 0]  # yes
    choice = 1 if mask[0].item() else 2  # yes
    norm = loss.item() if isinstance(loss, torch.Tensor) else loss  # no
    def report(count):
        return count > 3
    shown = loss.item()  # no
    def inner(shown):
        if shown > 3:
            return labels.max().item()  # no
    return part, buffer, direct, good, kept, choice, report, inner, shown
"""


class Decisions(unittest.TestCase):
    def test_each_line(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "train.py"
            path.write_text(SOURCE, encoding="utf-8")
            for number, line in enumerate(SOURCE.split("\n"), 1):
                if line.endswith(("# yes", "# no")):
                    with self.subTest(line=line.strip()):
                        self.assertEqual(decides(str(path), number), line.endswith("# yes"))

    def test_without_a_source(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            broken = Path(folder) / "broken.py"
            broken.write_text("if (:\n", encoding="utf-8")
            for path in ("/nowhere.py", "<stdin>", str(broken)):
                self.assertFalse(decides(path, 1))


if __name__ == "__main__":
    unittest.main()
