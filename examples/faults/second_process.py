"""Another process on the same device takes more and more of it while the training does not change."""

import argparse
import subprocess
import sys

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--fixed", action="store_true", help="without the fault")
parser.add_argument("--updates", type=int, default=50)
parser.add_argument("--since", type=int, default=20)
parser.add_argument("--mib", type=int, default=20)
parser.add_argument("--rows", type=int, default=2048)
options = parser.parse_args()

model = torch.nn.Sequential(torch.nn.Linear(512, 2048), torch.nn.GELU(), torch.nn.Linear(2048, 512)).cuda()
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
neighbour = subprocess.Popen([sys.executable, "-c", other], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

for update in range(options.updates):
    if update == 0 or (not options.fixed and update >= options.since):
        neighbour.stdin.write(f"{(options.mib if update else 20) * 2**20}\n")  # fault
        neighbour.stdin.flush()
        neighbour.stdout.readline()
    if update % 20 == 0:
        torch.cuda.empty_cache()
    rows = options.rows * (3 if update % 20 == 19 else 1)  # the longest batch of every twenty
    loss = model(torch.randn(rows, 512, device="cuda")).pow(2).mean()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
neighbour.stdin.close()
neighbour.wait()
