"""Batches are made of a number of documents, and some number of times all of them are long."""

import argparse
import random

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--fixed", action="store_true", help="without the fault")
parser.add_argument("--updates", type=int, default=60)
parser.add_argument("--documents", type=int, default=32)
parser.add_argument("--longest", type=int, default=900)
parser.add_argument("--every", type=int, default=23)
options = parser.parse_args()

model = torch.nn.Sequential(
    torch.nn.Embedding(4000, 128), torch.nn.Linear(128, 512), torch.nn.ReLU(), torch.nn.Linear(512, 2000)
).cuda()
optimizer = torch.optim.AdamW(model.parameters())
random.seed(6)

for update in range(1, options.updates + 1):
    length = random.randrange(40, 60)
    if update % options.every == 0:
        length = 60 if options.fixed else options.longest
    tokens = torch.zeros(options.documents, length, dtype=torch.long, device="cuda")
    loss = model(tokens).pow(2).mean()  # fault
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
