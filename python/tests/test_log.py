"""Run folders, the writer and its lock: names, torn lines, full disks, deleted files, second writers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import unittest
from pathlib import Path
from typing import Any, List, Tuple
from unittest.mock import patch

from scratch import Scratch, environment, events_in, python

import esper_telemetry as esper
from esper_telemetry import log_writer, run_folder
from esper_telemetry.log_end import MAX_LINE_BYTES, log_end
from esper_telemetry.log_writer import LogWriter
from esper_telemetry.writer_lock import WriterRefused


class Names(unittest.TestCase):
    def test_names_are_made_safe_for_paths(self) -> None:
        for name, safe in (
            ("my run", "my-run"), ("../../etc", "etc"), ("Über/größe", "Uber-gro-e"), (".hidden", "hidden"),
            ("", "run"), ("…", "run"), ("a" * 80, "a" * 48), ("x.", "x"), ("ppo_v1.2-b", "ppo_v1.2-b"),
        ):  # fmt: skip
            self.assertEqual(run_folder.safe_name(name), safe)

    def test_given_ids(self) -> None:
        self.assertEqual(run_folder.given_run_id("20260101-000000-x-00ff"), "20260101-000000-x-00ff")
        self.assertEqual(run_folder.given_run_id("../x"), "x")


class NewRuns(Scratch):
    def test_an_id_is_new_also_where_the_random_digits_are_drawn_again(self) -> None:
        with patch("secrets.token_hex", side_effect=["00ff", "00ff", "00ff", "0100"]):
            first, second = (run_folder.claim_new_run(self.runs, "a b", 0) for _ in range(2))
        self.assertRegex(first, r"^(1969|1970)\d{4}-\d{6}-a-b-00ff$")
        self.assertEqual(second, first[:-4] + "0100")
        self.assertEqual(sorted(path.name for path in self.runs.iterdir()), [first, second])


class Finding(Scratch):
    def test_latest_id_name_and_the_start_of_an_id(self) -> None:
        for number, name in enumerate(("a", "b", "a")):
            run_folder.create(self.runs, f"{number}-{name}", name, now=number)
        find = lambda ref: run_folder.find(self.runs, ref).name  # noqa: E731
        self.assertEqual([find(ref) for ref in ("latest", "0-a", "b", "1")], ["2-a", "0-a", "1-b", "1-b"])
        # A name that two share is none of them.
        for ref in ("c", "", "a"):
            with self.assertRaises(run_folder.RunNotFound):
                find(ref)

    def test_labels_are_those_of_the_command_line(self) -> None:
        for number, name in enumerate(("a", "b", "a")):
            run_folder.create(self.runs, f"{number}-{name}", name, now=number)
        find = lambda ref: run_folder.find(self.runs, ref).name  # noqa: E731
        labels = lambda run, **own: (self.runs / run / "labels.json").write_text(  # noqa: E731
            json.dumps({"name": None, "tags": [], "note": None, "archived": False, **own})
        )
        labels("1-b", name="wide*net")
        labels("2-a", archived=True)
        self.assertEqual([find(ref) for ref in ("latest", "a", "wide*net", "w?de*")], ["1-b", "0-a", "1-b", "1-b"])
        self.assertEqual([find(ref) for ref in ("2-a", "2", "0*", "**a")], ["2-a", "2-a", "0-a", "0-a"])
        for ref in ("b", "*-*", "[ab]", "wide"):
            with self.assertRaises(run_folder.RunNotFound):
                find(ref)
        for run in ("0-a", "1-b"):
            labels(run, archived=True)
        self.assertEqual(find("latest"), "2-a", "of archived ones alone, the newest")
        (self.runs / "2-a" / "labels.json").write_text("[" * 100_000)
        self.assertEqual(find("a"), "2-a", "labels that cannot be read are none")

    def test_a_run_is_made_once(self) -> None:
        run_folder.create(self.runs, "x", "first", config={"lr": float("inf")})
        path = run_folder.create(self.runs, "x", "second")
        manifest = json.loads((path / "run.json").read_text())
        self.assertEqual((manifest["name"], manifest["config"], manifest["task"]), ("first", {"lr": "Infinity"}, None))
        self.assertEqual([p.name for p in path.iterdir()], ["run.json"])


class Ends(Scratch):
    def test_how_a_log_ends(self) -> None:
        self.runs.mkdir()
        log = self.runs / "events-0.jsonl"
        self.assertEqual(log_end(log), (0, None, None))
        lines = [json.dumps({"seq": 0, "type": "PPO_UPDATE_COMPLETED", "data": {"batch": 41}})]
        lines += [json.dumps({"seq": i, "type": "HOST_SAMPLED", "data": {"x": "y" * 200}}) for i in range(1, 2000)]
        log.write_text("\n".join(lines) + '\ngarbage\n{"seq": 9999')
        self.assertEqual(log_end(log), (2000, 41, None))
        log.write_text(lines[0] + '\n{"seq": 1, "type": "STEP_COMPLETED", "data": {"step": 7}}')
        self.assertEqual(log_end(log), (2, 41, 7), "only its newline is missing")


class Writing(Scratch):
    def setUp(self) -> None:
        super().setUp()
        self.runs.mkdir()
        self.failed: List[str] = []

    def writer(self) -> LogWriter:
        return LogWriter(self.runs, 0, lambda what, why: self.failed.append(what))

    def test_a_line_is_in_the_file_when_append_returns(self) -> None:
        writer = self.writer()
        self.addCleanup(writer.close)
        self.assertTrue(writer.append(b'{"a":1}\n'))
        self.assertEqual(writer.path.read_bytes(), b'{"a":1}\n')

    def test_a_torn_last_line_is_ended_not_continued(self) -> None:
        (self.runs / "events-0.jsonl").write_bytes(b'{"a":1}\n{"b"')
        writer = self.writer()
        writer.append(b'{"c":3}\n')
        writer.append(b'{"d":4}\n')
        writer.close()
        self.assertEqual(writer.path.read_bytes(), b'{"a":1}\n{"b"\n{"c":3}\n{"d":4}\n')

    def test_a_deleted_file_is_noticed_and_begun_anew(self) -> None:
        writer = self.writer()
        writer.append(b"1\n")
        writer.path.unlink()
        with patch.object(log_writer.time, "monotonic", lambda: 1e9):
            self.assertTrue(writer.append(b"2\n"))
        writer.close()
        self.assertEqual(writer.path.read_bytes(), b"2\n")
        self.assertEqual(len(self.failed), 1)

    def test_too_long_a_line_is_dropped(self) -> None:
        writer = self.writer()
        self.assertFalse(writer.append(b"x" * MAX_LINE_BYTES + b"\n"))
        self.assertTrue(writer.append(b"1\n"))
        writer.close()
        self.assertEqual((writer.path.read_bytes(), writer.dropped), (b"1\n", 1))

    def test_it_is_brought_to_disk_by_a_thread(self) -> None:
        synced: List[int] = []  # by which thread
        with patch.object(log_writer, "_sync", lambda _: synced.append(threading.get_ident())), patch.object(log_writer, "SYNC_SECONDS", 0.02):
            writer = self.writer()
            writer.append(b"1\n")
            deadline = time.monotonic() + 60
            while not synced and time.monotonic() < deadline:
                time.sleep(0.01)
            self.assertNotIn(threading.get_ident(), synced)
            time.sleep(0.1)
            self.assertEqual(len(synced), 1, "nothing new, nothing to sync")
            writer.append(b"2\n")
            writer.close()
            self.assertEqual(len(synced), 2)

    def test_a_full_disk_costs_events_and_nothing_else(self) -> None:
        """The file may grow to 3,000 bytes, then to any size: the write that is cut in half is the disk filling up."""
        code = f"""
