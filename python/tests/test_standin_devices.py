"""Several devices, several processes: who sees what, and what is given back when one is gone."""

from __future__ import annotations

import functools
import json
import signal
import tempfile
import time
import unittest
from pathlib import Path
from typing import Any, Dict

import scratch  # noqa: F401  (finds the package)
from on_standin import GIB, LOOK, MIB, needs, run, start
from test_standin_memory import CONTEXT, agree

FOUR = (
    LOOK
    + """
count = torch.cuda.device_count()
order = [int(x) for x in os.environ["CUDA_VISIBLE_DEVICES"].split(",")] if "CUDA_VISIBLE_DEVICES" in os.environ else range(count)
alone = torch.empty(64 * MIB, dtype=torch.uint8, device="cuda:1")
twice = torch.ones(8, device="cuda:1") * 2
used = [nvml_memory(physical)["used"] for physical in order] + [torch.cuda.current_device()]
del alone, twice
sizes = [torch.cuda.get_device_properties(i).total_memory for i in range(count)]
kept = [torch.empty((i + 1) * 64 * MIB, dtype=torch.uint8, device=f"cuda:{i}") for i in range(count)]
moved = torch.arange(1000, device="cpu").to("cuda:0").to(f"cuda:{count - 1}").cpu()
print(json.dumps({
    "count": count, "used": used, "sizes": sizes, "looks": [look(i, physical) for i, physical in enumerate(order)], "list": smi("-L").splitlines(),
    "uuids": [line.split(", ")[1] for line in smi("--query-gpu=index,uuid", "--format=csv,noheader").splitlines()],
    "byUuid": smi("-i", smi("--query-gpu=uuid", "--format=csv,noheader").splitlines()[1], "--query-gpu=index", "--format=csv,noheader").strip(),
    "none": subprocess.run(["nvidia-smi", "-i", "9", "-L"], stdout=subprocess.PIPE).returncode, "moved": bool((moved == torch.arange(1000)).all()), "capability": torch.cuda.get_device_capability(0),
}))
"""
)


@functools.lru_cache(maxsize=None)
def four(venv: str) -> Any:
    return run(FOUR, "--devices", "4", "--memory", "4GiB,2GiB", "--capability", "9.0", venv=venv)


class Devices(unittest.TestCase):
    @needs("torch-current", "torch-2.6")
    def test_four_devices_each_with_its_own_memory(self) -> None:
        for venv in ("torch-current", "torch-2.6"):
            with self.subTest(venv):
                made = four(venv)
                self.assertEqual((made["count"], made["sizes"]), (4, [4 * GIB, 2 * GIB, 2 * GIB, 2 * GIB]))
                self.assertEqual(len(made["list"]), 4)
                self.assertEqual(len(set(made["uuids"])), 4)
                self.assertEqual(made["capability"], [9, 0])
                self.assertEqual((made["byUuid"], made["none"]), ("1", 6))
                self.assertTrue(made["moved"], "a copy from device to device")
                for i, look in enumerate(made["looks"]):
                    agree(self, look, moment=f"{venv}, device {i}")
                    self.assertGreaterEqual(look["allocated"], (i + 1) * 64 * MIB)

    @needs("torch-current", "torch-2.6")
    def test_a_device_that_the_program_does_not_use_has_no_context(self) -> None:
        for venv in ("torch-current", "torch-2.6"):
            with self.subTest(venv):
                first, second, third, fourth, current = four(venv)["used"]
                self.assertEqual((first, third, fourth, current), (0, 0, 0, 0))
                self.assertGreaterEqual(second, CONTEXT + 64 * MIB)

    @needs("torch-current")
    def test_visible_devices_are_renumbered_and_the_drivers_are_not(self) -> None:
        made = run(FOUR, "--devices", "4", "--memory", "1GiB,2GiB,3GiB,4GiB", env={"CUDA_VISIBLE_DEVICES": "2,0"})
        self.assertEqual((made["count"], made["sizes"]), (2, [3 * GIB, GIB]))
        self.assertEqual(len(made["list"]), 4)
        for i, look in enumerate(made["looks"]):
            agree(self, look, moment=f"device {i}")


HOLDER = """
import sys, torch
kept = torch.empty(1024 * 2**20, dtype=torch.uint8, device="cuda")
print("holding", flush=True)
sys.stdin.readline()
"""

