"""One sample of the data is many times longer than the others, and nothing cuts it."""

import argparse

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--fixed", action="store_true", help="without the fault")
parser.add_argument("--updates", type=int, default=60)
parser.add_argument("--usual", type=int, default=256)
parser.add_argument("--longest", type=int, default=3000)
parser.add_argument("--every", type=int, default=41)
options = parser.parse_args()

model = torch.nn.TransformerEncoderLayer(256, 4, 1024, batch_first=True).cuda()
optimizer = torch.optim.Adam(model.parameters())

for update in range(1, options.updates + 1):
    length = options.usual + 8 * (update % 5)
    if update % options.every == 0 and not options.fixed:
        length = options.longest
    loss = model(torch.randn(4, length, 256, device="cuda")).pow(2).mean()  # fault
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
