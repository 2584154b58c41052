"""Telemetry never harms the training: odd values, odd arguments, signals and endings cost themselves and no more."""

from __future__ import annotations

import argparse
import contextlib
import functools
import gc
import io
import itertools
import json
import os
import signal
import time
import unittest
from dataclasses import dataclass
from typing import Any, Dict, List
from unittest.mock import patch

from scratch import Scratch, events_in, python

import esper_telemetry as esper
from esper_telemetry import failures, log_writer
from esper_telemetry.events import plain


class Raises:
    """Raises whenever it is looked at."""

    def _no(self, *_: Any) -> Any:
        raise RuntimeError("not readable")

    __str__ = __repr__ = __float__ = __int__ = __bool__ = __len__ = __iter__ = _no

    @property
    def shape(self) -> Any:
        raise RuntimeError("no shape")


class Many:
    """A tensor of several elements, as far as the client can see."""

    shape = (3,)
    ndim = 1

    def __bool__(self) -> bool:
        raise RuntimeError("Boolean value of Tensor with more than one value is ambiguous")

    def __float__(self) -> float:
        raise RuntimeError("only one element tensors can be converted")

    def __str__(self) -> str:
        return "tensor([1, 2, 3])"


class Key(Raises):
    __hash__ = object.__hash__


def deep(levels: int) -> List[Any]:
    value: List[Any] = []
    for _ in range(levels):
        value = [value]
    return value


def circle() -> Dict[str, Any]:
    value: Dict[str, Any] = {}
    value["again"] = value
    return value


ODD: Dict[str, Any] = {
    "raises": Raises(), "many": Many(), "huge": 10**400, "longer": 10**5000, "negative": -(10**400), "nan": float("nan"), "inf": float("inf"),
    "word": "word", "bytes": b"\xff", "surrogate": "\ud800", "nul": "a\0b", "deep": deep(5000), "circle": circle(), "list": [1] * 200_000,
    "object": object(), "type": int, "none": None, "complex": 1j, "set": {1, "a"}, "keys": {Key(): 1, 2: Raises()}, "generator": (i for i in "ab"),
}  # fmt: skip


class Quiet(Scratch):
    def setUp(self) -> None:
        super().setUp()
        self.stderr = io.StringIO()
        redirected = contextlib.redirect_stderr(self.stderr)
        redirected.__enter__()
        self.addCleanup(redirected.__exit__, None, None, None)

    def start(self, **options: Any) -> esper.Run:
        return esper.start("odd", runs=self.runs, **{"sample_host": 0, "sample_driver": 0, **options})


class Values(Quiet):
    def test_an_odd_figure_costs_itself(self) -> None:
        for name, value in ODD.items():
            with self.subTest(name), self.start() as run:
                run.ppo_update(batch=1, policy_loss=0.5, value_loss=value, early_stopped=value, epochs=value, update_ms=value, anything=value)
                run.step(step=1, loss=0.5, grad_norm=value, step_ms=value, anything=value)
                run.memory(value, when=value, role=value)
                assert run.path is not None
                events = events_in(run.path / "events-0.jsonl")
                self.assertEqual([e["type"] for e in events[1:]], ["PPO_UPDATE_COMPLETED", "STEP_COMPLETED", "MEMORY_SAMPLED"])
                self.assertEqual(events[1]["data"]["loss"]["policy"], 0.5)
                self.assertEqual(events[2]["data"]["loss"], 0.5)

    def test_an_odd_number_of_an_update_is_counted_and_the_update_counted_on(self) -> None:
        for odd in (float("nan"), float("inf"), "word", -1, 10**400, 1.5, Raises(), Many(), 2**53):
            with self.subTest(type(odd).__name__), self.start() as run:
                run.ppo_update(batch=7)
                run.ppo_update(batch=odd, value_loss=0.25)
                run.step(step=odd, loss=0.25)
                run.checkpoint("x", batch=odd)
                self.assertEqual(run.failures, 3)
                assert run.path is not None
                _, first, second, step, saved = events_in(run.path / "events-0.jsonl")
                self.assertEqual((first["data"]["batch"], second["data"]["batch"], step["data"]["step"], saved["data"]["batch"]), (7, 8, 1, 8))
                self.assertEqual((second["data"]["loss"]["value"], step["data"]["loss"]), (0.25, 0.25))

    def test_a_number_of_another_library_is_one(self) -> None:
        class One:
            shape = ()

            def __float__(self) -> float:
                return 3.0

            def item(self) -> int:
                return 3

        with self.start() as run:
            run.ppo_update(batch=One(), early_stopped=One())
            self.assertEqual(run.failures, 0)
        self.assertEqual((self.only_events()[1]["data"]["batch"], self.only_events()[1]["data"]["policy"]["earlyStopped"]), (3, True))

    def test_plain_never_raises_and_is_bounded(self) -> None:
        for name, value in ODD.items():
            with self.subTest(name):
                text = json.dumps(plain({"value": value, "beside": 1}), allow_nan=False)
                self.assertLess(len(text), 1_000_000)
                if name not in ("list",):
                    self.assertIn('"beside": 1', text)


