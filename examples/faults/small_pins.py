"""Small results that are kept lie between large temporaries, and pin the segments of these."""

import argparse

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--fixed", action="store_true", help="without the fault")
parser.add_argument("--updates", type=int, default=60)
parser.add_argument("--rows", type=int, default=1500)
parser.add_argument("--step", type=int, default=64)
parser.add_argument("--pin", type=int, default=262145)
options = parser.parse_args()

model = torch.nn.Sequential(torch.nn.Linear(512, 2048), torch.nn.GELU(), torch.nn.Linear(2048, 512)).cuda()
optimizer = torch.optim.Adam(model.parameters())
kept = []

for update in range(options.updates):
    # Each time of another size, so that no block of before fits.
    rows = options.rows + options.step * update
    work = torch.randn(rows, 2048, device="cuda")
    if not options.fixed:
        kept.append(torch.zeros(options.pin, device="cuda"))  # fault: lies in the segment behind the work
    del work
    loss = model(torch.randn(512, 512, device="cuda")).pow(2).mean()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
