"""UUID and PCI bus id: from torch, else from the driver's library, never of the whole card for a slice."""

from __future__ import annotations

import ctypes
import types
import unittest
from typing import Any

import scratch  # noqa: F401  (finds the package)
from standin_torch import Card, torch_module

from esper_telemetry.device_identity import Identity, ask_driver, identify

UUID = "01234567-89ab-cdef-0123-456789abcdef"


def identity(card: Card) -> Identity:
    torch = torch_module(card)
    return identify(torch, torch.cuda, "cuda", 0)


class OfTorch(unittest.TestCase):
    def test_written_as_nvidia_smi_writes_them(self) -> None:
        self.assertEqual(identity(Card([{}], pci=(1, 0xC1, 0))), Identity(f"GPU-{UUID}", "00000001:C1:00.0", "NVIDIA H100 80GB HBM3"))
        self.assertEqual(identity(Card([{}], uuid=f"GPU-{UUID}")).uuid, f"GPU-{UUID}")

    def test_a_slice_is_not_its_card(self) -> None:
        self.assertEqual(
            identity(Card([{}], name="NVIDIA A100-SXM4-40GB MIG 1g.5gb")),
            Identity(f"MIG-{UUID}", None, "NVIDIA A100-SXM4-40GB MIG 1g.5gb"),
        )

    def test_unknown_is_none(self) -> None:
        found = identity(Card([{}], uuid=None, pci=None))
        self.assertEqual(found.name, "NVIDIA H100 80GB HBM3")
        self.assertEqual((found.uuid, found.pci_bus_id), ask_driver(0))


class OfTheDriver(unittest.TestCase):
    """The library's calls, answered by functions that fill the caller's buffers as libcuda does."""

    def library(self, **replaced: Any) -> Any:
        def get_device(pointer: Any, ordinal: int) -> int:
            pointer._obj.value = 7
            return 0

        def get_uuid(pointer: Any, device: ctypes.c_int) -> int:
            pointer._obj[:] = list(bytes.fromhex(UUID.replace("-", "")))
            return 0 if device.value == 7 else 101

        def get_bus(buffer: Any, size: int, device: ctypes.c_int) -> int:
            buffer.value = b"0000:65:00.0"
            return 0 if device.value == 7 and size >= 13 else 1

        calls = {"cuInit": lambda flags: 0, "cuDeviceGet": get_device, "cuDeviceGetUuid_v2": get_uuid, "cuDeviceGetPCIBusId": get_bus}
        return types.SimpleNamespace(**{**calls, **replaced})

    def test_both(self) -> None:
        self.assertEqual(ask_driver(0, self.library()), (UUID, "00000000:65:00.0"))

    def test_refusals_are_none(self) -> None:
        self.assertEqual(ask_driver(0, self.library(cuInit=lambda flags: 100)), (None, None))
        self.assertEqual(ask_driver(0, self.library(cuDeviceGetPCIBusId=lambda *_: 1)), (UUID, None))
        self.assertEqual(ask_driver(0, types.SimpleNamespace()), (None, None))


if __name__ == "__main__":
    unittest.main()
