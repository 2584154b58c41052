"""Which lines go on by a value that they read."""

from __future__ import annotations

import sys
import tempfile
import unittest
from pathlib import Path
from typing import List

import scratch  # noqa: F401

from esper_telemetry.standin.values.decisions import Place, decides, place_of

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
    kept = [score for score in scores if score.item() > 0]  # yes
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


class Value:
    """As a tensor whose value is looked at."""

    count = 0

    def __init__(self, path: str):
        self._path = path
        self.decided: List[bool] = []

    def read(self) -> int:
        self.decided.append(decides(self._path, place_of(sys._getframe(1))))
        return 0

    def __bool__(self) -> bool:
        self.decided.append(decides(self._path, place_of(sys._getframe(1))))
        return False


class Decisions(unittest.TestCase):
    def test_each_line(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "train.py"
            path.write_text(SOURCE, encoding="utf-8")
            for number, line in enumerate(SOURCE.split("\n"), 1):
                if line.endswith(("# yes", "# no")):
                    with self.subTest(line=line.strip()):
                        self.assertEqual(decides(str(path), Place((number, 0), (number, 0), False)), line.endswith("# yes"))

    @unittest.skipIf(sys.version_info < (3, 11), "before Python 3.11 a frame knows its line alone")
    def test_the_expression_decides_and_not_what_else_is_in_its_line(self) -> None:
        lines = [
            ("if len(rows) < 4: rows.append(read())", False),
            ("if read() < 4: rows.append(1)", True),
            ("if value: pass", True),
            ("shown = read() if rows is None or len(rows) < 9 else 0", False),
            ("shown = 1 if value else 2", True),
            ("while value: pass", True),
            ("kept = [row for row in [1] if value]", True),
            ("str(value and 3)", True),
            ("str(read())", False),
            ("assert not value", True),
            ("equal = str(rows == value.count).count(str(read()))", False),
            ("n = read(); rows.append(rows[:n])", True),
            ("m = len(rows); k = read(); rows.append(rows[:m])", False),
        ]
        for line, expected in lines:
            with self.subTest(line=line), tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "train.py"
                path.write_text(line, encoding="utf-8")
                value = Value(str(path))
                exec(compile(line, str(path), "exec"), {"rows": [], "read": value.read, "value": value})
                self.assertEqual(value.decided, [expected])

    def test_without_a_source(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            broken = Path(folder) / "broken.py"
            broken.write_text("if (:\n", encoding="utf-8")
            for path in ("/nowhere.py", "<stdin>", str(broken)):
                self.assertFalse(decides(path, Place((1, 0), (1, 0), False)))


if __name__ == "__main__":
    unittest.main()
