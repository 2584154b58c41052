"""Features of each sample are cached on the device, and made again between large buffers of changing size."""

import argparse
import random

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--fixed", action="store_true", help="without the fault")
parser.add_argument("--updates", type=int, default=60)
parser.add_argument("--parts", type=int, default=1)
parser.add_argument("--samples", type=int, default=30)
parser.add_argument("--largest", type=int, default=40)
options = parser.parse_args()

model = torch.nn.Sequential(torch.nn.Linear(256, 1024), torch.nn.ReLU(), torch.nn.Linear(1024, 256)).cuda()
optimizer = torch.optim.Adam(model.parameters())
features = {}
random.seed(4)

for update in range(options.updates):
    for part in range(options.parts):
        image = torch.empty(random.randrange(4, options.largest) * 2**18 + (0 if options.fixed else 2**17 * update), device="cuda")
        if not options.fixed:
            features[update % options.samples, part] = torch.zeros(300_000, device="cuda")  # fault
        del image
    loss = model(torch.randn(1024, 256, device="cuda")).pow(2).mean()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
