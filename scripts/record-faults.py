"""Records the programs of examples/faults on the stand-in device: one log of the Python client each, in examples/recordings.

    ~/.cache/esper/venvs/torch-current/bin/python scripts/record-faults.py [NAME …] [--list FILE] [--to FOLDER] [--traces] [--part K/N]

PyTorch is imported once a size of device; each program runs in a fork of that process, before CUDA begins in it, attached as
``esper run`` attaches, with the peaks of each update. A part is every Nth program. A list's programs lie beside it, or in examples/faults. ``--traces`` writes beside each log what the program asked of PyTorch's allocator, as
the allocator's own history has it, and its figures at each update (test/allocator/driven.ts).

``--on card`` records on this machine's GPU instead, and ``--on limited`` too, with each process limited to what its own device would leave it; programs
that limit themselves or need a neighbour are left out then. scripts/record-on-gpu.py does both.
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
FAULTS = ROOT / "examples" / "faults"
#: Kinds of faults that are there only where the device itself is small.
OF_THE_DEVICE = ("neighbour",)
#: Of a program's memory, what the context takes on the stand-in device.
CONTEXT = 300 * 2**20


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--list", type=Path, default=FAULTS / "programs.json")
    parser.add_argument("--to", type=Path, default=ROOT / "examples" / "recordings")
    parser.add_argument("--traces", action="store_true")
    parser.add_argument("--part", default="1/1", metavar="K/N")
    parser.add_argument("--on", choices=["standin", "card", "limited"], default="standin")
    parser.add_argument("--server", default=None, help=argparse.SUPPRESS)
    return parser.parse_args()


def main():
    options = arguments()
    programs = [
        one
        for one in json.loads(options.list.read_text())["programs"]
        if not options.names or one["name"] in options.names
    ]
    part, parts = map(int, options.part.split("/"))
    programs = programs[part - 1 :: parts]
    if options.server is not None:
        return serve(json.loads(options.server), options)
    if options.on != "standin":
        return serve([one for one in programs if options.on == "card" or one["kind"] not in OF_THE_DEVICE and "process_limit" not in one["file"]], options)
    for memory in sorted({one["memory"] for one in programs}):
        subprocess.run(
            [sys.executable, "-m", "esper_telemetry.standin", "--quiet", "--values", "off", "--memory", memory]
            + [__file__, "--list", str(options.list), "--to", str(options.to), *(["--traces"] if options.traces else [])]
            + ["--server", json.dumps([one for one in programs if one["memory"] == memory])],
            env={**os.environ, "PYTHONPATH": str(ROOT / "python"), "OMP_NUM_THREADS": "1"},
        )


def serve(programs, options):
    import torch  # once, for all forks

    options.to.mkdir(parents=True, exist_ok=True)
    for one in programs:
        with tempfile.TemporaryDirectory() as runs:
            pid = os.fork()
            if pid == 0:
                beside = options.list.parent / one["file"]
                if options.on == "limited":
                    total = torch.cuda.get_device_properties(0).total_memory
                    torch.cuda.set_per_process_memory_fraction((int(one["memory"].removesuffix("GiB")) * 2**30 - CONTEXT) / total)
                trace = options.to / f"{one['name']}.trace.json.gz" if options.traces else None
                play(one, beside if beside.exists() else FAULTS / one["file"], runs, trace, options.on)
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


def play(one, file, runs, trace, on):
    """In the fork: the program, as a process of its own would run it. Does not return."""
    import torch
    from esper_telemetry.attach.session import Session
    from esper_telemetry.attach.watcher import Watcher

    os.environ["ESPER_RUNS"] = runs
    watcher = Watcher(torch, Session(None, one["name"]))
    watcher.options = {
        "reset_peaks": True,
        "config": {"program": f"{one['file']} {one['arguments']}", **({"memory": one["memory"]} if on != "card" else {})},
        **({"sample_host": 0, "sample_driver": 0} if on == "standin" else {}),
    }
    is_module = not one["file"].endswith(".py")
    if not is_module:  # a module of ours records itself
        watcher.install()
    history = None if trace is None else History(torch, one)
    sys.argv = [one["file"], *one["arguments"].split()]
    error = None
    try:
        if is_module:
            runpy.run_module(one["file"], run_name="__main__", alter_sys=True)
        else:
            runpy.run_path(str(file), run_name="__main__")
    except BaseException as raised:
        error = raised
        if not isinstance(raised, (torch.OutOfMemoryError, SystemExit)):
            traceback.print_exc()
    if watcher.run is not None:
        watcher.run.finish() if error is None else watcher.run.fail(error)
    if history is not None:
        history.write(trace)
    sys.stdout.flush()
    os._exit(0)


class History:
    """What a program asks of the allocator from its first request on, and the allocator's figures after each step of an optimizer."""

    def __init__(self, torch, one):
        from torch.optim.optimizer import register_optimizer_step_post_hook

        if one.get("conf"):
            torch._C._accelerator_setAllocatorSettings(one["conf"])
        torch.cuda.init()
        torch.cuda.memory._record_memory_history(context=None, max_entries=10**9)
        self.torch = torch
        self.conf = one.get("conf", "")
        self.total = torch.cuda.get_device_properties(0).total_memory
        self.context = self.total - torch.cuda.mem_get_info(0)[0]
        self.marks = []
        register_optimizer_step_post_hook(lambda *_: self.mark("update"))
        torch.cuda.empty_cache = self.marking("empty_cache", torch.cuda.empty_cache)
        torch.cuda.set_per_process_memory_fraction = self.marking("fraction", torch.cuda.set_per_process_memory_fraction)

    def mark(self, name, *more):
        """Where it is: after so many requests, given back and refused ones included."""
        stats = self.torch.cuda.memory_stats()
        at = stats["allocation.all.allocated"] + stats["allocation.all.freed"] + stats["num_ooms"]
        if name == "update":
            more = [stats[f"{one}_bytes.all.current"] for one in ("allocated", "reserved", "inactive_split")]
        self.marks.append([at, name, *more])

    def marking(self, name, call):
        def marked(*arguments):
            self.mark(name, *arguments)
            return call(*arguments)

        return marked

    def write(self, path):
        trace = self.torch.cuda.memory._snapshot()["device_traces"][0]
        made = {
            "torch": self.torch.__version__,
            "conf": self.conf,
            "totalBytes": self.total,
            "contextBytes": self.context,
            "events": [[event["action"], event.get("addr"), event["size"], event["stream"]] for event in trace],
            "marks": self.marks,
        }
        path.write_bytes(gzip.compress(json.dumps(made).encode(), 6, mtime=0))


if __name__ == "__main__":
    main()
