"""A rollout leaves a large cache in the allocator, and a second process on the device finds nothing free."""

import argparse
import subprocess
import sys

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--fixed", action="store_true", help="without the fault")
parser.add_argument("--updates", type=int, default=60)
parser.add_argument("--mib", type=int, default=25)
parser.add_argument("--asks", type=int, default=4)
options = parser.parse_args()

model = torch.nn.Linear(1024, 1024).cuda()
optimizer = torch.optim.Adam(model.parameters())
other = """
import sys, torch
held = []
for line in sys.stdin:
    try:
        held.append(torch.empty(int(line), dtype=torch.uint8, device="cuda"))
    except torch.OutOfMemoryError:
        pass
    print(flush=True)
"""
engine = subprocess.Popen([sys.executable, "-c", other], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

for update in range(options.updates):
    if update % 10 == 0:  # a rollout that fills the cache
        cache = [torch.empty(options.mib * 2**18, device="cuda") for _ in range(8)]  # fault
        del cache
        if options.fixed:
            torch.cuda.empty_cache()
    if not options.fixed or update == 0:
        engine.stdin.write(f"{options.asks * 2**20}\n")
        engine.stdin.flush()
        engine.stdout.readline()
    loss = model(torch.randn(256, 1024, device="cuda")).pow(2).mean()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
engine.stdin.close()
engine.wait()
