"""How a program is started on the stand-in device, and in which one sentence it is not."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Dict, List, Optional

from on_standin import GIB, LOOK, MIB, environment, interpreter, needs, run
from scratch import PACKAGE, events_in

from esper_telemetry.standin import standin_environment
from esper_telemetry.standin.__main__ import main
from esper_telemetry.standin.elf import Library
from esper_telemetry.standin.installed_torch import find_torch
from esper_telemetry.standin.settings import Settings, parse_bytes, parse_capability
from esper_telemetry.standin.stubs import stubs
from esper_telemetry.standin.unavailable import Unavailable


def launcher(
    *arguments: str, python: str = sys.executable, env: Optional[Dict[str, str]] = None
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [python, "-m", "esper_telemetry.standin", *arguments],
        env=environment(env),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=600,
    )


class Sentences(unittest.TestCase):
    def sentence(self, done: "subprocess.CompletedProcess[str]", *words: str) -> None:
        self.assertNotEqual(done.returncode, 0)
        self.assertNotIn("Traceback", done.stderr)
        last = done.stderr.strip().splitlines()[-1]
        for word in words:
            self.assertIn(word, last)

    def test_options_that_make_no_sense(self) -> None:
        for option, value in [
            ("--memory", "8GiX"),
            ("--memory", "-1"),
            ("--devices", "0"),
            ("--devices", "65"),
            ("--capability", "86"),
            ("--addresses", "up"),
            ("--addresses", "file:/nowhere"),
            ("--threads", "1e3"),
            ("--values", "some"),
            ("--log", "9"),
        ]:
            with self.subTest(option=option, value=value):
                written = io.StringIO()
                with contextlib.redirect_stderr(written), self.assertRaises(SystemExit) as ended:
                    main([option, value, "-c", "pass"])
                self.sentence(subprocess.CompletedProcess([], int(str(ended.exception)), "", written.getvalue()), option, value.rpartition(":")[2])

    def test_devices_on_which_nothing_could_begin(self) -> None:
        for settings, words in [
            (Settings(memory=(0,)), "device 0 has 0 MiB, and a program's CUDA context alone takes 300 MiB"),
            (Settings(memory=(8 * GIB, 300 * MIB), devices=2), "device 1 has 300 MiB"),
            (Settings(others=(25 * GIB,)), "device 0 has 24.00 GiB, of which others cannot hold 25.00 GiB"),
            (Settings(memory=(3 << 40,), devices=3), "have 9216.00 GiB in all, and 8192.00 GiB is the most"),
        ]:
            with self.subTest(words), self.assertRaisesRegex(Unavailable, words):
                standin_environment(settings, torch_folder=Path("/nowhere"))
        Settings(memory=(8 * GIB, 0), devices=1, others=(8 * GIB,)).check()

    def test_no_program(self) -> None:
        self.sentence(launcher("--memory", "8GiB"), "which program")

    def test_a_program_that_is_not_there(self) -> None:
        self.sentence(launcher("nowhere.py"), "there is no program nowhere.py")
        self.sentence(launcher("no-such-command"), "there is no command no-such-command")

    def test_help_shows_an_example(self) -> None:
        done = launcher("--help")
        self.assertEqual(done.returncode, 0)
        self.assertIn("--memory 8GiB train.py", done.stdout)

    @needs("torch-current")
    def test_no_compiler(self) -> None:
        with tempfile.TemporaryDirectory() as empty:
            done = launcher(
                "-c", "pass", python=interpreter("torch-current"), env={"PATH": empty, "ESPER_CACHE": empty}
            )
        self.sentence(done, "there is no C compiler", "apt install gcc")

    @needs("torch-current")
    def test_whether_it_can_be_had(self) -> None:
        """What ``esper doctor`` asks; nothing is compiled for it."""
        with tempfile.TemporaryDirectory() as empty:
            env = {"ESPER_CACHE": f"{empty}/cache"}
            there = launcher("--check", python=interpreter("torch-current"), env=env)
            self.assertEqual(there.returncode, 0, there.stderr)
            self.assertRegex(there.stdout, r"can be had: PyTorch 2\.15\.\S+, a build for CUDA 13\.\d+, and the C compiler \w+\.$")
            self.assertFalse(Path(empty, "cache").exists())
            self.sentence(launcher("--check", python=interpreter("torch-current"), env={"PATH": empty}), "there is no C compiler", "install gcc")

    @needs("torch-current")
    def test_a_compiler_that_fails(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            broken = Path(folder) / "broken-cc"
            broken.write_text("#!/bin/sh\necho 'cc: fatal error: nothing works' >&2; exit 1\n")
            broken.chmod(0o755)
            done = launcher(
                "-c", "pass", python=interpreter("torch-current"), env={"CC": str(broken), "ESPER_CACHE": folder}
            )
            self.sentence(done, "broken-cc could not build", "nothing works")
            self.assertEqual(sorted(path.name for path in Path(folder, "standin").iterdir()), [], "nothing is left")

    @needs("torch-current")
    def test_a_cache_that_cannot_be_written(self) -> None:
        done = launcher("-c", "pass", python=interpreter("torch-current"), env={"ESPER_CACHE": "/proc/nowhere"})
        self.sentence(done, "/proc/nowhere", "$ESPER_CACHE")

    def test_torch_without_cuda_and_no_torch(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            torch = Path(folder) / "torch"
            with self.assertRaisesRegex(Unavailable, "is no installed PyTorch"):
                find_torch(torch)
            (torch / "lib").mkdir(parents=True)
            (torch / "version.py").write_text("__version__ = '2.9.0+cpu'\ncuda: Optional[str] = None\n")
            with self.assertRaisesRegex(Unavailable, r"PyTorch 2.9.0\+cpu is built without CUDA"):
                find_torch(torch)

    @needs("torch-current")
    def test_settings_by_hand_that_make_no_sense(self) -> None:
        """Without the launcher the library itself reports it, and there is no device."""
        code = """
