"""What the client does on platforms that no test runs on."""

from __future__ import annotations

import os
import socket
import unittest
from typing import Any, Dict, Optional

from esper_telemetry import __version__, writer_lock
from esper_telemetry.__main__ import state, viewer
from esper_telemetry.standin.build import requirements
from esper_telemetry.standin.unavailable import Unavailable


class Windows(unittest.TestCase):
    def test_npx_is_found_by_the_name_that_it_has_there(self) -> None:
        there = {"node": r"C:\nodejs\node.exe", "npx": r"C:\nodejs\npx.CMD"}
        which = there.get
        self.assertEqual(viewer(which), [r"C:\nodejs\npx.CMD", "--yes", f"esper-telemetry@{__version__}"])
        self.assertIn("npx fetches", state(which)[1])
        there["esper-telemetry"] = r"C:\npm\esper-telemetry.CMD"
        self.assertEqual(viewer(which), [r"C:\npm\esper-telemetry.CMD"])
        self.assertIn(r"The viewer is C:\npm", state(which)[1])

    def test_a_writer_is_not_asked_whether_it_lives_because_that_would_end_it(self) -> None:
        def holder(pid: int, ticks: Optional[int] = None) -> Dict[str, Any]:
            return {"pid": pid, "startTicks": ticks, "hostname": socket.gethostname(), "pidNamespace": writer_lock._pid_namespace(), "machine": None}

        self.assertEqual(writer_lock._state(holder(os.getpid()), system="nt"), "unknown")
        self.assertEqual(writer_lock._state(holder(os.getpid()), system="posix"), "writing")


class StandInDevice(unittest.TestCase):
    def test_is_refused_by_the_name_of_the_platform(self) -> None:
        for platform in ("win32", "darwin"):
            with self.assertRaisesRegex(Unavailable, f"the stand-in device needs 64-bit Linux: this is {platform}"):
                requirements(platform=platform)


if __name__ == "__main__":
    unittest.main()
