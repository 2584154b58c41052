"""A forward hook stores the activations that it was to look at once."""

import argparse

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--fixed", action="store_true", help="without the fault")
parser.add_argument("--updates", type=int, default=60)
parser.add_argument("--rows", type=int, default=512)
options = parser.parse_args()

model = torch.nn.Sequential(torch.nn.Linear(512, 2048), torch.nn.GELU(), torch.nn.Linear(2048, 512)).cuda()
optimizer = torch.optim.Adam(model.parameters())

seen = []


def remember(module, inputs, output):
    seen.append(output.detach().float().mean(dim=0) if options.fixed else output.detach().clone())  # fault


model[1].register_forward_hook(remember)
for _ in range(options.updates):
    loss = model(torch.randn(options.rows, 512, device="cuda")).pow(2).mean()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
