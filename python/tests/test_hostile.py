"""Telemetry never harms the training: odd values, odd arguments, signals, folders and logs cost themselves and no more."""

from __future__ import annotations

import argparse
import contextlib
import functools
import io
import json
import os
import resource
import signal
import time
import unittest
from dataclasses import dataclass
from typing import Any, Dict, List
from unittest.mock import patch

from scratch import Scratch, events_in, python

import esper_telemetry as esper
from esper_telemetry import failures, log_end, log_writer
from esper_telemetry.events import plain
from esper_telemetry.log_end import MAX_LINE_BYTES
from esper_telemetry.whole_file import write_whole


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
            {"devices": Raises()}, {"rank": "x"}, {"rank": Raises()}, {"rank": float("nan")}, {"rank": -3}, {"rank": 10**9}, {"world_size": "many"},
            {"world_size": None}, {"algorithm": Raises()}, {"task": 3}, {"device": Raises()}, {"max_batches": Raises()}, {"max_steps": -1},
            {"reset_peaks": Many()}, {"name": Raises()}, {"name": None}, {"name": "\ud800/../\0"}, {"run_id": Raises()}, {"run_id": 7},
        ]  # fmt: skip
        for options in odd:
            with self.subTest(str(list(options.items())[0][0]) + " " + type(list(options.values())[0]).__name__):
                arguments: Dict[str, Any] = {"runs": self.runs, "sample_host": 0, "sample_driver": 0, "name": "odd", **options}
                with esper.start(arguments.pop("name"), **arguments) as run:
                    run.ppo_update(batch=1, value_loss=0.5)
                assert run.path is not None, self.stderr.getvalue()
                (log,) = run.path.glob("events-*.jsonl")
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
        raised = 0
        before = signal.signal(signal.SIGALRM, handler)
        try:
            for _ in range(300):
                try:
                    signal.setitimer(signal.ITIMER_REAL, 0.0002)
                    until = time.monotonic() + 0.2
                    while time.monotonic() < until:
                        within()
                except OwnTimeout:
                    raised += 1
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
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


class Places(Scratch):
    def test_a_chdir_does_not_split_the_run(self) -> None:
        first, second = self.runs.parent / "first", self.runs.parent / "second"
        first.mkdir()
        second.mkdir()
        script = f"""
import os, time
from esper_telemetry import log_writer
log_writer.LOOK_SECONDS = 0.0
import esper_telemetry as esper
os.chdir({str(first)!r})
run = esper.start("cd", sample_host=0, sample_driver=0)
run.ppo_update(batch=1)
os.chdir({str(second)!r})
for batch in range(2, 5): run.ppo_update(batch=batch)
run.checkpoint(run.path / "x.pt")
run.finish()
assert run.failures == 0
"""
        done = python(script)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(list(second.iterdir()), [])
        (run,) = (first / "runs").iterdir()
        events = events_in(run / "events-0.jsonl")
        self.assertEqual((len(events), events[-2]["data"]["path"]), (7, "x.pt"))

    def test_a_deleted_working_folder_does_not_hang_or_raise(self) -> None:
        gone = self.runs.parent / "gone"
        gone.mkdir()
        script = f"""
import os, shutil
from esper_telemetry import log_writer
log_writer.LOOK_SECONDS = 0.0
import esper_telemetry as esper
os.chdir({str(gone)!r})
run = esper.start("gone", sample_host=0, sample_driver=0)
run.ppo_update(batch=1)
shutil.rmtree({str(gone)!r})
for batch in range(2, 5): run.ppo_update(batch=batch)
run.finish()
late = esper.start("late", sample_host=0, sample_driver=0)
late.ppo_update(batch=1)
assert late.path is None and late.failures
"""
        done = python(script)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("nothing is recorded", done.stderr)

    def test_a_folder_that_cannot_be_made(self) -> None:
        with contextlib.redirect_stderr(io.StringIO()):
            with esper.start("x", runs="/proc/nope/runs", sample_host=0, sample_driver=0) as run:
                run.ppo_update(batch=1)
        self.assertIsNone(run.path)