WITNESS = (
    LOOK
    + """
import sys
torch.cuda.init()
for line in sys.stdin:
    print(json.dumps(look()), flush=True)
"""
)


FORK = (
    LOOK
    + """
kept = torch.empty(100 * MIB, dtype=torch.uint8, device="cuda")
before = look()
child = os.fork()
if not child:
    error = ""
    try:
        torch.empty(1, device="cuda")
    except RuntimeError as failure:
        error = str(failure)
    number, place = ctypes.CDLL(None).cudaMalloc, ctypes.c_void_p()
    del kept
    os._exit(0 if "fork" in error and number(ctypes.byref(place), ctypes.c_size_t(2 * MIB)) == 3 else 1)
status = os.waitpid(child, 0)[1]
print(json.dumps({"before": before, "after": look(), "status": status}))
"""
)


class Neighbours(unittest.TestCase):
    @needs("torch-current", "torch-2.6")
    def test_what_a_killed_neighbour_held_is_given_back(self) -> None:
        """Even while it is a zombie that nobody has waited for; the two have different PyTorchs."""
        with tempfile.TemporaryDirectory() as folder:
            shared = ["--memory", "4GiB", "--shared", str(Path(folder) / "ledger")]
            witness = start(WITNESS, *shared)
            holder = start(HOLDER, *shared, venv="torch-2.6")
            try:
                self.assertEqual(holder.stdout.readline(), "holding\n")  # type: ignore[union-attr]

                def ask() -> Dict[str, Any]:
                    witness.stdin.write("look\n")  # type: ignore[union-attr]
                    witness.stdin.flush()  # type: ignore[union-attr]
                    return json.loads(witness.stdout.readline())  # type: ignore[union-attr, no-any-return]

                seen = ask()
                self.assertEqual(seen["total"] - seen["free"], 2 * CONTEXT + GIB)
                self.assertEqual(seen["nvml"]["processes"], {str(seen["pid"]): CONTEXT, str(holder.pid): CONTEXT + GIB})
                self.assertEqual(seen["smiApps"], seen["nvml"]["processes"])

                holder.send_signal(signal.SIGKILL)
                deadline = time.monotonic() + 20
                while _state(holder.pid) not in ("Z", None) and time.monotonic() < deadline:
                    time.sleep(0.01)
                self.assertEqual(_state(holder.pid), "Z")
                agree(self, ask(), moment="after the neighbour was killed")
            finally:
                holder.kill()
                witness.kill()
                for process in (holder, witness):
                    process.communicate()

    @needs("torch-current")
    def test_another_launch_has_devices_of_its_own_and_a_forked_child_none(self) -> None:
        """The child takes nothing with it."""
        holder = start(HOLDER, "--memory", "2GiB")
        try:
            self.assertEqual(holder.stdout.readline(), "holding\n")  # type: ignore[union-attr]
            made = run(FORK, "--memory", "2GiB")
        finally:
            holder.kill()
            holder.communicate()
        self.assertEqual(made["status"], 0)
        agree(self, made["before"])
        agree(self, made["after"])
        self.assertEqual(made["after"]["reserved"], made["before"]["reserved"])


#: Sorting asks which code of the kernel a device would run, and refuses one that it was not compiled for.
#: Where a process ends while autograd's threads still begin, PyTorch aborts: they ask a Python that is gone for its lock.
SORTS = """
import json, time, torch
table = torch.nn.Embedding(100, 8, device="cuda")
table(torch.randint(100, (8, 512), device="cuda")).sum().backward()
torch.sort(torch.randn(100_000, device="cuda"))
print(json.dumps(list(torch.cuda.get_device_capability())))
time.sleep(1)
"""


class Generations(unittest.TestCase):
    @needs("torch-current")
    def test_a_device_runs_the_newest_code_of_its_generation_that_is_no_newer_than_it(self) -> None:
        """PyTorch is compiled for 8.6 and 9.0, and not for 8.9."""
        self.assertEqual(run(SORTS, "--capability", "8.9"), [8, 9])

    @needs("torch-current")
    def test_one_that_the_build_has_nothing_for_is_refused_as_by_cuda(self) -> None:
        with self.assertRaisesRegex(AssertionError, "no kernel image is available for execution on the device"):
            run(SORTS, "--capability", "6.0")


def _state(pid: int) -> Any:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return None


if __name__ == "__main__":
    unittest.main()