import resource, signal, time
import esper_telemetry as esper
from esper_telemetry import log_writer
log_writer.LOOK_SECONDS = 0.0
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
run = esper.start("full", runs={str(self.runs)!r}, run_id="full", sample_host=0, sample_driver=0)
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, resource.RLIM_INFINITY))
for _ in range(20): run.ppo_update()
assert run.failures, "it was not full"
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
run.ppo_update(batch=21)
run.finish()
"""
        done = python(code)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr.count("could not be written"), 1)
        lines = (self.runs / "full" / "events-0.jsonl").read_bytes().split(b"\n")
        whole, torn = [], []
        for line in lines[:-1]:
            try:
                whole.append(json.loads(line))
            except ValueError:
                torn.append(line)
        self.assertLessEqual(len(torn), 1)
        self.assertEqual([e["type"] for e in whole[-2:]], ["PPO_UPDATE_COMPLETED", "TRAINING_COMPLETED"])
        self.assertEqual(whole[-2]["data"]["batch"], 21)
        self.assertEqual(whole[-1]["seq"], 22, "lost events leave a gap")


class Locks(Scratch):
    def setUp(self) -> None:
        super().setUp()
        self.runs.mkdir()
        self.lock = self.runs / "events-0.lock"

    def open(self) -> LogWriter:
        writer = LogWriter(self.runs, 0, lambda what, why: None)
        self.addCleanup(writer.close)
        return writer

    def test_the_lock_names_its_holder_and_goes_with_it(self) -> None:
        writer = self.open()
        holder = json.loads(self.lock.read_text())
        self.assertEqual(holder["pid"], os.getpid())
        self.assertEqual(sorted(holder), ["hostname", "machine", "pid", "pidNamespace", "startTicks", "writer"])
        writer.close()
        self.assertFalse(self.lock.exists())

    def test_a_second_writer_is_refused_by_name(self) -> None:
        self.open()
        with self.assertRaisesRegex(WriterRefused, f"^process {os.getpid()} on .* is writing this run: .*\\.$"):
            self.open()

    def test_the_lock_of_a_dead_writer_is_taken_over(self) -> None:
        done = python(f"import os, pathlib; from esper_telemetry.writer_lock import WriterLock; WriterLock(pathlib.Path({str(self.runs)!r}), 0); os._exit(0)")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(self.lock.exists())
        self.open()
        self.assertEqual(json.loads(self.lock.read_text())["pid"], os.getpid())
        self.assertEqual([p.name for p in self.runs.iterdir() if "lock" in p.name], ["events-0.lock"])

    def test_a_pid_used_again_is_another_process(self) -> None:
        holder = json.loads(self.open() and self.lock.read_text())
        self.lock.write_text(json.dumps({**holder, "startTicks": holder["startTicks"] - 1}))
        self.open()

    def test_a_writer_on_another_host_cannot_be_judged(self) -> None:
        holder = json.loads(self.open() and self.lock.read_text())
        self.lock.write_text(json.dumps({**holder, "hostname": "elsewhere", "writer": "other"}))
        with self.assertRaisesRegex(WriterRefused, "elsewhere may be writing this run .* delete "):
            self.open()

    def test_a_lock_without_text_is_being_made_unless_it_is_old(self) -> None:
        self.lock.write_text("")
        with self.assertRaises(WriterRefused):
            self.open()
        os.utime(self.lock, (0, 0))
        self.open()

    def test_two_runs_of_one_id(self) -> None:
        with esper.start("x", runs=self.runs, run_id="same", sample_host=0, sample_driver=0) as first:
            with patch("sys.stderr"):
                second = esper.start("x", runs=self.runs, run_id="same", sample_host=0, sample_driver=0)
            second.ppo_update(batch=1)
            second.finish()
            self.assertIsNone(second.path)
            self.assertGreaterEqual(second.failures, 1)
        assert first.path is not None
        self.assertEqual([e["type"] for e in events_in(first.path / "events-0.jsonl")], ["TRAINING_STARTED", "TRAINING_COMPLETED"])


def events_and_torn(log: Path) -> Tuple[List[Any], int]:
    """The events of a log that was killed, and how many of its lines are none."""
    events = []
    lines = log.read_text(encoding="utf-8").split("\n")
    torn = 1 if lines.pop() else 0
    for line in lines:
        try:
            events.append(json.loads(line))
        except ValueError:
            torn += 1
    return events, torn


class Killed(Scratch):
    def test_every_event_that_a_call_returned_from_is_in_the_file(self) -> None:
        """The child prints a batch's number once its call has returned; kill -9 comes at some moment of the next ones."""
        code = f"""
import sys, esper_telemetry as esper
run = esper.start("killed", runs={str(self.runs)!r}, run_id="killed")
for batch in range(1, 10**6):
    run.ppo_update(batch=batch, policy_loss=0.1, filler="x" * 3000)
    sys.stdout.write(f"{{batch}}\\n"); sys.stdout.flush()
"""
        for kills, moment in enumerate((1, 40, 150), start=1):
            child = subprocess.Popen([sys.executable, "-c", code], env=environment(), stdout=subprocess.PIPE, text=True)
            assert child.stdout is not None
            returned = 0
            while returned < moment:
                returned = int(child.stdout.readline())
            child.send_signal(signal.SIGKILL)
            for line in child.stdout.read().split("\n")[:-1]:
                returned = int(line)
            child.wait()
            child.stdout.close()
            log = self.runs / "killed" / "events-0.jsonl"
            events, torn = events_and_torn(log)
            self.assertLessEqual(torn, kills, "a kill between two pages of a write tears the line whose call has not returned")
            batches = [e["data"]["batch"] for e in events if e["type"] == "PPO_UPDATE_COMPLETED"]
            self.assertGreaterEqual(batches[-1], returned)
            self.assertTrue((log.parent / "events-0.lock").exists(), "ended unexpectedly")
            self.assertEqual([e["seq"] for e in events], list(range(len(events))), "the next writer goes on from the end")
            child.wait()


if __name__ == "__main__":
    unittest.main()
