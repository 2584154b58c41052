"""What an evaluation puts out is kept on the device, between updates, and never given back."""

import argparse

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--fixed", action="store_true", help="without the fault")
parser.add_argument("--updates", type=int, default=60)
parser.add_argument("--rows", type=int, default=512)
parser.add_argument("--every", type=int, default=10)
parser.add_argument("--batches", type=int, default=40)
options = parser.parse_args()

model = torch.nn.Sequential(torch.nn.Linear(512, 2048), torch.nn.GELU(), torch.nn.Linear(2048, 512)).cuda()
optimizer = torch.optim.Adam(model.parameters())

results = []

for update in range(1, options.updates + 1):
    loss = model(torch.randn(options.rows, 512, device="cuda")).pow(2).mean()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    if update % options.every == 0:
        with torch.no_grad():
            for _ in range(options.batches):
                output = model(torch.randn(1024, 512, device="cuda"))  # fault: allocated here, kept below
                results.append(output.mean().item() if options.fixed else output)
