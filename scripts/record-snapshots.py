"""Records the small allocator dumps of test/golden/snapshots, one of each kind that the installed PyTorch can make.

    python -m esper_telemetry.standin --quiet --values off --memory 96MiB scripts/record-snapshots.py test/golden/snapshots

Beside each NAME.pickle.gz stands NAME.json: what the allocator itself counted at that moment (memory_stats) and what the
program knows of its own lines. The stand-in device is no GPU; the allocator is PyTorch's own. Paths of this machine are
replaced before anything is written.
"""

import gzip
import inspect
import io
import json
import os
import pickle
import sys

import torch

MIB = 2**20
HERE = os.path.dirname(os.path.abspath(__file__))
RELEASE = ".".join(torch.__version__.split(".")[:2])


def record(entries, stacks="python"):
    """Starts recording, by the arguments that this PyTorch takes."""
    call = torch.cuda.memory._record_memory_history
    if "trace_alloc_record_context" in inspect.signature(call).parameters:
        call(
            True,
            record_context=True,
            trace_alloc_max_entries=entries,
            trace_alloc_record_context=True,
            _enable_expensive_cpp=stacks == "all",
        )
    else:
        call(enabled="all", context="all", stacks=stacks, max_entries=entries)


def stop():
    call = torch.cuda.memory._record_memory_history
    if "trace_alloc_record_context" in inspect.signature(call).parameters:
        call(False)
    else:
        call(enabled=None)


class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.first = torch.nn.Linear(256, 1024)
        self.second = torch.nn.Linear(1024, 256)

    def forward(self, rows):
        return self.second(torch.relu(self.first(rows)))


kept = []


def update(network, optimizer):
    rows = torch.zeros(512, 256, device="cuda")
    loss = network(rows).pow(2).mean()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    kept.append(torch.zeros(300_000, device="cuda"))  # THE LINE THAT KEEPS


def neutral(snapshot):
    """Replaces this machine's folders in every frame, each frame dict once."""
    packages = os.path.dirname(os.path.dirname(torch.__file__))
    library = os.path.dirname(os.__file__)
    seen = set()

    def walk(value):
        if id(value) in seen:
            return
        seen.add(id(value))
        if isinstance(value, dict):
            name = value.get("filename")
            if isinstance(name, str):
                name = name.replace(packages, "/opt/venv/lib/python3.11/site-packages")
                name = name.replace(library, "/usr/lib/python3.11").replace(HERE, "/home/user/project")
                value["filename"] = name.replace("record-snapshots.py", "train.py")
            for item in value.values():
                walk(item)
        elif isinstance(value, (list, tuple)):
            for item in value:
                walk(item)

    walk(snapshot)
    return snapshot


def keep(folder, name, **known):
    stats = torch.cuda.memory_stats()
    truth = {
        "torch": torch.__version__,
        "device": "stand-in, no GPU",
        "stats": {
            key: stats.get(f"{key}.all.current")
            for key in ("allocated_bytes", "active_bytes", "reserved_bytes", "requested_bytes", "inactive_split_bytes")
        },
        "numOoms": stats["num_ooms"],
        **known,
    }
    snapshot = neutral(torch.cuda.memory._snapshot())
    raw = io.BytesIO()
    pickle.dump(snapshot, raw)
    base = os.path.join(folder, f"torch-{RELEASE}-{name}")
    with open(base + ".pickle.gz", "wb") as file:
        file.write(gzip.compress(raw.getvalue(), 9, mtime=0))
    if name == "training":
        with open(base + ".snapshot.json.gz", "wb") as file:
            file.write(gzip.compress(json.dumps(snapshot).encode(), 9, mtime=0))
    with open(base + ".json", "w") as file:
        json.dump(truth, file, indent=1)
        file.write("\n")


def main(folder):
    line = next(i for i, text in enumerate(open(__file__), 1) if "THE LINE THAT KEEPS" in text and "next(" not in text)
    # A recording that begins late: the network is there already.
    network = Network().cuda()
    optimizer = torch.optim.Adam(network.parameters())
    record(10_000)
    for _ in range(4):
        update(network, optimizer)
    before = sum(p.numel() * p.element_size() for p in network.parameters())
    keep(folder, "training", keeps=f"train.py:{line}", kept=4, beforeRecordingAtLeastBytes=before)
    # A refusal: more is asked for than there is.
    try:
        torch.zeros(110 * MIB, dtype=torch.uint8, device="cuda")
    except torch.cuda.OutOfMemoryError:
        pass
    keep(folder, "refused", asked=110 * MIB)
    # A ring that is too short for what happened.
    stop()
    record(40)
    for _ in range(2):
        update(network, optimizer)
    keep(folder, "overflowed", entries=40)
    # The rest given back, and a state without a timeline.
    stop()
    kept.clear()
    torch.cuda.empty_cache()
    keep(folder, "state")


if __name__ == "__main__":
    main(sys.argv[1])
