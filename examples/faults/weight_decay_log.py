"""Each update logs the norm of every weight, as tensors and for good."""

import argparse

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--fixed", action="store_true", help="without the fault")
parser.add_argument("--updates", type=int, default=60)
parser.add_argument("--layers", type=int, default=30)
options = parser.parse_args()

model = torch.nn.Sequential(*[torch.nn.Linear(256, 256) for _ in range(options.layers)]).cuda()
optimizer = torch.optim.AdamW(model.parameters())
log = []

for update in range(options.updates):
    loss = model(torch.randn(256, 256, device="cuda")).pow(2).mean()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    weights = {name: weight.detach().pow(2) for name, weight in model.named_parameters()}  # fault: allocated here, kept below
    log.append({name: value.sum().item() for name, value in weights.items()} if options.fixed else weights)
