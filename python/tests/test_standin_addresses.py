"""Where the stand-in device places what is allocated, and what depends on the card that it poses as. Most of it without PyTorch."""

from __future__ import annotations

import tempfile
import unittest
from typing import List

import scratch  # noqa: F401  (finds the package)
from on_standin import MIB, needs, run

PLACES = """
import ctypes, json
cuda = ctypes.CDLL(None)
def malloc(bytes_):
    place = ctypes.c_void_p()
    assert cuda.cudaMalloc(ctypes.byref(place), ctypes.c_size_t(bytes_)) == 0
    return place.value
def free(place):
    assert cuda.cudaFree(ctypes.c_void_p(place)) == 0
MIB = 2**20
"""


def distances(places: List[int]) -> List[float]:
    """From the first, in MiB."""
    return [(place - places[0]) / MIB for place in places]


class Orders(unittest.TestCase):
    @needs("torch-current")
    def test_linux_falls_arena_by_arena_and_fills_the_newest(self) -> None:
        code = PLACES + "print(json.dumps([malloc(n * MIB) for n in (20, 20, 2, 12, 10, 2, 40, 24)]))"
        # 20 | 20 in a new arena, 2 behind it, 12 behind the first, 10 behind the 2 | 2 | 40 takes 64, 24 behind it
        self.assertEqual(distances(run(code)), [0, -32, -12, 20, -10, -64, -128, -88])

    @needs("torch-current")
    def test_rising_takes_the_first_place_that_fits(self) -> None:
        code = PLACES + (
            "a = [malloc(20 * MIB), malloc(1), malloc(40 * MIB)]; free(a[0])\n"
            "print(json.dumps(a + [malloc(12 * MIB), malloc(12 * MIB), malloc(8 * MIB)]))"
        )
        self.assertEqual(distances(run(code, "--addresses", "rise")), [0, 20, 22, 0, 62, 12])

    @needs("torch-current")
    def test_wsl_opens_a_hole_after_its_number_of_allocations(self) -> None:
        code = PLACES + "print(json.dumps([malloc(2 * MIB) for _ in range(5)]))"
        first, second, third, fourth, fifth = distances(run(code, "--addresses", "wsl:3"))
        self.assertEqual((first, second), (0, 2))
        self.assertEqual(third, 6, "the driver took two MiB before")
        self.assertEqual((fourth, fifth), (-188, -186), "the hole below the first")

    @needs("torch-current")
    def test_a_recordings_own_addresses(self) -> None:
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
            file.write("6400000\n0\nc800000\n")
            file.flush()
            places = run(
                PLACES + "print(json.dumps([malloc(2 * MIB) for _ in range(3)]))", "--addresses", f"file:{file.name}"
            )
        self.assertEqual(distances(places), [0, -100, 100])

    @needs("torch-current")
    def test_what_is_freed_reads_as_zero_when_it_is_allocated_again(self) -> None:
        code = PLACES + (
            "a = malloc(4 * MIB); ctypes.memset(a, 7, 4 * MIB); free(a); b = malloc(4 * MIB)\n"
            "print(json.dumps([a == b, ctypes.string_at(b, 4 * MIB).count(0) == 4 * MIB, cuda.cudaFree(ctypes.c_void_p(b + 512))]))"
        )
        self.assertEqual(run(code), [True, True, 1])

    @needs("torch-current")
    def test_a_device_of_any_size_costs_what_is_written(self) -> None:
        code = PLACES + (
            "import resource; malloc(1 << 40); peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10\n"
            "print(json.dumps(peak))"
        )
        self.assertLess(run(code, "--memory", "2TiB"), 200 * MIB)


CARD = """
import json, torch
a = torch.empty(64, 64, device="cuda")
before = torch.cuda.memory_allocated()
b = a @ a
workspace = torch.cuda.memory_allocated() - before - b.numel() * 4
large = torch.empty(64 << 20, device="cuda")
torch.cuda.reset_peak_memory_stats()
before = torch.cuda.memory_allocated()
large.sum()
reduction = torch.cuda.max_memory_allocated() - before
print(json.dumps([list(torch.cuda.get_device_capability()), workspace, torch.cuda.get_device_properties(0).multi_processor_count, reduction]))
"""


class Cards(unittest.TestCase):
    @needs("torch-2.6")
    def test_workspaces_follow_the_compute_capability_and_reduction_buffers_the_multiprocessors(self) -> None:
        """A matrix product's is 8.125 MiB, from 9.0 on 32 MiB."""
        *first, small = run(CARD, "--capability", "8.6", "--multiprocessors", "16", venv="torch-2.6")
        *second, large = run(CARD, "--capability", "9.0", "--multiprocessors", "132", "--threads", "2048", venv="torch-2.6")
        self.assertEqual(first, [[8, 6], 8 * MIB + MIB // 8, 16])
        self.assertEqual(second, [[9, 0], 32 * MIB, 132])
        self.assertGreater(large, small)


if __name__ == "__main__":
    unittest.main()