class Arguments(Quiet):
    def test_an_odd_argument_costs_itself(self) -> None:
        odd: List[Dict[str, Any]] = [
            {"config": Raises()}, {"config": 3}, {"config": "lr=1"},
            {"config": circle()}, {"config": deep(5000)}, {"sample_host": None, "sample_driver": None},
            {"sample_host": "often", "sample_driver": float("nan")}, {"devices": ["cuda:x"]}, {"devices": [Raises()]}, {"devices": 1.5},
            {"devices": Raises()}, {"rank": "x"}, {"rank": Raises()}, {"rank": float("nan")}, {"rank": -3}, {"rank": 10**9}, {"rank": 10**400}, {"world_size": "many"},
            {"world_size": 10**30}, {"devices": itertools.count()}, {"devices": range(10**12)}, {"attribution": Raises()},
            {"world_size": None}, {"algorithm": Raises()}, {"task": 3}, {"device": Raises()}, {"max_batches": Raises()}, {"max_steps": -1},
            {"reset_peaks": Many()}, {"name": Raises()}, {"name": None}, {"name": "\ud800/../\0"}, {"run_id": Raises()}, {"run_id": 7},
        ]  # fmt: skip
        for options in odd:
            with self.subTest(str(list(options.items())[0][0]) + " " + type(list(options.values())[0]).__name__):
                arguments: Dict[str, Any] = {"runs": self.runs, "sample_host": 0, "sample_driver": 0, "name": "odd", **options}
                with esper.start(arguments.pop("name"), **arguments) as run:
                    run.ppo_update(batch=1, value_loss=0.5)
                assert run.path is not None, self.stderr.getvalue()
                log = run.path / "events-0.jsonl"
                events = [e for e in events_in(log) if e["type"] in ("TRAINING_STARTED", "PPO_UPDATE_COMPLETED", "TRAINING_COMPLETED")]
                self.assertEqual([e["type"] for e in events[:2]], ["TRAINING_STARTED", "PPO_UPDATE_COMPLETED"])

    def test_settings_are_kept_in_many_ways(self) -> None:
        @dataclass
        class Settings:
            lr: float = 0.5

        for config in (argparse.Namespace(lr=0.5), Settings(), [("lr", 0.5)], {"lr": 0.5}, {"lr": 0.5}.items()):
            with self.subTest(type(config).__name__):
                with self.start(config=config) as run:
                    self.assertEqual(run.failures, 0)
                assert run.path is not None
                self.assertEqual(events_in(run.path / "events-0.jsonl")[0]["data"]["config"], {"lr": 0.5})
                self.assertEqual(json.loads((run.path / "run.json").read_text())["config"], {"lr": 0.5})
        with self.start(config={"bad": Raises(), "lr": 0.5}) as run:
            self.assertEqual(run.failures, 1)
        assert run.path is not None
        self.assertEqual(events_in(run.path / "events-0.jsonl")[0]["data"]["config"], {"bad": None, "lr": 0.5})

    def test_a_folder_that_is_none_falls_back_to_the_default(self) -> None:
        with patch.dict(os.environ, {"ESPER_RUNS": str(self.runs)}):
            for runs in (123, b"", "", Raises(), 1.5, [], "\0"):
                with self.subTest(repr(type(runs))):
                    with esper.start("x", runs=runs, sample_host=0, sample_driver=0) as run:  # type: ignore[arg-type]
                        run.ppo_update(batch=1)
                    self.assertTrue(run.failures)
                    if runs != "\0":
                        assert run.path is not None
                        self.assertEqual(run.path.parent, self.runs)

    def test_no_argv_and_no_stderr(self) -> None:
        script = f"""
import sys
del sys.argv
sys.stderr = None
import esper_telemetry as esper
with esper.start("bare", runs={str(self.runs)!r}, rank="x", sample_host=0, sample_driver=0) as run:
    run.ppo_update(batch=1)
assert run.failures == 1, run.failures
print("trained")
"""
        done = python(script)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "trained\n", ""))
        self.assertEqual(len(self.only_events()), 3)


class OwnTimeout(Exception):
    pass