import ctypes, json, os, subprocess, sys
def without(setting, value, program):
    return subprocess.run([sys.executable, "-c", program], env={**os.environ, setting: value}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
own = "import ctypes; n = ctypes.c_int(7); print(ctypes.CDLL(None).cudaGetDeviceCount(ctypes.byref(n)), n.value)"
made = []
for name, value in (("MEMORY", "lots"), ("DEVICES", "none"), ("ADDRESSES", "up"), ("CAPABILITY", "new")):
    done = without(f"ESPER_STANDIN_{name}", value, own)
    made.append([f"ESPER_STANDIN_{name}={value} is not", done.stdout.split(), done.stderr])
done = without("ESPER_STANDIN_MEMORY", "lots", "import torch; print(torch.cuda.device_count())")
print(json.dumps([made, done.stdout.strip()]))
"""
        made, devices = run(code)
        for sentence, (error, count), written in made:
            self.assertIn(sentence, written)
            self.assertEqual((error, count), ("100", "0"), "cudaErrorNoDevice")
        self.assertEqual(devices, "0", "and PyTorch finds none")


class Programs(unittest.TestCase):
    @needs("torch-current")
    def test_the_launcher_says_what_the_program_runs_on(self) -> None:
        done = launcher("--memory", "8GiB", "--devices", "2", "-c", "print('ran')", python=interpreter("torch-current"))
        self.assertEqual((done.returncode, done.stdout), (0, "ran\n"))
        self.assertIn("2 devices of 8.00 GiB", done.stderr)
        self.assertIn("No GPU", done.stderr)

    @needs("torch-current")
    def test_the_exit_code_and_the_arguments_are_the_programs(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            program = Path(folder) / "train.py"
            program.write_text("import sys; print(sys.argv[1:]); sys.exit(7)\n")
            done = launcher("--quiet", str(program), "--memory", "x", python=interpreter("torch-current"))
        self.assertEqual((done.returncode, done.stdout), (7, "['--memory', 'x']\n"))

    @needs("torch-current", "torch-2.6")
    def test_the_torch_is_that_of_the_commands_python(self) -> None:
        code = "import torch; print(torch.__version__, torch.cuda.mem_get_info()[1])"
        done = launcher(
            "--quiet", "--memory", "3GiB", interpreter("torch-2.6"), "-c", code, python=interpreter("torch-current")
        )
        self.assertEqual(done.stdout.split(), ["2.6.0+cu124", str(3 * GIB)])

    @needs("torch-current")
    def test_its_name_says_that_it_is_no_gpu_and_a_call_that_is_not_supported_is_named(self) -> None:
        """Whatever it is called."""
        code = LOOK + """
torch.cuda.init()
call = ctypes.CDLL(None).cudaGraphAddNode
print(json.dumps([[torch.cuda.get_device_name(), smi("-L"), smi()], [call(), call()]]))
"""
        done = launcher("--quiet", "--name", "NVIDIA H100 80GB HBM3", "-c", code, python=interpreter("torch-current"))
        self.assertEqual(done.returncode, 0, done.stderr)
        names, answers = json.loads(done.stdout)
        for text in names:
            self.assertIn("no GPU", text)
        self.assertEqual(names[0], "NVIDIA H100 80GB HBM3 (Esper stand-in, no GPU)")
        self.assertEqual(answers, [801, 801])
        self.assertEqual(
            done.stderr.strip(),
            "esper stand-in device: cudaGraphAddNode is not supported; the program is given error 801.",
        )

    @needs("torch-current")
    def test_a_run_recorded_on_it_is_of_a_stand_in(self) -> None:
        with tempfile.TemporaryDirectory() as runs:
            run(
                f"""
import json, time, torch, esper_telemetry as esper
with esper.start("standin", runs={runs!r}, sample_driver=0.2) as run:
    kept = torch.empty(64 << 20, dtype=torch.uint8, device="cuda")
    run.step(step=1, loss=1.0)
    patience = time.monotonic() + 100
    while "DEVICE_SAMPLED" not in (run.path / "events-0.jsonl").read_text() and time.monotonic() < patience:
        time.sleep(0.05)
try:
    with esper.start("refused", runs={runs!r}, device="cuda:0") as run:
        torch.empty(64 << 40, dtype=torch.uint8, device="cuda")
except RuntimeError:
    pass
print(json.dumps(None))
"""
            )
            logs: List[List[Dict[str, object]]] = sorted(
                (events_in(path) for path in Path(runs).glob("*/events-0.jsonl")), key=lambda log: str(log[0])
            )
        events = [event for log in logs for event in log]
        memory = [entry for event in events for entry in event["data"].get("memory") or []]  # type: ignore[attr-defined]
        self.assertTrue(memory)
        self.assertEqual({entry["device"] for entry in memory}, {"standin:0"})
        self.assertEqual({entry["name"] for entry in memory}, {"Esper stand-in device (no GPU)"})
        sampled = [event["data"]["devices"][0] for event in events if event["type"] == "DEVICE_SAMPLED"]  # type: ignore[index]
        self.assertTrue(sampled)
        self.assertEqual(sampled[-1]["uuid"], memory[-1]["uuid"])
        self.assertIsNone(sampled[-1]["utilizationPercent"], "no load is measured")
        (failure,) = [event["data"] for event in events if event["type"] == "TRAINING_FAILED"]
        self.assertEqual(failure["outOfMemory"]["device"], "standin:0")  # type: ignore[index]
        self.assertEqual(
            [event["data"]["device"] for event in events if event["type"] == "TRAINING_STARTED"][-1],  # type: ignore[index]
            "standin:0",
        )


class Parts(unittest.TestCase):
    def test_sizes(self) -> None:
        for text, bytes_ in [
            ("8GiB", 8 * GIB),
            ("512 MiB", 512 << 20),
            ("1.5g", 3 * GIB // 2),
            ("1000", 1000),
            ("2TB", 2 << 40),
        ]:
            self.assertEqual(parse_bytes(text), bytes_)
        for text in ("", "GiB", "8 Gigs", "-1", "1e9", "8,5GiB"):
            with self.assertRaises(ValueError):
                parse_bytes(text)
        self.assertEqual(parse_capability("12.0"), (12, 0))

    def test_every_setting_has_a_reader(self) -> None:
        room = PACKAGE / "esper_telemetry" / "standin"
        source = "".join((room / name).read_text() for name in ("csrc/settings.c", "values/__init__.py"))
        chosen = Settings(shared="/x", copy_limit=1, addresses="rise", name="n").environment()
        for name in chosen:
            self.assertIn(f'"{name}"', source)

    def test_stubs_answer_where_the_caller_reads(self) -> None:
        source = stubs(
            [
                "cusolverDnSpotrf_bufferSize",
                "cusolverDnXpotrf_bufferSize",
                "cublasSgemm_v2",
                "ncclSend",
                "cudaFoo",
                "cudnnGetVersion",
            ],
            {"cudnn": (9, 26, 0, 51)},
            (13, 2),
        )
        self.assertIn("a5) memset((void *)a5, 0, sizeof(int))", source)
        self.assertIn("a8) memset((void *)a8, 0, sizeof(size_t))", source)
        self.assertIn('st_without_effect("cublasSgemm_v2"', source)
        self.assertIn('st_unsupported("ncclSend", &once, 3)', source)
        self.assertIn('st_unsupported("cudaFoo", &once, 801)', source)
        self.assertIn("return 92600;", source)

    @unittest.skipUnless(sys.platform == "linux", "reads this Python's own libraries")
    def test_undefined_symbols_are_those_that_the_linker_sees(self) -> None:
        import _ctypes

        library = Library(Path(_ctypes.__file__)) if getattr(_ctypes, "__file__", None) else Library(Path("/bin/sh"))
        self.assertIn("libc.so.6", library.needed)
        self.assertTrue({"memcpy", "malloc", "free", "__libc_start_main", "strlen"} & set(library.undefined))
        with self.assertRaisesRegex(ValueError, "no 64-bit"):
            Library(Path(os.__file__))


if __name__ == "__main__":
    unittest.main()
