"""The place that raised an error, by its traceback."""

from __future__ import annotations

import types
import unittest
from typing import Any, Callable, Dict
from unittest import mock

from esper_telemetry import raised
from esper_telemetry.raised import place_of, shown_by

LIBRARY = "/v/lib/python3.11/site-packages/torch/nn/functional.py"
DEVICE = "/v/python/esper_telemetry/standin/values/kinds.py"


def calling(file: str, name: str, lines_before: int, inner: Callable[[], None]) -> Callable[[], None]:
    """A function of that file whose line after so many calls ``inner``."""
    scope: Dict[str, Any] = {"inner": inner}
    exec(compile("\n" * lines_before + f"def {name}():\n    inner()\n", file, "exec"), scope)
    made: Callable[[], None] = scope[name]
    return made


class Place(unittest.TestCase):
    def place(self, *frames: "tuple[str, str, int]") -> "str | None":
        return place_of(self.raised(*frames))

    def raised(self, *frames: "tuple[str, str, int]") -> BaseException:
        """An error that the last of these frames raises."""
        file, name, before = frames[-1]
        scope: Dict[str, Any] = {}
        exec(compile("\n" * before + f"def {name}():\n    raise ValueError('bad')\n", file, "exec"), scope)
        call: Callable[[], None] = scope[name]
        for file, name, before in reversed(frames[:-1]):
            call = calling(file, name, before, call)
        try:
            call()
        except ValueError as error:
            trace = error.__traceback__
            assert trace is not None
            return error.with_traceback(trace.tb_next)
        raise AssertionError

    def test_the_program_s_innermost_and_the_library_s_within_it(self) -> None:
        own = ("/w/project/train.py", "step", 10)
        model = ("/w/project/model.py", "forward", 3)
        library = (LIBRARY, "linear", 7)
        self.assertEqual(self.place(own), "project/train.py, line 12, in step")
        self.assertEqual(self.place(own, model), "project/model.py, line 5, in forward")
        within = "project/model.py, line 5, in forward (within torch/nn/functional.py, line 9, in linear)"
        self.assertEqual(self.place(own, model, library), within)
        self.assertEqual(self.place(own, library, model), "project/model.py, line 5, in forward")

    def test_a_library_alone(self) -> None:
        self.assertEqual(self.place((LIBRARY, "linear", 7)), "torch/nn/functional.py, line 9, in linear")

    def test_the_stand_in_device_is_no_part_of_the_program(self) -> None:
        self.assertEqual(self.place(("/w/project/train.py", "step", 0), (DEVICE, "run", 5)), "project/train.py, line 2, in step")
        self.assertIsNone(self.place((DEVICE, "run", 5)))

    def test_an_error_that_was_never_raised(self) -> None:
        self.assertIsNone(place_of(ValueError("bad")))

    def test_an_evaluation_is_one_by_the_names_of_its_frames(self) -> None:
        train, forward = ("/w/train.py", "main", 1), ("/w/nets.py", "forward", 2)
        shown = lambda *names: shown_by(self.raised(train, *((f"/w/{name}.py", name, 3) for name in names), forward))  # noqa: E731
        own = {"program": "evaluation", "pipeline": None, "backend": None}
        for name in ("evaluate", "validate", "val", "run_eval", "validation_step", "eval_epoch", "evaluate_policy", "test_loop", "multi_gpu_test"):
            self.assertEqual(shown(name), own, name)
        for name in ("train_and_evaluate", "test_train", "retrieval", "valuation", "value", "evaluated", "interval", "step"):
            self.assertIsNone(shown(name), name)
        self.assertEqual(shown("evaluate", "backward"), {"program": "training"}, "a step within it")
        trainer = ("/v/lib/python3.11/site-packages/transformers/trainer.py", "evaluation_loop", 9)
        self.assertEqual(shown_by(self.raised(train, trainer, forward)), {**own, "pipeline": "transformers"})
        self.assertIsNone(shown_by(ValueError("never raised")))

    def test_a_process_with_an_optimizer_trains(self) -> None:
        class Optimizer:
            pass

        class Adam(Optimizer):
            pass

        torch = types.SimpleNamespace(optim=types.SimpleNamespace(Optimizer=Optimizer))
        forward = self.raised(("/w/main.py", "forward", 3))
        with mock.patch.object(raised, "torch_module", lambda: torch):
            self.assertIsNone(shown_by(forward))
            optimizer = Adam()
            self.assertEqual(shown_by(forward), {"program": "training"})
            self.assertEqual((shown_by(self.raised(("/w/main.py", "evaluate", 3))) or {})["program"], "evaluation")
            del optimizer

    def test_a_recursion_without_end(self) -> None:
        def again() -> None:
            again()

        try:
            again()
        except RecursionError as error:
            self.assertRegex(str(place_of(error)), r"test_raised\.py, line \d+, in again$")


if __name__ == "__main__":
    unittest.main()
