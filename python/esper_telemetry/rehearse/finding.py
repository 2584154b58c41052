"""What the verdict on a run of Esper finds in a rehearsal's: a leak, growing need, a spike, fragmentation, a neighbour, a limit.

The verdict is Esper's own (docs/verdict.md), which runs on Node: ``esper rehearse`` names the command that reports a run. Without
Node there is none, and a rehearsal answers by what its own updates show.
"""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any, Dict, Optional

#: JSON list of words: the command that prints the report of the run whose folder comes last.
REPORTER = "ESPER_REPORTER"
#: Of these nothing is found.
_NOTHING = ("steady", "unmeasured")
_PATIENCE = 120
#: Kinds of what is held at a peak that a finding is about.
_STAYS, _WORKS = ("held from before",), ("activations", "temporary")


def finding_of(result: Dict[str, Any]) -> Optional[Dict[str, Any]]:
    """The first finding on the run of ``result``: ``kind``, ``confidence``, ``says``, ``next``, ``at`` (a line of the program or None),
    and ``ends`` (the first and the last update in which memory may run out, or None); None where there is no verdict, or all is well."""
    words = os.environ.get(REPORTER)
    if not words or not result.get("run"):
        return None
    try:
        done = subprocess.run([*json.loads(words), result["run"]], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=_PATIENCE)
        report = json.loads(done.stdout)
        device = next(d for d in report["devices"] if (d["rank"], d["device"]) == (report["verdict"]["rank"], report["verdict"]["device"]))
        found = device["findings"][0]
    except (OSError, ValueError, KeyError, IndexError, StopIteration, subprocess.TimeoutExpired):
        return None
    if found["kind"] in _NOTHING:
        return None
    batch = device["forecast"]["batch"] if device["forecast"]["status"] == "ahead" and found["kind"] in ("leak", "growth") else None
    return {
        **{name: found[name] for name in ("kind", "confidence", "says", "next")},
        "at": found["line"]["line"].split(" ")[0] if found.get("line") else _line(found["kind"], result),
        "ends": None if batch is None else {"firstUpdate": int(batch["low"]), "lastUpdate": int(batch["high"])},
    }


def _line(kind: str, result: Dict[str, Any]) -> Optional[str]:
    """Where the verdict names no line: that of the refused request, or what most of the peak was made at."""
    if kind == "allocator configuration":
        return result.get("limitedAt")
    # In the backward pass it is what the forward pass made that needs the room.
    if kind == "spike" and result.get("refused"):
        refused = result["refused"]
        at: Optional[str] = refused["at"] if refused.get("phase") == "forward" else refused.get("mostAt") or refused["at"]
        return at
    kinds = {"leak": _STAYS, "fragmentation": _STAYS, "growth": _WORKS, "spike": _WORKS, "cache starvation": _WORKS}.get(kind, ())
    working = [holder for holder in result.get("holders") or [] if holder["kind"] in kinds]
    if (result.get("peak") or {}).get("phase") == "backward":
        working.sort(key=lambda holder: holder["kind"] == "temporary")
    return working[0]["at"] if working else None
