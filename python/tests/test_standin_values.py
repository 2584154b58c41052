"""Small values on the stand-in device are those of the CPU, with the memory of the device."""

from __future__ import annotations

import json
import unittest
from pathlib import Path
from typing import Any, Dict

import scratch  # noqa: F401  (finds the package)
from on_standin import computed, needs

CASES = Path(__file__).resolve().parent / "standin" / "operator_cases.py"
#: Sizes that hang on values, or what is only decomposed where values are computed: their memory is another without.
OTHER_MEMORY = (
    "index by mask", "index by row mask", "masked_select", "nonzero", "where of one", "unique", "bincount", "repeat_interleave of counts", "one_hot",
    "optimizer LBFGS", "transformer encoder eval", "multinomial", "in place", "scaler finds infinities", "random", "isin", "histc", "svd", "jacobian",
)  # fmt: skip


class Operators(unittest.TestCase):
    def cases(self, venv: str, values: str) -> Dict[str, Any]:
        done = computed(venv, values, [str(CASES)])
        self.assertEqual(done.returncode, 0, done.stderr[-3000:])
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        return {line["name"]: line for line in lines if "name" in line}

    def check(self, venv: str, at_least: int) -> Dict[str, Any]:
        cases = self.cases(venv, "on")
        compared = [name for name, line in cases.items() if "not" not in line]
        self.assertGreater(len(compared), at_least)
        self.assertEqual({name: line["differs"] for name, line in cases.items() if line["differs"]}, {})
        return cases

    @needs("torch-current")
    def test_are_the_cpus_and_their_memory_is_that_without_them(self) -> None:
        cases, without = self.check("torch-current", 260), self.cases("torch-current", "off")
        compared = [name for name in cases if "allocations" in cases[name] and "allocations" in without[name] and not name.startswith(OTHER_MEMORY)]
        self.assertGreater(len(compared), 200)
        # Number and bytes of all that was allocated; peaks hang on when Python lets go.
        differ = {name: (cases[name]["allocations"], without[name]["allocations"]) for name in compared
                  if cases[name]["allocations"][:2] != without[name]["allocations"][:2]}  # fmt: skip
        self.assertEqual(differ, {})

    @needs("torch-2.6")
    def test_of_cuda_12(self) -> None:
        self.check("torch-2.6", 250)

    @needs("torch-2.0")
    def test_of_the_oldest(self) -> None:
        self.check("torch-2.0", 220)


if __name__ == "__main__":
    unittest.main()
