"""The figures in out-of-memory texts, as people posted them."""

from __future__ import annotations

import unittest

import scratch  # noqa: F401  (finds the package)

from esper_telemetry.out_of_memory import is_out_of_memory, parse

MIB, GIB = 2**20, 2**30


class Texts(unittest.TestCase):
    def test_current(self) -> None:
        told = parse(
            "CUDA out of memory. Tried to allocate 996.00 MiB. GPU 3 has a total capacity of 44.43 GiB of which 9.06 GiB is free. "
            "Process 2102129 has 17.54 GiB memory in use. Including non-PyTorch memory, this process has 17.81 GiB memory in use. "
            "17.69 GiB allowed; Of the allocated memory 17.44 GiB is allocated by PyTorch, with 35.88 MiB allocated in private pools "
            "(e.g., CUDA Graphs), and 59.88 MiB is reserved by PyTorch but unallocated. If reserved but unallocated memory is large try …"
        )
        self.assertEqual(
            told,
            {
                "device": "cuda:3",
                "triedBytes": 996 * MIB,
                "totalBytes": round(44.43 * GIB),
                "freeBytes": round(9.06 * GIB),
                "processBytes": round(17.81 * GIB),
                "allocatedBytes": round(17.44 * GIB),
                "privatePoolBytes": round(35.88 * MIB),
                "reservedUnallocatedBytes": round(59.88 * MIB),
            },
        )

    def test_older(self) -> None:
        told = parse(
            "CUDA out of memory. Tried to allocate 20.00 MiB (GPU 0; 7.80 GiB total capacity; 6.30 GiB already allocated; "
            "18.31 MiB free; 6.50 GiB reserved in total by PyTorch) If reserved memory is >> allocated memory try …"
        )
        self.assertEqual(told["device"], "cuda:0")
        self.assertEqual((told["triedBytes"], told["totalBytes"]), (20 * MIB, round(7.8 * GIB)))
        self.assertEqual((told["freeBytes"], told["allocatedBytes"]), (round(18.31 * MIB), round(6.3 * GIB)))
        self.assertEqual(told["reservedUnallocatedBytes"], round(6.5 * GIB) - round(6.3 * GIB))
        self.assertIsNone(told["processBytes"])

    def test_rocm(self) -> None:
        told = parse(
            "HIP out of memory. Tried to allocate 76.00 MiB. GPU 0 has a total capacity of 255.69 GiB of which 252.82 GiB is free. "
            "1.20 GiB allowed; Of the allocated memory 1.14 GiB is allocated by PyTorch, with 17.00 MiB allocated in private pools "
            "(e.g., HIP Graphs), and 18.63 MiB is reserved by PyTorch but unallocated."
        )
        self.assertEqual((told["device"], told["privatePoolBytes"]), ("cuda:0", 17 * MIB))

    def test_mps(self) -> None:
        told = parse("MPS backend out of memory (MPS allocated: 7.64 GiB, other allocations: 68.91 GiB, max allowed: 88.13 GiB). Tried to allocate 33.92 GiB on private pool.")
        self.assertEqual((told["device"], told["triedBytes"], told["allocatedBytes"]), ("mps", round(33.92 * GIB), round(7.64 * GIB)))
        self.assertEqual(told["processBytes"], round(7.64 * GIB) + round(68.91 * GIB))

    def test_cpu(self) -> None:
        told = parse("[enforce fail at alloc_cpu.cpp:75] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 400000 bytes. Error code 12")
        self.assertEqual((told["device"], told["triedBytes"], told["totalBytes"]), ("cpu", 400000, None))

    def test_small_and_impossible_sizes(self) -> None:
        self.assertEqual(parse("Tried to allocate 512 bytes.")["triedBytes"], 512)
        self.assertEqual(parse("Tried to allocate 2.50 KiB.")["triedBytes"], 2560)
        self.assertIsNone(parse("this process has 17179869184.00 GiB memory in use")["processBytes"])

    def test_any_other_text_tells_nothing(self) -> None:
        self.assertEqual(set(parse("expected all tensors to be on the same device").values()), {None})


class Errors(unittest.TestCase):
    def test_by_class_or_text(self) -> None:
        kind = type("OutOfMemoryError", (RuntimeError,), {})
        self.assertTrue(is_out_of_memory(kind("x")))
        self.assertTrue(is_out_of_memory(RuntimeError("CUDA out of memory. Tried to allocate …")))
        self.assertTrue(is_out_of_memory(RuntimeError("DefaultCPUAllocator: can't allocate memory")))
        self.assertFalse(is_out_of_memory(RuntimeError("shape mismatch")))
        self.assertFalse(is_out_of_memory(MemoryError("CUDA out of memory")))


if __name__ == "__main__":
    unittest.main()
