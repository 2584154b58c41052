"""Telemetry never harms the training: folders that are gone, logs with anything behind their last event, and disks that are full."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import resource
import unittest
from typing import Any
from unittest.mock import patch

from scratch import Scratch, events_in, python

import esper_telemetry as esper
from esper_telemetry import log_end
from esper_telemetry.log_end import MAX_LINE_BYTES
from esper_telemetry.whole_file import write_whole
from esper_telemetry.writer_lock import WriterLock


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


class Locks(Scratch):
    def test_a_lock_that_cannot_be_seen_is_not_taken(self) -> None:
        self.runs.mkdir(parents=True, exist_ok=True)
        lock = self.runs / "events-0.lock"
        lock.write_text("{}")
        os.utime(lock, (0, 0))
        for refused in (PermissionError(errno.EACCES, "denied"), OSError(errno.EMFILE, "too many open files")):
            with patch("esper_telemetry.writer_lock.read_regular", side_effect=refused), self.assertRaises(OSError):
                WriterLock(self.runs, 0)
            self.assertEqual([path.name for path in self.runs.iterdir()], ["events-0.lock"])


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


if __name__ == "__main__":
    unittest.main()
