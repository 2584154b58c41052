"""``python -m esper_telemetry``: how to look at runs, and the viewer itself where Node is there.

``rehearse`` needs no Node. Every other word is a command of the viewer (``sanctum``, ``report``, ``serve``, …), which is the npm
package of the same name and version: started where it is installed, else fetched by ``npx``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import PureWindowsPath
from typing import Callable, List, Optional

VIEWER = "esper-telemetry"

HOW = """\
esper_telemetry {version}, the client. It records runs; the viewer shows them.

  record    import esper_telemetry as esper
            with esper.start("my-run", max_steps=1000) as run:
                run.step(loss=loss.item())

  look      python -m esper_telemetry sanctum          the dashboard in this terminal
            python -m esper_telemetry report latest    the verdict of the newest run
            python -m esper_telemetry serve            all runs in the browser
            python -m esper_telemetry --help           every command of the viewer

  before    python -m esper_telemetry rehearse -- python train.py    does it fit, on which card? Needs no viewer
"""


def viewer(which: Callable[[str], Optional[str]] = shutil.which) -> Optional[List[str]]:
    """What starts the viewer: the installed one, else npx with this client's version; None where there is no Node."""
    installed = which(VIEWER)
    if installed is not None:
        return [installed]
    npx = which("npx")
    if npx is None or which("node") is None:
        return None
    from . import __version__

    return [npx, "--yes", f"{VIEWER}@{__version__}"]


def state(which: Callable[[str], Optional[str]] = shutil.which) -> List[str]:
    """Where runs lie, the newest of them, and whether they can be looked at from here."""
    from . import run_folder
    from .opening import runs_folder

    runs = runs_folder(None)
    try:
        lines = [f"Runs lie in {runs}; the newest is {run_folder.find(runs, 'latest').name}."]
    except (run_folder.RunNotFound, OSError):
        lines = [f"Runs lie in {runs}; there is none yet."]
    command = viewer(which)
    if command is None:
        lines.append("The viewer needs Node 20 or newer, which is not on PATH: install it, or copy the folder of runs to a machine that has it.")
    elif PureWindowsPath(command[0]).stem == "npx":
        lines.append(f"The viewer is not installed: npx fetches {command[-1]} when it is first used (npm install -g {VIEWER} keeps it).")
    else:
        lines.append(f"The viewer is {command[0]}.")
    return lines


def main() -> int:
    words = sys.argv[1:]
    if words[:1] == ["rehearse"]:
        from .rehearse.command import main as rehearse

        return rehearse(words[1:])
    if not words:
        from . import __version__

        print(HOW.format(version=__version__))
        print("\n".join(state()))
        return 0
    if words == ["--version"]:
        from . import __version__

        print(__version__)
        return 0
    command = viewer()
    if command is None:
        print(f"esper_telemetry: {words[0]} is a command of the viewer, which needs Node 20 or newer, and there is no node and npx on PATH.", file=sys.stderr)
        return 127
    sys.stdout.flush()
    if os.name == "posix":
        os.execvp(command[0], command + words)
    return subprocess.call(command + words)


if __name__ == "__main__":
    sys.exit(main())
