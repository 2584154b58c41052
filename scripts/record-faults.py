"""Records the programs of examples/faults on the stand-in device: one log of the Python client each, in examples/recordings.

    ~/.cache/esper/venvs/torch-current/bin/python scripts/record-faults.py [NAME …] [--list FILE] [--to FOLDER]

PyTorch is imported once a size of device; each program runs in a fork of that process, before CUDA begins in it, attached as
``esper run`` attaches, with the peaks of each update.
"""

import argparse
import gzip
import json
import os
import runpy
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--list", type=Path, default=ROOT / "examples" / "faults" / "programs.json")
    parser.add_argument("--to", type=Path, default=ROOT / "examples" / "recordings")
    parser.add_argument("--server", default=None, help=argparse.SUPPRESS)
    return parser.parse_args()


def main():
    options = arguments()
    programs = [
        one
        for one in json.loads(options.list.read_text())["programs"]
        if not options.names or one["name"] in options.names
    ]
    if options.server is not None:
        return serve(json.loads(options.server), options)
    for memory in sorted({one["memory"] for one in programs}):
        subprocess.run(
            [sys.executable, "-m", "esper_telemetry.standin", "--quiet", "--values", "off", "--memory", memory]
            + [__file__, "--list", str(options.list), "--to", str(options.to)]
            + ["--server", json.dumps([one for one in programs if one["memory"] == memory])],
            env={**os.environ, "PYTHONPATH": str(ROOT / "python"), "OMP_NUM_THREADS": "1"},
        )


def serve(programs, options):
    import torch  # noqa: F401  once, for all forks

    options.to.mkdir(parents=True, exist_ok=True)
    for one in programs:
        with tempfile.TemporaryDirectory() as runs:
            pid = os.fork()
            if pid == 0:
                play(one, options.list.parent, runs)
            os.waitpid(pid, 0)
            logs = sorted(Path(runs).glob("*/events-0.jsonl"))
            if len(logs) != 1:
                print(f"{one['name']}: {len(logs)} logs")
                continue
            with open(options.to / f"{one['name']}.jsonl.gz", "wb") as file:
                file.write(gzip.compress(logs[0].read_bytes(), 9, mtime=0))
            events = [json.loads(line) for line in logs[0].read_text().splitlines()]
            steps = sum(event["type"] == "STEP_COMPLETED" for event in events)
            print(f"{one['name']}: {steps} updates, {events[-1]['type']}", flush=True)


def play(one, folder, runs):
    """In the fork: the program, as a process of its own would run it. Does not return."""
    import torch
    from esper_telemetry.attach.session import Session
    from esper_telemetry.attach.watcher import Watcher

    os.environ["ESPER_RUNS"] = runs
    watcher = Watcher(torch, Session(None, one["name"]))
    watcher.options = {
        "reset_peaks": True,
        "config": {"program": f"{one['file']} {one['arguments']}", "memory": one["memory"]},
        "sample_host": 0,
        "sample_driver": 0,
    }
    watcher.install()
    sys.argv = [one["file"], *one["arguments"].split()]
    error = None
    try:
        runpy.run_path(str(folder / one["file"]), run_name="__main__")
    except BaseException as raised:
        error = raised
        if not isinstance(raised, torch.OutOfMemoryError):
            traceback.print_exc()
    if watcher.run is not None:
        watcher.run.finish() if error is None else watcher.run.fail(error)
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
