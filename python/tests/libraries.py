"""What the tests of the libraries share: a folder to train in, and the figures of the runs there."""

from __future__ import annotations

import importlib.util
import json
import os
import unittest
from typing import Any, Dict, List
from unittest.mock import patch

from scratch import Event, Scratch, events_in

#: Whether what takes long is run as well.
LONG = bool(os.environ.get("ESPER_TESTS_LONG"))

QUIET = {"sample_host": 0, "sample_driver": 0}


def installed(*names: str) -> Any:
    missing = [name for name in names if importlib.util.find_spec(name) is None]
    return unittest.skipIf(bool(missing), f"{', '.join(missing)} is not installed")


class Libraries(Scratch):
    def setUp(self) -> None:
        super().setUp()
        self.place = self.runs.parent
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.place)
        patched = patch.dict("os.environ", ESPER_RUNS=str(self.runs), HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false", SB3_LOGDIR=str(self.place))
        patched.start()
        self.addCleanup(patched.stop)

    def logs(self) -> List[List[Event]]:
        """The events of each run, in the order in which they began."""
        paths = sorted(self.runs.glob("*/events-*.jsonl"), key=lambda path: path.stat().st_ino)
        return sorted((events_in(path) for path in paths), key=lambda events: (events[0]["timeMs"], events[0]["rank"]))

    def by_name(self) -> Dict[str, List[List[Event]]]:
        """Events by the name of the run, each rank's."""
        found: Dict[str, List[List[Event]]] = {}
        for folder in sorted(self.runs.glob("*/run.json")):
            ranks = [events_in(path) for path in sorted(folder.parent.glob("events-*.jsonl"))]
            found.setdefault(json.loads(folder.read_text())["name"], []).extend(ranks)
        return found

    @staticmethod
    def steps(events: List[Event]) -> List[Dict[str, Any]]:
        return [event["data"] for event in events if event["type"] == "STEP_COMPLETED"]

    @staticmethod
    def logged(events: List[Event]) -> Dict[str, List[Any]]:
        """Figures by name, each as (step, value), of steps and of what is logged beside them."""
        found: Dict[str, List[Any]] = {}
        for event in events:
            data = event["data"]
            for name, value in {**(data.get("extra") or {}), **(data.get("figures") or {})}.items():
                found.setdefault(name, []).append((data.get("step", data.get("batch")), value))
        return found
