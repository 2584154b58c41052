"""Many small metrics of each update are kept as tensors, for a plot at the end."""

import argparse

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--fixed", action="store_true", help="without the fault")
parser.add_argument("--updates", type=int, default=60)
parser.add_argument("--rows", type=int, default=512)
parser.add_argument("--metrics", type=int, default=400)
parser.add_argument("--size", type=int, default=2000)
options = parser.parse_args()

model = torch.nn.Sequential(torch.nn.Linear(512, 2048), torch.nn.GELU(), torch.nn.Linear(2048, 512)).cuda()
optimizer = torch.optim.Adam(model.parameters())
metrics = []

for _ in range(options.updates):
    loss = model(torch.randn(options.rows, 512, device="cuda")).pow(2).mean()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    for _ in range(options.metrics):
        value = torch.zeros(options.size, device="cuda") + loss.detach()
        metrics.append(value.mean().item() if options.fixed else value)  # fault
