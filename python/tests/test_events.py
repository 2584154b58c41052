"""Values of every kind that callers pass, as the wire carries them."""

from __future__ import annotations

import json
import math
import unittest
from decimal import Decimal
from typing import Any

import scratch  # noqa: F401  (finds the package)

from esper_telemetry.events import Values, count, duration, encode, figure, plain, quantity

NAN, INF = math.nan, math.inf


class Scalar:
    """A tensor or numpy scalar: no float, but float() reads it."""

    shape = ()
    ndim = 0

    def __init__(self, value: float, device: str = "cpu"):
        self._value = value
        self.device = type("device", (), {"type": device})()

    def __float__(self) -> float:
        return float(self._value)

    def item(self) -> float:
        return self._value


class Kinds(unittest.TestCase):
    def test_figures_that_diverged_travel_by_name(self) -> None:
        self.assertEqual([figure(x) for x in (0.5, 3, NAN, INF, -INF)], [0.5, 3, "NaN", "Infinity", "-Infinity"])

    def test_other_kinds_know_no_names(self) -> None:
        self.assertEqual([quantity(x) for x in (-0.5, NAN, INF)], [-0.5, None, None])
        self.assertEqual([duration(x) for x in (0.0, 12.5, -1.0, NAN)], [0.0, 12.5, None, None])
        self.assertEqual([count(x) for x in (0, 3.0, 3.5, -1, 2**53, NAN)], [0, 3, None, None, None, None])


class Reading(unittest.TestCase):
    def test_anything_that_is_a_number(self) -> None:
        values = Values()
        for value in (0.25, Scalar(0.25), Decimal("0.25")):
            self.assertEqual(values.read("x", value, figure), 0.25)
        self.assertEqual(values.read("x", True, count), 1)
        self.assertIsNone(values.read("x", None, figure))
        self.assertEqual((values.refused, values.waited), ([], []))

    def test_what_is_none_is_named(self) -> None:
        values = Values()
        for value in ("0.25", [1, 2], object(), 10**400):
            self.assertIsNone(values.read("policy_loss", value, figure))
        self.assertEqual([name for name, _ in values.refused], ["policy_loss"] * 4)

    def test_a_tensor_on_a_device_is_read_and_named(self) -> None:
        values = Values()
        self.assertEqual(values.read("policy_loss", Scalar(0.5, "cuda"), figure), 0.5)
        self.assertEqual(values.any("aux", Scalar(0.5, "cuda")), 0.5)
        self.assertEqual(values.waited, ["policy_loss", "aux"])


class Plain(unittest.TestCase):
    def test_config_of_any_kind_becomes_json(self) -> None:
        loop: Any = {}
        loop["self"] = loop
        found = plain({"a": (1, {2.5}), "b": NAN, 3: Scalar(7), "c": object, "d": None, "e": loop})
        self.assertEqual({k: found[k] for k in "abcd"}, {"a": [1, [2.5]], "b": "NaN", "c": "<class 'object'>", "d": None})
        self.assertEqual(found["3"], 7)
        json.loads(json.dumps(found, allow_nan=False))

    def test_encoding_never_leaves_json(self) -> None:
        for value in ({"x": NAN}, {"x": {1: INF}}, {"x": object()}, {"x": "\ud800"}, {"x": b"\xff"}, {(1, 2): 3}):
            json.loads(encode(value).encode("utf-8", "replace"))


if __name__ == "__main__":
    unittest.main()