class Signals(Quiet):
    """An exception that a handler raises is the program's own, wherever it strikes."""

    def strikes(self, handler: Any, within: Any) -> int:
        """How often it came through, of 300 alarms that struck within calls or between them."""

        # By itself: between two rounds of a loop, Python 3.13 leaves the try block that stands around it.
        def strike() -> None:
            signal.setitimer(signal.ITIMER_REAL, 0.0002)
            until = time.monotonic() + 5
            while time.monotonic() < until:
                within()

        raised = 0
        before = signal.signal(signal.SIGALRM, handler)
        # What is raised within a weak reference's callback, as a collection calls them, Python itself drops.
        gc.collect()
        gc.disable()
        try:
            for _ in range(300):
                try:
                    strike()
                except OwnTimeout:
                    raised += 1
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
            gc.enable()
        return raised

    def test_every_one_passes_and_the_run_goes_on(self) -> None:
        def plainly(number: int, frame: Any) -> None:
            raise OwnTimeout

        class Called:
            def __call__(self, number: int, frame: Any) -> None:
                self.inner()

            def inner(self) -> None:
                raise OwnTimeout

            def method(self, number: int, frame: Any) -> None:
                raise OwnTimeout

        handlers = (plainly, functools.partial(lambda extra, number, frame: plainly(number, frame), 1), Called(), Called().method)
        for handler in handlers:
            with self.subTest(str(handler)), self.start() as run:
                raised = self.strikes(handler, lambda: run.ppo_update(policy_loss=0.5, value_loss=1, deep={"a": [1, 2, {"b": 0.5}]}))
                self.assertEqual(raised, 300)
                run.ppo_update(policy_loss=0.75)
                assert run.path is not None
                last = events_in(run.path / "events-0.jsonl")[-1]
                self.assertEqual(last["data"]["loss"]["policy"], 0.75)

    def test_a_value_that_raises_is_not_mistaken_for_a_handler(self) -> None:
        with self.start() as run:
            run.ppo_update(value_loss=Raises(), other=Raises())
            self.assertEqual(run.failures, 2)


class Endings(Scratch):
    def ends(self, body: str) -> Dict[str, Any]:
        done = python(f"import sys\nimport esper_telemetry as esper\nrun = esper.start('x', runs={str(self.runs)!r}, run_id='{len(os.listdir(self.runs)) if self.runs.exists() else 0}', sample_host=0, sample_driver=0)\n{body}")
        self.code = done.returncode
        newest = max(self.runs.iterdir(), key=lambda path: int(path.name))
        last = events_in(newest / "events-0.jsonl")[-1]
        return {"type": last["type"], **last["data"]}

    def test_sys_exit_with_a_code_is_a_failure_and_without_one_none(self) -> None:
        for body, code, kind in (
            ("sys.exit(3)", 3, "TRAINING_FAILED"),
            ("sys.exit('no data')", 1, "TRAINING_FAILED"),
            ("from sys import exit\nexit(2)", 2, "TRAINING_FAILED"),
            ("with run:\n  sys.exit(3)", 3, "TRAINING_FAILED"),
            ("import pickle\ntry:\n  sys.exit(3)\nexcept SystemExit as e:\n  raise pickle.loads(pickle.dumps(e))", 3, "TRAINING_FAILED"),
            ("def main():\n  sys.exit(4)\nmain()", 4, "TRAINING_FAILED"),
            ("sys.exit()", 0, "TRAINING_COMPLETED"),
            ("sys.exit(0)", 0, "TRAINING_COMPLETED"),
            ("try:\n  sys.exit(3)\nexcept SystemExit:\n  pass", 0, "TRAINING_COMPLETED"),
            ("try:\n  sys.exit(3)\nexcept SystemExit as e:\n  kept = e", 0, "TRAINING_COMPLETED"),
            ("try:\n  sys.exit(3)\nexcept BaseException:\n  raise", 3, "TRAINING_FAILED"),
            ("import argparse\nargparse.ArgumentParser().parse_args(['--nope'])", 2, "TRAINING_FAILED"),
            ("raise ValueError('bad')", 1, "TRAINING_FAILED"),
            ("import threading\nt = threading.Thread(target=lambda: sys.exit(3))\nt.start(); t.join()", 0, "TRAINING_COMPLETED"),
        ):
            with self.subTest(body):
                ended = self.ends(body)
                self.assertEqual((self.code, ended["type"]), (code, kind))
                if "3" in body and kind == "TRAINING_FAILED":
                    self.assertEqual((ended["errorType"], ended["message"]), ("SystemExit", "3"))


class Handlers(unittest.TestCase):
    def test_an_error_without_a_trace_is_nobodys(self) -> None:
        self.assertFalse(failures.from_signal_handler(ValueError()))
        self.assertTrue(log_writer.MAX_LINE_BYTES)


if __name__ == "__main__":
    unittest.main()