GARBAGE = {
    "an infinite seq": b'{"seq":1e999}\n{"v":"1.0","seq":1e999,"timeMs":1,"run":"r","rank":0,"type":"X","data":{}}\n',
    "a word that is no JSON": b'{"seq":Infinity,"type":"X"}\n{"seq":NaN,"type":"X"}\n{"seq":-Infinity,"type":"X"}\n',
    "a number that no writer has reached": b'{"v":"1.0","seq":9000000000,"timeMs":1,"run":"r","rank":0,"type":"X","data":{}}\n'
    b'{"v":"1.0","seq":10000000000,"timeMs":1,"run":"r","rank":0,"type":"X","data":{}}\n',
    "an infinite batch": b'{"seq":2,"type":"PPO_UPDATE_COMPLETED","data":{"batch":1e999}}\n',
    "seqs beyond all counting": b"".join(b'{"seq":%s,"type":"X"}\n' % n for n in (b"1e300", b"5e15", b"9007199254740993", b"1" + b"0" * 400, b"-1", b"1.5", b"true", b'"9"')),
    "a number of 5000 digits": b'{"seq":' + b"9" * 5000 + b',"type":"X"}\n',
    "deep nesting": b"[" * 100_000 + b"\n" + b'{"seq":' + b'{"a":' * 100_000 + b"\n",
    "newlines alone": b"\n" * 300_000,
    "short lines": b"x\n" * 1_000_000,
    "odd shapes": b'[]\n1\nnull\n"seq"\n{"seq":[1],"type":"X"}\n{"seq":{},"type":"X"}\n{"seq":9}\n{"seq":9,"type":["X"]}\n{"seq":9,"type":"PPO_UPDATE_COMPLETED","rank":"0"}\n',
    "data that is none": b'{"seq":2,"type":"PPO_UPDATE_COMPLETED","data":null}\n{"seq":2,"type":"STEP_COMPLETED","data":[{"step":1}]}\n',
    "a line beyond the limit": b"a" * (MAX_LINE_BYTES + 5) + b"\n",
    "the same without its newline": b'{"seq":9,"pad":"' + b"a" * (MAX_LINE_BYTES + 5),
    "NUL and half a character": b"\0" * 1000 + b"\n\xff\xfe\n\xc3",
}  # fmt: skip


class Garbage(Scratch):
    """Whatever follows a log's last event, a resumed run goes on after it."""

    def test_resumed(self) -> None:
        for name, tail in GARBAGE.items():
            with self.subTest(name), contextlib.redirect_stderr(io.StringIO()):
                with esper.start("g", runs=self.runs, run_id=name, sample_host=0, sample_driver=0) as run:
                    run.ppo_update(batch=41)
                assert run.path is not None
                with open(run.path / "events-0.jsonl", "ab") as log:
                    log.write(tail)
                with esper.start("g", runs=self.runs, run_id=name, sample_host=0, sample_driver=0) as again:
                    again.ppo_update()
                self.assertEqual((again.path, again.resumed_at_batch, again.failures), (run.path, 41, 0))
                whole = (run.path / "events-0.jsonl").read_bytes().split(b"\n")[-4:-1]
                self.assertEqual([json.loads(line)["seq"] for line in whole], [3, 4, 5])

    def test_half_a_gigabyte_without_a_newline_takes_no_memory(self) -> None:
        self.runs.mkdir()
        path = self.runs / "events-0.jsonl"
        path.write_bytes(b'{"seq":4,"type":"STEP_COMPLETED","data":{"step":9}}\n')
        os.truncate(path, 600 * 2**20)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        self.assertEqual(log_end.log_end(path), (5, None, 9))
        self.assertLess(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, 100 * 1024)

    def test_a_log_that_cannot_be_read_is_gone_on_with_beyond_its_end(self) -> None:
        self.runs.mkdir()
        path = self.runs / "events-0.jsonl"
        path.write_bytes(b"".join(b'{"v":"1.0","seq":%d,"timeMs":1,"run":"a","rank":0,"type":"X","data":{}}\n' % i for i in range(1000)))
        with patch.object(log_end.os, "read", side_effect=OSError(5, "EIO")):
            self.assertGreaterEqual(log_end.log_end(path).next_seq, 1000)

    def test_a_pipe_in_its_place_does_not_hold_anyone(self) -> None:
        self.runs.mkdir()
        os.mkfifo(self.runs / "events-0.jsonl")
        self.assertEqual(log_end.log_end(self.runs / "events-0.jsonl"), (0, None, None))


class Whole(Scratch):
    """The file may grow to so many bytes: as on a full disk, a write takes a part, and the next is refused."""

    def test_what_was_there_stays_where_the_new_one_has_no_room(self) -> None:
        self.runs.mkdir()
        path = self.runs / "checkpoint.pt"
        write_whole(path, b"old" * 1000)
        script = f"""
import resource, signal
from pathlib import Path
from esper_telemetry.whole_file import write_whole
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
for limit in (0, 1000, 4096, 8000):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    for content in (b"new" * 5000, lambda file: [file.write(b"new") for _ in range(5000)]):
        try: write_whole(Path({str(path)!r}), content)
        except OSError: print("refused")
"""
        done = python(script)
        self.assertEqual((done.returncode, done.stdout), (0, "refused\n" * 8), done.stderr)
        self.assertEqual((path.read_bytes(), [p.name for p in self.runs.iterdir()]), (b"old" * 1000, ["checkpoint.pt"]))

    def test_what_the_writer_raises_passes_and_leaves_nothing(self) -> None:
        self.runs.mkdir()

        def fails(file: Any) -> None:
            file.write(b"half")
            raise RuntimeError("half way")

        with self.assertRaises(RuntimeError):
            write_whole(self.runs / "x", fails)
        self.assertEqual(list(self.runs.iterdir()), [])


class Handlers(unittest.TestCase):
    def test_an_error_without_a_trace_is_nobodys(self) -> None:
        self.assertFalse(failures.from_signal_handler(ValueError()))
        self.assertTrue(log_writer.MAX_LINE_BYTES)


if __name__ == "__main__":
    unittest.main()
