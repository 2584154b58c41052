"""What recording of lines costs: the same training with and without it, processor time of an update, on the stand-in device.

    PYTHONPATH=python python -m esper_telemetry.standin --quiet --values off --memory 4GiB bench/lines/cost.py [UPDATES]

The updates of a window and those between windows are measured apart. Real kernels take longer; allocations cost the same.
"""

import statistics
import sys
import tempfile
import time

import torch

import esper_telemetry as esper

UPDATES = int(sys.argv[1]) if len(sys.argv) > 1 else 150


class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = torch.nn.Sequential(torch.nn.LayerNorm(256), torch.nn.Linear(256, 1024), torch.nn.GELU(), torch.nn.Linear(1024, 256))

    def forward(self, rows):
        return rows + self.layers(rows)


def allocations():
    return torch.cuda.memory_stats()["allocation.all.allocated"]


def train(attribution, runs):
    """Milliseconds of processor time of each update, whether stacks were recorded in it, and allocations an update."""
    network = torch.nn.Sequential(*[Block() for _ in range(24)]).cuda()
    optimizer = torch.optim.Adam(network.parameters())
    run = esper.start("cost", runs=runs, attribution=attribution, sample_host=0, sample_driver=0)
    recorder = run._watches[0] if attribution else None
    took, recorded = [], []
    before = allocations()
    for step in range(1, UPDATES + 1):
        recorded.append(recorder is not None and recorder._history is not None and recorder._history.is_on)
        began = time.process_time()
        network(torch.zeros(64, 256, device="cuda")).pow(2).mean().backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        run.step(step=step, step_ms=100)
        took.append((time.process_time() - began) * 1e3)
    run.finish()
    return took, recorded, (allocations() - before) / UPDATES


with tempfile.TemporaryDirectory() as runs:
    train(False, runs)
    plain, with_lines, inside, each = [], [], [], 0
    for _ in range(3):
        took, _, each = train(False, runs)
        plain += took[5:]
        took, recorded, _ = train(True, runs)
        with_lines += took[5:]
        inside += [ms for ms, is_on in zip(took[5:], recorded[5:]) if is_on]

cost = statistics.mean(with_lines) - statistics.mean(plain)
window = statistics.median(inside) - statistics.median(plain)
print(f"PyTorch {torch.__version__}, stand-in device, {each:.0f} allocations an update")
print(f"an update without: {statistics.median(plain):.2f} ms; of a window: {window:+.2f} ms ({window * 1e3 / each:.2f} us an allocation)")
print(f"over {UPDATES} updates, readings included: {cost:+.3f} ms an update, {cost:.2f}% of one of 100 ms")
