"""What the TypeScript side reads the same way: one file of cases a topic, each case by both languages."""

from __future__ import annotations

import unittest
from typing import Any, Dict

import scratch
from vectors import cases, vectors

from esper_telemetry.allocator import parse_allocator_conf
from esper_telemetry.driver_sampler import DEVICE_QUERY, PROCESS_QUERY, parse_device, parse_processes
from esper_telemetry.host_sampler import HostReader
from esper_telemetry.pressure import Gauge
from esper_telemetry.secrets import clear_command, clear_config


class Vectors(unittest.TestCase):
    def each(self, topic: str, read: Any) -> None:
        for case in cases(topic):
            with self.subTest(topic=topic, case=case["name"]):
                self.assertEqual(read(case["given"]), case["expected"])

    def test_rows_of_nvidia_smi(self) -> None:
        self.assertEqual(vectors("nvidia-smi-devices")["query"], DEVICE_QUERY)
        self.assertEqual(vectors("nvidia-smi-processes")["query"], PROCESS_QUERY)
        self.each("nvidia-smi-devices", parse_device)
        self.each("nvidia-smi-processes", parse_processes)

    def test_secrets(self) -> None:
        def read(given: Dict[str, Any]) -> Dict[str, Any]:
            if "command" in given:
                return {"command": clear_command(given["command"])}
            return {"config": clear_config(given["config"])}

        self.each("secrets", read)

    def test_allocator_configuration(self) -> None:
        def read(text: str) -> Dict[str, Any]:
            options = parse_allocator_conf(text)
            split = options.get("max_split_size_mb", "")
            return {
                "options": options,
                "expandableSegments": options.get("expandable_segments", "").lower() == "true",
                "maxSplitSizeMb": int(split) if split.isdigit() else None,
            }

        self.each("allocator-conf", read)

    def test_pressure(self) -> None:
        for case in cases("pressure"):
            with self.subTest(case=case["name"]):
                found = Gauge(0.9, 0.8).read(case["given"])
                names = ("budgetBytes", "peakBytes", "pressureFraction")
                self.assertEqual([case["expected"][name] for name in names], [found.budget_bytes, found.peak_bytes, found.fraction])


class ControlGroups(scratch.Scratch):
    def test_ram(self) -> None:
        for number, case in enumerate(cases("cgroup")):
            root = self.runs / str(number)
            for name, text in case["given"].items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
            with self.subTest(case=case["name"]):
                found = HostReader(str(root)).read() or {}
                self.assertEqual({name: found.get(name) for name in case["expected"]}, case["expected"])


if __name__ == "__main__":
    unittest.main()
