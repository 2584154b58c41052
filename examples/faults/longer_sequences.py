"""A curriculum makes sequences longer, update by update, at a constant batch size."""

import argparse
import random

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--fixed", action="store_true", help="without the fault")
parser.add_argument("--updates", type=int, default=80)
parser.add_argument("--first", type=int, default=128)
parser.add_argument("--longer", type=int, default=8)
parser.add_argument("--rows", type=int, default=16)
options = parser.parse_args()

model = torch.nn.TransformerEncoderLayer(256, 4, 1024, batch_first=True).cuda()
optimizer = torch.optim.AdamW(model.parameters())
random.seed(1)

for update in range(options.updates):
    length = options.first + (random.randrange(64) if options.fixed else options.longer * update + random.randrange(16))
    batch = torch.randn(options.rows, length, 256, device="cuda")
    loss = model(batch).pow(2).mean()  # fault
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
