"""Images are cut at random, so that each batch has another size: nothing is wrong with it."""

import argparse
import random

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--fixed", action="store_true", help="without the fault")
parser.add_argument("--updates", type=int, default=60)
parser.add_argument("--images", type=int, default=8)
parser.add_argument("--least", type=int, default=96)
parser.add_argument("--most", type=int, default=224)
options = parser.parse_args()

model = torch.nn.Sequential(
    torch.nn.Conv2d(3, 32, 3, padding=1),
    torch.nn.ReLU(),
    torch.nn.Conv2d(32, 32, 3, padding=1),
    torch.nn.AdaptiveAvgPool2d(1),
).cuda()
optimizer = torch.optim.SGD(model.parameters(), lr=1e-2)
random.seed(7)

for _ in range(options.updates):
    side = 8 * random.randrange(options.least // 8, options.most // 8)
    loss = model(torch.randn(options.images, 3, side, side, device="cuda")).pow(2).mean()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
